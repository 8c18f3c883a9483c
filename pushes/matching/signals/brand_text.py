"""The brand's name in the text, and how it is spelt."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import BRAND_FIELD, DESCRIPTION, Case
from pushes.matching.index import Hit, PatternKind
from pushes.matching.signals.base import MAX_SPANS, from_hit
from pushes.matching.spelling import DISGUISED, PLAIN, RESPACED, Spelling
from pushes.matching.types import Signal

SIDE_CHANNELS = (
    "brand_leet", "brand_masked", "brand_typo", "brand_homophone", "brand_fragment", "brand_glued",
)  # fmt: skip


class BrandText:
    """Plain, respaced, disguised and otherwise bent spellings of the registered names."""

    kinds = (PLAIN, RESPACED, DISGUISED, "brand_in_description", *SIDE_CHANNELS)

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """One signal a span; several aliases on one span are judged by the nearest."""
        best: dict[tuple[str, int, int], Signal] = {}
        for hit in case.hits_of(PatternKind.NAME):
            if hit.field == BRAND_FIELD:
                continue  # the brand field has its own signal
            signal = self._signal(case, hit)
            key = (hit.field, hit.start, hit.end)
            if key not in best or _oddness(signal) < _oddness(best[key]):
                best[key] = signal
        yield from sorted(best.values(), key=lambda s: -_oddness(s))[:MAX_SPANS]

    def _signal(self, case: Case, hit: Hit) -> Signal:
        spelling = hit.spelling or Spelling(PLAIN, 1.0)
        if hit.field == DESCRIPTION and spelling.kind in (PLAIN, RESPACED):
            spelling = Spelling("brand_in_description", 1.0)
        return from_hit(case, hit, spelling.kind, spelling.value)


def _oddness(signal: Signal) -> float:
    """How far from plain: used to believe the nearest registered name."""
    return 0.0 if signal.kind in (PLAIN, "brand_in_description") else signal.value
