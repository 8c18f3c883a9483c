"""The loop in four journeys: audit and review, decision and take-down, retuning, figures.

The brands are those of the demo, the marketplace is its own process, and ticks do what workers do.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import httpx
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from brands.models import Registration
from complaints.demo.seed import months_back
from complaints.models import Complaint, Order
from pushes.models import FeedbackFact, Ruleset, Seller, SuspectedLink
from pushes.services import registry, retuning
from tests.journeys.axe import check_variants
from tests.journeys.pages import CHINESE, Findings, shot, show, sign_in_by_form, visit
from tests.journeys.stage import (
    Stage,
    a_filed_complaint,
    a_link,
    live_through,
    ticking,
    wait_for,
)

# A false alarm before retuning: a part that fits the brand's product and says so.
ACCESSORY = {
    "title": "Lighting kit for Nuvopip NB-2002 (compatible, not original)",
    "description": "Sent within two days.",
    "brand": "No Brand",
    "category": "toys/accessories",
    "price": "19.90",
    "currency": "CNY",
    "seller": {"external_id": "hm-parts-1", "name": "Parts and pieces"},
    "attributes": {"simulated": True, "colour": "black"},
    "ship_from": "CN",
}


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def post(stage: Stage, portal: str, external_id: str, listing: Mapping[str, object]) -> None:
    answer = httpx.post(
        f"{portal}/api/v1/listings",
        headers={"Authorization": f"Api-Key {stage.token}"},
        json={
            "listings": [
                {**listing, "external_id": external_id, "seen_at": timezone.now().isoformat()}
            ]
        },
    )
    assert answer.json()["accepted"] == 1, answer.text


# --------------------------------------------------------------------------- the journeys


def test_the_right_is_audited_the_link_reviewed_and_a_complaint_filed(
    page: Page, stage: Stage, site: str
) -> None:
    # The platform's admin audits the credential.
    sign_in_by_form(page, stage.user("admin@platform.example"))
    page.get_by_role("link", name="Credential audit").click()
    check_variants(page, "1-audit-queue")
    page.get_by_role("link", name="Trademark CN").click()
    page.get_by_role("button", name="Take into audit").click()
    document = page.get_by_alt_text("The submitted document")
    expect(document).to_be_visible()
    expect(document).to_have_js_property("naturalWidth", 720)
    expect(page.get_by_role("main")).to_contain_text("SIM-CN-0000001")
    check_variants(page, "1-audit")
    page.get_by_role("button", name="Approve").click()
    right = Registration.objects.get(number="SIM-CN-0000001")
    assert right.state == "approved"
    sign_out(page)

    # The brand's owner signs in; two-step sign-in is offered.
    sign_in_by_form(page, stage.user("owner@veltrano.example"))
    page.get_by_label("Your account").click()
    page.get_by_role("link", name="Two-step sign-in").click()
    expect(page.get_by_role("link", name="Activate")).to_be_visible()

    # The inbox shows the pushed link with why and the deadline.
    page.get_by_role("link", name="Suspected links").click()
    check_variants(page, "1-inbox")
    link = a_link(stage, "veltrano")
    row = page.locator(f"#link-{link.uuid}")
    expect(row.locator("mark").first).to_be_visible()
    expect(row.locator("time")).to_be_visible()
    row.locator("a.link-title").click()
    expect(page.locator("#why table tbody tr").nth(1)).to_be_visible()
    expect(page.locator(".link-listing-title mark").first).to_be_visible()
    check_variants(page, "1-link")

    # Counterfeit, and the complaint with one key.
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("f")
    expect(page.locator("#toasts").get_by_role("button", name="Undo")).to_be_visible()
    shot(page, "1-link-held")
    # The desk went on to the next link; back on this one, the second key complains.
    visit(page, f"/links/{link.uuid}")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("c")
    # The first complaint of a session asks for the declaration; the next ones ask nothing.
    dialog = page.get_by_role("dialog", name="File complaints")
    dialog.get_by_role("checkbox", name="I declare in good faith").check()
    dialog.get_by_role("button", name="File complaints").click()
    expect(page.get_by_text("Complaint filed.").first).to_be_visible()
    complaint = Complaint.objects.get()
    assert complaint.registration == right
    wait_for(lambda: Complaint.objects.get(pk=complaint.pk).state == Complaint.State.FILED)
    page.get_by_role("link", name="Complaints").click()
    check_variants(page, "1-complaints")
    page.get_by_role("table").get_by_role("link").first.click()
    check_variants(page, "1-complaint")


def test_in_chinese_the_same_way_leads_to_the_complaint(
    page: Page, stage: Stage, site: str
) -> None:
    visit(page, "/accounts/login/")
    show(page, CHINESE)
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.locator("input[name=login]").fill("owner@nuvopip.example")
    page.locator("input[name=password]").fill("correct horse")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/links/**")
    link = a_link(stage, "nuvopip")
    page.locator(f"#link-{link.uuid} a.link-title").click()
    page.wait_for_url(f"**/links/{link.uuid}")
    page.locator("h1").click()
    page.keyboard.press("f")
    expect(page.locator(f"#link-{link.uuid}")).to_have_attribute("data-state", "held")
    expect(page.locator("#toasts [data-act=undo]")).to_be_visible()
    visit(page, f"/links/{link.uuid}")
    page.locator("h1").click()
    page.keyboard.press("c")
    page.locator("#desk-statement").check()
    page.locator("#complaint-form button[type=submit]").click()
    expect(page.locator("#toasts form, form[action$='/undo/']").first).to_be_visible()
    shot(page, "1-link-complained-zh-hans")
    wait_for(lambda: Complaint.objects.filter(link=link, state="filed").exists())
    visit(page, "/complaints/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("table tbody tr")).to_have_count(1)


def test_the_complaint_is_decided_and_the_marketplace_takes_the_listing_down(
    page: Page, browser: Browser, stage: Stage, site: str
) -> None:
    complaint = a_filed_complaint(stage, "nuvopip")
    link = complaint.link
    sign_in_by_form(page, stage.user("admin@platform.example"))
    visit(page, "/complaints/queue/")
    check_variants(page, "2-queue")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text(complaint.registration.number)
    check_variants(page, "2-decide")
    page.get_by_role("button", name="Establish and take down").click()
    expect(page.get_by_text("Nothing to decide")).to_be_visible()

    order = Order.objects.get(complaint=complaint)
    wait_for(lambda: Order.objects.get(pk=order.pk).state == Order.State.ACKNOWLEDGED)
    visit(page, f"/complaints/{complaint.uuid}/")
    expect(page.get_by_role("main")).to_contain_text(f"sor-{complaint.uuid}")
    check_variants(page, "2-decided")
    visit(page, "/complaints/orders/")
    expect(page.get_by_role("table")).to_contain_text("Acknowledged")
    check_variants(page, "2-orders")

    seller = Seller.objects.get(strikes__complaint=complaint)
    assert seller.strike_points == 6  # toys are goods of a dangerous class
    visit(page, f"/complaints/sellers/{seller.uuid}/")
    expect(page.get_by_role("table").first).to_contain_text("6")
    check_variants(page, "2-seller")

    # On the marketplace the listing is gone, and its seller is told why by a signed link.
    market = browser.new_page()
    findings = Findings(host=site.removeprefix("http://"))
    findings.watch(market)
    market.goto(f"{site}/items/{link.listing.external_id}")
    expect(market.locator("body")).to_contain_text(f"Removed by order {order.uuid}")
    shot(market, "2-marketplace")
    statement = market.get_by_role("link", name="statement").get_attribute("href")
    market.close()
    assert not findings.seen
    sign_out(page)
    assert statement is not None
    visit(page, statement)
    check_variants(page, "2-statement")


def test_verdicts_make_a_candidate_which_scores_the_next_listing_once_promoted(
    page: Page, stage: Stage, live: str
) -> None:
    now = timezone.now()
    live_through(stage, count=90, since=now - timedelta(days=60), now=now)
    labels = Counter(FeedbackFact.objects.values_list("label", flat=True))
    assert min(labels[0], labels[1]) >= retuning.MINIMUM_OF_EACH
    sign_in_by_form(page, stage.user("admin@platform.example"))
    with ticking():
        copy = {**ACCESSORY, "title": "高仿 Nuvop1p 1:1 同款积木", "brand": ""}
        post(stage, live, "before-1", copy)
        wait_for(lambda: SuspectedLink.objects.filter(listing__external_id="before-1").exists())
        before = SuspectedLink.objects.get(listing__external_id="before-1")
        visit(page, "/rules/")
        check_variants(page, "3-rules")
        page.get_by_role("button", name="Retune").click()
        page.wait_for_url(re.compile(r"/rules/[0-9a-f-]{36}$"))
        candidate = Ruleset.objects.get(state="candidate")
        expect(page.get_by_role("table", name="Weights before and after")).to_be_visible()
        expect(
            page.get_by_role("table", name="Past links that would be decided otherwise")
        ).to_be_visible()
        check_variants(page, "3-candidate")
        page.get_by_role("button", name="Run in shadow").click()
        expect(page.get_by_text("Shadow").first).to_be_visible()
        wait_for(lambda: registry.current_engine().shadow_id == candidate.pk)
        post(stage, live, "shadow-1", copy)
        wait_for(lambda: SuspectedLink.objects.filter(listing__external_id="shadow-1").exists())
        silent = SuspectedLink.objects.get(listing__external_id="shadow-1")
        assert silent.ruleset == before.ruleset
        assert silent.shadow_score not in {None, silent.score}
        check_variants(page, "3-shadow")
        promote(page)
        expect(page.get_by_text("Champion").first).to_be_visible()
        shot(page, "3-promoted")
        # Where the facts are thin a part of the candidate's step is what is promoted.
        candidate = Ruleset.objects.get(state="champion")
        assert candidate != before.ruleset
        # Every process takes new rules up within seconds; a listing before that has the old ones.
        wait_for(lambda: registry.current_engine().ruleset == candidate)

        post(stage, live, "after-1", copy)
        wait_for(lambda: SuspectedLink.objects.filter(listing__external_id="after-1").exists())
        after = SuspectedLink.objects.get(listing__external_id="after-1")
        assert after.ruleset == candidate != before.ruleset
        assert after.score != before.score
        post(stage, live, "after-2", ACCESSORY)
        post(stage, live, "after-3", copy)
        wait_for(lambda: SuspectedLink.objects.filter(listing__external_id="after-3").exists())
        pushed = SuspectedLink.objects.filter(listing__external_id="after-2", explores=False)
        assert not pushed.exists()

        visit(page, "/rules/health")
        check_variants(page, "3-health")
        visit(page, "/rules/")
        page.get_by_role("button", name="Roll back").click()
        page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("Rolled back").first).to_be_visible()
        wait_for(lambda: registry.current_engine().ruleset == before.ruleset)


def promote(page: Page) -> None:
    """Promote what the page shows; against a closed gate a reason is given."""
    reason = page.get_by_label("Promote all the same, because")
    if reason.count():
        reason.fill("The figures were looked at")
        page.get_by_role("button", name="Promote").click()
    else:
        page.get_by_role("button", name="Promote").click()
        page.get_by_role("dialog").get_by_role("button", name="Confirm").click()


def test_an_association_reads_aggregates_and_nothing_else(page: Page, stage: Stage) -> None:
    now = timezone.now()
    live_through(stage, count=70, since=months_back(now, 2), now=now)
    sign_in_by_form(page, stage.user("figures@association.example"))
    page.wait_for_url("**/figures/")
    table = page.get_by_role("table", name="Figures by month")
    judged = table.get_by_role("row", name="Links judged").get_by_role("cell")
    assert int(judged.last.inner_text()) > 10
    expect(table.get_by_text("hidden").first).to_be_attached()
    check_variants(page, "4-figures")
    names = [brand.name for brand in stage.brands.values()]
    text = page.get_by_role("main").inner_text()
    assert not [name for name in names if name in text]

    entries = page.get_by_role("navigation", name="Main").get_by_role("link")
    expect(entries).to_have_text(["Figures"])
    link, complaint = SuspectedLink.objects.first(), Complaint.objects.first()
    assert link is not None
    assert complaint is not None
    for path in (
        "/links/",
        f"/links/{link.uuid}",
        "/complaints/",
        f"/complaints/{complaint.uuid}/",
        f"/complaints/{complaint.uuid}/decide/",
        "/registry/",
        f"/registry/brands/{link.brand.uuid}/",
        "/registry/audit/",
        "/rules/",
        "/organisation/all/",
        "/api/v1/links",
        "/api/v1/complaints",
    ):
        answer = visit(page, path)
        assert answer.status in {403, 404}, (path, answer.status)
    visit(page, "/links/")
    check_variants(page, "4-refused")
