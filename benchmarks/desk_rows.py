"""A million links in a few minutes: one row of each kind through the models, the rest in SQL.

Every mass insert copies its template row and overrides a few columns, so a column that is added
to a model later needs no change here.
"""

import json
import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.utils import timezone

from benchmarks import desk_templates
from brands.models import Brand, ProductModel
from portal.core.models import (
    JournalEntry,
    JournalSeal,
    Member,
    Organisation,
    Role,
    StoredFile,
    User,
)
from pushes.models import (
    Listing,
    ListingImage,
    ListingVersion,
    Seller,
    SuspectedLink,
    Verdict,
)

BRANDS, MEMBERS, SELLERS, TITLES = 200, 50, 20_000, 20_000
# Ids of mass rows start here, above those of the templates.
BASE = 1_000
WORDS = ["runner", "trail", "shoe", "sneaker", "boot", "bag", "wallet", "watch", "lamp", "bottle"]
WORDS += ["kettle", "headset", "charger", "cable", "brush", "razor", "cream", "serum", "perfume"]
SIGNALS = [
    ("brand_disguised", "title", 0, 8, 2.4),
    ("price_low", "price", 0, 0, 1.7),
    ("imitation_phrase", "title", 9, 20, 1.1),
    ("seller_not_authorised", "seller", 0, 0, 0.6),
]
# Kinds that only some links have, with how many of twenty have them.
RARER = [("model_number", "title", 0, 6, 1.9, 7), ("gtin", "attributes", 0, 0, 2.8, 1)]
PICTURES = 5_000  # sellers reuse photos: a picture stands in many listings
OWNER = f"CASE WHEN n <= %(big)s THEN 0 ELSE 1 + n % {BRANDS - 1} END"
# The mix of states, the same for every brand.
STATE = (
    "(ARRAY['pending','pending','pending','pending','counterfeit','counterfeit','genuine',"
    "'genuine','other_infringement','lapsed','counterfeit','counterfeit','genuine','gone',"
    "'genuine','counterfeit','genuine','appraisal','authorised','pending'])[1 + n % 20]"
)
JUDGED = f"{STATE} NOT IN ('pending', 'lapsed', 'gone')"
# The place of a link in the stream, mixed: neighbours in time are not neighbours on disk.
AGE = "((n * 7919::bigint) % 1000003) / 1000003.0"
DAYS = f"(CASE WHEN {STATE} = 'pending' THEN 6.5 ELSE 8 + 300 END)"
PUSHED = f"now() - ({AGE} * {DAYS}) * interval '1 day'"
# The end of a day where the rights holder is, as every term ends.
LOCAL = f"date_trunc('day', ({PUSHED}) AT TIME ZONE 'Asia/Shanghai')"
DUE = f"({LOCAL} + interval '8 days') AT TIME ZONE 'Asia/Shanghai' - interval '1 microsecond'"
SAID = f"least({PUSHED} + interval '2 days', now())"
PICTURE = "'https://pictures.example/' || n || '.jpg'"


@dataclass(frozen=True)
class Mass:
    """Rows like one template: columns that differ are SQL over ``n`` from 1 to ``count``.

    ``b`` is the title of the row, ``s`` its signals; ``only`` leaves rows out.
    """

    model: type[Model]
    count: int
    columns: Mapping[str, str]
    only: str = "true"


