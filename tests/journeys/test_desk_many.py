"""Many links at once in Chromium: a bulk of thirty, a case, complaints, keys of one's own."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from brands.models import Brand
from complaints.models import Complaint
from portal.core.actors import of_member
from portal.core.models import Member, Role
from pushes.models import SuspectedLink, Verdict
from pushes.services import saved_views
from tests.factories import MemberFactory, RegistrationFactory
from tests.journeys import desk_stage
from tests.journeys.axe import check_axe, check_variants
from tests.journeys.pages import each_variant, shot, sign_in, visit
from tests.journeys.test_desk import open_desk


@pytest.fixture(autouse=True)
def _time_to_undo(settings: Settings) -> None:
    """Looking for accessibility in between may take longer than the real seconds."""
    settings.UNDO_SECONDS = 120


@pytest.fixture
def brand(live: str) -> Brand:
    return desk_stage.a_brand()


@pytest.fixture
def owner(brand: Brand) -> Member:
    made: Member = MemberFactory(organisation=brand.organisation, role=Role.OWNER)
    return made


def select(page: Page, count: int) -> None:
    """Select the first links with the keys: one, then a range."""
    page.keyboard.press("j")
    page.keyboard.press("x")
    for _ in range(count - 1):
        page.keyboard.press("j")
    expect(page.locator("#pane-title")).to_contain_text(re.compile(rf"#{count}\s*$"))
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-selected]")).to_have_text(str(count))


def test_a_bulk_of_thirty_needs_one_reason_and_the_number(
    page: Page, brand: Brand, owner: Member
) -> None:
    desk_stage.links(brand, 32, timezone.now())
    sign_in(page, owner)
    open_desk(page)
    select(page, 30)
    shot(page, "desk-selection")
    page.keyboard.press("f")
    dialog = page.locator("#bulk-dialog")
    expect(dialog).to_be_visible()
    check_axe(page)
    shot(page, "desk-bulk")
    dialog.get_by_label("Reason").fill("One supplier, one stolen picture")
    dialog.get_by_role("button", name="Judge them").click()
    assert not Verdict.objects.exists()
    dialog.get_by_label("I looked at them").check()
    dialog.get_by_role("button", name="Judge them").click()
    expect(page.locator(".link-row.is-held")).to_have_count(30)
    expect(page.locator("#toasts")).to_contain_text("30 links")
    assert Verdict.objects.filter(state="held", reason__startswith="One supplier").count() == 30
    page.keyboard.press("z")
    expect(page.locator(".link-row.is-held")).to_have_count(0)
    assert Verdict.objects.filter(state="undone").count() == 30


def test_links_that_look_alike_are_one_case(page: Page, brand: Brand, owner: Member) -> None:
    links = desk_stage.links(brand, 6, timezone.now())
    sign_in(page, owner)
    open_desk(page, f"/links/{links[0].uuid}")
    page.locator("summary", has_text="Similar links").click()
    page.get_by_role("button", name="Judge them as one case").click()
    dialog = page.locator("#bulk-dialog")
    dialog.get_by_label("Reason").fill("The same shop")
    dialog.get_by_role("button", name="Judge them").click()
    expect(page.locator("#toasts")).to_contain_text("links")
    assert Verdict.objects.count() > 1
    assert Verdict.objects.filter(link=links[0]).exists()


def test_c_files_complaints_for_a_selection_and_takes_them_back(
    page: Page, brand: Brand, owner: Member
) -> None:
    RegistrationFactory(organisation=brand.organisation, brands=[brand])
    links = desk_stage.links(brand, 4, timezone.now())
    SuspectedLink.objects.filter(pk__in=[link.pk for link in links]).update(
        state="counterfeit", judged_at=timezone.now() - timedelta(hours=1)
    )
    sign_in(page, owner)
    open_desk(page, "/links/?view=infringing")
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("c")
    dialog = page.locator("#complaint-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("I declare in good faith")).to_be_focused()
    check_axe(page)
    dialog.get_by_label("I declare in good faith").check()
    dialog.get_by_role("button", name="File complaints").click()
    expect(page.locator("#toasts")).to_contain_text("complaints filed")
    shot(page, "desk-complained")
    assert Complaint.objects.filter(state="held").count() == 3
    page.locator("#toasts").get_by_role("button", name="Take back").click()
    expect(page.locator("#toasts")).to_contain_text("were taken back")
    assert Complaint.objects.filter(state="undone").count() == 3


def test_z_takes_back_what_was_done_last(page: Page, brand: Brand, owner: Member) -> None:
    RegistrationFactory(organisation=brand.organisation, brands=[brand])
    links = desk_stage.links(brand, 2, timezone.now())
    SuspectedLink.objects.filter(pk=links[0].pk).update(
        state="counterfeit", judged_at=timezone.now() - timedelta(hours=1)
    )
    sign_in(page, owner)
    open_desk(page, f"/links/{links[1].uuid}")
    page.keyboard.press("c")
    dialog = page.locator("#complaint-dialog")
    file = dialog.get_by_role("button", name="File complaints")
    expect(dialog).to_contain_text("0 links can be filed now")
    expect(file).to_be_disabled()
    page.keyboard.press("Escape")
    open_desk(page, f"/links/{links[0].uuid}")
    page.keyboard.press("c")
    expect(file).to_be_enabled()
    dialog.get_by_label("I declare in good faith").check()
    dialog.get_by_role("button", name="File complaints").click()
    expect(page.locator("#toasts")).to_contain_text("can still be taken back")
    page.locator(f"#link-{links[1].uuid} .link-title").click()
    expect(page.locator("#pane-title")).to_contain_text("#2")
    page.keyboard.press("g")
    expect(page.locator("#toasts [data-act=undo]")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(f"#link-{links[1].uuid}")).to_have_attribute("data-state", "pending")
    assert Complaint.objects.get().state == "held"
    page.keyboard.press("z")
    expect(page.locator("#announce")).to_contain_text("taken back")
    assert Complaint.objects.get().state == "undone"


def test_pages_around_the_desk_in_every_variant(page: Page, brand: Brand, owner: Member) -> None:
    sign_in(page, owner)
    visit(page, "/links/keys")
    check_variants(page, "desk-keys")
    page.get_by_label("Counterfeit", exact=True).fill("1")
    page.get_by_role("button", name="Keep these keys").click()
    expect(page.get_by_text("Your keys are kept.")).to_be_visible()
    visit(page, "/links/policy")
    check_variants(page, "desk-policy")
    visit(page, "/organisation/notifications/")
    check_variants(page, "notifications")
    saved_views.save(
        actor=of_member(owner), name="Dearest", query="order=score", now=timezone.now()
    )
    open_desk(page)
    check_variants(page, "desk-empty")
    for variant in each_variant(page):
        if page.locator(".desk-views[open]").count() == 0:  # another language loads it anew
            page.locator(".desk-views summary").click()
        expect(page.get_by_role("link", name="Dearest")).to_be_visible()
        check_axe(page)
        shot(page, f"desk-views-{variant.name}")
    sign_in(page, MemberFactory(platform_admin=True))
    visit(page, "/links/conflicts/")
    check_variants(page, "desk-conflicts")
