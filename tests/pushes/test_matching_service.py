"""Waiting versions become links, once, with all their evidence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brands.models import Brand, Characteristic
from portal.core.models import JournalEntry
from pushes.models import Listing, ListingVersion, MatchWork, SuspectedLink
from pushes.services import registry, snapshots
from pushes.services.matching import match_pending
from tests.factories import (
    BrandFactory,
    CharacteristicFactory,
    ListingVersionFactory,
    MatchWorkFactory,
    ProductModelFactory,
)

pytestmark = pytest.mark.django_db

# With Cyrillic letters that look like Latin ones.
BENT = "V\u0435lm\u043er\u0430"
DISGUISED = f"{BENT} runner shoes, men's, size 42"


@pytest.fixture
def brand() -> Brand:
    made = BrandFactory(name="Velmora")
    ProductModelFactory(brand=made, name="Sky Runner", model_number="VR-0420")
    return made


def observe(
    title: str, *, of: Listing | None = None, at: datetime | None = None, **fields: object
) -> ListingVersion:
    """One observation that waits to be matched."""
    extra = dict(fields)
    if of is not None:
        extra["listing"] = of
        extra["seller"] = fields.get("seller", of.head.seller if of.head else None)
    if at is not None:
        extra["seen_at"] = at
    version = ListingVersionFactory(title=title, **extra)
    MatchWorkFactory(version=version)
    return version


def verbs() -> Sequence[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def judge(link: SuspectedLink, state: str) -> None:
    SuspectedLink.objects.filter(pk=link.pk).update(state=state)


def test_a_disguised_name_is_pushed_to_its_brand(brand: Brand, now: datetime) -> None:
    version = observe(DISGUISED, image_urls=["http://pictures.test/1.png"])
    assert match_pending(now=now) == 1
    link = SuspectedLink.objects.get()
    assert (link.brand, link.organisation, link.listing) == (
        brand,
        brand.organisation,
        version.listing,
    )
    assert link.state == "pending"
    assert link.score > 0.5
    first = link.signals[0]
    assert version.title[first["start"] : first["end"]] == first["matched"] == BENT
    assert not MatchWork.objects.exists()


def test_the_snapshot_is_a_full_copy_with_its_hash(brand: Brand, now: datetime) -> None:
    version = observe(
        DISGUISED,
        description="Best quality",
        image_urls=["http://pictures.test/1.png"],
        attributes={"colour": "black"},
    )
    match_pending(now=now)
    link = SuspectedLink.objects.get()
    assert link.snapshot_hash == snapshots.snapshot_hash(link.snapshot)
    assert link.snapshot["price"] == "25.00"
    assert version.seller is not None
    assert link.snapshot["seller"]["external_id"] == version.seller.external_id
    assert link.snapshot["attributes"] == {"colour": "black"}
    assert link.snapshot["marketplace"]["slug"] == version.listing.marketplace.slug


def test_the_deadline_is_five_working_days_in_the_rights_holders_zone(
    brand: Brand, now: datetime
) -> None:
    observe(DISGUISED)
    match_pending(now=now)
    link = SuspectedLink.objects.get()
    # Wednesday 3 June 2026 → Wednesday 10 June, end of the day in Shanghai.
    assert link.due_at is not None
    assert link.due_at.isoformat() == "2026-06-10T15:59:59.999999+00:00"
    assert (link.due_zone, link.due_rule) == ("Asia/Shanghai", "working-days:5")


def test_an_ordinary_listing_of_the_brand_is_not_pushed(brand: Brand, now: datetime) -> None:
    observe("Velmora Sky Runner VR-0420", brand="Velmora", price=Decimal("99.00"))
    assert match_pending(now=now) == 1
    assert not SuspectedLink.objects.exists()


def test_a_price_far_below_the_band_is_pushed(brand: Brand, now: datetime) -> None:
    observe("Velmora Sky Runner VR-0420", price=Decimal("19.00"), brand="No brand")
    match_pending(now=now)
    link = SuspectedLink.objects.get()
    assert link.product_model is not None
    assert link.product_model.model_number == "VR-0420"
    assert "price_low" in link.vector


def test_matching_again_pushes_nothing_twice(brand: Brand, now: datetime) -> None:
    version = observe(DISGUISED)
    match_pending(now=now)
    MatchWorkFactory(version=version)
    assert match_pending(now=now) == 1
    assert SuspectedLink.objects.count() == 1
    assert verbs().count("link.pushed") == 1


def test_a_change_of_a_pending_link_keeps_its_deadline(brand: Brand, now: datetime) -> None:
    version = observe(DISGUISED)
    match_pending(now=now)
    before = SuspectedLink.objects.get()
    later = now + timedelta(days=2)
    observe(f"Cheap {BENT} boots for women, new", of=version.listing, at=later)
    match_pending(now=later)
    link = SuspectedLink.objects.get()
    assert link.snapshot["title"].startswith("Cheap")
    assert (link.due_at, link.pushed_at) == (before.due_at, before.pushed_at)
    assert verbs().count("link.pushed") == 1
    assert "link.refreshed" in verbs()


def test_a_genuine_link_stays_silent_without_a_material_change(brand: Brand, now: datetime) -> None:
    version = observe(DISGUISED)
    match_pending(now=now)
    judge(SuspectedLink.objects.get(), "genuine")
    observe(DISGUISED + "!", of=version.listing, at=now + timedelta(days=1))
    match_pending(now=now + timedelta(days=1))
    assert SuspectedLink.objects.get().state == "genuine"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": BENT}, "text"),
        ({"price": Decimal("20.00")}, "price"),
        ({"image_urls": ["http://pictures.test/9.png"]}, "pictures"),
        ({"seller": None}, "seller"),
        ({"description": "1:1 replica, same style as Velmora"}, "new_signal"),
    ],
)
def test_a_genuine_link_is_pushed_again_after_a_material_change(
    brand: Brand, now: datetime, fields: dict[str, object], code: str
) -> None:
    version = observe(DISGUISED)
    match_pending(now=now)
    judge(SuspectedLink.objects.get(), "genuine")
    later = now + timedelta(days=8)
    observe(str(fields.pop("title", DISGUISED)), of=version.listing, at=later, **fields)
    match_pending(now=later)
    link = SuspectedLink.objects.get()
    assert link.state == "pending"
    assert link.pushed_at == later
    assert link.due_at is not None
    assert link.due_at > later
    entry = JournalEntry.objects.get(verb="link.pending")
    assert code in entry.data["changes"]
    assert verbs().count("link.pushed") == 2


@pytest.mark.parametrize("state", ["counterfeit", "other_infringement", "lapsed", "appraisal"])
def test_other_closed_links_are_never_pushed_again(brand: Brand, now: datetime, state: str) -> None:
    version = observe(DISGUISED)
    match_pending(now=now)
    judge(SuspectedLink.objects.get(), state)
    observe(BENT, of=version.listing, at=now + timedelta(days=1), price=Decimal("3.00"))
    match_pending(now=now + timedelta(days=1))
    assert SuspectedLink.objects.get().state == state


def test_a_listing_that_comes_back_opens_its_link_again(brand: Brand, now: datetime) -> None:
    version = observe(DISGUISED)
    match_pending(now=now)
    judge(SuspectedLink.objects.get(), "gone")
    later = now + timedelta(days=30)
    observe(DISGUISED, of=version.listing, at=later)
    match_pending(now=later)
    link = SuspectedLink.objects.get()
    assert (link.state, link.pushed_at) == ("pending", later)


def test_only_the_newest_version_of_a_listing_counts(brand: Brand, now: datetime) -> None:
    version = observe(DISGUISED)
    observe("Plain shoes", of=version.listing, at=now + timedelta(hours=1))
    assert match_pending(now=now) == 2
    assert not SuspectedLink.objects.exists()


def test_a_listing_that_was_taken_down_is_not_pushed(brand: Brand, now: datetime) -> None:
    version = observe(DISGUISED)
    Listing.objects.filter(pk=version.listing_id).update(status=Listing.Status.DOWN)
    assert match_pending(now=now) == 1
    assert not SuspectedLink.objects.exists()


def test_a_mark_that_needs_a_second_signal_does_not_push_alone(brand: Brand, now: datetime) -> None:
    CharacteristicFactory(
        brand=brand, kind=Characteristic.Kind.EVASIVE_SPELLING, value="velmorra", weight=4.0,
        state=Characteristic.State.NEEDS_CO_SIGNAL,
    )  # fmt: skip
    observe("velmorra shoes", price=Decimal("99.00"))
    observe("velmorra shoes 1:1 high quality replica", price=Decimal("99.00"))
    match_pending(now=now)
    assert [link.snapshot["title"] for link in SuspectedLink.objects.all()] == [
        "velmorra shoes 1:1 high quality replica"
    ]


def test_brands_of_two_rights_holders_each_get_their_own_link(now: datetime) -> None:
    one, two = BrandFactory(name="Velmora"), BrandFactory(name="Velmora")
    observe(DISGUISED)
    match_pending(now=now)
    assert set(SuspectedLink.objects.values_list("brand", flat=True)) == {one.pk, two.pk}


def test_a_paused_brand_gets_nothing(brand: Brand, now: datetime) -> None:
    Brand.objects.filter(pk=brand.pk).update(active=False)
    observe(DISGUISED)
    match_pending(now=now)
    assert not SuspectedLink.objects.exists()


def test_a_batch_takes_the_same_queries_for_three_listings_as_for_thirty(
    brand: Brand, now: datetime
) -> None:
    for number in range(3):
        observe(f"Plain shoes {number}")
    registry.current_engine()
    few = _queries(now)
    for number in range(30):
        observe(f"Other shoes {number}")
    assert _queries(now) == few


def _queries(now: datetime) -> int:

    registry.poll_now()
    with CaptureQueriesContext(connection) as captured:
        match_pending(now=now)
    return len(captured)


def test_a_monstrous_price_limit_of_one_brand_does_not_stop_the_matching_of_all(brand, now):
    CharacteristicFactory(brand=brand, kind=Characteristic.Kind.PRICE_BELOW, value="1E+999999 CNY")
    version = ListingVersionFactory(title=DISGUISED, price=Decimal("10.00"), currency="VND")
    MatchWorkFactory(version=version)
    assert match_pending(now=now) == 1
    assert SuspectedLink.objects.filter(listing=version.listing).exists()
