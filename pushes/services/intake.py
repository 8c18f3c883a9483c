"""Listings in: observations become listings and versions, once, in whatever order they arrive.

The rules, per listing (marketplace + external id):

* content seen later than anything heard of the listing so far becomes the new *head*;
* content equal to the head, seen at or after it, is *unchanged*: only ``last_seen_at`` moves;
* content seen earlier is kept as history and never becomes head; where it equals its neighbour in
  time it is unchanged;
* other content at a moment for which content is already known is refused: one of the two is wrong.

So sending anything twice, or in another order, ends in the same heads.

One intake at a time works on a marketplace (an advisory lock for the transaction): two batches
that hold the same listings in different order would otherwise wait for each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal.core import journal
from portal.core.actors import SYSTEM
from portal.core.errors import InvalidInput, Text
from portal.core.models import JournalEntry, Marketplace
from pushes.models import Listing, ListingVersion, MatchWork, Seller
from pushes.services import images, links
from pushes.services.observations import (
    CLOCK_SKEW,
    Observation,
    checked,
    content_hash,
    is_storable,
    seller_key,
)

MOST_AT_ONCE: Final = 500
SEEN_AFTER_TAKE_DOWN: Final = "listing.seen_after_take_down"
# Key space of the advisory locks; the second half of a key is the marketplace.
_INTAKE_LOCK: Final = 0x117A


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one entry was refused. ``index`` counts the entries of the call from 0."""

    index: int
    field: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of a call. ``accepted`` + ``unchanged`` + refused entries = entries given.

    An entry may have several errors in ``rejected``.
    """

    accepted: int = 0
    unchanged: int = 0
    rejected: list[RowError] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    index: int
    seen: Observation
    digest: str

    @property
    def at(self) -> datetime:
        if self.seen.seen_at is None:  # ``checked`` has set it
            raise AssertionError
        return self.seen.seen_at


@dataclass(slots=True)
class _Timeline:
    """What is known of one listing, and what this call adds to it."""

    listing: Listing
    head_at: datetime | None
    head_hash: str
    known: dict[datetime, str] = field(default_factory=dict)
    added: list[tuple[_Item, ListingVersion]] = field(default_factory=list)
    new_head: ListingVersion | None = None
    latest: datetime | None = None

    def place(self, item: _Item) -> str:
        """Return ``head``, ``history``, ``unchanged`` or ``conflict``; see the module's rules."""
        at, digest, last = item.at, item.digest, self.listing.last_seen_at
        if at in self.known:
            return "unchanged" if self.known[at] == digest else "conflict"
        if self.head_at is None or at > last:
            return "unchanged" if digest == self.head_hash else "head"
        if at >= self.head_at and digest == self.head_hash:
            return "unchanged"
        if at == last:
            return "conflict"
        return "unchanged" if digest in self._neighbours(at) else "history"

    def _neighbours(self, at: datetime) -> set[str]:
        before = max((moment for moment in self.known if moment < at), default=None)
        after = min((moment for moment in self.known if moment > at), default=None)
        return {self.known[moment] for moment in (before, after) if moment is not None}

    def saw(self, at: datetime) -> None:
        """Move the listing's first and last sighting, and bring it back if it was gone."""
        listing = self.listing
        listing.first_seen_at = min(listing.first_seen_at, at)
        if at > listing.last_seen_at:
            listing.last_seen_at = at
            if listing.status == Listing.Status.GONE:
                listing.status = Listing.Status.LIVE
                self.latest = at
        if listing.status == Listing.Status.DOWN:
            self.latest = max(self.latest or at, at)


@transaction.atomic
def receive(
    *, marketplace: Marketplace, observations: Sequence[Observation], now: datetime
) -> IntakeResult:
    """Take in observations of one marketplace; what is wrong is refused, the rest is kept.

    Idempotent. Every new head becomes matching work, every new picture an effect to fetch it.
    The caller has checked that the sender speaks for the marketplace.
    """
    items, rejected = _check(observations, now)
    if not items:
        return IntakeResult(rejected=rejected)
    _lock(marketplace)
    timelines = _timelines(marketplace, items)
    sellers = _sellers(marketplace, items, now)
    accepted = unchanged = 0
    for item in sorted(items, key=lambda item: (item.at, item.index)):
        timeline = timelines[item.seen.external_id]
        outcome = timeline.place(item)
        if outcome == "conflict":
            rejected.append(_conflict(item))
            continue
        if outcome == "unchanged":
            unchanged += 1
        else:
            accepted += 1
            _add(timeline, item, sellers, is_head=outcome == "head")
        timeline.saw(item.at)
    _write(marketplace, timelines.values(), now)
    return IntakeResult(accepted, unchanged, sorted(rejected, key=lambda error: error.index))


