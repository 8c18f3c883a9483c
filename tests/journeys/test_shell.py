"""The page shell: signing in, the first page, language and theme."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import MemberFactory, UserFactory
from tests.journeys.axe import check_variants
from tests.journeys.pages import PHONE, sign_in, sign_in_by_form, visit


def test_a_member_signs_in_and_lands_on_the_first_page(page: Page) -> None:
    member = MemberFactory()
    sign_in_by_form(page, member.user)
    expect(page.get_by_role("banner")).to_contain_text(member.organisation.name)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_a_stranger_reads_what_the_portal_is(page: Page) -> None:
    visit(page, "/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check_variants(page, "welcome")


@pytest.mark.parametrize("path", ["login", "signup", "password/reset"])
def test_the_account_pages_are_accessible(page: Page, path: str) -> None:
    visit(page, f"/accounts/{path}/")
    check_variants(page, f"account-{path.replace('/', '-')}")


def test_a_user_without_organisation_learns_what_to_do(page: Page) -> None:
    user = UserFactory()
    sign_in_by_form(page, user)
    expect(page.get_by_role("heading", level=1)).to_have_text("You belong to no organisation yet")
    check_variants(page, "no-organisation")


def test_language_and_theme_are_switched_and_kept(page: Page) -> None:
    sign_in(page, MemberFactory())
    visit(page, "/accounts/email/")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert page.url.endswith("/accounts/email/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


def test_on_a_phone_the_navigation_shows_where_one_is(page: Page) -> None:
    sign_in(page, MemberFactory())
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    visit(page, "/organisation/")
    expect(page.locator(".shell-navigation [aria-current]")).to_be_in_viewport(ratio=1)
