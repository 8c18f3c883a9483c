"""The engine: listings in, matches out. Immutable; a change gives a new one that shares parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from pushes.matching.bound import may_reach_threshold
from pushes.matching.case import BRAND_FIELD, DESCRIPTION, TITLE, Case, Context
from pushes.matching.channels import hits_of
from pushes.matching.direction import Reading, readings
from pushes.matching.fragments import FRAGMENT
from pushes.matching.index import Hit, Index, PatternKind, longest
from pushes.matching.rates import SHIPPED_RATES, Rates
from pushes.matching.registry import Registry
from pushes.matching.score import Ruleset, explain
from pushes.matching.signals import SOURCES, SUPPORT
from pushes.matching.spelling import DISGUISED, Spelling
from pushes.matching.types import Brand, Listing, Match, ProductModel, Signal
from pushes.matching.wording import Wording, find_wordings

LONGEST_TITLE = 2_000
LONGEST_DESCRIPTION = 20_000
"""Characters that are looked at; what lies beyond cannot slow the engine down."""
BATCH = 500
FIELDS = (TITLE, BRAND_FIELD, DESCRIPTION)

Spoken = tuple[tuple[Wording, ...], tuple[Wording, ...]]
"""Known phrases in the title and in the description."""


class Tier:
    """An index with the ids it must keep quiet about (changed or withdrawn since it was built)."""

    def __init__(self, index: Index, hidden: frozenset[str] = frozenset()) -> None:
        self.index = index
        self.hidden = hidden

    def hiding(self, brand_ids: frozenset[str]) -> Tier:
        """The same index, quiet about more brands."""
        return Tier(self.index, self.hidden | brand_ids)

    def find(self, texts: Sequence[str], stock: Mapping[str, float]) -> Iterator[tuple[int, Hit]]:
        """(text number, hit) in texts that stand field after field (all titles first)."""
        size = len(texts) // len(FIELDS)
        exact_only = np.ones(len(texts), np.uint8)
        exact_only[:size] = 0
        for found in self.index.find(texts, exact_only):
            field = FIELDS[found.number // size]
            for hit in hits_of(self.index, found, field, texts[found.number], stock):
                if hit.pattern.brand_id not in self.hidden:
                    yield found.number % size, hit


class Engine:
    """Matches listings against a registry under a ruleset.

    Building costs seconds for a large registry; ``with_ruleset`` and ``with_delta`` are cheap and
    leave this engine as it is, so a server swaps one reference.
    """

    def __init__(
        self,
        registry: Registry,
        ruleset: Ruleset | None = None,
        rates: Rates = SHIPPED_RATES,
    ) -> None:
        self.registry = registry
        self.ruleset = ruleset or Ruleset()
        self.rates = rates
        self._brands = registry.by_id
        self._base = Tier(Index(registry.brands))
        self._delta: Tier | None = None
        self._delta_ids: frozenset[str] = frozenset()

    def scan(
        self, listings: Sequence[Listing], *, include_below: bool = False
    ) -> list[list[Match]]:
        """Matches of every listing, in its order, each best first.

        Matches below their threshold are left out unless ``include_below``.
        """
        matches: list[list[Match]] = []
        for start in range(0, len(listings), BATCH):
            matches += self._scan_batch(listings[start : start + BATCH], include_below)
        return matches

    def scan_one(self, listing: Listing, *, include_below: bool = False) -> list[Match]:
        """Matches of one listing, best first."""
        return self._scan_batch([listing], include_below)[0]

    def _scan_batch(self, listings: Sequence[Listing], include_below: bool) -> list[list[Match]]:
        found: list[dict[str, list[Hit]]] = [{} for _ in listings]
        for number, hit in self._find(listings):
            found[number].setdefault(hit.pattern.brand_id, []).append(hit)
        matches: list[list[Match]] = [[] for _ in listings]
        candidates = [number for number, by_brand in enumerate(found) if by_brand]
        if not candidates:
            return matches
        texts = [listings[number].title[:LONGEST_TITLE] for number in candidates]
        texts += [listings[number].description[:LONGEST_DESCRIPTION] for number in candidates]
        wordings = find_wordings(texts)
        for position, number in enumerate(candidates):
            spoken = (tuple(wordings[position]), tuple(wordings[len(candidates) + position]))
            matches[number] = self._matches(listings[number], found[number], spoken, include_below)
        return matches

    def _find(self, listings: Sequence[Listing]) -> Iterator[tuple[int, Hit]]:
        texts = [listing.title[:LONGEST_TITLE] for listing in listings]
        texts += [listing.brand[:LONGEST_TITLE] for listing in listings]
        texts += [listing.description[:LONGEST_DESCRIPTION] for listing in listings]
        shown = readings(texts)
        for number, reading in shown.items():
            texts[number] = reading.text
        for tier in (self._base, self._delta):
            if tier is not None:
                found = tier.find(texts, self.ruleset.token_frequency)
                yield from as_stored(found, shown, len(listings)) if shown else found

    def _matches(
        self,
        listing: Listing,
        by_brand: Mapping[str, list[Hit]],
        spoken: Spoken,
        include_below: bool,
    ) -> list[Match]:
        named = frozenset(brand for brand, hits in by_brand.items() if _is_named(hits))
        matches = []
        for brand_id, hits in by_brand.items():
            if not any(hit.pattern.leads for hit in hits):
                continue
            brand = self._brands[brand_id]
            if include_below or may_reach_threshold(
                self.ruleset.weights, listing, brand, hits, len(named), chain(*spoken)
            ):
                match = self._match(listing, brand, hits, named, spoken)
                if match is not None and (include_below or match.is_suspect):
                    matches.append(match)
        return sorted(matches, key=lambda match: (-match.score, match.brand_id))

    def with_ruleset(self, ruleset: Ruleset) -> Engine:
        """The same registry under another ruleset; shares the index."""
        other = self._copy()
        other.ruleset = ruleset
        return other

    def with_rates(self, rates: Rates) -> Engine:
        """The same engine with another table of exchange rates."""
        other = self._copy()
        other.rates = rates
        return other

    def with_delta(self, changed: Iterable[Brand], removed: Iterable[str] = ()) -> Engine:
        """The registry with some brands new, changed or removed, live at once.

        The base index stays; a small second one holds the changed brands. Rebuild (a new
        ``Engine``) when the delta grows past a few thousand brands.
        """
        fresh = {brand.id: brand for brand in changed}
        gone = frozenset(removed) - fresh.keys()
        kept = [brand for brand in self.registry.brands if brand.id not in gone]
        known = {brand.id for brand in kept}
        brands = [fresh.get(brand.id, brand) for brand in kept]
        brands += [brand for brand in fresh.values() if brand.id not in known]
        other = self._copy()
        other.registry = Registry(tuple(brands))
        other._brands = other.registry.by_id
        other._delta_ids = (self._delta_ids | fresh.keys()) - gone
        other._base = self._base.hiding(gone | frozenset(fresh))
        other._delta = Tier(Index(other._brands[brand_id] for brand_id in other._delta_ids))
        return other

    @property
    def delta_size(self) -> int:
        """Brands in the second, small index."""
        return len(self._delta_ids)

    def _copy(self) -> Engine:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def _match(
        self,
        listing: Listing,
        brand: Brand,
        hits: list[Hit],
        named: frozenset[str],
        spoken: Spoken,
    ) -> Match | None:
        model = _best_model(brand, hits)
        context = Context(self.rates, self.ruleset.word_share)
        case = Case(listing, brand, tuple(longest(hits)), context, model, named, *spoken)
        found: list[Signal] = [s for source in SOURCES for s in source.evaluate(case)]
        found += SUPPORT.evaluate(case, found)
        weights = self.ruleset.weights
        score, signals = explain(weights, brand.id, found)
        return Match(
            listing_id=listing.id,
            brand_id=brand.id,
            product_model_id=model.id if model else None,
            score=score,
            signals=signals,
            intercept=weights.intercept_for(brand.id),
            threshold=weights.threshold_for(brand.id),
        )


def as_stored(
    found: Iterator[tuple[int, Hit]], shown: Mapping[int, Reading], size: int
) -> Iterator[tuple[int, Hit]]:
    """Hits in texts that are shown in another order, with their spans where they are stored."""
    for number, hit in found:
        reading = shown.get(FIELDS.index(hit.field) * size + number)
        span = reading.original(hit.start, hit.end) if reading else None
        if span is None:
            yield number, hit
        else:
            spelling = hit.spelling and Spelling(DISGUISED, 1.0)
            yield number, replace(hit, start=span[0], end=span[1], spelling=spelling)


def _is_named(hits: Iterable[Hit]) -> bool:
    return any(
        hit.field == TITLE and hit.spelling is not None and hit.spelling.kind != FRAGMENT
        for hit in hits
    )


def _best_model(brand: Brand, hits: Iterable[Hit]) -> ProductModel | None:
    """The model with most spans; a GTIN outweighs any number, a number outweighs any name."""
    worth = {PatternKind.GTIN: 100.0, PatternKind.MODEL_NUMBER: 10.0, PatternKind.MODEL_NAME: 1.0}
    points: defaultdict[str, float] = defaultdict(float)
    for hit in hits:
        if hit.pattern.model_id is not None and hit.pattern.kind in worth:
            points[hit.pattern.model_id] += worth[hit.pattern.kind]
    if not points:
        return None
    best = max(points, key=lambda model_id: (points[model_id], model_id))
    return next(model for model in brand.product_models if model.id == best)