@transaction.atomic
def gone(
    *,
    marketplace: Marketplace,
    external_ids_with_seen_at: Sequence[tuple[str, datetime | None]],
    now: datetime,
) -> IntakeResult:
    """Note that listings are no longer offered; ``accepted`` counts those that were online.

    A listing that was taken down stays taken down. A notice older than the last sighting changes
    nothing. Unknown ids and times in the future are refused.
    """
    _lock(marketplace)
    found = {
        listing.external_id: listing
        for listing in Listing.objects.select_for_update()
        .filter(
            marketplace=marketplace,
            external_id__in=[
                # PostgreSQL takes no NUL, UTF-8 no surrogate; no listing has such an id.
                name
                for name, _at in external_ids_with_seen_at
                if is_storable(name)
            ],
        )
        .order_by("pk")
    }
    accepted = unchanged = 0
    rejected = []
    for index, (external_id, seen_at) in enumerate(external_ids_with_seen_at):
        listing, at = found.get(external_id), seen_at or now
        if listing is None:
            message = _("No listing with this id was ever received.")
            rejected.append(RowError(index, "external_id", "unknown", message))
        elif at > now + CLOCK_SKEW:
            message = _("This time is in the future.")
            rejected.append(RowError(index, "seen_at", "future", message))
        elif listing.status != Listing.Status.LIVE or at < listing.last_seen_at:
            unchanged += 1
        else:
            accepted += 1
            _mark_gone(listing, at, now)
    return IntakeResult(accepted, unchanged, rejected)


def _mark_gone(listing: Listing, at: datetime, now: datetime) -> None:
    listing.status, listing.last_seen_at = Listing.Status.GONE, at
    listing.save(update_fields=["status", "last_seen_at"])
    data = {"marketplace_id": listing.marketplace_id}
    journal.record("listing.gone", listing, actor=SYSTEM, now=now, data=data)
    links.listing_gone(listing=listing, now=now)


# --------------------------------------------------------------------------- steps of receive


def _check(
    observations: Sequence[Observation], now: datetime
) -> tuple[list[_Item], list[RowError]]:
    items, rejected = [], []
    for index, observation in enumerate(observations):
        try:
            seen = checked(observation, now)
        except InvalidInput as error:
            rejected += [RowError(index, e.field, e.code, e.message) for e in error.errors]
        else:
            items.append(_Item(index, seen, content_hash(seen)))
    return items, rejected


def _conflict(item: _Item) -> RowError:
    message = _(
        "Other content of listing %(id)s is already known for the same moment, %(moment)s."
    ) % {"id": item.seen.external_id, "moment": item.at.isoformat()}
    return RowError(item.index, "seen_at", "conflict", message)


def _lock(marketplace: Marketplace) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_INTAKE_LOCK, marketplace.pk])


def _timelines(marketplace: Marketplace, items: Sequence[_Item]) -> dict[str, _Timeline]:
    """Load, and where needed make, the listings of the call, locked against status changes."""
    first: dict[str, datetime] = {}
    for item in items:
        name = item.seen.external_id
        first[name] = min(first.get(name, item.at), item.at)
    timelines = {}
    rows = (
        Listing.objects.select_for_update(of=("self",))
        .filter(marketplace=marketplace, external_id__in=list(first))
        .annotate(head_at=F("head__seen_at"), head_hash=F("head__content_hash"))
        .order_by("pk")
    )
    for row in rows:
        timelines[row.external_id] = _Timeline(row, row.head_at, row.head_hash or "")
    fresh = Listing.objects.bulk_create(
        Listing(marketplace=marketplace, external_id=name, first_seen_at=at, last_seen_at=at)
        for name, at in first.items()
        if name not in timelines
    )
    timelines |= {row.external_id: _Timeline(row, None, "") for row in fresh}
    _load_history(timelines, items)
    return timelines


def _load_history(timelines: dict[str, _Timeline], items: Sequence[_Item]) -> None:
    """Load all versions of those listings for which something old came in; mostly none."""
    late = set()
    for item in items:
        timeline = timelines[item.seen.external_id]
        if timeline.head_at is not None:
            timeline.known[timeline.head_at] = timeline.head_hash
            if item.at < timeline.listing.last_seen_at:
                late.add(timeline.listing.pk)
    if not late:
        return
    by_listing = {timeline.listing.pk: timeline for timeline in timelines.values()}
    versions = ListingVersion.objects.filter(listing__in=late)
    for listing_id, at, digest in versions.values_list("listing_id", "seen_at", "content_hash"):
        by_listing[listing_id].known[at] = digest


