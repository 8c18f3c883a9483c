"""The engine: listings in, matches out. Immutable; a change gives a new one that shares parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pushes.matching import kernel
from pushes.matching.bound import Bound, may_reach_threshold
from pushes.matching.case import BRAND_FIELD, DESCRIPTION, TITLE, Case, Context
from pushes.matching.channels import hits_of
from pushes.matching.direction import readings
from pushes.matching.fragments import FRAGMENT
from pushes.matching.index import MOST_TEXTS, Found, Hit, Index, PatternKind, longest
from pushes.matching.kernel import I64, U32
from pushes.matching.rates import SHIPPED_RATES, Rates
from pushes.matching.registry import Registry
from pushes.matching.reordered import ModelWords
from pushes.matching.score import Ruleset, explain
from pushes.matching.signals import SOURCES, SUPPORT
from pushes.matching.spelling import DISGUISED, Spelling
from pushes.matching.tables import points_of
from pushes.matching.types import Brand, Listing, Match, ProductModel, Signal
from pushes.matching.wording import Wording, find_wordings, phrase_marks

LONGEST_TITLE = 2_000
LONGEST_DESCRIPTION = 20_000
"""Characters that are looked at; what lies beyond cannot slow the engine down."""
BATCH = 500
FIELDS = (TITLE, BRAND_FIELD, DESCRIPTION)

Spoken = tuple[tuple[Wording, ...], tuple[Wording, ...]]
"""Known phrases in the title and in the description."""


_TITLE, _BRAND, _DESCRIPTION = map(attrgetter, ("title", "brand", "description"))


class Batch:
    """The texts of some listings, field after field (all titles first), as code points.

    Text i is points[starts[i]:starts[i + 1]]; fields that no listing fills are left out.
    """

    def __init__(self, listings: Sequence[Listing]) -> None:
        self.size = len(listings)
        self.texts = list(map(_TITLE, listings))
        brands = list(map(_BRAND, listings))
        descriptions = list(map(_DESCRIPTION, listings))
        if any(descriptions):
            self.texts += brands
            self.texts += descriptions
        elif any(brands):
            self.texts += brands
        self.points, self.starts = points_of(self.texts)
        if np.diff(self.starts).max() > LONGEST_TITLE:
            self.texts = [
                text[: LONGEST_DESCRIPTION if number >= 2 * self.size else LONGEST_TITLE]
                for number, text in enumerate(self.texts)
            ]
            self.points, self.starts = points_of(self.texts)
        ascii_only = self.size == 1 and all(map(str.isascii, self.texts))
        self.shown = {} if ascii_only else readings(self.texts, self.points)
        for number, reading in self.shown.items():
            self.texts[number] = reading.text
        if self.shown:
            self.points, self.starts = points_of(self.texts)

    def per_listing(self, marks: U32) -> U32:
        """Marks of all texts → marks of all listings; what is turned around needs a closer look."""
        for number in self.shown:
            marks[number] |= kernel.BENT
        if len(marks) == self.size:
            return marks
        joined: U32 = np.bitwise_or.reduce(marks.reshape(-1, self.size), axis=0)
        return joined

    def texts_of(self, numbers: Sequence[int]) -> list[int]:
        """Numbers of the titles and descriptions of these listings."""
        fields = (0, 2) if len(self.texts) > 2 * self.size else (0,)
        return [field * self.size + number for field in fields for number in numbers]


class Tier:
    """An index with the ids it must keep quiet about (changed or withdrawn since it was built)."""

    def __init__(self, index: Index, hidden: frozenset[str] = frozenset()) -> None:
        self.index = index
        self.hidden = hidden

    def hiding(self, brand_ids: frozenset[str]) -> Tier:
        """The same index, quiet about more brands."""
        return Tier(self.index, self.hidden | brand_ids)

    def hits(
        self, batch: Batch, rows: I64, stock: Mapping[str, float]
    ) -> Iterator[tuple[int, Hit]]:
        """(listing number, hit) for some rows of what the index reports."""
        for row in rows.tolist():
            found = Found(*row)
            field = FIELDS[found.number // batch.size]
            for hit in hits_of(self.index, found, field, batch.texts[found.number], stock):
                if hit.pattern.brand_id not in self.hidden:
                    yield found.number % batch.size, hit


class Report(NamedTuple):
    """What a tier's compiled loop says about a batch: rows of hits, and the marks of every text."""

    tier: Tier
    rows: I64
    marks: U32


