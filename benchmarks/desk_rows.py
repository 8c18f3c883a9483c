"""A million links in a few minutes: one row of each kind through the models, the rest in SQL.

Every mass insert copies its template row and overrides a few columns, so a column that is added
to a model later needs no change here.
"""

import random
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.utils import timezone

from brands.models import Brand, ProductModel
from portal.core.models import (
    JournalEntry,
    JournalSeal,
    Marketplace,
    Member,
    Organisation,
    Role,
    User,
)
from pushes import matching
from pushes.models import Listing, ListingVersion, Ruleset, Seller, SuspectedLink, Verdict

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
OWNER = f"CASE WHEN n <= %(big)s THEN 0 ELSE 1 + n % {BRANDS - 1} END"


def fill(*, links: int, big: int) -> None:
    """Fill an empty database; the first brand has ``big`` of the links."""
    values = {"links": links, "big": big}
    templates = _templates()
    with transaction.atomic(), connection.cursor() as cursor:
        _titles(cursor)
        with _without_indexes(cursor), _without_triggers(cursor):
            for model, overrides, count in _mass(templates, links):
                _copy(cursor, templates[model], overrides, count, values)
            _more_columns(cursor)
        _seals(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _members()


def _templates() -> dict[type[Model], Model]:
    """One row of each kind, through the models."""
    now = timezone.now()
    holder = Organisation.objects.create(
        kind=Organisation.Kind.RIGHTS_HOLDER,
        name="Template",
        country="CN",
        zone="Asia/Shanghai",
        created_at=now,
    )
    brand = Brand.objects.create(organisation=holder, name="Template", created_at=now, vouched=True)
    model = ProductModel.objects.create(
        brand=brand,
        name="Runner",
        model_number="R-1",
        list_price=Decimal(100),
        lowest_price=Decimal(60),
        currency="CNY",
        created_at=now,
    )
    market = Marketplace.objects.create(
        slug="market", name="Market", jurisdiction="CN", zone="Asia/Shanghai", created_at=now
    )
    seller = Seller.objects.create(
        marketplace=market, external_id="shop", name="Shop", first_seen_at=now
    )
    listing = Listing.objects.create(
        marketplace=market, external_id="item", first_seen_at=now, last_seen_at=now
    )
    version = ListingVersion.objects.create(
        listing=listing,
        seller=seller,
        seen_at=now,
        content_hash="0" * 64,
        title="Shoe",
        description="Sent within two days. " * 12,
        price=Decimal(25),
        currency="CNY",
    )
    link = _link(brand, model, version)
    member = Member.objects.create(
        user=User.objects.create(email="template@measured.example"),
        organisation=holder,
        role=Role.REVIEWER,
        joined_at=now,
    )
    verdict = Verdict.objects.create(
        link=link,
        outcome="counterfeit",
        member=member,
        state="final",
        given_at=now,
        held_until=now,
        final_at=now,
    )
    entry = JournalEntry.objects.create(
        at=now,
        verb="link.pushed",
        subject_type="pushes.suspectedlink",
        subject_id=link.pk,
        organisation_id=holder.pk,
        actor_kind="system",
        data={"brand_id": brand.pk, "marketplace_id": market.pk, "score": 0.9, "again": False},
    )
    rows = (holder, brand, model, market, seller, listing, version, link, verdict, entry)
    return {type(row): row for row in rows}


def _link(brand: Brand, model: ProductModel, version: ListingVersion) -> SuspectedLink:
    now = timezone.now()
    content = matching.Ruleset().to_dict()
    ruleset = Ruleset.objects.create(
        content=content,
        content_hash=matching.Ruleset().content_hash,
        state=Ruleset.State.CHAMPION,
        created_at=now,
    )
    signals = [
        {
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
        for kind, field, start, end, weight in SIGNALS
    ]
    return SuspectedLink.objects.create(
        organisation=brand.organisation,
        brand=brand,
        product_model=model,
        listing=version.listing,
        version=version,
        snapshot=_snapshot(version),
        snapshot_hash="0" * 64,
        score=0.9,
        signals=signals,
        vector={kind: 1.0 for kind, *_rest in SIGNALS},
        registry_revision=1,
        ruleset=ruleset,
        pushed_at=now,
        due_at=now + timedelta(days=7),
        due_zone="Asia/Shanghai",
        due_rule="working-days:5",
        calendar_version="bench",
    )


def _snapshot(version: ListingVersion) -> dict[str, object]:
    return {
        "marketplace": {"slug": "market", "name": "Market", "jurisdiction": "CN"},
        "external_id": "item",
        "title": version.title,
        "description": version.description,
        "brand": "No Brand",
        "category": "shoes",
        "price": "25.00",
        "currency": "CNY",
        "seller": {"external_id": "shop", "name": "Shop"},
        "ship_from": "CN",
        "url": "",
        "image_urls": [],
        "image_hashes": [],
        "attributes": {"colour": "black"},
        "seen_at": version.seen_at.isoformat(),
        "content_hash": version.content_hash,
    }


def _mass(
    templates: Mapping[type[Model], Model], links: int
) -> Iterator[tuple[type[Model], dict[str, str], int]]:
    """Model, columns that differ from the template's (SQL over ``n``), number of rows."""
    new = {"id": f"{BASE} + n", "uuid": "gen_random_uuid()"}
    owner = f"{BASE} + 1 + {OWNER}"
    yield Organisation, {**new, "name": "'Holder ' || n"}, BRANDS
    yield Brand, {**new, "name": "'Brand ' || n", "organisation_id": f"{BASE} + n"}, BRANDS
    models = {
        "name": "'Runner ' || n",
        "model_number": "'R-' || n",
        "brand_id": f"{BASE} + 1 + n % {BRANDS}",
    }
    yield ProductModel, {**new, **models}, 5 * BRANDS
    yield Seller, {**new, "external_id": "'shop-' || n", "name": "'Shop ' || n"}, SELLERS
    listing = {"external_id": "'item-' || n", "head_id": f"{BASE} + n"}
    yield Listing, {**new, **listing}, links
    title = f"(SELECT b.title FROM bench_title b WHERE b.id = n % {TITLES})"  # noqa: S608  # our own names
    shop = f"{BASE} + 1 + n % {SELLERS}"
    version = {
        "id": f"{BASE} + n",
        "listing_id": f"{BASE} + n",
        "seller_id": shop,
        "title": title,
        "price": "10 + n % 90",
    }
    yield ListingVersion, version, links
    yield SuspectedLink, {**new, **_of_link(owner, title, shop)}, links
    judged = {**new, "link_id": f"{BASE} + n"}
    yield Verdict, judged, links
    entry = {**new, "subject_id": f"{BASE} + n", "organisation_id": owner}
    yield JournalEntry, entry, links


def _of_link(owner: str, title: str, shop: str) -> dict[str, str]:
    state = (
        "(ARRAY['pending','pending','pending','pending','counterfeit','counterfeit','genuine',"
        "'genuine','other_infringement','lapsed','counterfeit','counterfeit','genuine','gone',"
        "'genuine','counterfeit','genuine','appraisal','authorised','pending'])[1 + n % 20]"
    )
    kinds = ", ".join(f"'{kind}'" for kind, *_rest in sorted(SIGNALS))
    # The place of a link in the stream, mixed: neighbours in time are not neighbours on disk.
    age = "((n * 7919::bigint) % 1000003) / 1000003.0"
    days = f"(CASE WHEN {state} = 'pending' THEN 6.5 ELSE 8 + 300 END)"
    pushed = f"now() - ({age} * {days}) * interval '1 day'"
    return {
        "organisation_id": owner,
        "brand_id": owner,
        "product_model_id": f"{BASE} + 1 + (n * 31) % {5 * BRANDS}",
        "listing_id": f"{BASE} + n",
        "version_id": f"{BASE} + n",
        "state": state,
        "title": title,
        "text_bands": f"(SELECT b.bands FROM bench_title b WHERE b.id = n % {TITLES})",  # noqa: S608  # our own names
        "seller_id": shop,
        "marketplace_id": "(SELECT min(id) FROM core_marketplace)",
        "signal_kinds": f"ARRAY[{kinds}]::varchar[]",
        "score": "0.5 + ((n * 104729::bigint) % 100000) / 200001.0",
        "snapshot": f"jsonb_set(t.snapshot, '{{title}}', to_jsonb({title}))",
        "pushed_at": pushed,
        "due_at": f"{pushed} + interval '7 days'",
        "judged_at": f"CASE WHEN {state} IN ('pending','lapsed','gone') THEN NULL ELSE now() END",
    }


def _copy(
    cursor: CursorWrapper,
    template: Model,
    overrides: Mapping[str, str],
    count: int,
    values: Mapping[str, int],
) -> None:
    """Insert ``count`` rows like the template, with ``overrides`` for ``n`` from 1."""
    table = template._meta.db_table
    columns = [str(field.column) for field in template._meta.concrete_fields]
    wanted = [
        overrides[column].replace(" % ", " %% ") if column in overrides else f't."{column}"'
        for column in columns
    ]
    named = ", ".join(f'"{column}"' for column in columns)
    sql = (
        f"INSERT INTO {table} ({named}) SELECT {', '.join(wanted)}"  # noqa: S608  # our own names
        f" FROM {table} t, generate_series(1, %(count)s) n WHERE t.id = %(template)s"
    )
    cursor.execute(sql, {**values, "count": count, "template": template.pk})
    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, BASE + count + 1])


