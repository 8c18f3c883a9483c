"""A new rights holder goes through the whole guide in Chromium, to the dry run."""

from datetime import date
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from brands.services.characteristics import Declared
from portal.core import outbox
from pushes.models import SuspectedLink
from pushes.services import preview
from tests.brands import papers
from tests.factories import BrandFactory, ListingVersionFactory, UserFactory
from tests.journeys.axe import check_variants
from tests.journeys.beside import beside, do_jobs
from tests.journeys.pages import sign_in_by_form, visit


def test_a_new_rights_holder_is_led_to_the_dry_run(page: Page, tmp_path: Path) -> None:
    _registers_its_organisation(page)
    _registers_the_brand(page)
    _uploads_a_registration(page, tmp_path)
    _registers_a_model(page)
    _declares_a_characteristic(page)
    _tries_it(page)


def _registers_its_organisation(page: Page) -> None:
    for n in range(12):
        ListingVersionFactory(title=f"Velm0ra runner {n} same factory replica", price=9)
    ListingVersionFactory.create_batch(20, title="Garden chair, blue")
    # The engine's first run compiles its loops, for which nobody should wait at the page.
    preview.preview(brand=BrandFactory(), declared=Declared("keyword", "warm up"))
    user = UserFactory(language="en")
    sign_in_by_form(page, user)
    page.get_by_role("link", name="Register a rights holder").click()
    page.get_by_label("Registered name").fill("Velmora Ltd")
    page.get_by_label("Country").select_option("CN")
    page.get_by_role("button", name="Register").click()
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_have_text("First steps")
    check_variants(page, "first-steps")


def _registers_the_brand(page: Page) -> None:
    main = page.get_by_role("main")
    main.get_by_role("link", name="Register the brand").click()
    page.get_by_label("Name", exact=True).fill("Velmora")
    main.get_by_role("button", name="Register").click()
    expect(page.get_by_text("The brand was registered.")).to_be_visible()


def _uploads_a_registration(page: Page, tmp_path: Path) -> None:
    main = page.get_by_role("main")
    visit(page, "/")
    main.get_by_role("link", name="Upload a registration").click()
    certificate = tmp_path / "certificate.pdf"
    certificate.write_bytes(papers.pdf())
    page.get_by_label("Jurisdiction").fill("CN")
    page.get_by_label("Registration number").fill("12345678")
    page.get_by_label("Owner as registered").fill("Velmora Ltd")
    page.get_by_label("Nice classes").fill("25")
    page.get_by_label("Valid from").fill(str(date(2020, 1, 1)))
    page.get_by_label("Valid to").fill(str(date(2090, 1, 1)))
    page.get_by_label("Velmora").check()
    page.get_by_label("Document").set_input_files(certificate)
    main.get_by_role("button", name="Submit").click()
    page.wait_for_url(lambda url: "/new/" not in url)
    for message_id in outbox.due(timezone.now()):
        outbox.deliver(message_id, timezone.now())


def _registers_a_model(page: Page) -> None:
    main = page.get_by_role("main")
    visit(page, "/")
    main.get_by_role("link", name="Register the first product model").click()
    page.get_by_label("Name", exact=True).fill("Runner 7")
    page.get_by_label("List price").fill("129.90")
    page.get_by_label("Currency").fill("CNY")
    main.get_by_role("button", name="Register a product model").click()
    expect(page.get_by_text("The product model was registered.")).to_be_visible()


def _declares_a_characteristic(page: Page) -> None:
    main = page.get_by_role("main")
    visit(page, "/")
    main.get_by_role("link", name="Declare the first characteristic").click()
    check_variants(page, "mark-kinds")
    page.get_by_role("link", name="Phrase pattern (RE2)").click()
    value = page.get_by_label("Pattern (RE2)")
    value.fill("(?=same")
    expect(main.locator("pre mark")).to_have_text("(?=")
    check_variants(page, "mark-wrong")
    value.fill("same (factory|workshop)")
    expect(main.get_by_text("12 of the 32 newest listings")).to_be_visible()
    expect(main.locator("tbody mark").first).to_have_text("same factory")
    check_variants(page, "mark-preview")
    value.fill("same (factory|workshop)")
    page.get_by_role("button", name="Declare", exact=True).click()
    expect(page.get_by_text("The characteristic is being checked.")).to_be_visible()


def _tries_it(page: Page) -> None:
    main = page.get_by_role("main")
    visit(page, "/")
    main.get_by_role("link", name="Try it in a dry run").click()
    with beside(do_jobs):
        page.get_by_role("button", name="Start the dry run").click()
        expect(main.get_by_text("you would have been pushed 12 links")).to_be_visible(
            timeout=60_000
        )
    expect(main.locator("tbody tr")).to_have_count(10)
    check_variants(page, "dry-run")
    assert not SuspectedLink.objects.exists()
    page.get_by_role("link", name="First steps").click()
    expect(main.get_by_text("Now it is the auditor’s turn")).to_be_visible()
    check_variants(page, "first-steps-done")
    visit(page, "/organisation/export/")
    check_variants(page, "export")