class Engine:
    """Matches listings against a registry under a ruleset.

    More than ``most_texts`` registered texts are a ``RegistryError``. Building costs seconds for a
    large registry; ``with_ruleset`` and ``with_delta`` are cheap and
    leave this engine as it is, so a server swaps one reference.
    """

    def __init__(
        self,
        registry: Registry,
        ruleset: Ruleset | None = None,
        rates: Rates = SHIPPED_RATES,
        *,
        most_texts: int = MOST_TEXTS,
    ) -> None:
        self.registry = registry
        self.ruleset = ruleset or Ruleset()
        self.rates = rates
        self._brands = registry.by_id
        self._base = Tier(Index(registry.brands, most_texts))
        self._delta: Tier | None = None
        self._delta_ids: frozenset[str] = frozenset()
        self._bound = Bound(self.ruleset.weights)
        self._words: dict[int, ModelWords] = {}

    def scan(
        self, listings: Sequence[Listing], *, include_below: bool = False
    ) -> list[list[Match]]:
        """Matches of every listing, in its order, each best first.

        Matches below their threshold are left out unless ``include_below``. Listings without a
        match may share one empty list.
        """
        matches: list[list[Match]] = []
        for start in range(0, len(listings), BATCH):
            matches += self._scan_batch(listings[start : start + BATCH], include_below)
        return matches

    def scan_one(self, listing: Listing, *, include_below: bool = False) -> list[Match]:
        """Matches of one listing, best first."""
        return self._scan_batch([listing], include_below)[0]

    def _scan_batch(self, listings: Sequence[Listing], include_below: bool) -> list[list[Match]]:
        batch = Batch(listings)
        # One list for all listings without a match: the collector has nothing to go through.
        matches: list[list[Match]] = [[]] * batch.size
        reports = self._reports(batch)
        marks = batch.per_listing(reports[0].marks)
        for report in reports[1:]:
            marks |= batch.per_listing(report.marks)
        chosen = (marks & kernel.LEADS).nonzero()[0]
        if not include_below and len(chosen):
            chosen = self._within_reach(listings, batch, marks, chosen)
        if not len(chosen):
            return matches
        found: defaultdict[int, dict[str, list[Hit]]] = defaultdict(dict)
        for number, hit in self._hits(batch, reports, chosen):
            found[number].setdefault(hit.pattern.brand_id, []).append(hit)
        for number, spoken in _spoken(batch, sorted(found)):
            matches[number] = self._matches(listings[number], found[number], spoken, include_below)
        return matches

    def find(self, listings: Sequence[Listing]) -> list[tuple[int, Hit]]:
        """(number of the listing, hit) of everything that is found, before it is weighed."""
        batch = Batch(listings)
        return list(self._hits(batch, self._reports(batch), np.arange(batch.size)))

    def _reports(self, batch: Batch) -> list[Report]:
        tiers = [tier for tier in (self._base, self._delta) if tier is not None]
        return [
            Report(tier, *tier.index.scan(batch.points, batch.starts, batch.size)) for tier in tiers
        ]

    def _hits(
        self, batch: Batch, reports: Sequence[Report], chosen: NDArray[np.intp]
    ) -> Iterator[tuple[int, Hit]]:
        """(listing number, hit) of the chosen listings."""
        wanted = np.zeros(batch.size, bool)
        wanted[chosen] = True
        for tier, rows, _ in reports:
            some = rows[wanted[rows[:, 0] % batch.size]]
            hits = tier.hits(batch, some, self.ruleset.token_frequency)
            yield from as_stored(hits, batch) if batch.shown else hits

    def _within_reach(
        self, listings: Sequence[Listing], batch: Batch, marks: U32, chosen: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Those of the chosen listings that could be suspect, from their marks alone."""
        texts = batch.texts_of(chosen.tolist())
        spoken = phrase_marks(batch.texts, batch.points, batch.starts, texts)
        both = marks[chosen] | np.bitwise_or.reduce(spoken.reshape(-1, len(chosen)), axis=0)
        may_reach = self._bound.may_reach
        reached = [
            may_reach(mark, listings[number])
            for number, mark in zip(chosen.tolist(), both.tolist(), strict=True)
        ]
        within: NDArray[np.intp] = chosen[np.array(reached, bool)]
        return within

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
        other._bound = Bound(ruleset.weights)
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
    def too_short(self) -> list[tuple[str, str]]:
        """(brand id, text) of what would be found in nearly every title and is not looked for."""
        return [(pattern.brand_id, pattern.text) for pattern in self._base.index.too_short]

    @property
    def delta_size(self) -> int:
        """Brands in the second, small index."""
        return len(self._delta_ids)

    def _copy(self) -> Engine:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def _with_model(self, listing: Listing, brand: Brand, hits: list[Hit]) -> list[Hit]:
        """The hits, and names of models in another order where none was found in its own."""
        if not brand.product_models or any(hit.pattern.model_id for hit in hits):
            return hits
        words = self._words.get(id(brand))
        if words is None or words.brand is not brand:
            words = self._words[id(brand)] = ModelWords(brand)
        return [*hits, *words.find(listing.title[:LONGEST_TITLE])]

    def _match(
        self,
        listing: Listing,
        brand: Brand,
        hits: list[Hit],
        named: frozenset[str],
        spoken: Spoken,
    ) -> Match | None:
        hits = self._with_model(listing, brand, hits)
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


def as_stored(found: Iterator[tuple[int, Hit]], batch: Batch) -> Iterator[tuple[int, Hit]]:
    """Hits in texts that are shown in another order, with their spans where they are stored."""
    for number, hit in found:
        reading = batch.shown.get(FIELDS.index(hit.field) * batch.size + number)
        span = reading.original(hit.start, hit.end) if reading else None
        if span is None:
            yield number, hit
        else:
            spelling = hit.spelling and Spelling(DISGUISED, 1.0)
            yield number, replace(hit, start=span[0], end=span[1], spelling=spelling)


def _spoken(batch: Batch, numbers: Sequence[int]) -> Iterator[tuple[int, Spoken]]:
    """The known phrases in title and description of some listings."""
    texts = [batch.texts[number] for number in batch.texts_of(numbers)]
    wordings = [tuple(found) for found in find_wordings(texts)]
    count = len(numbers)
    for position, number in enumerate(numbers):
        described = wordings[count + position] if len(wordings) > count else ()
        yield number, (wordings[position], described)


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
