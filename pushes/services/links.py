"""The life of a suspected link outside its review: pushed, refreshed, gone, lapsed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from brands.models import Brand
from portal.core import journal, states
from portal.core.actors import SYSTEM
from pushes.matching import Match, features
from pushes.models import (
    Listing,
    ListingImage,
    ListingVersion,
    ReviewPolicy,
    SuspectedLink,
    Verdict,
)
from pushes.services import overflow, second_looks
from pushes.services.deadlines import Deadlines
from pushes.services.exploring import shadow_score
from pushes.services.near_text import bands_of
from pushes.services.registry import Loaded
from pushes.services.snapshots import snapshot_hash, snapshot_of

LAPSE_BATCH = 500
# A link without a clock: what a brand's weekly capacity leaves waiting.
NO_TERM: Mapping[str, Any] = {"due_at": None}


WAITING = (SuspectedLink.State.PENDING, SuspectedLink.State.OVERFLOW)


@dataclass(frozen=True)
class Finding:
    """One match as the database knows it: rows instead of the engine's ids."""

    brand: Brand
    product_model_id: int | None
    version: ListingVersion
    images: Sequence[ListingImage]
    match: Match
    explores: bool = False
    propensity: float = 1.0


def push(finding: Finding, *, loaded: Loaded, deadlines: Deadlines, now: datetime) -> SuspectedLink:
    """Create the link of a brand and a listing that have none yet. Caller holds the listing.

    Above the brand's weekly capacity it waits without a clock (``pushes.services.overflow``).
    """
    fits = overflow.fits(finding.brand, now=now)
    term = term_of(finding.brand, deadlines, now)
    link = SuspectedLink(
        organisation=finding.brand.organisation,
        brand=finding.brand,
        listing=finding.version.listing,
        state=SuspectedLink.State.PENDING if fits else SuspectedLink.State.OVERFLOW,
        explores=finding.explores,
        propensity=finding.propensity,
        **_evidence(finding, loaded),
        **(term if fits else {**term, **NO_TERM}),
    )
    link.save()
    if fits:
        record_push(link, now=now, again=False)
    else:
        journal.record(
            "link.overflow", link, actor=SYSTEM, now=now, data={"brand_id": link.brand_id}
        )
    return link


def push_again(
    link: SuspectedLink,
    finding: Finding,
    *,
    changes: Sequence[str],
    loaded: Loaded,
    deadlines: Deadlines,
    now: datetime,
) -> None:
    """Push a link anew: its listing changed after the verdict, or came back.

    It is a new push and has a new term; the old evidence stays in the verdict's fact.
    """
    written = {
        **_evidence(finding, loaded),
        **term_of(finding.brand, deadlines, now),
        "judged_at": None,
        "assignee": None,
        "explores": False,
        "propensity": 1.0,
    }
    data = {"brand_id": finding.brand.pk, "changes": list(changes)}
    second_looks.drop(link=link, now=now)
    states.move(link, "pending", actor=SYSTEM, now=now, data=data, changes=written)
    record_push(link, now=now, again=True)


def refresh(
    link: SuspectedLink,
    finding: Finding,
    *,
    changes: Sequence[str],
    loaded: Loaded,
    now: datetime,
) -> bool:
    """Show the newest evidence on a waiting link; its deadline stays. Return whether it did."""
    written = _evidence(finding, loaded)
    pending = SuspectedLink.objects.filter(pk=link.pk, state__in=WAITING)
    if not pending.update(**written):
        return False
    for name, value in written.items():
        setattr(link, name, value)
    data = {"brand_id": link.brand_id, "changes": list(changes)}
    journal.record("link.refreshed", link, actor=SYSTEM, now=now, data=data)
    return True


def release_overflow(*, now: datetime) -> int:
    """Start the clocks for which brands have room this week; return how many."""
    deadlines = Deadlines()

    def start(link: SuspectedLink, at: datetime) -> None:
        data = {"brand_id": link.brand_id}
        changes = term_of(link.brand, deadlines, at)
        states.move(link, "pending", actor=SYSTEM, now=at, data=data, changes=changes)
        record_push(link, now=at, again=False)

    return overflow.release_due(now=now, start=start)


