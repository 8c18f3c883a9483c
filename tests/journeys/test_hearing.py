"""The hearing in Chromium: the seller answers, the rights holder replies, two people put back."""

import re
from urllib.parse import urlsplit

import httpx
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from complaints.models import Complaint
from complaints.services import decisions
from portal.core.actors import of_member
from portal.core.models import Role
from tests.complaints.hearing import picture
from tests.factories import MemberFactory
from tests.journeys.axe import check_variants
from tests.journeys.pages import shot, sign_in, visit
from tests.journeys.stage import Stage, a_filed_complaint, wait_for


def test_the_seller_answers_and_the_listing_goes_back(page: Page, stage: Stage, site: str) -> None:
    complaint = a_filed_complaint(stage, "nuvopip")
    first = stage.user("admin@platform.example").memberships.get()
    second = MemberFactory(organisation=first.organisation, role=Role.PLATFORM_ADMIN)
    decisions.decide(
        actor=of_member(first),
        complaint=Complaint.objects.get(pk=complaint.pk),
        outcome="established",
        code="infringement_clear",
        now=timezone.now(),
    )
    item = f"{site}/items/{complaint.link.listing.external_id}"
    wait_for(lambda: "/complaints/statements/" in httpx.get(item).text)

    # The marketplace relays the link; no account is needed.
    [address] = re.findall(r'href="(http[^"]+/complaints/statements/[^"]+)"', httpx.get(item).text)
    visit(page, urlsplit(address).path)
    check_variants(page, "5-statement")
    page.get_by_role("link", name="Answer with a counter-notice").first.click()
    page.get_by_label("Why was the decision wrong?").select_option("first_sale")
    page.get_by_label("Explanation").fill("Bought from the brand's own shop; invoice attached.")
    file = FilePayload(name="invoice.png", mimeType="image/png", buffer=picture())
    page.get_by_label("Evidence").set_input_files([file])
    for label, value in (
        ("Your full name", "Zhang San"),
        ("Address", "1 West Lake Road, Hangzhou"),
        ("Telephone", "+86 571 8502 2088"),
        ("Signature", "Zhang San"),
    ):
        box = page.get_by_role("textbox", name=label, exact=label == "Address")
        box.fill(value)
    shot(page, "5-counter-notice-form")
    page.get_by_label("I declare that what I say here is true").check()
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_text("Your counter-notice arrived.")).to_be_visible()
    check_variants(page, "5-statement-answered")

    team = next(t for t in stage.cast.brands.values() if t.organisation == complaint.organisation)
    owner = team.actor(Role.OWNER).member
    assert owner is not None
    owner.user.refresh_from_db()  # the stage gave its people passwords after it made this object
    sign_in(page, owner)
    visit(page, "/complaints/counter-notices/")
    check_variants(page, "5-counter-notices")
    page.locator(f"a[href*='{complaint.counter_notices.get().uuid}']").first.click()
    check_variants(page, "5-counter-notice-brand")
    page.get_by_label("Reply").first.fill("We have no record of this sale.")
    page.get_by_role("button", name="Send the reply").click()
    expect(page.get_by_text("Your reply is kept")).to_be_visible()

    path = complaint.counter_notices.get().get_absolute_url()
    sign_in(page, first)
    visit(page, path)
    page.get_by_label("Reason").first.select_option("first_sale")
    page.get_by_role("button", name="Accept; a second person confirms").click()
    expect(page.get_by_text("Somebody else must confirm")).to_be_visible()
    sign_in(page, second)
    visit(page, path)
    check_variants(page, "5-counter-notice-second-person")
    page.get_by_role("button", name="Confirm and put back").click()
    expect(page.get_by_text("Confirmed.")).to_be_visible()
    wait_for(lambda: "On sale" in httpx.get(item).text)
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.OVERTURNED
    check_variants(page, "5-counter-notice-accepted")
