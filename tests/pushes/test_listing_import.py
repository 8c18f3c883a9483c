"""Importing files: every format, every kind of bad row, once, and again."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from portal.core import jobs
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import Job, JobError, JournalEntry, Marketplace
from pushes.models import Listing, ListingVersion, Seller
from pushes.services import listing_import
from pushes.services.listing_import import Options
from tests.factories import MarketplaceFactory, MemberFactory

pytestmark = pytest.mark.django_db
HEADER = "listing_id,title,price,currency,seller,observed_on\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(tmp_path):
    """Write a file, import it without matching, and return what was printed."""

    def go(content, *arguments, name="shop.csv", market="Shop"):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = io.StringIO()
        marketplace = [f"--marketplace={market}"] if market else []
        call_command(
            "import_listings", str(path), "--no-match", *marketplace, *arguments, stdout=out
        )
        return out.getvalue()

    return go


def errors():
    return list(JobError.objects.order_by("row", "pk").values_list("row", "field", "code"))


def head(external_id=None):
    """The head of the only listing, or of the one with an id."""
    rows = ListingVersion.objects.select_related("seller").filter(listing__head__pk=F("pk"))
    return rows.get(listing__external_id=external_id) if external_id else rows.get()


def titles():
    return dict(Listing.objects.values_list("external_id", "head__title"))


def test_a_csv_file_becomes_listings(run):
    printed = run(HEADER + 'a,"Shoe, red",12.90,cny,Shop A,2026-05-01\nb,Hat,,,,\n')
    assert titles() == {"a": "Shoe, red", "b": "Hat"}
    found = head("a")
    seller = found.seller and found.seller.name
    assert (found.price, found.currency, seller) == (Decimal("12.90"), "CNY", "Shop A")
    assert found.seen_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert "Accepted   2" in printed


def test_running_twice_changes_nothing_at_all(run):
    content = HEADER + "a,Shoe,1,CNY,,2026-05-01\nb,Hat,,,,\n"
    run(content)

    def tables():
        return [
            list(model.objects.order_by("pk").values())
            for model in (Listing, ListingVersion, Seller, Marketplace)
        ]

    before = tables()
    assert "Unchanged  2" in run(content)
    assert tables() == before


def test_columns_are_recognised_by_many_names_and_the_rest_is_named(run):
    printed = run("商品ID;商品标题;价格;币种;店铺;rating\n1;运动鞋;99;人民币;某店;4.5\n")
    assert titles() == {"1": "运动鞋"}
    assert head().currency == "CNY"
    assert "Left out: rating." in printed


def test_a_column_can_be_named_by_hand(run):
    run(
        "sku,titel,farbe,title\n1,Schuh,rot,ignored\n",
        *("--map=sku=external_id", "--map=titel=title", "--map=farbe=attributes.colour"),
    )
    assert titles() == {"1": "Schuh"}
    assert head().attributes == {"colour": "rot"}


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        ("sku,text\n1,x\n", (), ["external_id", "title", "sku, text"]),
        (HEADER, ("--map=nothing=title",), ["nothing", "listing_id, title"]),
        (HEADER, ("--map=title=nothing",), ["nothing", "external_id, title"]),
        (HEADER, ("--map=title",), ["COLUMN=FIELD"]),
        ("title,title\n", (), ["title", "twice"]),
        ("", (), ["header"]),
        (b"\xe9,\x00", (), ["header"]),
        ("a,b\n".encode("utf-16"), (), ["UTF-16"]),
        ("名,价\n".encode("gb18030"), (), ["UTF-8"]),
    ],
    ids=["missing", "column", "field", "form", "twice", "empty", "junk", "utf-16", "gb18030"],
)
def test_a_file_that_cannot_be_understood_is_refused_with_what_is_there(
    run, content, arguments, words
):
    with pytest.raises(CommandError) as refused:
        run(content, *arguments)
    assert all(word in str(refused.value) for word in words)
    assert not Job.objects.exists()


def test_without_marketplace_a_column_is_needed(run):
    with pytest.raises(CommandError, match="marketplace"):
        run(HEADER, market="")


def test_the_marketplace_column_finds_and_makes_marketplaces(run):
    MarketplaceFactory(name="Harbour", slug="harbour")
    printed = run(
        "id,title,marketplace\n1,A,HARBOUR\n2,B,新市场\n3,C,\n", "--jurisdiction=CN", market=""
    )
    assert dict(Listing.objects.values_list("external_id", "marketplace__name")) == {
        "1": "Harbour",
        "2": "新市场",
    }
    made = Marketplace.objects.get(name="新市场")
    assert made.jurisdiction == "CN"
    assert made.slug.startswith("marketplace-")
    assert "新市场" in printed
    assert JournalEntry.objects.filter(verb="marketplace.created").count() == 1
    assert errors() == [(4, "marketplace", "required")]


def test_a_wrong_column_does_not_make_thousands_of_marketplaces(run):
    run("id,title,site\n" + "".join(f"{n},T,site {n}\n" for n in range(30)), market="")
    assert Marketplace.objects.count() == listing_import.MOST_NEW_MARKETPLACES
    assert {code for _row, _field, code in errors()} == {"too_many"}


BAD_ROWS = [
    ("a,Shoe,1,CNY,,2026-05-01", None),
    ("b,,1,CNY,,", ("title", "required")),
    (",No id,1,CNY,,", ("external_id", "required")),
    ("c,Minus,-1,CNY,,", ("price", "negative")),
    ("d,Unknown,1,XXX,,", ("currency", "unknown")),
    ("e,NaN,NaN,CNY,,", ("price", "not_finite")),
    ("f,Words,cheap,CNY,,", ("price", "number")),
    ("g,No currency,1,,,", ("currency", "required")),
    ("h,N\0UL,1,CNY,,", ("title", "nul")),
    ("i,Never,1,CNY,,2999-01-01", ("seen_at", "future")),
    ("j,When,1,CNY,,yesterday", ("seen_at", "time")),
    ("a,Other content,1,CNY,,2026-05-01", ("seen_at", "conflict")),
    ("k,Too few", ("", "cells")),
    ("l,Too,many,cells,in,this,row", ("", "cells")),
    ('m,"Broken" quoting,1,CNY,,', ("", "quoting")),
    (f"n,{'x' * 3_000},1,CNY,,", ("title", "too_long")),
    ("", None),
    ("o,Last,1,CNY,,", None),
]


def test_every_kind_of_bad_row_is_reported_and_the_rest_is_imported(run, tmp_path):
    text = HEADER + "\n".join(row for row, _error in BAD_ROWS) + "\n"
    run(text.encode() + b"p,Latin \xe9,1,CNY,,\nq,Really last,1,CNY,,\n")
    expected = [(n, *error) for n, (_row, error) in enumerate(BAD_ROWS, 2) if error]
    assert errors() == [*expected, (len(BAD_ROWS) + 2, "", "encoding")]
    assert titles().keys() == {"a", "o", "q"}
    with (tmp_path / "shop.csv.errors.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["row"] for row in written] == [str(row) for row, _field, _code in errors()]
    assert all(row["reason"] for row in written)
    assert json.loads(written[0]["content"])["listing_id"] == "b"
    assert "xe9" in written[-1]["content"]


def test_one_stray_quote_costs_one_row_and_not_the_rest(run):
    rows = [f"{n},Shoe {n},1,CNY,," for n in range(2_000)]
    rows[5] = '5,"Shoe 5,1,CNY,,'
    rows[1500] = '1500,"Shoe,1,CNY,,'
    run(HEADER + "\n".join(rows))
    assert Listing.objects.count() == 1_998
    assert errors() == [(7, "", "quoting"), (1502, "", "quoting")]


def test_a_cell_of_ten_megabytes_costs_one_row(run):
    content = f"{HEADER}a,{'x' * 10_000_000},1,CNY,,\nb,Shoe,1,CNY,,\n"
    run(content)
    assert errors() == [(2, "", "too_large")]
    assert titles() == {"b": "Shoe"}
    assert len(json.dumps(JobError.objects.get().content)) < 10_000


def test_mixed_line_ends_and_line_breaks_in_cells(run):
    run(
        b"\xef\xbb\xbflisting_id,title\r\na,One\rb,Two\nc,Three\r\n"
        b'd,"Line\r\nbreak\nand\rmore"\r\n\r\ne,Last'
    )
    assert titles() == {
        "a": "One",
        "b": "Two",
        "c": "Three",
        "d": "Line\r\nbreak\nand\rmore",
        "e": "Last",
    }


def test_rows_are_counted_as_a_spreadsheet_counts_them(run):
    run('id,title\n1,"Two\nlines"\n\n2,\n')
    assert errors() == [(4, "title", "required")]


def test_other_encodings_are_read_when_named(run):
    run("id,title\n1,运动鞋\n".encode("gb18030"), "--encoding=gb18030")
    assert titles() == {"1": "运动鞋"}


def test_the_currency_can_be_given_for_all_rows(run):
    run("id,title,price\n1,A,5\n", "--currency=eur")
    assert head().currency == "EUR"


def test_json_lines_take_the_form_of_the_api(run):
    lines = [
        {"external_id": "a", "title": "Shoe", "price": 1.5, "currency": "USD"},
        {"external_id": "b", "title": "Hat", "seller": {"external_id": "s", "name": "S"}},
        {"listing_id": 7, "title": "Bag", "image_urls": ["https://x.example/1.png"]},
        {"external_id": "c", "title": "Cap", "attributes": {"a": 1}, "seen_at": "2026-05"},
    ]
    bad = ["{", "[]", '{"external_id": "d", "price": NaN}', '{"external_id": "e"}', ""]
    run("\n".join([*(json.dumps(line) for line in lines), *bad]), name="shop.jsonl")
    assert titles() == {"a": "Shoe", "b": "Hat", "7": "Bag", "c": "Cap"}
    assert head("c").seen_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert errors() == [(5, "", "json"), (6, "", "json"), (7, "", "json"), (8, "title", "required")]


def parquet(path: Path, table: pa.Table, **options):
    pq.write_table(table, path, **options)


def test_parquet_with_typed_columns_and_row_groups(run, tmp_path, settings):
    settings.IMPORT_CHUNK = 7
    count = 100
    table = pa.table(
        {
            "id": pa.array(range(count), pa.int64()),
            "title": [f"Shoe {n}" if n != 50 else None for n in range(count)],
            "price": pa.array([float(n) for n in range(count)]),
            "currency": ["USD"] * count,
            "observed_at": pa.array([datetime(2026, 5, 1, tzinfo=UTC)] * count),
            "image_urls": [["https://x.example/1.png"]] * count,
        }
    )
    parquet(tmp_path / "shop.parquet", table, row_group_size=30)
    run(None, name="shop.parquet")
    assert Listing.objects.count() == count - 1
    assert errors() == [(51, "title", "required")]
    job = Job.objects.get()
    assert (job.total, job.done, job.failed) == (count, count - 1, 1)
    assert head("7").price == 7


def test_a_damaged_parquet_cell_costs_one_row(run, tmp_path):
    raw = pa.array([b"Shoe", b"\xff\xfe", b"Hat"], pa.binary())
    titles_ = pa.StringArray.from_buffers(3, *raw.buffers()[1:])
    parquet(tmp_path / "shop.parquet", pa.table({"id": ["a", "b", "c"], "title": titles_}))
    run(None, name="shop.parquet")
    assert titles() == {"a": "Shoe", "c": "Hat"}
    assert errors() == [(2, "title", "cell")]


def test_what_is_no_parquet_file_is_refused(run):
    with pytest.raises(CommandError, match="Parquet"):
        run("id,title\n", name="shop.parquet")


def test_unknown_endings_and_missing_files_are_refused(run):
    with pytest.raises(CommandError, match=r"\.csv"):
        run("x", name="shop.xlsx")
    with pytest.raises(CommandError, match="no such file"):
        call_command("import_listings", "nowhere.csv", "--marketplace=Shop")


def test_links_pushed_are_counted_after_matching(tmp_path):
    (tmp_path / "shop.csv").write_text("id,title\n1,Shoe\n")
    out = io.StringIO()
    call_command("import_listings", "shop.csv", "--marketplace=Shop", stdout=out)
    assert "Links pushed" in out.getvalue()


# --------------------------------------------------------------------------- as a job


def start(path, **options):
    return listing_import.start(
        path=path,
        actor=SYSTEM,
        now=timezone.now(),
        options=Options(**{"marketplace": "Shop"} | options),
    )


@pytest.mark.parametrize("name", ["shop.csv", "shop.jsonl", "shop.parquet"])
def test_another_process_goes_on_behind_the_last_chunk(tmp_path, settings, name):
    settings.IMPORT_CHUNK = 10
    path, count = tmp_path / name, 95
    if name.endswith("csv"):
        rows = [f'{n},"Shoe\n{n}"\r\n' for n in range(count)]
        rows[40] = '40,"broken\n'
        path.write_text("id,title\n" + "".join(rows), newline="")
    elif name.endswith("jsonl"):
        path.write_text("".join(f'{{"id": {n}, "title": "Shoe"}}\n\n' for n in range(count)))
    else:
        table = pa.table({"id": list(range(count)), "title": ["Shoe"] * count})
        parquet(path, table, row_group_size=20)
    job = start(path).job
    path.unlink()  # the store has its own copy
    more = True
    while more:
        listing_import._close_readers()  # what a new process starts with
        more = jobs.run_chunk(job.pk, timezone.now())
    job.refresh_from_db()
    bad = 1 if name.endswith("csv") else 0
    assert (job.state, job.total, job.done) == ("done", job.done + job.failed, count - bad)
    assert Listing.objects.count() == ListingVersion.objects.count() == count - bad


def test_a_chunk_that_fails_is_done_again(tmp_path, settings, monkeypatch):
    settings.IMPORT_CHUNK = 10
    (tmp_path / "shop.csv").write_text("id,title\n" + "".join(f"{n},Shoe\n" for n in range(30)))
    job = start(tmp_path / "shop.csv").job
    assert jobs.run_chunk(job.pk, timezone.now())
    real, calls = listing_import._keep_errors, []

    def fail_once(*args):
        calls.append(args)
        if len(calls) == 1:
            raise ConnectionError
        real(*args)

    monkeypatch.setattr(listing_import, "_keep_errors", fail_once)
    jobs.run_to_end(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, Listing.objects.count()) == ("done", 30, 30)


def test_an_open_import_of_the_same_file_is_resumed_and_not_begun_again(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("id,title\n1,Shoe\n")
    first = start(path)
    assert (start(path).job, start(path).resumed) == (first.job, True)
    other = start(path, marketplace="Elsewhere")
    assert (other.job != first.job, other.resumed) == (True, False)


def test_a_cancelled_import_says_so_and_keeps_what_it_has(tmp_path, settings):
    settings.IMPORT_CHUNK = 10
    path = tmp_path / "shop.csv"
    path.write_text("id,title\n" + "".join(f"{n},Shoe\n" for n in range(30)))
    job = start(path).job
    jobs.run_chunk(job.pk, timezone.now())
    jobs.request_cancel(job)
    with pytest.raises(CommandError, match="cancelled"):
        call_command("import_listings", str(path), "--marketplace=Shop", stdout=io.StringIO())
    assert Listing.objects.count() == 10


def test_only_who_may_send_listings_can_import(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("id,title\n1,Shoe\n")
    with pytest.raises(NotAllowed):
        listing_import.start(path=path, actor=of_member(MemberFactory()), now=timezone.now())


def test_a_file_refused_at_the_start_leaves_nothing(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("nothing\n")
    with pytest.raises(InvalidInput) as refused:
        start(path)
    assert [error.field for error in refused.value.errors] == ["external_id", "title"]
    assert not Job.objects.exists()
