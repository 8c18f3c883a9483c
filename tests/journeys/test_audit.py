"""Auditing credentials in Chromium: approve, reject, a forged certificate, revoking by two."""

from datetime import date

from django.utils import timezone
from playwright.sync_api import Page, expect

from brands.models import Registration
from brands.services import pictures
from complaints.models import Complaint, RightReview
from portal.core import outbox, tasks
from portal.core.models import Member, Role
from tests.brands import papers
from tests.factories import (
    BrandFactory,
    ComplaintFactory,
    InfringingLinkFactory,
    MemberFactory,
    OrganisationFactory,
    RegistrationFactory,
)
from tests.journeys.axe import check_variants
from tests.journeys.pages import shot, sign_in, visit


def auditor(**fields: object) -> Member:
    return MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR, **fields)


def submitted(name: str, content: bytes, **fields: object) -> Registration:
    """A registration that waits for an auditor, its document read."""
    organisation = OrganisationFactory(name=name)
    brand = BrandFactory(organisation=organisation, name="Velmora", vouched=False)
    document = pictures.keep_document(content, field="document", now=timezone.now())
    read_documents()
    values: dict[str, object] = {
        "number": "12345678", "number_key": "12345678", "owner_name": "Velmora Ltd",
        "nice_classes": [18, 25], "mark_text": "Velmora", "state": "submitted",
        "valid_from": date(2020, 1, 1), "valid_to": date(2030, 12, 31),
    }  # fmt: skip
    return RegistrationFactory(
        organisation=organisation, document=document, brands=[brand], **(values | fields)
    )


def read_documents() -> None:
    for message_id in outbox.due(timezone.now()):
        outbox.deliver(message_id, timezone.now())


def test_an_honest_registration_is_compared_and_approved(page: Page) -> None:
    row = submitted("Velmora Limited", papers.pdf())
    brand = row.brands.get()
    brand.names.create(text="维尔摩拉", state="claimed", claimed_at=timezone.now())
    sign_in(page, auditor())
    visit(page, "/registry/audit/")
    page.get_by_role("link", name="Trademark CN 12345678").click()
    expect(page.get_by_text("No signal of forgery")).to_be_visible()
    drawn = page.get_by_alt_text("The submitted document, page 1")
    expect(drawn).to_have_js_property("complete", True)
    assert drawn.evaluate("image => image.naturalHeight") == 1754
    before = drawn.bounding_box()
    page.get_by_role("button", name="Larger").click()
    after = drawn.bounding_box()
    assert before
    assert after
    assert after["width"] > 1.4 * before["width"]
    page.get_by_role("button", name="Smaller").click()
    expect(page.get_by_role("row", name="Registration number")).to_contain_text("Same")
    page.get_by_role("button", name="Take into audit").click()
    check_variants(page, "audit-honest")
    page.get_by_label("维尔摩拉").check()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("The credential was approved.")).to_be_visible()
    row.refresh_from_db()
    assert row.state == "approved"
    assert brand.names.get().state == "in_force"


def test_more_is_asked_answered_and_rejected(page: Page) -> None:
    row = submitted("Velmora Limited", papers.pdf(), number="12345679", number_key="12345679")
    owner = MemberFactory(organisation=row.organisation)
    who = auditor()
    sign_in(page, who)
    visit(page, f"/registry/audit/{row.uuid}/")
    page.get_by_role("button", name="Take into audit").click()
    expect(page.get_by_text("Document says something else")).to_be_visible()
    expect(page.get_by_role("row", name="Registration number")).to_contain_text("12 345 678")
    page.get_by_label("Reason").select_option("number_not_found")
    page.get_by_label("Note to the submitter").fill("The certificate says 12 345 678.")
    page.get_by_role("button", name="Ask for more").click()

    sign_in(page, owner)
    visit(page, f"/registry/credentials/{row.uuid}/")
    expect(page.get_by_text("The certificate says 12 345 678.")).to_be_visible()
    check_variants(page, "credential-answer")
    page.get_by_role("button", name="Submit again").click()
    expect(page.get_by_text("Your answer was submitted for audit.")).to_be_visible()

    sign_in(page, who)
    visit(page, f"/registry/audit/{row.uuid}/")
    page.get_by_role("button", name="Take into audit").click()
    page.get_by_label("Reason").select_option("number_not_found")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("The credential was rejected.")).to_be_visible()
    row.refresh_from_db()
    assert row.state == "rejected"


