"""Every page of the portal, found by following its links, is shown to axe.

Each in Chinese by day and by night and in English by day; a theme changes colours only, and a
language texts only. The walk itself and that no page is left out is ``tests/portal/test_chinese``.
"""

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page

from portal.core.models import Member
from tests.journeys.axe import check_axe, check_colours
from tests.journeys.pages import (
    CHINESE,
    LIGHT,
    PHONE,
    Variant,
    show,
    sideways_overflow,
    sign_in,
    visit,
)
from tests.portal import whole_world
from tests.portal.crawling import Stop, tour

NIGHT = Variant("dark-zh-hans", theme="dark", language="zh-hans")


@pytest.fixture
def world(live: str) -> tuple[dict[str, Member | None], list[str]]:
    return whole_world.build(timezone.now())


def test_axe_finds_nothing_on_any_page(
    page: Page, world: tuple[dict[str, Member | None], list[str]]
) -> None:
    readers, signed = world
    stops: dict[str, Stop] = {}
    for stop in tour(readers, signed, staff_tables=False):
        if stop.route:
            stops.setdefault(stop.route, stop)
    found: list[str] = []
    for name, member in readers.items():
        page.context.clear_cookies()
        if member is not None:
            sign_in(page, member)
        for stop in stops.values():
            if stop.reader == name:
                found += _look(page, stop.path)
    assert not found, "\n\n".join(found)


def _look(page: Page, path: str) -> list[str]:
    """What is wrong with one page in its variants."""
    wrong = []
    assert visit(page, path).status == 200, path
    for variant, check in ((LIGHT, check_axe), (CHINESE, check_axe), (NIGHT, check_colours)):
        show(page, variant)
        try:
            check(page)
        except AssertionError as error:
            wrong.append(str(error))
    show(page, Variant("390", size=PHONE, language="zh-hans"))
    if sideways_overflow(page):
        wrong.append(f"{path} scrolls sideways on a phone")
    page.context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
    return wrong
