"""Reading catalogue files as people have them: odd headings, formulas, encodings, and bombs."""

import io
import zipfile
from datetime import datetime
from decimal import Decimal

import pytest

from brands.models import CatalogueImport, ProductModel
from brands.services import catalogue, catalogue_files
from portal.core.actors import of_member
from portal.core.errors import InvalidInput
from tests.brands.books import book, checked, errors, imported, upload
from tests.factories import BrandFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    member = MemberFactory()
    BrandFactory(organisation=member.organisation, name="Velmora")
    return member


def _bomb(size: int) -> bytes:
    """A workbook that unpacks to nothing but zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _block in range(size >> 20):
                entry.write(bytes(1 << 20))
    return out.getvalue()


def _merge_heading(_book, sheet):
    sheet.merge_range(0, 0, 0, 2, "Both")


class TestReading:
    def test_text_stays_as_typed_and_rows_are_counted_as_the_spreadsheet_counts(self, member, now):
        rows = [
            ["My catalogue"],
            [],
            ["Brand", "Name", "货号"],
            [],
            ["Velmora", "Runner", "0012"],
        ]
        source = upload(member, book(rows), now)
        assert source.layout["header_row"] == 3
        assert source.mapping == {"0": "brand", "1": "name", "2": "model_number"}
        assert imported(member, source, now).state == "done"
        assert ProductModel.objects.get().model_number == "0012"
        assert source.facts.get().row == 5

    def test_formulas_count_with_their_values_and_without_binary_noise(self, member, now):
        def also(_book, sheet):
            sheet.write_formula(1, 2, "=130*0.6", None, 77.94000000000001)
            sheet.write_formula(2, 0, '="Velm"&"ora"', None, "Velmora")
            sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")

        rows = [
            ["Brand", "Name", "List price", "Currency"],
            ["Velmora", "Runner", None, "CNY"],
            [None, "Walker", 5, "CNY"],
            ["Velmora"],
        ]
        source = upload(member, book(rows, also), now)
        job = imported(member, source, now)
        assert errors(job) == [(4, "name", "required")]
        prices = dict(ProductModel.objects.values_list("name", "list_price"))
        assert prices == {"Runner": Decimal("77.94"), "Walker": Decimal("5.00")}

    def test_a_model_number_made_a_date_is_refused_with_what_to_do(self, member, now):
        def also(made, sheet):
            day = made.add_format({"num_format": "d-mmm"})
            sheet.write_datetime(1, 2, datetime(2026, 1, 2), day)  # noqa: DTZ001  # as Excel has it

        rows = [["Brand", "Name", "Model number"],
                ["Velmora", "Runner"], ["Velmora", "Walker", "2026-01-02"]]  # fmt: skip
        job = checked(member, upload(member, book(rows, also), now), now)
        assert errors(job) == [(2, "model_number", "made_a_date")]
        assert "as text" in catalogue_files.hint("made_a_date")

    def test_a_merged_cell_counts_for_each_of_its_rows(self, member, now):
        rows = [
            ["Brand", "Name"],
            [None, "One"],
            [None, "Two"],
            [None, "Three"],
        ]
        merged = book(rows, lambda _b, sheet: sheet.merge_range(1, 0, 3, 0, "Velmora"))
        assert imported(member, upload(member, merged, now), now).done == 3
        with pytest.raises(InvalidInput, match="A1:C1"):
            upload(member, book([[None, None, None, "x"], ["a", "b"]], _merge_heading), now)

    @pytest.mark.parametrize(
        ("content", "encoding", "delimiter"),
        [
            ("品牌;名称\nVelmora;跑鞋\n".encode("gb18030"), "gb18030", ";"),
            ("\ufeff品牌\t名称\nVelmora\t跑鞋\n".encode(), "utf-8", "\t"),
            ("品牌,名称,别名\nVelmora,跑鞋,a|b\n".encode("utf-16"), "utf-16", ","),
            ("Marke;Name\nVelmora;Café à Orléans\n".encode("cp1252"), "cp1252", ";"),
        ],
    )
    def test_csv_is_read_whatever_its_encoding_and_delimiter(
        self, member, now, content, encoding, delimiter
    ):
        source = upload(member, content, now, name="models.csv")
        assert (source.layout["encoding"], source.layout["delimiter"]) == (encoding, delimiter)
        assert imported(member, source, now).done == 1

    def test_a_wrong_guess_of_the_encoding_is_mended_by_reading_again(self, member, now):
        content = "品牌,名稱\nVelmora,跑鞋運動\n".encode("big5")
        source = upload(member, content, now, name="models.csv")
        catalogue.read_again(
            actor=of_member(member), now=now, source=source, encoding="big5", sheet=""
        )
        source.refresh_from_db()
        assert source.layout["columns"] == ["品牌", "名稱"]
        assert "跑鞋運動" in source.layout["samples"][0]

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("models.pdf", b"%PDF-1.7", "not_a_table"),
            ("models.xlsx", b"\x89PNG\r\n\0", "not_a_table"),
            ("models.xlsx", b"PK\x03\x04 cut off", "damaged"),
            ("models.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600), "old_excel"),
            ("models.csv", b"", "empty"),
            ("models.csv", b" \n,,\n", "empty"),
            ("models.csv", b"brand,name\n\n", "headers_only"),
            ("models.csv", b"a,b\n" + b"1,2\n" * 100_001, "too_many_rows"),
            ("models.csv", b"x," * 101 + b"x\n" + b"1," * 101 + b"1\n", "too_many_columns"),
        ],
    )
    def test_what_is_no_table_is_refused_in_words_and_nothing_is_kept(
        self, member, now, name, content, code
    ):
        with pytest.raises(InvalidInput) as refused:
            upload(member, content, now, name=name)
        assert (refused.value.field, refused.value.code) == ("file", code)
        assert not CatalogueImport.objects.exists()

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (lambda: _bomb(64 << 20), "unpacks_too_large"),
            (lambda: book([["a", "b"]], lambda _b, s: s.write(1_048_575, 0, 1)), "too_many_rows"),
            (lambda: book([["a", "b"]], lambda _b, s: s.write(5, 16_383, 1)), "too_many_columns"),
        ],
    )
    def test_what_would_swell_is_refused_before_it_does(self, member, now, content, code):
        with pytest.raises(InvalidInput) as refused:
            upload(member, content(), now)
        assert refused.value.code == code
