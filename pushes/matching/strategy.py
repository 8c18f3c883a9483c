"""The thresholds in force, and what they say of a match: nothing, push, hold, block.

A threshold is looked up from the narrowest scope to the widest: the seller's with this brand, the
category's with this brand, the brand's, everybody's, and for pushing at last the ruleset's own. The
rights holder may ask for a higher score than the platform does (``own``), never for a lower one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeVar

from pushes.matching.score import BrandOffset, Ruleset, Weights
from pushes.matching.types import Listing, Match

Key = tuple[str, ...]
EVERYWHERE: Final[Key] = ()
V = TypeVar("V")


def brand_key(brand_id: str) -> Key:
    """The scope of a brand."""
    return (brand_id,)


def category_key(brand_id: str, category: str) -> Key:
    """The scope of a brand's listings in a category; capitals make no difference."""
    return (brand_id, "category", category.casefold())


def seller_key(brand_id: str, marketplace: str, seller_id: str) -> Key:
    """The scope of a brand's listings of one seller."""
    return (brand_id, "seller", marketplace, seller_id)


def keys_of(brand_id: str, listing: Listing) -> Iterable[Key]:
    """Scopes that a brand's match in a listing lies in, the narrowest first."""
    if listing.seller_id:
        yield seller_key(brand_id, listing.marketplace, listing.seller_id)
    if listing.category:
        yield category_key(brand_id, listing.category)
    yield brand_key(brand_id)
    yield EVERYWHERE


def level_of(key: Key) -> str:
    """``global``, ``brand``, ``category`` or ``seller``."""
    if len(key) < 2:
        return "brand" if key else "global"
    return key[1]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A threshold for blocking; unproven, what lies above is held."""

    threshold: float
    proven: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """``act``: ``allow``, ``hold`` or ``block``; the threshold that said so, and of which scope."""

    act: str
    threshold: float | None = None
    level: str = ""


ALLOWED: Final = Decision("allow")


@dataclass(frozen=True)
class Control:
    """Thresholds in force by scope. A hold of None is an act that is off there."""

    push: Mapping[Key, float] = field(default_factory=lambda: MappingProxyType({}))
    hold: Mapping[Key, float | None] = field(default_factory=lambda: MappingProxyType({}))
    block: Mapping[Key, Blocked] = field(default_factory=lambda: MappingProxyType({}))
    own: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def push_threshold(self, weights: Weights, brand_id: str, listing: Listing) -> float:
        """Probability from which a brand's match in this listing is pushed.

        ``weights``: those of the ruleset, without anything of this table.
        """
        found = _first(self.push, keys_of(brand_id, listing))
        threshold = self._said(found, weights, brand_id)
        return max(threshold, self.own.get(brand_id, 0.0))

    def platform_threshold(self, weights: Weights, brand_id: str) -> float:
        """Probability from which the platform pushes to a brand, apart from narrower scopes."""
        found = _first(self.push, (brand_key(brand_id), EVERYWHERE))
        return self._said(found, weights, brand_id)

    def _said(self, found: tuple[Key, float] | None, weights: Weights, brand_id: str) -> float:
        if found is None:
            return weights.threshold_for(brand_id)
        # What is loosened for everybody loosens nothing where the rules ask a brand for more.
        return max(found[1], _asked(weights, brand_id)) if found[0] == EVERYWHERE else found[1]

    def screened(self, match: Match, listing: Listing) -> Decision:
        """Whether a listing with this match may be published."""
        keys = list(keys_of(match.brand_id, listing))
        block = _first(self.block, keys)
        if block is not None and match.score >= block[1].threshold:
            act = "block" if block[1].proven else "hold"
            return Decision(act, block[1].threshold, level_of(block[0]))
        hold = _first(self.hold, keys)
        if hold is not None and hold[1] is not None and match.score >= hold[1]:
            return Decision("hold", hold[1], level_of(hold[0]))
        return ALLOWED

    def resolved(self, weights: Weights, match: Match, listing: Listing) -> Match:
        """The match with the threshold that holds for this very listing."""
        if not (self.push or self.own):
            return match
        threshold = self.push_threshold(weights, match.brand_id, listing)
        return match if threshold == match.threshold else replace(match, threshold=threshold)

    def applied(self, ruleset: Ruleset) -> Ruleset:
        """The ruleset an engine scans with, so that it finds all that some scope would push.

        Its thresholds are each brand's lowest; ``resolved`` asks for the narrower ones.
        """
        if not (self.push or self.own):
            return ruleset
        weights = ruleset.weights
        offsets = dict(weights.brand_offsets)
        everywhere = self.push.get(EVERYWHERE)
        for brand_id in self._brands | (offsets.keys() if everywhere is not None else set()):
            offset = offsets.get(brand_id, BrandOffset())
            offsets[brand_id] = replace(offset, threshold=self._lowest(weights, brand_id))
        threshold = weights.threshold if everywhere is None else everywhere
        return ruleset.with_weights(
            replace(weights, threshold=threshold, brand_offsets=MappingProxyType(offsets)),
            ruleset.name,
        )

    @cached_property
    def _brands(self) -> frozenset[str]:
        return frozenset(key[0] for key in self.push if key) | frozenset(self.own)

    @cached_property
    def _narrow(self) -> Mapping[str, float]:
        """The lowest threshold any category or seller of a brand has."""
        lowest: dict[str, float] = {}
        for key, threshold in self.push.items():
            if len(key) > 1:
                lowest[key[0]] = min(threshold, lowest.get(key[0], 1.0))
        return lowest

    def _lowest(self, weights: Weights, brand_id: str) -> float:
        threshold = min(self.platform_threshold(weights, brand_id), self._narrow.get(brand_id, 1.0))
        return max(threshold, self.own.get(brand_id, 0.0))


def _asked(weights: Weights, brand_id: str) -> float:
    """What the rules ask of this very brand; 0 for nothing of its own."""
    return weights.offset(brand_id).threshold or 0.0


NO_CONTROL: Final = Control()


def _first(table: Mapping[Key, V], keys: Iterable[Key]) -> tuple[Key, V] | None:
    for key in keys:
        if key in table:
            return key, table[key]
    return None