@transaction.atomic
def listing_gone(*, listing: Listing, now: datetime) -> int:
    """Close the pending links of a listing that is not offered any more; return how many.

    A link with a held verdict keeps it: the reviewer saw the listing while it was there.
    """
    held = Verdict.objects.filter(state=Verdict.State.HELD).values("link")
    links = (
        SuspectedLink.objects.select_for_update(of=("self",))
        .filter(listing=listing, state__in=WAITING)
        .exclude(pk__in=held)
        .order_by("pk")
    )
    closed = 0
    for link in links:
        if not _is_held(link):
            states.move(link, "gone", actor=SYSTEM, now=now, data={"brand_id": link.brand_id})
            closed += 1
    return closed


@transaction.atomic
def lapse_due(*, now: datetime, limit: int = LAPSE_BATCH) -> int:
    """Mark pending links whose term has ended as lapsed; return how many.

    A link whose verdict is still held is left to the settling: it was judged in time. What
    silence means is the organisation's choice; whichever it is, the link can still be judged,
    and no rule learns from it.
    """
    held = Verdict.objects.filter(state=Verdict.State.HELD).values("link")
    links = (
        SuspectedLink.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=SuspectedLink.State.PENDING, due_at__lt=now)
        .exclude(pk__in=held)
        .order_by("due_at")[:limit]
    )
    lapsed = 0
    silence = dict(ReviewPolicy.objects.values_list("organisation_id", "on_silence"))
    for link in links:
        if not _is_held(link):
            to = silence.get(link.organisation_id, ReviewPolicy.Silence.LAPSE)
            data = {"brand_id": link.brand_id, "on_silence": to, "explores": link.explores}
            states.move(link, to, actor=SYSTEM, now=now, data=data)
            lapsed += 1
    return lapsed


@transaction.atomic
def recompute_deadlines(*, country: str, now: datetime) -> int:
    """Follow a corrected calendar: move the terms of that country's pending links, with an audit.

    Returns how many moved.
    """
    deadlines = Deadlines()
    links = (
        SuspectedLink.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(state=SuspectedLink.State.PENDING, organisation__country=country)
        .order_by("pk")
    )
    moved = 0
    for link in links:
        deadline = deadlines.explained(link)
        if (deadline.due_at, deadline.calendar_version) == (link.due_at, link.calendar_version):
            continue
        data = {
            "brand_id": link.brand_id,
            "old_due_at": link.due_at.isoformat() if link.due_at else None,
            "new_due_at": deadline.due_at.isoformat(),
        }
        link.due_at, link.calendar_version = deadline.due_at, deadline.calendar_version
        link.save(update_fields=["due_at", "calendar_version"])
        journal.record("link.deadline_recomputed", link, actor=SYSTEM, now=now, data=data)
        moved += 1
    return moved


def _is_held(link: SuspectedLink) -> bool:
    """Ask again under the row lock: a verdict may have come since the query's snapshot."""
    return Verdict.objects.filter(link=link, state=Verdict.State.HELD).exists()


def _evidence(finding: Finding, loaded: Loaded) -> dict[str, Any]:
    snapshot = snapshot_of(finding.version, finding.images)
    return {
        "product_model_id": finding.product_model_id,
        "version": finding.version,
        "snapshot": snapshot,
        "snapshot_hash": snapshot_hash(snapshot),
        "title": finding.version.title,
        "marketplace_id": finding.version.listing.marketplace_id,
        "seller_id": finding.version.seller_id,
        "signal_kinds": sorted({s.kind for s in finding.match.signals if s.contribution > 0}),
        "text_bands": bands_of(finding.version.title),
        "score": finding.match.score,
        "threshold": finding.match.threshold,
        "shadow_score": shadow_score(finding.match, loaded),
        "signals": [signal.to_dict() for signal in finding.match.signals],
        "vector": features(finding.match.signals),
        "registry_revision": loaded.revision,
        "ruleset": loaded.ruleset,
    }


def term_of(brand: Brand, deadlines: Deadlines, now: datetime) -> dict[str, Any]:
    """The clock that starts now, as columns of a link."""
    deadline = deadlines.of(brand.organisation, now)
    return {
        "pushed_at": now,
        "due_at": deadline.due_at,
        "due_zone": deadline.zone,
        "due_rule": deadline.rule,
        "calendar_version": deadline.calendar_version,
    }


def record_push(link: SuspectedLink, *, now: datetime, again: bool) -> None:
    """Journal that a link's clock started."""
    data = {
        "brand_id": link.brand_id,
        "marketplace_id": link.listing.marketplace_id,
        "score": round(link.score, 4),
        "again": again,
        "explores": link.explores,
    }
    journal.record("link.pushed", link, actor=SYSTEM, now=now, data=data)
