"""Contexts in which a brand's name is honest: accessories for it, and gifts beside another good."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import TITLE, Case
from pushes.matching.index import Hit, PatternKind
from pushes.matching.types import Signal
from pushes.matching.wording import Kind, Wording

NEAR = 30
"""Characters before a name in which a preposition still belongs to it."""
NOUN_ALONE = 0.6
"""What is left of the evidence when the title has an accessory's noun, but no "for BRAND"."""


class HonestContext:
    """Lowers the score where the name describes what the good goes with."""

    kinds = ("accessory", "gift")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """ "for BRAND" is full evidence, an accessory's noun alone a part of it."""
        wordings = case.wordings(TITLE)
        if not wordings:
            return
        hits = case.hits_of(PatternKind.NAME, TITLE) or case.hits_of(PatternKind.MODEL_NAME, TITLE)
        spoken = next((w for hit in hits if (w := _before(Kind.FOR, wordings, hit))), None)
        noun = next((w for w in wordings if w.kind is Kind.ACCESSORY), None)
        if spoken is not None:
            yield _signal(case, "accessory", spoken, 1.0)
        elif noun is not None:
            yield _signal(case, "accessory", noun, NOUN_ALONE)
        gifts = [_before(Kind.GIFT, wordings, hit) for hit in hits]
        if gifts and gifts[0] is not None and all(gifts):
            yield _signal(case, "gift", gifts[0], 1.0)


def _before(kind: Kind, wordings: tuple[Wording, ...], hit: Hit) -> Wording | None:
    """The last wording of a kind shortly before the hit."""
    found = [w for w in wordings if w.kind is kind and hit.start - NEAR <= w.start < hit.start]
    return found[-1] if found and found[-1].end <= hit.start else None


def _signal(case: Case, kind: str, wording: Wording, value: float) -> Signal:
    start, end = wording.start, wording.end
    return Signal(kind, TITLE, start, end, case.listing.title[start:end], case.brand.name, value)
