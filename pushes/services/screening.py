"""May this be published? One listing against everybody's facts, before it is offered.

Nothing is written: no listing, no link. What is published comes in again as a listing and is
pushed then; what is held or blocked is the marketplace's to show to a person or to refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from portal.core.models import Marketplace
from pushes import matching
from pushes.matching import Match
from pushes.matching.strategy import Decision
from pushes.services.matching import has_second_signal, resolved
from pushes.services.observations import Observation, checked
from pushes.services.registry import Loaded, current_engine

# Before it is published a listing may have no number yet.
UNNAMED: Final = "-"
MOST_SIGNALS: Final = 5
_SEVERITY: Final = ("allow", "hold", "block")


@dataclass(frozen=True)
class Reason:
    """What one brand's facts say. ``act`` is ``push`` for a match that only its brand looks at."""

    brand: str
    brand_id: str
    act: str
    match: Match
    threshold: float
    level: str


@dataclass(frozen=True)
class Screening:
    """``decision``: ``allow``, ``hold`` or ``block``, the severest of the reasons'."""

    decision: str
    reasons: Sequence[Reason]


def screen(*, marketplace: Marketplace, observation: Observation, now: datetime) -> Screening:
    """Match one listing and say what the control strategy does with it.

    Raises ``InvalidInput`` naming every wrong field; ``external_id`` may be empty.
    """
    named = replace(observation, external_id=observation.external_id.strip() or UNNAMED)
    listing = _engine_listing(marketplace, checked(named, now))
    loaded = current_engine()
    control = loaded.control
    # A brand that wants fewer links pushed does not lower what the platform holds back.
    below = bool(control.hold or control.block)
    matches = loaded.engine.scan_one(listing, include_below=below)
    reasons = [
        reason
        for match in resolved(matches, listing, loaded, include_below=True)
        if (reason := _reason(match, listing, loaded)) is not None
    ]
    severest = max((_severity(reason.act) for reason in reasons), default=0)
    reasons.sort(key=lambda reason: (-_severity(reason.act), -reason.match.score))
    return Screening(_SEVERITY[severest], reasons)


def _reason(match: Match, listing: matching.Listing, loaded: Loaded) -> Reason | None:
    brand = loaded.brands.get(match.brand_id)
    if brand is None or not has_second_signal(match, loaded):
        return None
    decision = loaded.control.screened(match, listing)
    if decision.act == "allow":
        if not match.is_suspect:
            return None
        decision = Decision("push", match.threshold)
    threshold = match.threshold if decision.threshold is None else decision.threshold
    return Reason(brand.name, match.brand_id, decision.act, match, threshold, decision.level)


def _severity(act: str) -> int:
    return _SEVERITY.index(act) if act in _SEVERITY else 0


def _engine_listing(marketplace: Marketplace, seen: Observation) -> matching.Listing:
    return matching.Listing(
        id=seen.external_id,
        title=seen.title,
        description=seen.description,
        brand=seen.brand,
        price=seen.price,
        currency=seen.currency,
        seller_id=seen.seller_id,
        seller=seen.seller_name,
        category=seen.category,
        marketplace=marketplace.slug,
        ship_from=seen.ship_from,
        image_urls=tuple(seen.image_urls),
        attributes={str(key): str(value) for key, value in seen.attributes.items()},
    )