def _more_columns(cursor: CursorWrapper) -> None:
    """Verdicts only where links were judged."""
    cursor.execute(
        "DELETE FROM pushes_verdict v USING pushes_suspectedlink l"
        " WHERE v.link_id = l.id AND l.state IN ('pending', 'lapsed', 'gone')"
    )
    cursor.execute(
        "UPDATE pushes_verdict v SET outcome = l.state FROM pushes_suspectedlink l"
        " WHERE v.link_id = l.id AND v.id > %s",
        [BASE],
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
    rows = []
    for number in range(TITLES):
        title = f"velmorra {' '.join(draw.choices(WORDS, k=6))} 1:1 {number}"
        # Links of one title share these; what the bands stand for does not matter here.
        rows.append((number, title, [zlib.crc32(f"{n}:{title}".encode()) >> 1 for n in range(6)]))
    for start in range(0, TITLES, 1000):
        part = rows[start : start + 1000]
        cursor.executemany("INSERT INTO bench_title VALUES (%s, %s, %s)", part)


@contextmanager
def _without_indexes(cursor: CursorWrapper) -> Iterator[None]:
    """Drop the links' plain indexes while they fill: one build is quicker than many steps."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes i WHERE tablename = 'pushes_suspectedlink'"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"
        " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    # Deferred foreign keys must be checked before tables may be changed again.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _name, definition in found:
        cursor.execute(definition)


@contextmanager
def _without_triggers(cursor: CursorWrapper) -> Iterator[None]:
    """Leave out the journal's own triggers: its entries are numbered at the end."""
    table = JournalEntry._meta.db_table
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
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
