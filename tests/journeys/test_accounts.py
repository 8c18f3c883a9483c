"""One's own account in Chromium: two-step sign-in, passkeys, addresses, password."""

import base64
import hmac
import struct
import time

import pytest
from playwright.sync_api import Page, expect

from portal.core.models import Member
from tests.factories import MemberFactory
from tests.journeys.axe import check_axe, check_variants
from tests.journeys.pages import PASSWORD, shot, sign_in_by_form, visit


@pytest.fixture
def member(page: Page) -> Member:
    """Somebody who has signed in."""
    member = MemberFactory()
    sign_in_by_form(page, member.user)
    return member


def code_of(secret: str) -> str:
    """What an authenticator app shows for the secret now (RFC 6238), for 5 more seconds or more."""
    if time.time() % 30 > 25:
        time.sleep(6)
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    start = digest[-1] & 0x0F
    (value,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(value & 0x7FFFFFFF) % 1_000_000:06}"


def confirm_access(page: Page) -> None:
    """Give the password again, as every change to the second step asks."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm Access")
    check_axe(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


@pytest.mark.parametrize("path", ["email", "password/change", "2fa"])
def test_the_pages_of_ones_account_are_accessible(page: Page, member: Member, path: str) -> None:
    visit(page, f"/accounts/{path}/")
    check_variants(page, f"account-{path.replace('/', '-')}")


def test_a_member_turns_on_two_step_sign_in_and_signs_in_with_it(
    page: Page, member: Member
) -> None:
    visit(page, "/accounts/2fa/totp/activate/")
    confirm_access(page)
    qr = page.get_by_role("img", name="QR code of the authenticator secret")
    expect(qr.locator("svg path")).to_be_visible()
    check_variants(page, "account-totp")
    secret = page.locator("main code").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_label("Unused codes")).to_be_visible()
    check_axe(page)
    page.get_by_title("Your account").click()
    page.get_by_role("button", name="Sign out").click()

    sign_in_by_form(page, member.user)
    check_axe(page)
    shot(page, "account-authenticate")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("main").get_by_role("button", name="Sign In").click()
    expect(page.get_by_role("banner")).to_contain_text(member.organisation.name)


def test_a_passkey_is_added_under_the_content_policy(page: Page, member: Member) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    visit(page, "/accounts/2fa/webauthn/add/")
    confirm_access(page)
    check_axe(page)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("main").get_by_role("button", name="Add").click()
    page.wait_for_url("**/accounts/2fa/**")
    visit(page, "/accounts/2fa/webauthn/")
    expect(page.get_by_role("main")).to_contain_text("Laptop")
    check_variants(page, "account-passkeys")


def test_a_wrong_password_is_refused_beside_the_form(page: Page) -> None:
    member = MemberFactory()
    visit(page, "/accounts/login/")
    page.get_by_label("Email").fill(member.user.email)
    page.get_by_label("Password").fill(PASSWORD + "x")
    page.get_by_role("main").get_by_role("button", name="Sign In", exact=True).click()
    expect(page.locator(".errorlist")).to_be_visible()
    check_axe(page)
