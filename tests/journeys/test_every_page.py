"""Every page of the portal, found by following its links, is shown to axe and to a phone.

One page of each route, as the first reader who may open it: in English all rules by day and
those on colours by night, in Chinese all rules but those; in both languages also 390 px wide.
"""

import pytest
from django.conf import settings
from django.urls import resolve
from django.utils import timezone
from playwright.sync_api import Page

from portal.core.models import Member, Role
from tests.journeys.axe import COLOURS, violations
from tests.journeys.pages import (
    CHINESE,
    DARK,
    LIGHT,
    NARROW,
    PHONE,
    Variant,
    show,
    sideways_overflow,
    sign_in,
    visit,
)
from tests.portal import whole_world
from tests.portal.crawling import NO_PAGES, Stop, missed, tour

CHINESE_NARROW = Variant("390-zh-hans", language="zh-hans", size=PHONE)
STRANGER = "stranger"
PLATFORM = "platform"
# Who sees most comes first; everybody else sees some of the same pages.
READERS = (Role.OWNER, PLATFORM, STRANGER)


# Each half takes its minutes, so they are groups of their own: another process may take one.
@pytest.mark.parametrize(
    "half",
    [
        pytest.param([Role.OWNER], marks=pytest.mark.xdist_group("holder"), id="rights holder"),
        pytest.param([PLATFORM, STRANGER], marks=pytest.mark.xdist_group("others"), id="others"),
    ],
)
def test_axe_finds_nothing_on_any_page_and_none_scrolls_sideways(
    page: Page, half: list[str]
) -> None:
    readers, stops = _stops()
    found: list[str] = []
    for name in half:
        page.context.clear_cookies()
        if (member := readers[name]) is not None:
            sign_in(page, member)
        paths = [stop.path for stop in stops if stop.reader == name]
        assert paths, f"The {name} sees no page"
        for path in paths:
            found += [f"{path} {wrong}" for wrong in _wrong(page, path)]
    assert not found, "\n".join(found)


def _stops() -> tuple[dict[str, Member | None], list[Stop]]:
    """One page of each route; fails when a route has none."""
    everybody, signed = whole_world.build(timezone.now())
    readers = {name: everybody[name] for name in READERS}
    stops: dict[str, Stop] = {}
    for stop in tour(readers, signed, once=True):
        if stop.route and resolve(stop.path).view_name not in NO_PAGES:
            stops.setdefault(stop.route, stop)
    administrator = readers[PLATFORM]
    assert administrator is not None
    not_reached = missed(set(stops), administrator)
    assert not not_reached, f"No page leads there, or whole_world.py has none: {not_reached}"
    return readers, list(stops.values())


def _wrong(page: Page, path: str) -> list[str]:
    """What is wrong with one page in its variants."""
    page.context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
    assert visit(page, path).status == 200, path
    show(page, LIGHT)
    wrong = _named("by day", violations(page))
    show(page, DARK)
    wrong += _named("by night", violations(page, only=COLOURS))
    show(page, NARROW)
    wrong += _on_a_phone(page)
    show(page, CHINESE_NARROW)
    wrong += _on_a_phone(page)
    show(page, CHINESE)
    return wrong + _named("in Chinese", violations(page, but=COLOURS))


def _on_a_phone(page: Page) -> list[str]:
    if wider := sideways_overflow(page):
        language = page.locator("html").get_attribute("lang")
        return [f"is {wider} px wider than a phone ({language})"]
    return []


def _named(variant: str, found: list[str]) -> list[str]:
    return [f"{variant}: {violation}" for violation in found]
