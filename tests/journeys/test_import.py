"""A catalogue of 5,000 rows with 37 bad ones in Chromium: columns, dry run, import, taken back."""

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from brands.models import ProductModel
from tests.brands.books import book, model_rows
from tests.factories import BrandFactory, MemberFactory
from tests.journeys.axe import check_variants
from tests.journeys.beside import beside, do_jobs
from tests.journeys.pages import sign_in, visit

ROWS, BAD = 5_000, 37


def test_a_catalogue_is_imported_and_taken_back(page: Page, tmp_path: Path) -> None:
    member = MemberFactory()
    BrandFactory(organisation=member.organisation, name="Velmora")
    rows = model_rows(ROWS, bad=BAD)
    rows[0][2] = "Nummer"
    path = tmp_path / "models.xlsx"
    path.write_bytes(book(rows))
    sign_in(page, member)
    visit(page, "/registry/import/")
    check_variants(page, "import")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Upload and name the columns").click()
    expect(page.get_by_text("5,000 rows")).to_be_visible()
    expect(page.get_by_label("Brand", exact=True)).to_have_value("brand")
    expect(page.get_by_label("Nummer")).to_have_value("")
    check_variants(page, "import-columns")
    page.get_by_label("Nummer").select_option("Model number")
    with beside(do_jobs):
        page.get_by_role("button", name="Dry run").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        start = page.get_by_role("button", name="Import 4,963 rows")
        expect(start).to_be_visible(timeout=60_000)
        assert not ProductModel.objects.exists()
        expect(page.get_by_role("row", name="List price").first).to_contain_text("on request")
        check_variants(page, "import-dry-run")
        with page.expect_download() as download:
            page.get_by_role("link", name="Error file (CSV)").click()
        with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
            refused = list(csv.DictReader(file))
        assert len(refused) == BAD
        assert (refused[0]["Row"], refused[0]["Column"]) == ("2", "List price")
        start.click()
        undo = page.get_by_role("button", name="Take the import back")
        expect(undo).to_be_visible(timeout=60_000)
        assert ProductModel.objects.count() == ROWS - BAD
        assert ProductModel.objects.filter(model_number="0037").exists()
        check_variants(page, "import-done")
        undo.click()
        page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
        expect(page.get_by_text("The import was taken back")).to_be_visible(timeout=60_000)
    assert not ProductModel.objects.exists()
