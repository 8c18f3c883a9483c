"""A good-faith account in Chromium: lost, explained, appealed, given back."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from complaints.models import Complaint, SampledReview, TierAppeal
from complaints.services import credit, filing
from portal.core.models import Member, Role
from tests.factories import (
    CreditAccountFactory,
    InfringingLinkFactory,
    MemberFactory,
    give_past,
)
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


def test_a_self_service_complaint_is_decided_at_once_and_looked_at_again(page: Page) -> None:
    now, title = timezone.now(), "Velmora runner, same style"
    link = InfringingLinkFactory(version__title=title, snapshot={"title": title})
    account = CreditAccountFactory(organisation=link.organisation)
    give_past(account, today=now.date(), established=200)
    credit.assess(account=account, now=now)
    sign_in(page, MemberFactory(organisation=link.organisation, role=Role.COMPLAINANT))
    visit(page, "/complaints/ready/")
    page.get_by_label("I declare in good faith").check()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("f")
    expect(page.get_by_text("Complaint filed.")).to_be_visible()
    filing.settle_due(now=timezone.now() + timedelta(minutes=1))
    complaint = Complaint.objects.get()
    visit(page, complaint.get_absolute_url())
    expect(page.get_by_text("decided at once on a self-service account")).to_be_visible()
    shot(page, "self-service-decided")

    sign_in(page, MemberFactory(platform_admin=True))
    visit(page, "/complaints/queue/")
    page.get_by_role("link", name="Second looks").click()
    check_variants(page, "second-looks")
    page.get_by_role("link", name=title).click()
    check_variants(page, "second-look")
    page.keyboard.press("e")
    expect(page.get_by_text("Nothing to look at again")).to_be_visible()
    assert SampledReview.objects.get().state == "agreed"
