"""A good-faith account in Chromium: lost, explained, appealed, given back."""

from django.utils import timezone
from playwright.sync_api import Page, expect

from complaints.models import TierAppeal
from complaints.services import credit
from portal.core.models import Member, Role
from tests.factories import CreditAccountFactory, MemberFactory, give_past
from tests.journeys.axe import check_variants
from tests.journeys.pages import shot, sign_in, visit


def test_a_tier_is_lost_explained_appealed_and_given_back(page: Page) -> None:
    now = timezone.now()
    account = CreditAccountFactory(tier="trusted", tier_since=now)
    give_past(account, today=now.date(), established=130, overturned=14, in_time=40, late=1)
    credit.assess(account=account, now=now)
    brand: Member = MemberFactory(organisation=account.organisation, role=Role.COMPLAINANT)

    sign_in(page, brand)
    visit(page, "/complaints/accounts/")
    check_variants(page, "good-faith-accounts")
    page.get_by_role("link", name="Counterfeit goods").click()
    expect(page.get_by_text("Locked out after a fall")).to_be_visible()
    expect(page.get_by_text("Trusted → Standard")).to_be_visible()
    check_variants(page, "good-faith-account")
    page.get_by_label("Established").fill("300")
    page.get_by_role("button", name="Forecast").click()
    expect(page.get_by_text("the tier would stay: Standard")).to_be_visible()
    shot(page, "good-faith-what-if")
    visit(page, "/complaints/accounts/rules/")
    check_variants(page, "good-faith-rules")

    visit(page, account.get_absolute_url())
    page.get_by_role("link", name="Appeal").click()
    check_variants(page, "good-faith-appeal")
    page.get_by_label("Tier asked for").select_option("trusted")
    page.get_by_label("What speaks against").fill("The fourteen cases are one seller's.")
    page.get_by_role("main").get_by_role("button", name="Appeal").click()
    expect(page.get_by_text("Your appeal was made.")).to_be_visible()

    sign_in(page, MemberFactory(platform_admin=True))
    visit(page, "/complaints/accounts/")
    page.get_by_role("link", name=str(account.organisation)).first.click()
    check_variants(page, "good-faith-answer")
    page.get_by_label("Reasons").fill("One seller's mistake should not weigh fourteen times.")
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_text("The appeal was answered")).to_be_visible()
    assert TierAppeal.objects.get().state == "granted"
    visit(page, "/complaints/accounts/rules/change/")
    check_variants(page, "good-faith-change")

    sign_in(page, brand)
    visit(page, account.get_absolute_url())
    expect(page.get_by_text("Held by a granted appeal").first).to_be_visible()
    expect(page.get_by_text("One seller's mistake")).to_be_visible()
