"""Judged links by scope: everywhere, a brand, a brand's category, a brand's seller.

Each link is scored by rules in force that never saw it, so the precision is that to be expected of
new links. Links a brand reported itself are left out: no score found them.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from brands.models import Brand
from pushes import matching
from pushes.matching.backtest import HEAVIEST_EXPLORED, held_out_log_odds
from pushes.matching.learning.control import FEWEST, Scored
from pushes.matching.learning.evidence import Marks, Numbers, Vector
from pushes.matching.learning.reliability import capped
from pushes.matching.strategy import (
    EVERYWHERE,
    Key,
    brand_key,
    category_key,
    seller_key,
)
from pushes.models import ControlThreshold, FeedbackFact, Seller, SuspectedLink
from pushes.services.evidence import Gathered

Level = ControlThreshold.Level
CHUNK: Final = 20_000


@dataclass(frozen=True)
class Scope:
    """Where a threshold holds; ``name`` is its ``ControlThreshold.scope``, ``key`` the engine's."""

    level: str
    name: str
    key: Key
    brand_id: int | None = None
    category: str = ""
    seller_id: int | None = None


GLOBAL: Final = Scope(Level.GLOBAL, "global", EVERYWHERE)


def scopes_with_facts(
    lesson: matching.Lesson, gathered: Gathered
) -> Iterator[tuple[Scope, Scored]]:
    """Yield every scope that has enough judged links, wide ones first."""
    everything, found = scored_links(lesson, gathered), found_by_score(gathered)
    evidence = gathered.judged.evidence
    order = np.flatnonzero(found)
    shared = _shared(everything.take(order), evidence.brand[order], len(evidence.brands))
    yield GLOBAL, shared
    members = _members(gathered.links)
    brands = {str(u): pk for u, pk in Brand.objects.filter(uuid__in=evidence.brands).values_list(
        "uuid", "pk")}  # fmt: skip
    for number, rows in _grouped(evidence.brand, order):
        if number < 0 or len(rows) < FEWEST:
            continue
        uuid = evidence.brands[number]
        pk = brands[uuid]
        yield Scope(Level.BRAND, f"brand:{pk}", brand_key(uuid), pk), everything.take(rows)
        for scope, part in members.scopes(uuid, pk, rows):
            yield scope, everything.take(part)


def found_by_score(gathered: Gathered) -> Marks:
    """Which links the rules found, and no brand reported."""
    reported = FeedbackFact.objects.filter(source=FeedbackFact.Source.SELF_REPORT)
    told = np.array(list(reported.values_list("link_id", flat=True)), np.int64)
    return np.asarray(~np.isin(gathered.links, told), np.bool_)


def scored_links(lesson: matching.Lesson, gathered: Gathered) -> Scored:
    """Judged links with the probability that rules which never saw them give."""
    judged = gathered.judged
    odds: Vector = held_out_log_odds(lesson, judged)
    weights, stands_for = judged.evidence.weights, 1 / judged.propensity
    scores = 1 / (1 + np.exp(-np.clip(odds, -60, 60)))
    return Scored(
        scores,
        gathered.doubted,
        weights * np.minimum(stands_for, HEAVIEST_EXPLORED),
        weights * stands_for,
    )


def _shared(scored: Scored, brand: Numbers, brands: int) -> Scored:
    """The same links with no brand's share too large after explored ones stand for others."""
    return Scored(
        scored.scores,
        scored.labels,
        capped(scored.trust, brand, brands),
        None if scored.whole is None else capped(scored.whole, brand, brands),
    )


def _grouped(numbers: Numbers, rows: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Rows by the number they have."""
    if not len(rows):
        return
    order = rows[np.argsort(numbers[rows], kind="stable")]
    values, starts = np.unique(numbers[order], return_index=True)
    yield from zip(values.tolist(), np.split(order, starts[1:]), strict=True)


@dataclass(frozen=True)
class _Members:
    """Category and seller of each judged link, as numbers; -1 for none."""

    categories: Numbers
    names: list[str]
    sellers: Numbers
    given: dict[int, tuple[str, str]]

    def scopes(self, uuid: str, brand_id: int, rows: Numbers) -> Iterator[tuple[Scope, Numbers]]:
        for number, part in _enough(self.categories, rows):
            name = self.names[number]
            yield (
                Scope(
                    Level.CATEGORY,
                    f"category:{brand_id}:{name.casefold()}"[:300],
                    category_key(uuid, name),
                    brand_id,
                    category=name,
                ),
                part,
            )
        for seller, part in _enough(self.sellers, rows):
            key = seller_key(uuid, *self.given[seller])
            name = f"seller:{brand_id}:{seller}"
            yield Scope(Level.SELLER, name, key, brand_id, seller_id=seller), part


def _enough(numbers: Numbers, rows: Numbers) -> Iterable[tuple[int, Numbers]]:
    return (
        (number, part)
        for number, part in _grouped(numbers, rows)
        if number >= 0 and len(part) >= FEWEST
    )


def _members(links: Numbers) -> _Members:
    """What a link was pushed with; ``links`` rise. Sellers without an id have no threshold."""
    categories = np.full(len(links), -1, np.int64)
    sellers = np.full(len(links), -1, np.int64)
    numbers: dict[str, int] = {}
    names: list[str] = []
    rows = SuspectedLink.objects.order_by("pk").values_list("pk", "version__category", "seller_id")
    # All links are read, in the judged ones' order: a join with the facts would cost more.
    judged = enumerate(links.tolist())
    place, wanted = next(judged, (-1, math.inf))
    for pk, category, seller in rows.iterator(chunk_size=CHUNK):
        if pk < wanted:
            continue
        sellers[place] = seller or -1
        if category:
            number = numbers.setdefault(category.casefold(), len(names))
            categories[place] = number
            names += [category] if number == len(names) else []
        place, wanted = next(judged, (-1, math.inf))
    return _Members(categories, names, *_given(sellers))


def _given(sellers: Numbers) -> tuple[Numbers, dict[int, tuple[str, str]]]:
    """Sellers that are named by an id, and the others as none."""
    pks, counts = np.unique(sellers, return_counts=True)
    wanted = [pk for pk, count in zip(pks.tolist(), counts.tolist(), strict=True)
              if pk >= 0 and count >= FEWEST]  # fmt: skip
    rows = Seller.objects.select_related("marketplace").filter(pk__in=wanted)
    given = {row.pk: (row.marketplace.slug, row.given_id) for row in rows if row.given_id}
    return np.where(np.isin(sellers, list(given) or [-2]), sellers, -1), given
