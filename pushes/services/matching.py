"""Waiting listing versions → suspected links."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brands.models import ProductModel
from pushes import matching as engine_room
from pushes.matching import Match
from pushes.models import Listing, ListingImage, ListingVersion, MatchWork, SuspectedLink, Verdict
from pushes.services import exploring, links
from pushes.services.deadlines import Deadlines
from pushes.services.links import Finding
from pushes.services.loop_policy import loop_policy
from pushes.services.registry import Loaded, current_engine
from pushes.services.snapshots import changed_materially

logger = logging.getLogger(__name__)

BATCH = 500
# Naming the brand is why the listing was looked at; it is no second reason beside a weak mark.
NAMING = frozenset({"brand_named", "brand_in_description"})
_SILENT = (SuspectedLink.State.GENUINE, SuspectedLink.State.AUTHORISED)


def match_pending(*, now: datetime, limit: int = BATCH) -> int:
    """Match up to ``limit`` waiting versions; return how many were dealt with.

    Work, links, journal and mail requests commit together: a killed worker leaves the work
    waiting, and nothing is pushed twice. Rows another worker holds are skipped.
    """
    loaded = current_engine()
    with transaction.atomic():
        versions = _take(limit)
        current = [version for version in versions if _is_current(version)]
        found = _scan(loaded, current)
        _apply(current, found, loaded, now)
        _explore(current, found, loaded, now)
        MatchWork.objects.filter(pk__in=[v.pk for v in versions]).delete()
    return len(versions)


def _scan(
    loaded: Loaded, versions: Sequence[ListingVersion], *, include_below: bool = False
) -> list[list[Match]]:
    """Scan a batch; one listing or mark the engine fails on must not stop everybody's matching.

    The batch is halved around the failure, so that all others are matched; the one that fails
    has no match and is named in the log.
    """
    try:
        listings = [engine_listing(version) for version in versions]
        found = loaded.engine.scan(listings, include_below=include_below)
        return [
            resolved(matches, listing, loaded, include_below=include_below)
            for matches, listing in zip(found, listings, strict=True)
        ]
    except Exception:  # whatever it is, the next tick would meet it again
        if len(versions) == 1:
            logger.exception("listing version %s cannot be matched", versions[0].pk)
            return [[]]
    middle = len(versions) // 2
    return [
        *_scan(loaded, versions[:middle], include_below=include_below),
        *_scan(loaded, versions[middle:], include_below=include_below),
    ]


def resolved(
    matches: Sequence[Match],
    listing: engine_room.Listing,
    loaded: Loaded,
    *,
    include_below: bool = False,
) -> list[Match]:
    """Matches with the threshold that holds for this listing: its seller's, its category's …

    The engine scans with each brand's lowest threshold; what lies below its own is left out here.
    """
    own = [loaded.control.resolved(loaded.weights, match, listing) for match in matches]
    return own if include_below else [match for match in own if match.is_suspect]


def _take(limit: int) -> list[ListingVersion]:
    """Lock waiting work with its listings, oldest first.

    A listing with a held verdict waits: evidence must not change under a verdict that can still
    be undone. Listings that intake holds right now are left for the next call.
    """
    held = Verdict.objects.filter(state=Verdict.State.HELD).values("link__listing")
    work = (
        MatchWork.objects.select_for_update(of=("self",), skip_locked=True)
        .exclude(version__listing__in=held)
        .order_by("version_id")[:limit]
    )
    ids = [row.version_id for row in work]
    locked = set(
        Listing.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(versions__in=ids)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return list(
        ListingVersion.objects.select_related("listing__marketplace", "seller")
        .filter(pk__in=ids, listing__in=locked)
        .order_by("pk")
    )


def _is_current(version: ListingVersion) -> bool:
    listing = version.listing
    return listing.head_id == version.pk and listing.status == Listing.Status.LIVE


def engine_listing(version: ListingVersion) -> engine_room.Listing:
    """A listing version as the engine wants it; ``listing.marketplace`` and ``seller`` loaded."""
    seller = version.seller
    return engine_room.Listing(
        id=str(version.pk),
        title=version.title,
        description=version.description,
        brand=version.brand,
        price=version.price,
        currency=version.currency,
        seller_id=seller.given_id if seller else "",
        seller=seller.name if seller else "",
        category=version.category,
        marketplace=version.listing.marketplace.slug,
        ship_from=version.ship_from,
        image_urls=tuple(version.image_urls),
        attributes={str(key): str(value) for key, value in version.attributes.items()},
    )


def _apply(
    versions: Sequence[ListingVersion],
    found: Sequence[Sequence[Match]],
    loaded: Loaded,
    now: datetime,
) -> None:
    """Write the links of a batch."""
    findings = _findings(versions, found, loaded)
    listing_ids = {finding.version.listing_id for finding in findings}
    existing = {
        (link.brand_id, link.listing_id): link
        for link in SuspectedLink.objects.select_for_update(of=("self",))
        .select_related("listing")
        .filter(listing__in=listing_ids)
        .order_by("pk")
    }
    deadlines = Deadlines()
    for finding in findings:
        link = existing.get((finding.brand.pk, finding.version.listing_id))
        if link is None:
            links.push(finding, loaded=loaded, deadlines=deadlines, now=now)
        else:
            _reconsider(link, finding, loaded, deadlines, now)


def _explore(
    versions: Sequence[ListingVersion],
    found: Sequence[Sequence[Match]],
    loaded: Loaded,
    now: datetime,
) -> None:
    """Push a few links below the threshold; a brand and listing that have a link keep it."""
    share, pushes = loop_policy().exploration, sum(map(len, found))
    looked_at = [version for version in versions if exploring.is_looked_at(version)]
    if not (share and pushes and looked_at):
        return
    matches = _scan(loaded, looked_at, include_below=True)
    linked = set(
        SuspectedLink.objects.filter(
            listing__in=[version.listing_id for version in looked_at]
        ).values_list("brand__uuid", "listing_id")
    )
    below = {
        version: [
            match
            for match in each
            if not match.is_suspect and (UUID(match.brand_id), version.listing_id) not in linked
        ]
        for version, each in zip(looked_at, matches, strict=True)
    }
    deadlines = Deadlines()
    for one in exploring.drawn(below, pushes, share, loaded):
        for finding in _findings([one.version], [[one.match]], loaded):
            explored = replace(finding, explores=True, propensity=one.propensity)
            links.push(explored, loaded=loaded, deadlines=deadlines, now=now)


def _reconsider(
    link: SuspectedLink, finding: Finding, loaded: Loaded, deadlines: Deadlines, now: datetime
) -> None:
    """Deal with a match that has a link already."""
    changes = changed_materially(link, finding.version, finding.match)
    if link.state in links.WAITING:
        if changes:
            links.refresh(link, finding, changes=changes, loaded=loaded, now=now)
        return
    came_back = link.state == SuspectedLink.State.GONE
    if came_back or (link.state in _SILENT and changes):
        reasons = ("came_back", *changes) if came_back else changes
        links.push_again(
            link, finding, changes=reasons, loaded=loaded, deadlines=deadlines, now=now
        )


def _findings(
    versions: Sequence[ListingVersion], found: Sequence[Sequence[Match]], loaded: Loaded
) -> list[Finding]:
    kept = [
        (version, match)
        for version, matches in zip(versions, found, strict=True)
        for match in matches
        if match.brand_id in loaded.brands and has_second_signal(match, loaded)
    ]
    images = _images({version.listing_id for version, _match in kept})
    models = _model_ids(match for _version, match in kept)
    return [
        Finding(
            brand=loaded.brands[match.brand_id],
            product_model_id=models.get(match.product_model_id or ""),
            version=version,
            images=images[version.listing_id],
            match=match,
        )
        for version, match in kept
    ]


def has_second_signal(match: Match, loaded: Loaded) -> bool:
    """Whether a match rests on more than marks which may not stand alone."""
    weak = [s for s in match.signals if (match.brand_id, s.kind, s.registered) in loaded.weak]
    if not weak:
        return True
    return any(
        signal.contribution > 0 and signal.kind not in NAMING and signal not in weak
        for signal in match.signals
    )


def _images(listing_ids: set[int]) -> Mapping[int, list[ListingImage]]:
    grouped: defaultdict[int, list[ListingImage]] = defaultdict(list)
    rows = ListingImage.objects.select_related("file").filter(listing__in=listing_ids)
    for image in rows.order_by("pk"):
        grouped[image.listing_id].append(image)
    return grouped


def _model_ids(matches: Iterable[Match]) -> dict[str, int]:
    uuids = {match.product_model_id for match in matches if match.product_model_id}
    rows = ProductModel.objects.filter(uuid__in=uuids).values_list("uuid", "pk")
    return {str(uuid): pk for uuid, pk in rows}
