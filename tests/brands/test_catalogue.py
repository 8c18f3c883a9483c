"""Importing a catalogue: columns named, dry run, import, error file, taken back as a whole."""

import csv
import io
from decimal import Decimal

import pandas as pd
import pytest
from django.urls import reverse

from brands.models import CatalogueImport, Characteristic, ProductModel
from brands.services import catalogue, catalogue_columns, catalogue_files, catalogue_undo
from portal.core import jobs, spreadsheets
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JobError, JournalEntry, Role
from tests.brands.books import checked, errors, imported, lines, model_rows, upload
from tests.factories import (
    BrandFactory,
    MemberFactory,
    ProductModelFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    member = MemberFactory()
    BrandFactory(organisation=member.organisation, name="Velmora")
    return member


def taken_back(member, source, now):
    source.refresh_from_db()
    job = catalogue_undo.request(actor=of_member(member), now=now, source=source)
    job = jobs.run_to_end(job.pk)
    source.refresh_from_db()
    return job


class TestColumns:
    def test_headings_are_guessed_in_both_languages_each_field_once(self):
        guess = catalogue_columns.guess(
            "product_model", ["商品名称*", "EAN (13)", "Name", "建议零售价（元）", "Colour"]
        )
        assert guess == {0: "name", 1: "gtin", 3: "list_price"}

    def test_what_the_organisation_chose_before_is_remembered(self, member, now):
        rows = [["Brand", "Artikel", "Nr"], ["Velmora", "Runner", "7"]]
        source = upload(member, lines(rows), now)
        assert source.mapping == {"0": "brand"}
        checked(member, source, now, {0: "brand", 1: "name", 2: "model_number"})
        again = upload(member, lines([["Nr", "Artikel"], ["8", "Walker"]]), now)
        assert again.mapping == {"0": "model_number", "1": "name"}
        stranger = upload(MemberFactory(), lines(rows), now)
        assert stranger.mapping == {"0": "brand"}

    @pytest.mark.parametrize(
        ("mapping", "field", "code"),
        [
            ({0: "brand"}, "", "missing"),
            ({0: "brand", 1: "name", 2: "name"}, "column_2", "twice"),
            ({0: "brand", 1: "name", 2: "weight"}, "column_2", "unknown"),
            ({0: "brand", 1: "name", 7: "gtin"}, "column_7", "unknown"),
        ],
    )
    def test_columns_that_cannot_be_are_refused_at_their_place(
        self, member, now, mapping, field, code
    ):
        rows = [["Brand", "Name", "Name"], ["Velmora", "Runner", "Runner"]]
        source = upload(member, lines(rows), now)
        assert source.mapping == {"0": "brand", "1": "name"}
        with pytest.raises(InvalidInput) as refused:
            checked(member, source, now, mapping)
        assert [(e.field, e.code) for e in refused.value.errors] == [(field, code)]


class TestDryRun:
    def test_it_refuses_what_the_import_would_and_writes_nothing(self, member, now, settings):
        settings.IMPORT_CHUNK = 2
        rows = [
            ["kind", "brand", "name", "characteristic", "value", "product_model", "gtin"],
            ["characteristic", "Zorvex", "", "关键词", "same factory", "One"],
            ["product_model", "Zorvex", "One"],
            ["brand", "Zorvex"],
            ["product_model", "Nobody", "One"],
            ["characteristic", "Zorvex", "", "keyword", "replica", "Two"],
            ["product_model", "Zorvex", "Three", "", "", "", "4006381333932"],
            ["product_model", "Zorvex", "One"],
        ]
        source = upload(member, lines(rows), now, what="mixed")
        dry = checked(member, source, now)
        assert errors(dry) == [
            (5, "brand", "unknown_brand"),
            (6, "product_model", "unknown_product_model"),
            (7, "gtin", "gtin_check_digit"),
            (8, "", "duplicate"),
        ]
        assert (dry.done, dry.result) == (3, {"created": 3, "changed": 0, "unchanged": 0})
        assert not ProductModel.objects.exists()
        assert not JournalEntry.objects.filter(verb__startswith="product_model").exists()
        source.refresh_from_db()
        assert source.state == "checked"
        real = jobs.run_to_end(catalogue.start(actor=of_member(member), now=now, source=source).pk)
        assert (errors(real), real.result) == (errors(dry), dry.result)
        assert Characteristic.objects.get().product_model == ProductModel.objects.get()

    def test_every_problem_of_a_row_is_told_in_the_language_of_who_asked(self, member, now):
        rows = [
            ["Brand", "Name", "GTIN", "List price"],
            ["Velmora", "Runner", "12", "cheap"],
        ]
        source = upload(member, lines(rows), now)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(catalogue, "get_language", lambda: "zh-hans")
            job = checked(member, source, now)
        assert [(row, field) for row, field, _code in errors(job)] == [
            (2, "list_price"), (2, "gtin"),
        ]  # fmt: skip
        assert job.failed == 1
        assert "不是" in JobError.objects.filter(field="list_price").get().message

    def test_all_rows_can_be_of_one_brand(self, member, now):
        brand = member.organisation.brands.get()
        source = upload(member, b"Name\nRunner\n", now, name="m.csv", brand=brand)
        assert imported(member, source, now).done == 1
        assert ProductModel.objects.get().brand == brand
        with pytest.raises(InvalidInput, match="another organisation"):
            upload(MemberFactory(), b"Name\nRunner\n", now, name="m.csv", brand=brand)


class TestErrorFile:
    def test_it_holds_the_bad_rows_as_they_were_with_reasons_and_is_safe(self, member, now):
        rows = [
            ["Brand", "Name", "List price", "Note"],
            ["Velmora", "Good", 5, ""],
            ["Velmora", "=cmd|'/c calc'!A0", "free", "@SUM(A1)"],
        ]
        source = upload(member, lines(rows), now)
        job = checked(member, source, now)
        assert errors(job)[0] == (2, "currency", "required")
        headings, found = catalogue_files.error_table(source, job)
        cells = list(csv.reader(io.StringIO("".join(spreadsheets.csv_lines(headings, found)))))
        assert cells[0][4:] == ["Row", "Column", "What is wrong", "What to do"]
        assert cells[2][:4] == ["Velmora", "'=cmd|'/c calc'!A0", "free", "'@SUM(A1)"]
        assert cells[2][4:6] == ["3", "List price"]
        assert "129.90" in cells[2][7]

    def test_as_xlsx_it_can_be_mended_and_sent_again(self, member, now, signed_in):
        source = upload(member, lines(model_rows(3, bad=1)), now)
        checked(member, source, now)
        client = signed_in(member)
        answer = client.get(reverse("brands:catalogue_errors", args=[source.uuid, "xlsx"]))
        frame = pd.read_excel(
            io.BytesIO(b"".join(answer.streaming_content)),
            engine="calamine",
            dtype=str,
            keep_default_na=False,
        )
        assert frame["Model number"].tolist() == ["0000"]
        frame["List price"] = "9"
        mended = io.BytesIO()
        spreadsheets.write_xlsx(mended, [("Rows", list(frame.columns), frame.values.tolist())])
        again = upload(member, mended.getvalue(), now)
        assert imported(member, again, now).done == 1

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1", "'=quoted"])
    def test_cells_survive_the_way_through_csv(self, text):
        (line,) = list(spreadsheets.csv_lines([], [[text]]))[1:]
        cell = next(csv.reader([line]))[0] if "\t" not in text else line.rstrip("\r\n").strip('"')
        assert not cell.startswith(spreadsheets.FORMULA)
        if not text.startswith("'"):
            assert spreadsheets.as_typed(cell) == text


class TestTakingBack:
    def test_what_was_made_is_removed_and_what_was_changed_is_put_back(self, member, now):
        brand = BrandFactory(organisation=member.organisation, name="Zorvex")
        old = ProductModelFactory(brand=brand, name="Old", model_number="1", aliases=["O"])
        rows = [["Brand", "Name", "Model number", "List price", "Currency"],
                ["Zorvex", "Old", "1", 70, "EUR"], ["Zorvex", "New", "2", 70, "EUR"]]  # fmt: skip
        source = upload(member, lines(rows), now)
        assert imported(member, source, now).result["changed"] == 1
        old.refresh_from_db()
        assert (old.currency, old.aliases) == ("EUR", [])
        job = taken_back(member, source, now)
        assert (source.state, job.done, job.failed) == ("undone", 2, 0)
        old.refresh_from_db()
        assert (old.currency, old.list_price, old.aliases) == ("CNY", Decimal("100.00"), ["O"])
        assert list(ProductModel.objects.values_list("name", flat=True)) == ["Old"]
        verbs = set(JournalEntry.objects.values_list("verb", flat=True))
        assert {"product_model.removed", "product_model.changed"} <= verbs
        assert imported(member, upload(member, lines(rows), now), now).result["created"] == 1

    @pytest.mark.parametrize(
        ("use", "words"),
        [
            (lambda model: type(model).objects.filter(pk=model.pk).update(name="X"), "changed"),
            (lambda model: model.characteristics.create(
                brand=model.brand, kind="keyword", value="fake", created_at=model.created_at
            ), "declared since"),
            (lambda model: SuspectedLinkFactory(brand=model.brand, product_model=model),
             "suspected link"),
        ],
    )  # fmt: skip
    def test_what_was_used_since_keeps_the_whole_import_and_is_named(self, member, now, use, words):
        source = upload(member, lines(model_rows(3)), now)
        imported(member, source, now)
        use(ProductModel.objects.get(name="Runner 1"))
        job = taken_back(member, source, now)
        assert (source.state, job.failed) == ("imported", 1)
        (held,) = JobError.objects.filter(job=job)
        assert held.row == 3
        assert words in held.message
        assert ProductModel.objects.count() == 3

    def test_a_characteristic_that_brought_links_stays(self, member, now):
        rows = [
            ["Brand", "Characteristic", "Value"],
            ["Velmora", "Keyword", "same factory"],
        ]
        source = upload(member, lines(rows), now, what="characteristic")
        imported(member, source, now)
        mark = Characteristic.objects.get()
        signal = {"kind": "keyword", "registered": "same factory", "contribution": 2.0}
        SuspectedLinkFactory(brand=mark.brand, signals=[signal], pushed_at=now, due_at=now)
        job = taken_back(member, source, now)
        assert "reason of 1 suspected link" in JobError.objects.get(job=job).message
        assert Characteristic.objects.filter(pk=mark.pk).exists()

    def test_of_two_at_once_only_one_takes_back(self, member, now):
        source = upload(member, lines(model_rows(2)), now)
        imported(member, source, now)
        first, second = (CatalogueImport.objects.get(pk=source.pk) for _n in range(2))
        actor = of_member(member)
        catalogue_undo.request(actor=actor, now=now, source=first)
        with pytest.raises(StaleState):
            catalogue_undo.request(actor=actor, now=now, source=second)


class TestPages:
    def test_another_tenants_import_does_not_exist(self, member, now, signed_in):
        source = upload(member, lines(model_rows(2, bad=1)), now)
        checked(member, source, now)
        stranger = signed_in(MemberFactory())
        for name, more in (("catalogue", []), ("catalogue_errors", ["csv"])):
            address = reverse(f"brands:{name}", args=[source.uuid, *more])
            assert stranger.get(address).status_code == 404
        act = reverse("brands:catalogue_act", args=[source.uuid, "import"])
        assert stranger.post(act).status_code == 404

    def test_a_viewer_reads_and_starts_nothing(self, member, now, signed_in):
        source = upload(member, lines(model_rows(2)), now)
        viewer = MemberFactory(organisation=member.organisation, role=Role.VIEWER)
        client = signed_in(viewer)
        assert client.get(reverse("brands:catalogue", args=[source.uuid])).status_code == 200
        act = reverse("brands:catalogue_act", args=[source.uuid, "columns"])
        assert client.post(act).status_code == 403
        with pytest.raises(NotAllowed):
            catalogue.start(actor=of_member(viewer), now=now, source=source)

    @pytest.mark.parametrize("what", ["product_model", "characteristic", "mixed"])
    def test_a_filled_template_is_understood_in_both_languages(self, member, signed_in, what):
        client = signed_in(member)
        for language in ("en", "zh-hans"):
            client.cookies["django_language"] = language
            for suffix in ("csv", "xlsx"):
                answer = client.get(reverse("brands:template", args=[what, suffix]))
                content = b"".join(answer.streaming_content)
                if suffix == "xlsx":
                    titles = list(pd.read_excel(io.BytesIO(content), engine="calamine").columns)
                else:
                    titles = next(csv.reader([content.decode("utf-8-sig").splitlines()[0]]))
                guess = catalogue_columns.guess(what, titles)
                assert len(guess) == len(titles), (language, suffix, titles, guess)
