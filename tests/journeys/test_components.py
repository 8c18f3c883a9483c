"""Every component in Chromium: accessible in each variant, and its script does what it says."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import MemberFactory
from tests.journeys.axe import check_axe, check_variants
from tests.journeys.pages import shot, sign_in, visit

pytestmark = pytest.mark.urls("tests.journeys.gallery")


@pytest.fixture
def gallery(page: Page) -> Page:
    """The gallery, seen by an owner."""
    sign_in(page, MemberFactory())
    visit(page, "/gallery/")
    return page


def test_every_component_is_accessible_in_each_variant(gallery: Page) -> None:
    check_variants(gallery, "gallery")


def test_a_dialog_opens_and_closes_without_leaving_the_page(gallery: Page) -> None:
    dialog = gallery.get_by_role("dialog", name="Reject the complaint")
    expect(dialog).to_be_hidden()
    gallery.get_by_role("button", name="Reject …").click()
    expect(dialog).to_be_visible()
    check_axe(gallery)
    shot(gallery, "gallery-dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()


def test_what_needs_confirmation_is_sent_only_after_it(gallery: Page) -> None:
    gallery.get_by_role("button", name="Revoke").click()
    dialog = gallery.get_by_role("dialog", name="Please confirm")
    expect(dialog).to_contain_text("Revoke the key?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(gallery.locator("#toasts")).not_to_contain_text("Saved")
    gallery.get_by_role("button", name="Revoke").click()
    dialog.get_by_role("button", name="Confirm").click()
    expect(gallery.locator("#toasts")).to_contain_text("Saved it.")


def test_copying_fills_the_clipboard_and_says_so(gallery: Page) -> None:
    gallery.context.grant_permissions(["clipboard-read", "clipboard-write"])
    gallery.get_by_role("button", name="Copy the number").click()
    expect(gallery.locator("#toasts")).to_contain_text("Copied.")
    assert gallery.evaluate("navigator.clipboard.readText()") == "VR-0001"


def test_a_toast_is_dismissed_by_its_button(gallery: Page) -> None:
    gallery.get_by_role("button", name="Counterfeit").first.click()
    toast = gallery.locator("#toasts")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_be_empty()


def test_a_refusal_to_htmx_is_shown_as_a_toast_and_leaves_the_target_alone(gallery: Page) -> None:
    gallery.get_by_role("button", name="Ask for an answer").click()
    expect(gallery.locator("#answer")).to_have_text("Answered.")
    gallery.get_by_role("button", name="Ask for what is refused").click()
    expect(gallery.locator("#toasts")).to_contain_text("The link is closed.")
    expect(gallery.locator("#answer")).to_have_text("Answered.")


def test_keys_move_through_a_list_and_press_the_focused_items_button(gallery: Page) -> None:
    gallery.keyboard.press("j")
    gallery.keyboard.press("j")
    expect(gallery.locator("[data-keys-item]").nth(1)).to_be_focused()
    gallery.keyboard.press("c")
    expect(gallery.locator("#toasts")).to_contain_text("Saved 1.")


def test_keys_do_nothing_while_typing_or_when_turned_off(gallery: Page) -> None:
    gallery.get_by_label("Note").press("c")
    expect(gallery.get_by_label("Note")).to_have_value("c")
    gallery.get_by_role("button", name="Shortcuts off").click()
    gallery.keyboard.press("j")
    expect(gallery.locator("[data-keys-item]").first).not_to_be_focused()


def test_the_question_mark_lists_the_keys_of_the_page(gallery: Page) -> None:
    gallery.keyboard.press("?")
    dialog = gallery.get_by_role("dialog", name="Keyboard shortcuts on this page")
    expect(dialog).to_contain_text("Counterfeit")
    check_axe(gallery)


def test_a_filter_is_applied_as_soon_as_it_is_chosen(gallery: Page) -> None:
    gallery.get_by_label("Brand", exact=False).select_option("Velmora")
    gallery.wait_for_url("**/gallery/?q=&brand=1")


def test_deadlines_read_in_the_language_of_the_page(gallery: Page) -> None:
    expect(gallery.locator(".deadline.is-near")).to_contain_text("in 2 hours")
    expect(gallery.locator(".deadline.is-over")).to_contain_text("2 days ago")
    gallery.get_by_role("button", name="简体中文").click()
    expect(gallery.locator(".deadline.is-over")).to_contain_text("2天前")
