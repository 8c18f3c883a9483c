"""Importing registry files: what is kept, what is refused with its row, and exactly once."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from brands.models import AuthorisedSeller, Brand, BrandName, Characteristic, ProductModel
from brands.services import bulk_import
from portal.core import jobs
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import Job, JobError, JournalEntry, Organisation, Role
from tests.factories import MarketplaceFactory, MemberFactory, OrganisationFactory

CSV = """kind,brand,name,language,model_number,gtin,list_price,lowest_price,currency,\
characteristic,value,product_model,seller_id,marketplace
brand,Velmora,,,,,,,,,,,,
alias,Velmora,维尔莫拉,zh-hans,,,,,,,,,,
product_model,Velmora,Runner 7,,VR-7,4006381333931,129.90,80,CNY,,,,,
characteristic,Velmora,,,,,,,,keyword,same factory,,,
characteristic,Velmora,,,,,,,,price_below,40%,VR-7,,
authorised_seller,Velmora,Velmora Flagship,,,,,,,,,,shop-1,market
"""
REGISTRY = {
    "brands": [
        {
            "id": 1,
            "name": "Velmora",
            "aliases": ["维尔莫拉", {"text": "Velmo", "kind": "nickname"}],
            "authorised_sellers": ["shop-9", {"seller_id": "shop-1", "marketplace": "market"}],
            "product_models": [
                {
                    "id": "m1", "name": "Runner 7", "model_number": "VR-7", "aliases": ["R7"],
                    "gtin": ["4006381333931"], "list_price": 129.90, "lowest_price": "80",
                    "currency": "CNY",
                }
            ],
            "characteristics": [
                {"id": "c1", "kind": "keyword", "value": "same factory"},
                {"id": "c2", "kind": "price_below", "value": "40%", "product_model": "m1"},
            ],
        }
    ]
}  # fmt: skip


@pytest.fixture
def member(db):
    MarketplaceFactory(slug="market", name="Market")
    return MemberFactory()


def imported(member, now, content: str | bytes, name="registry.csv", **more) -> Job:
    actor = of_member(member)
    raw = content.encode() if isinstance(content, str) else content
    job = bulk_import.start(
        actor=actor, now=now, organisation=member.organisation, content=raw, name=name, **more
    )
    return jobs.run_to_end(job.pk)


def refused(job: Job) -> list[tuple[int, str, str]]:
    rows = JobError.objects.filter(job=job).order_by("row", "pk")
    return list(rows.values_list("row", "field", "code"))


def facts() -> list[int]:
    models = (Brand, BrandName, ProductModel, Characteristic, AuthorisedSeller)
    return [model.objects.count() for model in models]


def test_a_csv_file_becomes_a_registry(member, now) -> None:
    job = imported(member, now, CSV)
    assert (job.state, job.done, job.failed) == ("done", 6, 0)
    assert facts() == [1, 1, 1, 2, 1]
    rule = Characteristic.objects.get(kind="price_below")
    assert (rule.state, rule.product_model) == ("checking", ProductModel.objects.get())
    seller = AuthorisedSeller.objects.get()
    assert (seller.external_id, str(seller.marketplace)) == ("shop-1", "Market")


def test_a_json_file_becomes_the_same_registry(member, now) -> None:
    job = imported(member, now, json.dumps(REGISTRY), "registry.json")
    assert refused(job) == []
    assert facts() == [1, 2, 1, 2, 2]
    assert BrandName.objects.get(text="Velmo").kind == "nickname"
    model = ProductModel.objects.get()
    assert (str(model.list_price), model.aliases, model.gtin) == ("129.90", ["R7"], "4006381333931")
    assert Characteristic.objects.get(kind="price_below").product_model == model


@pytest.mark.parametrize(
    ("content", "name"), [(CSV, "r.csv"), (json.dumps(REGISTRY), "r.json")]
)  # fmt: skip
def test_a_second_run_changes_nothing(member, now, content, name) -> None:
    first = imported(member, now, content, name)
    before = facts(), JournalEntry.objects.exclude(verb__startswith="job.").count()
    again = imported(member, now, content, name)
    assert again.pk != first.pk
    assert again.result == {"created": 0, "changed": 0, "unchanged": first.total}
    assert before == (facts(), JournalEntry.objects.exclude(verb__startswith="job.").count())


def test_every_aggregate_has_one_journal_entry(member, now) -> None:
    imported(member, now, CSV)
    verbs = sorted(
        JournalEntry.objects.exclude(verb__startswith="job.").values_list("verb", flat=True)
    )
    assert verbs == [
        "authorised_seller.added",
        "brand.registered",
        "characteristic.checking",
        "characteristic.checking",
        "product_model.registered",
    ]
    brand = Brand.objects.get()
    assert JournalEntry.objects.get(verb="brand.registered").data == {
        "brand_id": brand.pk,
        "names": 1,
    }


def test_a_changed_price_is_a_change(member, now) -> None:
    imported(member, now, CSV)
    job = imported(member, now, CSV.replace("129.90", "139.90"))
    assert job.result == {"created": 0, "changed": 1, "unchanged": 5}
    entry = JournalEntry.objects.get(verb="product_model.changed")
    assert entry.data["what"] == ["list_price"]


def test_bad_rows_are_refused_with_row_and_field_and_the_rest_is_imported(member, now) -> None:
    content = "\n".join(
        [
            "kind,brand,name,gtin,list_price,currency,characteristic,value,marketplace",
            "brand,Velmora,,,,,,,",
            "product_model,Velmora,A,,-1,CNY,,,",
            "product_model,Velmora,B,,10,XYZ,,,",
            "product_model,Velmora,C,4006381333932,,,,,",
            "characteristic,Velmora,,,,,phrase_pattern,a(b,",
            "alias,Nobody,Nob,,,,,,",
            "thing,Velmora,,,,,,,",
            "brand,VELMORA,,,,,,,",
            "alias,Velmora,Vel\x00mo,,,,,,",
            "alias,Velmora,short",
            "authorised_seller,Velmora,S,,,,,,nowhere",
            "brand,,,,,,,,",
            "",
            "alias,Velmora,Velmo,,,,,,",
        ]
    )
    job = imported(member, now, content)
    assert refused(job) == [
        (3, "list_price", "not_positive"),
        (4, "currency", "unknown_currency"),
        (5, "gtin", "gtin_check_digit"),
        (6, "value", "pattern"),
        (7, "brand", "unknown_brand"),
        (8, "kind", "unknown_kind"),
        (9, "", "duplicate"),
        (10, "name", "nul_byte"),
        (11, "", "cell_count"),
        (12, "marketplace", "unknown_marketplace"),
        (13, "brand", "required"),
    ]
    assert (job.done, job.failed, job.total) == (2, 11, 13)
    assert BrandName.objects.get().text == "Velmo"


def test_mixed_newlines_and_a_byte_order_mark_are_read(member, now) -> None:
    content = '\ufeffkind,brand,name\r\nbrand,A,\nbrand,B,\rbrand,C,\r\nalias,A,"two\nlines"\r\n'
    job = imported(member, now, content)
    assert Brand.objects.count() == 3
    assert refused(job) == [(5, "name", "control_character")]


def test_a_monstrous_cell_costs_its_row_only(member, now) -> None:
    content = f"kind,brand,name\nbrand,A,\nalias,A,{'x' * 10_000_000}\nbrand,B,\n"
    job = imported(member, now, content)
    assert refused(job) == [(3, "name", "cell_too_long")]
    assert Brand.objects.count() == 2


def test_an_unclosed_quote_is_refused_with_its_row(member, now) -> None:
    job = imported(member, now, 'kind,brand,name\nbrand,A,\nalias,A,"open\nbrand,B,\n')
    assert refused(job) == [(3, "", "csv")]


@pytest.mark.parametrize(
    ("content", "name", "code", "words"),
    [
        ("kind,brand\nbrand,品牌\n".encode("gbk"), "r.csv", "encoding", "line 2"),
        (b"kind,name\nbrand,x\n", "r.csv", "missing_column", "“brand”"),
        (b"kind,brand,lowest_prise\n", "r.csv", "unknown_column", "lowest_price"),
        (b"kind,brand,brand\n", "r.csv", "column_twice", "brand"),
        (b"kind,brand\n", "r.csv", "empty", "no facts"),
        (b"", "r.csv", "empty", "no facts"),
        (b'{"brands": [', "r.json", "json", "line 1"),
        (b"[" * 100_000, "r.json", "json", "deep"),
        (b'{"brnds": []}', "r.json", "unknown_key", "brnds"),
        (b"[]", "r.json", "not_an_object", "object"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    member, now, content, name, code, words
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        imported(member, now, content, name)
    assert (refusal.value.field, refusal.value.code) == ("file", code)
    assert words in str(refusal.value)
    assert not Job.objects.exists()


def test_another_encoding_and_other_column_names_can_be_given(member, now) -> None:
    content = "art,marke\nbrand,品牌\n".encode("gb18030")
    columns = {"kind": "art", "brand": "Marke"}
    imported(member, now, content, encoding="gb18030", columns=columns)
    assert Brand.objects.get().name == "品牌"


def test_json_errors_say_where_they_stand(member, now) -> None:
    registry = {
        "brands": [
            {"name": "A", "product_models": [{"name": "M", "list_price": -1, "currency": "CNY"}]},
            {"name": ""},
            {"name": "B", "aliases": [1.5, None], "colour": "red"},
            {"name": "C", "logos": ["c.png"], "characteristics": [{"kind": "smell", "value": "x"}]},
            "D",
            {"name": "E", "characteristics": [
                {"kind": "keyword", "value": "x", "product_model": "none"}]},
        ]
    }  # fmt: skip
    job = imported(member, now, json.dumps(registry), "r.json")
    assert refused(job) == [
        (1, "brands[0].product_models[0].list_price", "not_positive"),
        (2, "brands[1].name", "required"),
        (3, "brands[2].colour", "unknown_key"),
        (4, "brands[3].characteristics[0].characteristic", "unknown_kind"),
        (4, "brands[3].logos[0]", "picture_not_imported"),
        (5, "brands[4]", "not_an_object"),
        (6, "brands[5].characteristics[0].product_model", "unknown_product_model"),
    ]
    assert list(Brand.objects.order_by("name").values_list("name", flat=True)) == ["A", "C", "E"]


def test_the_order_of_rows_does_not_matter(member, now, settings) -> None:
    settings.IMPORT_CHUNK = 2
    lines = CSV.strip().split("\n")
    job = imported(member, now, "\n".join([lines[0], *reversed(lines[1:])]))
    assert (job.done, job.failed) == (6, 0)


def test_a_reviewer_and_a_stranger_import_nothing(member, now) -> None:
    reviewer = MemberFactory(organisation=member.organisation, role=Role.REVIEWER)
    with pytest.raises(NotAllowed):
        imported(reviewer, now, CSV)
    with pytest.raises(NotAllowed):
        bulk_import.start(
            actor=of_member(member), now=now, organisation=OrganisationFactory(),
            content=CSV.encode(), name="r.csv",
        )  # fmt: skip


def test_facts_of_another_tenant_are_not_touched(member, now) -> None:
    imported(member, now, CSV)
    other = MemberFactory()
    imported(other, now, CSV)
    assert sorted(Brand.objects.values_list("organisation_id", flat=True)) == sorted(
        [member.organisation_id, other.organisation_id]
    )


def test_sending_a_file_twice_while_it_runs_is_one_job(member, now) -> None:
    actor = of_member(member)
    jobs_made = {
        bulk_import.start(
            actor=actor,
            now=now,
            organisation=member.organisation,
            content=CSV.encode(),
            name="r.csv",
        ).pk
        for _ in range(2)
    }
    assert len(jobs_made) == 1


def test_the_command_imports_reports_and_writes_an_error_file(member, tmp_path, capsys) -> None:
    path = tmp_path / "registry.csv"
    path.write_text(CSV + "thing,=cmd(),,,,,,,,,,,,\n")
    call_command("import_registry", path, organisation=member.organisation.name)
    out = capsys.readouterr().out
    assert "7 facts: 6 created, 0 changed, 0 unchanged, 1 refused." in out
    with (tmp_path / "registry.errors.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["row"], row["field"], row["code"]) == ("8", "kind", "unknown_kind")


@pytest.mark.django_db
def test_the_command_says_what_is_missing(tmp_path) -> None:
    path = tmp_path / "registry.csv"
    path.write_text(CSV)
    with pytest.raises(CommandError, match="--organisation"):
        call_command("import_registry", path)
    with pytest.raises(CommandError, match="--country"):
        call_command("import_registry", path, organisation="Velmora Ltd")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_registry", tmp_path / "none.csv")
    call_command("import_registry", path, organisation="Velmora Ltd", country="de")
    assert Organisation.objects.get(name="Velmora Ltd").country == "DE"


@pytest.mark.django_db(transaction=True)
@pytest.mark.chaos
def test_a_killed_import_goes_on_where_it_stopped_and_writes_every_fact_once(tmp_path) -> None:
    OrganisationFactory(name="Velmora Ltd")
    path = tmp_path / "registry.csv"
    rows = [f"brand,Brand {n}," for n in range(3000)]
    rows += [f"alias,Brand {n},Alias {n}" for n in range(3000)]
    path.write_text("\n".join(["kind,brand,name", *rows]))
    _kill_in_the_middle(path)
    job = Job.objects.get()
    assert job.state == "running"
    assert 0 < job.done < 6000
    call_command("import_registry", path, organisation="Velmora Ltd")
    job.refresh_from_db()
    assert (Job.objects.count(), job.state, job.done, job.failed) == (1, "done", 6000, 0)
    assert job.result == {"created": 6000, "changed": 0, "unchanged": 0}
    assert (Brand.objects.count(), BrandName.objects.count()) == (3000, 3000)
    verbs = JournalEntry.objects.filter(verb="brand.registered")
    assert verbs.count() == verbs.values("subject_id").distinct().count() == 3000


def _kill_in_the_middle(path: Path) -> None:
    name = connection.settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": _with_database(os.environ["DATABASE_URL"], name),
        "MEDIA_ROOT": str(django_settings.MEDIA_ROOT),
        "IMPORT_CHUNK": "40",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_registry", path, "--organisation", "Velmora Ltd"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        stop = time.monotonic() + 60
        while not Job.objects.filter(done__gt=200).exists():
            assert process.poll() is None, "the import ended before it could be killed"
            assert time.monotonic() < stop, "the import never started"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _with_database(address: str, name: str) -> str:
    return urlsplit(address)._replace(path=f"/{name}").geturl()
