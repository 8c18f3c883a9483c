"""Thresholds in Chromium: tried with a slider, wished, proposed, accepted, and a listing held."""

import json
from datetime import timedelta

import httpx
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from brands.models import Brand
from portal.core.models import Role
from pushes.models import ControlThreshold, SuspectedLink
from pushes.services import registry
from tests.factories import (
    ApiKeyFactory,
    BrandFactory,
    FeedbackFactFactory,
    ListingVersionFactory,
    MemberFactory,
    ProductModelFactory,
    SellerFactory,
    SuspectedLinkFactory,
)
from tests.journeys.axe import check_variants
from tests.journeys.pages import shot, sign_in, visit
from tests.pushes.judged import FAINT, SURE, SUREST, judge

OUTCOMES = ("genuine", "counterfeit")


def past(brand: Brand) -> None:
    """Verdicts of eight weeks: faint ones mostly genuine, sure ones fakes, some explored."""
    judge(brand, 45, 0, FAINT)
    judge(brand, 15, 1, FAINT, source="established")
    judge(brand, 400, 1, SUREST, source="established")
    judge(brand, 60, 1, SURE, source="established")
    judge(brand, 6, 1, {"brand_named": 1.0, "imitation_phrase": 0.3}, propensity=0.05)
    judge(brand, 14, 0, {"brand_named": 1.0}, propensity=0.05)
    now = timezone.now()
    SuspectedLink.objects.update(
        pushed_at=now - timedelta(days=40), due_at=now - timedelta(days=33)
    )


def test_a_threshold_is_tried_wished_proposed_and_accepted(page: Page, live: str) -> None:
    brand = BrandFactory(name="Velmora")
    past(brand)
    owner = MemberFactory(organisation=brand.organisation, role=Role.OWNER)
    sign_in(page, owner)

    # The slider: with the keyboard, and without asking the server.
    visit(page, reverse("pushes:threshold-curve"))
    slider = page.get_by_role("slider", name="Push links of Velmora")
    slider.focus()
    before = page.locator("[data-figure=weekly]").inner_text()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-threshold-value]")).to_have_text("70 %")
    expect(page.locator("[data-figure=weekly]")).not_to_have_text(before)
    expect(page.locator("[data-figure=precision]")).to_contain_text("100 %")
    expect(page.get_by_label("Threshold, in percent")).to_have_value("70")
    check_variants(page, "threshold")
    assert "threshold=70" in page.url
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-threshold-value]")).to_have_text("5 %")
    expect(page.locator("[data-figure=recall]")).to_contain_text("100 %")

    # Higher holds at once; lower is proposed.
    page.get_by_label("Threshold, in percent").fill("60")
    page.get_by_role("button", name="Use this threshold").click()
    expect(page.get_by_text("You asked for 60 %.")).to_be_visible()
    page.get_by_label("Threshold, in percent").fill("30")
    page.get_by_label("Why").fill("We miss many copies")
    page.get_by_role("button", name="Use this threshold").click()
    expect(page.get_by_text("the platform decides")).to_be_visible()

    # The platform asks the facts and decides.
    sign_in(page, MemberFactory(platform_admin=True))
    visit(page, "/rules/")
    page.get_by_role("link", name="Thresholds").click()
    page.get_by_role("button", name="Estimate now").click()
    expect(page.get_by_text("Estimated:")).to_be_visible()
    expect(page.get_by_role("heading", name="Block: Every brand")).to_be_visible()
    expect(page.get_by_text("We miss many copies")).to_be_visible()
    check_variants(page, "control")
    card = page.locator(".control-proposal").filter(has_text="Block: Every brand")
    card.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("In force: the next listings")).to_be_visible()
    wish = page.locator(".control-proposal").filter(has_text="We miss many copies")
    wish.get_by_label("Reason for refusing").fill("Nobody has looked there yet")
    wish.get_by_role("button", name="Refuse").click()
    expect(page.get_by_text("Refused, and remembered.")).to_be_visible()
    expect(page.get_by_text("Nobody has looked there yet")).to_be_visible()
    check_variants(page, "control-decided")
    assert ControlThreshold.objects.filter(state="in_force", act="block", low__gte=0.99).exists()

    assert asked_before_publishing(brand, live) == "block"


def asked_before_publishing(brand: Brand, live: str) -> str:
    """What a marketplace is told about a listing that shows all that fakes show."""
    key = ApiKeyFactory()
    shop = SellerFactory(marketplace=key.marketplace, external_id="copies")
    brand.characteristics.create(
        kind="seller", value=shop.external_id, state="live", created_at=timezone.now()
    )
    registry.forget()
    answer = httpx.post(
        f"{live}/api/v1/screenings",
        content=json.dumps({
            "title": "高仿 V\u0435lm\u043er\u0430 1:1", "seller": {"external_id": "copies"}
        }),
        headers={"Authorization": f"Api-Key {key.prefix}.secret",
                 "Content-Type": "application/json"},
        timeout=60,  # the first question to a process loads the word lists and builds the engine
    )  # fmt: skip
    return str(answer.json()["decision"])


def test_a_purchase_is_recorded_and_a_price_is_suggested(page: Page) -> None:
    brand = BrandFactory(name="Velmora")
    model = ProductModelFactory(brand=brand, name="Sky Runner")
    link = SuspectedLinkFactory(
        brand=brand,
        state="appraisal",
        explores=True,
        propensity=0.05,
        threshold=0.5,
        version=ListingVersionFactory(title="Velmora shoes, worn once"),
    )
    sign_in(page, MemberFactory(platform_admin=True))
    visit(page, f"/links/{link.uuid}")
    expect(page.get_by_text("Exploration").first).to_be_visible()
    page.get_by_role("link", name="Record a result").click()
    check_variants(page, "appraisal")
    page.get_by_label("Reference").fill("ORDER-2026-0815")
    page.get_by_label("What the purchase showed").select_option("infringing")
    page.get_by_label("Note").fill("Seal 4711, glued sole")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("Recorded: Infringing.")).to_be_visible()
    check_variants(page, "link-appraised")

    for number in range(20):
        for price, label in ((20 + number, 1), (80 + number, 0)):
            one = SuspectedLinkFactory(
                brand=brand,
                product_model=model,
                snapshot={"title": "Velmora", "price": f"{price}.00", "currency": "CNY"},
            )
            FeedbackFactFactory(link=one, label=label, outcome=OUTCOMES[label])
    owner = MemberFactory(organisation=brand.organisation, role=Role.OWNER)
    sign_in(page, owner)
    visit(page, "/links/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Suggestions").click()
    expect(page.get_by_role("row").filter(has_text="Price below")).to_be_visible()
    check_variants(page, "suggestions-price")
    page.get_by_role("button", name="Accept").first.click()
    expect(page.get_by_text("it is being checked")).to_be_visible()
    shot(page, "suggestions-accepted")
    assert brand.characteristics.get().kind == "price_below"