def _sellers(marketplace: Marketplace, items: Sequence[_Item], now: datetime) -> dict[str, Seller]:
    """Load or make the sellers of the call; the newest name of a shop wins."""
    names: dict[str, str] = {}
    for item in sorted(items, key=lambda item: (item.at, item.index)):
        if key := seller_key(item.seen):
            names[key] = item.seen.seller_name or names.get(key, "")
    if not names:
        return {}
    rows = Seller.objects.filter(marketplace=marketplace, external_id__in=list(names))
    sellers = {row.external_id: row for row in rows}
    renamed = []
    for key, row in sellers.items():
        if names[key] and names[key] != row.name:
            row.name = names[key]
            renamed.append(row)
    if renamed:
        Seller.objects.bulk_update(renamed, ["name"], batch_size=500)
    made = Seller.objects.bulk_create(
        Seller(marketplace=marketplace, external_id=key, name=name, first_seen_at=now)
        for key, name in names.items()
        if key not in sellers
    )
    return sellers | {row.external_id: row for row in made}


def _add(timeline: _Timeline, item: _Item, sellers: dict[str, Seller], *, is_head: bool) -> None:
    seen = item.seen
    version = ListingVersion(
        listing=timeline.listing,
        seller=sellers.get(seller_key(seen)),
        seen_at=item.at,
        content_hash=item.digest,
        title=seen.title,
        description=seen.description,
        brand=seen.brand,
        category=seen.category,
        price=seen.price,
        currency=seen.currency,
        url=seen.url,
        image_urls=list(seen.image_urls),
        ship_from=seen.ship_from,
        attributes=dict(seen.attributes),
    )
    timeline.added.append((item, version))
    timeline.known[item.at] = item.digest
    if is_head:
        timeline.new_head = version
        timeline.head_at, timeline.head_hash = item.at, item.digest


def _write(marketplace: Marketplace, timelines: Iterable[_Timeline], now: datetime) -> None:
    touched = list(timelines)
    ListingVersion.objects.bulk_create(v for t in touched for _item, v in t.added)
    heads = [t.new_head for t in touched if t.new_head is not None]
    _update_listings(touched)
    returned = [
        t.listing.head_id
        for t in touched
        if t.latest and t.listing.status == Listing.Status.LIVE and t.new_head is None
    ]
    MatchWork.objects.bulk_create(
        [
            MatchWork(version_id=pk, created_at=now)
            for pk in [*(head.pk for head in heads), *returned]
            if pk is not None
        ],
        ignore_conflicts=True,  # a listing that returns may still have work waiting
    )
    images.want(marketplace, heads, now=now)
    _flag_after_take_down([t for t in touched if t.latest], now)


def _update_listings(timelines: Sequence[_Timeline]) -> None:
    """Write all listings in one statement; a CASE per column and row is ten times slower."""
    for timeline in timelines:
        if timeline.new_head is not None:
            timeline.listing.head = timeline.new_head
    rows = [timeline.listing for timeline in timelines]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pushes_listing AS l SET head_id = u.head, status = u.status, "
            "first_seen_at = u.first, last_seen_at = u.last "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], "
            "%s::timestamptz[]) AS u (id, head, status, first, last) WHERE l.id = u.id",
            [
                [row.pk for row in rows],
                [row.head_id for row in rows],
                [row.status for row in rows],
                [row.first_seen_at for row in rows],
                [row.last_seen_at for row in rows],
            ],
        )


def _flag_after_take_down(timelines: Sequence[_Timeline], now: datetime) -> None:
    """Journal listings that are still offered after their take-down, once a take-down."""
    down = {
        t.listing.pk: t
        for t in timelines
        if t.listing.status == Listing.Status.DOWN and t.latest is not None
    }
    if not down:
        return
    entries = JournalEntry.objects.filter(
        subject_type=Listing._meta.label_lower,
        subject_id__in=list(down),
        verb__in=["listing.down", SEEN_AFTER_TAKE_DOWN],
    )
    newest: dict[int, JournalEntry] = {entry.subject_id: entry for entry in entries.order_by("id")}
    journal.record_many(
        journal.unsaved(
            SEEN_AFTER_TAKE_DOWN,
            down[listing_id].listing,
            actor=SYSTEM,
            now=now,
            data={"marketplace_id": down[listing_id].listing.marketplace_id},
        )
        for listing_id, entry in newest.items()
        if entry.verb == "listing.down" and (down[listing_id].latest or now) > entry.at
    )