def fill(*, links: int, big: int) -> None:
    """Fill an empty database; the first brand has ``big`` of the links."""
    values = {"links": links, "big": big}
    templates = desk_templates.make()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL work_mem = '256MB'")  # foreign keys are checked by joins
        _titles(cursor)
        _signals(cursor)
        masses = list(_mass(links))
        tables = [mass.model._meta.db_table for mass in masses] + [JournalSeal._meta.db_table]
        with _bare(cursor, list(dict.fromkeys(tables))), _without_triggers(cursor):
            for mass in masses:
                _copy(cursor, templates[mass.model], mass, values)
            _seals(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _members()


def _mass(links: int) -> Iterator[Mass]:
    new = {"id": f"{BASE} + n", "uuid": "gen_random_uuid()"}
    owner = f"{BASE} + 1 + {OWNER}"
    shop = f"{BASE} + 1 + n % {SELLERS}"
    holder = {"name": "'Holder ' || n", "name_skeleton": "'holder' || n"}
    yield Mass(Organisation, BRANDS, {**new, **holder})
    names = {"name": "'Brand ' || n", "organisation_id": f"{BASE} + n"}
    yield Mass(Brand, BRANDS, {**new, **names})
    models = {
        "name": "'Runner ' || n",
        "model_number": "'R-' || n",
        "brand_id": f"{BASE} + 1 + n % {BRANDS}",
    }
    yield Mass(ProductModel, 5 * BRANDS, {**new, **models})
    shops = {"external_id": "'shop-' || n", "name": "'Shop ' || n"}
    yield Mass(Seller, SELLERS, {**new, **shops})
    digest = "md5(n::text) || md5('x' || n)"
    yield Mass(StoredFile, PICTURES, {"id": f"{BASE} + n", "sha256": digest})
    listing = {"external_id": "'item-' || n", "head_id": f"{BASE} + n"}
    yield Mass(Listing, links, {**new, **listing})
    version = {
        "id": f"{BASE} + n",
        "listing_id": f"{BASE} + n",
        "seller_id": shop,
        "title": "b.title",
        "price": "10 + n % 90",
        "image_urls": f"ARRAY[{PICTURE}]::varchar[]",
    }
    yield Mass(ListingVersion, links, version)
    image = {
        "id": f"{BASE} + n",
        "listing_id": f"{BASE} + n",
        "url": PICTURE,
        "file_id": f"{BASE} + 1 + n % {PICTURES}",
    }
    yield Mass(ListingImage, links, image)
    yield Mass(SuspectedLink, links, {**new, **_of_link(owner, shop)})
    said = {"given_at": SAID, "held_until": SAID, "final_at": SAID}
    verdict = {**new, "link_id": f"{BASE} + n", "outcome": STATE, **said}
    yield Mass(Verdict, links, verdict, only=JUDGED)
    entry = {**new, "subject_id": f"{BASE} + n", "organisation_id": owner, "at": PUSHED}
    yield Mass(JournalEntry, links, entry)
    moved = {"id": f"{BASE} + {links} + n", "verb": f"'link.' || {STATE}", "at": SAID}
    yield Mass(JournalEntry, links, {**entry, **moved}, only=JUDGED)


def _of_link(owner: str, shop: str) -> dict[str, str]:
    snapshot = (
        "t.snapshot || jsonb_build_object('title', b.title, 'external_id', 'item-' || n,"
        " 'price', (10 + n % 90) || '.00',"
        f" 'seller', jsonb_build_object('external_id', 'shop-' || 1 + n % {SELLERS},"
        f" 'name', 'Shop ' || 1 + n % {SELLERS}),"
        f" 'image_urls', jsonb_build_array({PICTURE}))"
    )
    return {
        "organisation_id": owner,
        "brand_id": owner,
        "product_model_id": f"{BASE} + 1 + (n * 31) % {5 * BRANDS}",
        "listing_id": f"{BASE} + n",
        "version_id": f"{BASE} + n",
        "state": STATE,
        "title": "b.title",
        "text_bands": "b.bands",
        "seller_id": shop,
        "marketplace_id": "(SELECT min(id) FROM core_marketplace)",
        "signal_kinds": "s.kinds",
        "signals": "s.signals",
        "vector": "s.vector",
        "score": "0.5 + ((n * 104729::bigint) % 100000) / 200001.0",
        "snapshot": snapshot,
        "pushed_at": PUSHED,
        "due_at": DUE,
        "judged_at": f"CASE WHEN {JUDGED} THEN {SAID} END",
    }


def _copy(cursor: CursorWrapper, template: Model, mass: Mass, values: Mapping[str, int]) -> None:
    """Insert rows like the template."""
    table = template._meta.db_table
    columns = [str(field.column) for field in template._meta.concrete_fields]
    wanted = [mass.columns.get(column, f't."{column}"') for column in columns]
    named = ", ".join(f'"{column}"' for column in columns)
    sql = (
        f"INSERT INTO {table} ({named}) SELECT {', '.join(wanted)}"  # noqa: S608  # our own names
        f" FROM generate_series(1, %(count)s) n CROSS JOIN {table} t"
        f" LEFT JOIN bench_title b ON b.id = n % {TITLES}"
        " LEFT JOIN bench_signals s ON s.id = n / 20 % 20"
        f" WHERE t.id = %(template)s AND {mass.only}"
    ).replace(" % ", " %% ")
    cursor.execute(sql, {**values, "count": mass.count, "template": template.pk})
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {table}",  # noqa: S608  # our own names
        [table],
    )


