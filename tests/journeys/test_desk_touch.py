"""The review desk under a finger: swipes move and never judge."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, CDPSession, Page, expect

from brands.models import Brand
from portal.core.models import Role
from pushes.models import Verdict
from tests.factories import MemberFactory
from tests.journeys import desk_stage
from tests.journeys.axe import check_axe
from tests.journeys.pages import PHONE, Findings, shot, sign_in, visit

WIDTH, HEIGHT = PHONE


@pytest.fixture
def phone(browser: Browser, live: str) -> Iterator[Page]:
    """A phone: a narrow window, a touch screen, motion wanted."""
    context = browser.new_context(
        base_url=live,
        viewport={"width": WIDTH, "height": HEIGHT},
        has_touch=True,
        is_mobile=True,
        reduced_motion="no-preference",
    )
    findings = Findings(host=urlsplit(live).netloc)
    page = context.new_page()
    findings.watch(page)
    page.goto("/static/icon.svg")
    yield page
    context.close()
    assert not findings.seen, "\n".join(findings.seen)


@pytest.fixture
def finger(phone: Page) -> CDPSession:
    """Touches as the browser gets them from a screen."""
    return phone.context.new_cdp_session(phone)


def drag(finger: CDPSession, start: tuple[float, float], by: tuple[float, float]) -> None:
    """Put a finger down, move it in steps, take it off."""
    (x, y), (right, down) = start, by
    point = {"x": x, "y": y}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    for step in range(1, 11):
        point = {"x": x + right * step / 10, "y": y + down * step / 10}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def middle(page: Page, selector: str) -> tuple[float, float]:
    """The middle of an element that is in the window."""
    page.locator(selector).first.scroll_into_view_if_needed()
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"], 60) / 2


def come_to_rest(page: Page) -> None:
    """Wait until nothing scrolls any more: a tap on a page that still glides only stops it."""
    where = "() => [scrollY, ...[...document.querySelectorAll('*')].map(e => e.scrollTop)].join()"
    before, now = "", page.evaluate(where)
    while before != now:
        page.wait_for_timeout(300)
        before, now = now, page.evaluate(where)


@pytest.fixture
def brand(live: str) -> Brand:
    return desk_stage.a_brand()


def test_a_swipe_goes_to_the_next_link_and_back_and_never_judges(
    phone: Page, finger: CDPSession, brand: Brand
) -> None:
    first, second, third = desk_stage.links(brand, 3, timezone.now())
    sign_in(phone, MemberFactory(organisation=brand.organisation, role=Role.REVIEWER))
    visit(phone, f"/links/{first.uuid}")
    expect(phone.locator("#desk[data-ready]")).to_be_attached()
    title = phone.locator("#pane-title")
    drag(finger, middle(phone, "#pane-title"), (-160, 6))
    expect(title).to_contain_text("#2")
    drag(finger, middle(phone, ".pane-pair .card-header"), (-160, 6))
    expect(title).to_contain_text("#3")
    drag(finger, middle(phone, "#pane-title"), (160, 6))
    expect(title).to_contain_text("#2")
    assert str(second.uuid) in phone.url
    shot(phone, "desk-swipe")
    check_axe(phone)

    # None of these is a swipe: too short, downwards, over the pictures, over the verdict's bar.
    start = middle(phone, "#pane-title")
    drag(finger, start, (-40, 0))
    drag(finger, middle(phone, ".pane-pair .card-header"), (-60, -200))
    drag(finger, middle(phone, "[data-stage]"), (-160, 0))
    drag(finger, middle(phone, ".pane-verdict button[value=genuine]"), (-160, 0))
    come_to_rest(phone)
    expect(title).to_contain_text("#2")
    assert phone.locator(".pane").evaluate("pane => pane.style.transform") == ""

    # The same by buttons, for whoever cannot swipe. A tap that a busy machine draws out is a long
    # press to the browser, which clicks nothing.
    phone.get_by_role("button", name="Next link").click()
    expect(title).to_contain_text("#3")
    assert str(third.uuid) in phone.url
    drag(finger, middle(phone, "#pane-title"), (-160, 0))
    expect(phone.locator("#announce")).to_contain_text("last link")
    assert not Verdict.objects.exists()


def test_with_reduced_motion_the_link_stays_still_under_the_finger(
    phone: Page, finger: CDPSession, brand: Brand
) -> None:
    first, _second = desk_stage.links(brand, 2, timezone.now())
    sign_in(phone, MemberFactory(organisation=brand.organisation, role=Role.REVIEWER))
    visit(phone, f"/links/{first.uuid}")
    expect(phone.locator("#desk[data-ready]")).to_be_attached()
    x, y = middle(phone, "#pane-title")

    def half_way() -> str:
        for kind, at in (("touchStart", x), ("touchMove", x - 30), ("touchMove", x - 90)):
            points = [{"x": at, "y": y}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        moved = str(phone.locator(".pane").evaluate("pane => pane.style.transform"))
        finger.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})
        return moved

    assert half_way() == "translateX(-45px)"
    phone.emulate_media(reduced_motion="reduce")
    assert half_way() == ""
    drag(finger, (x, y), (-160, 0))
    expect(phone.locator("#pane-title")).to_contain_text("#2")