def test_a_forged_copy_under_another_account_is_shown_with_the_reason(page: Page) -> None:
    scan = papers.scan()
    genuine = submitted("Velmora Limited", scan, state="approved")
    forged = submitted(
        "Harbour Light Trading Ltd", papers.copied(scan), number="99000111", number_key="99000111"
    )
    sign_in(page, auditor())
    visit(page, f"/registry/audit/{forged.uuid}/")
    notice = page.locator(".notice", has_text="Looks like another account's document")
    expect(notice).to_contain_text("Velmora Limited")
    expect(notice).to_contain_text("of the inked parts agree")
    expect(page.get_by_text("Owner is not the organisation").first).to_be_visible()
    page.get_by_role("button", name="Take into audit").click()
    check_variants(page, "audit-forged")
    with page.expect_popup() as other:
        notice.get_by_role("link", name="Open the other one to compare").click()
    expect(other.value.get_by_role("heading", level=1)).to_contain_text(str(genuine))
    other.value.close()
    page.get_by_label("Reason").select_option("forged")
    page.get_by_role("button", name="Reject").click()
    forged.refresh_from_db()
    assert forged.state == "rejected"
    assert "near_copy" in forged.audits.get().findings
    visit(page, "/registry/audit/?tab=decided")
    check_variants(page, "audit-queue-decided")


def test_two_auditors_revoke_and_complaints_freeze(page: Page) -> None:
    complaint = ComplaintFactory()
    row = complaint.registration
    link = InfringingLinkFactory(brand=complaint.link.brand, organisation=complaint.organisation)
    ComplaintFactory(link=link, registration=row, state="established")
    row.document = pictures.keep_document(papers.scan(), field="document", now=timezone.now())
    row.save(update_fields=["document"])
    read_documents()
    first = auditor()
    second = MemberFactory(organisation=first.organisation, role=Role.PLATFORM_ADMIN)
    sign_in(page, first)
    visit(page, f"/registry/audit/{row.uuid}/")
    page.get_by_label("Reason").select_option("forged")
    page.get_by_label("Note to the submitter").fill("The office never issued this number.")
    page.get_by_role("button", name="Request revocation").click()
    expect(page.get_by_text("another auditor confirms it")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm the revocation")).to_have_count(0)

    sign_in(page, second)
    visit(page, "/registry/audit/")
    shot(page, "audit-queue-revocation")
    page.get_by_role("link", name=str(row)).click()
    check_variants(page, "audit-revocation")
    page.get_by_role("button", name="Confirm the revocation").click()
    page.locator("#confirm-dialog").get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("The credential was revoked.")).to_be_visible()
    tasks.seal()
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.FROZEN
    visit(page, "/complaints/fallen/")
    check_variants(page, "fallen-frozen")
    visit(page, "/complaints/fallen/?tab=reviews")
    check_variants(page, "fallen-reviews")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="The decision stands").click()
    assert RightReview.objects.get().outcome == "stands"


def test_names_registers_and_rights_pages(page: Page) -> None:
    brand = BrandFactory(name="Velmora", vouched=False)
    BrandFactory(name="Famous")
    row = RegistrationFactory(
        organisation=brand.organisation, brands=[brand], valid_to=timezone.now().date()
    )
    brand.names.create(text="Famous", state="claimed", claimed_at=timezone.now())
    sign_in(page, auditor())
    visit(page, "/registry/audit/names/")
    expect(page.get_by_text("Brand of")).to_be_visible()
    check_variants(page, "audit-names")
    page.get_by_role("button", name="Refuse").click()
    assert brand.names.get().state == "refused"
    visit(page, "/registry/audit/registers/")
    page.get_by_label("Register and edition").fill("Sample")
    page.get_by_label("Register file").set_input_files("brands/data/register_sample.csv")
    page.get_by_label("Its entries are invented").check()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("6 entries are new")).to_be_visible()
    check_variants(page, "audit-registers")
    sign_in(page, MemberFactory(organisation=brand.organisation))
    visit(page, "/registry/credentials/")
    check_variants(page, "rights")
    page.get_by_role("link", name=str(row)).first.click()
    check_variants(page, "right-ending")
    page.get_by_role("link", name="Renew").click()
    expect(page.get_by_label("Registration number")).to_have_value(row.number)
    check_variants(page, "right-renew")