def _seals(cursor: CursorWrapper) -> None:
    """Number the entries, as a journal of that age is; the hashes are of no use here."""
    cursor.execute(
        f"INSERT INTO {JournalSeal._meta.db_table} (seq, entry_id, previous_hash, hash)"  # noqa: S608  # our own names
        " SELECT row_number() OVER (ORDER BY id), id, '0', md5(id::text) || md5('x' || id::text)"
        f" FROM {JournalEntry._meta.db_table}"
    )
    cursor.execute("DELETE FROM core_journalwaiting")


def _titles(cursor: CursorWrapper) -> None:
    draw = random.Random(4)
    cursor.execute("CREATE TEMP TABLE bench_title (id int PRIMARY KEY, title text, bands int[])")
    with cursor.copy("COPY bench_title FROM STDIN") as copy:
        for number in range(TITLES):
            title = f"velmorra {' '.join(draw.choices(WORDS, k=6))} 1:1 {number}"
            # Links of one title share these; what the bands stand for does not matter here.
            bands = [zlib.crc32(f"{n}:{title}".encode()) >> 1 for n in range(6)]
            copy.write_row((number, title, bands))
    cursor.execute("ANALYZE bench_title")


def _signals(cursor: CursorWrapper) -> None:
    """Twenty sets of reasons, as the engine writes them; every link has one of the sets."""
    cursor.execute(
        "CREATE TEMP TABLE bench_signals"
        " (id int PRIMARY KEY, kinds varchar[], signals jsonb, vector jsonb)"
    )
    for number in range(20):
        found = SIGNALS + [rare[:5] for rare in RARER if number < rare[5]]
        signals = [_signal(*signal) for signal in found]
        kinds = sorted(str(signal["kind"]) for signal in signals)
        vector = dict.fromkeys(kinds, 1.0)
        cursor.execute(
            "INSERT INTO bench_signals VALUES (%s, %s, %s, %s)",
            [number, kinds, json.dumps(signals), json.dumps(vector)],
        )


def _signal(kind: str, field: str, start: int, end: int, weight: float) -> dict[str, object]:
    return {
        "kind": kind,
        "field": field,
        "start": start,
        "end": end,
        "matched": "velmorra",
        "registered": "Velmora",
        "value": 1.0,
        "contribution": weight,
        "state": "fired",
    }


@contextmanager
def _bare(cursor: CursorWrapper, tables: Sequence[str]) -> Iterator[None]:
    """Take indexes and foreign keys off while tables fill, and put them back.

    Building an index or checking a foreign key once is many times quicker than row by row; what
    is in the end there is the same, and PostgreSQL checked all of it.
    """
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u')",
        [list(tables)],
    )
    constraints = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        cursor.execute(definition)
    # Unique constraints before the foreign keys, which may need them.
    for table, name, definition in sorted(
        constraints, key=lambda row: row[2].startswith("FOREIGN")
    ):
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


@contextmanager
def _without_triggers(cursor: CursorWrapper) -> Iterator[None]:
    """Leave out the journal's own triggers: its entries are numbered at the end."""
    table = JournalEntry._meta.db_table
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _members() -> None:
    """Ten reviewers of the largest brand, the others spread; the platform's administrator."""
    now = timezone.now()
    for number in range(MEMBERS):
        holder = BASE + 1 if number < 10 else BASE + 2 + number
        Member.objects.create(
            user=User.objects.create(email=f"reviewer{number}@measured.example"),
            organisation_id=holder,
            role=Role.OWNER,
            joined_at=now,
        )
