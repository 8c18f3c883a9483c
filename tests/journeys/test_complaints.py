"""From the judged link to the seller's statement, in Chromium."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from complaints.models import Complaint, Decision
from complaints.services import filing, statements
from portal.core.models import Member, Role
from tests.factories import InfringingLinkFactory, MemberFactory
from tests.journeys.axe import check_variants
from tests.journeys.pages import sign_in, visit

SIGNAL = {
    "kind": "imitation_phrase",
    "field": "title",
    "start": 0,
    "end": 2,
    "matched": "高仿",
    "registered": "",
    "value": 1.0,
    "contribution": 2.4,
    "state": "fired",
}


def test_one_key_files_the_platform_decides_and_the_seller_reads_why(page: Page) -> None:
    title = "高仿 runner, same style"
    link = InfringingLinkFactory(
        signals=[SIGNAL],
        version__title=title,
        snapshot={"title": title, "description": "1:1", "marketplace": {"name": "Market"}},
    )
    brand: Member = MemberFactory(organisation=link.organisation, role=Role.COMPLAINANT)
    sign_in(page, brand)
    visit(page, "/complaints/ready/")
    check_variants(page, "complaints-ready")
    page.get_by_label("I declare in good faith").check()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("f")
    expect(page.get_by_text("Complaint filed.")).to_be_visible()
    complaint = Complaint.objects.get()
    check_variants(page, "complaint-held")
    filing.settle_due(now=timezone.now() + timedelta(minutes=1))

    sign_in(page, MemberFactory(platform_admin=True))
    visit(page, "/complaints/queue/")
    check_variants(page, "complaints-queue")
    page.get_by_role("link", name=title).click()
    check_variants(page, "complaint-decide")
    page.keyboard.press("e")
    expect(page.get_by_text("Nothing to decide")).to_be_visible()
    assert Decision.objects.get().complaint == complaint
    for path in ("orders", "sellers", complaint.uuid):
        visit(page, f"/complaints/{path}/")
        check_variants(page, f"complaints-{path if isinstance(path, str) else 'decided'}")
    visit(page, "/complaints/sellers/")
    page.get_by_role("link", name=str(link.version.seller)).click()
    check_variants(page, "seller")

    page.context.clear_cookies()
    address = statements.address_of(Decision.objects.get().statement)
    visit(page, address.removeprefix("http://127.0.0.1:8000"))
    check_variants(page, "statement")
