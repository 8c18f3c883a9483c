"""What follows from many complaints, in Chromium: shops, misuse, figures, working days."""

from datetime import UTC, datetime

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from complaints.models import Order, ShopConsequence
from complaints.services import credit, misuse
from portal.core.models import Role
from tests.complaints.support import platform_admin
from tests.complaints.test_consequences import infringe
from tests.factories import (
    CreditAccountFactory,
    ListingVersionFactory,
    MemberFactory,
    OrganisationFactory,
    SellerFactory,
    give_past,
)
from tests.journeys.axe import check_variants
from tests.journeys.pages import sign_in, visit
from tests.portal.test_transparency import Case, project


def test_strikes_lead_to_a_consequence_which_a_person_orders(page: Page) -> None:
    now, seller = timezone.now(), SellerFactory()
    for shop in (SellerFactory(marketplace=seller.marketplace), seller):
        ListingVersionFactory(
            listing__marketplace=seller.marketplace,
            seller=shop,
            attributes={"phone": "13800138000"},
        )
    infringe(seller, now, times=4)
    row = ShopConsequence.objects.get(kind="shop_suspended")
    admin = platform_admin().member
    assert admin is not None
    sign_in(page, admin)
    visit(page, reverse("complaints:measures"))
    check_variants(page, "measures")
    visit(page, reverse("complaints:consequence", args=[row.uuid]))
    expect(page.get_by_text("Phone")).to_be_visible()
    check_variants(page, "consequence")
    page.get_by_label("Reasons").first.fill("Four counterfeits in a week.")
    page.get_by_role("button", name="Order it").click()
    expect(page.get_by_text("Your decision is kept and carried out.")).to_be_visible()
    row.refresh_from_db()
    assert row.state == "ordered"
    assert Order.objects.filter(kind="suspend").count() == 1
    visit(page, reverse("complaints:consequence", args=[row.uuid]))
    check_variants(page, "consequence-ordered")
    visit(page, reverse("complaints:sellers"))
    check_variants(page, "sellers")
    page.get_by_role("link", name=seller.name).click()
    check_variants(page, "seller-strikes")


def test_misuse_is_shown_with_its_four_factors_to_whom_it_concerns(page: Page) -> None:
    now = timezone.now()
    account = CreditAccountFactory()
    give_past(account, today=now.date(), established=20)
    credit.assess(account=account, now=now)
    step = misuse.consider_notices(
        organisation_id=account.organisation_id, agent_id=None, now=now, is_forged=True
    )
    assert step is not None
    sign_in(page, MemberFactory(organisation=account.organisation, role=Role.COMPLAINANT))
    visit(page, reverse("complaints:misuse_step", args=[step.uuid]))
    check_variants(page, "misuse-step")


def test_transparency_and_working_days_are_read(page: Page) -> None:
    may = datetime(2025, 5, 12, 4, tzinfo=UTC)
    for owner in OrganisationFactory.create_batch(6):
        for reason in ("counterfeit", "trademark"):
            Case(owner, may, reason).decided(24, automated=reason == "trademark")
        Case(owner, may, "design").decided(50, "rejected")
    project()
    visit(page, "/transparency/")
    check_variants(page, "transparency")
    sign_in(page, MemberFactory(platform_admin=True))
    visit(page, reverse("core:calendars"))
    check_variants(page, "working-days")
    visit(page, reverse("complaints:hearing_rules"))
    check_variants(page, "hearing-rules")
