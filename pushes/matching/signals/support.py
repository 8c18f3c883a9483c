"""Names that are also words, and two-letter names: they need a second reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pushes.matching.case import TITLE, Case
from pushes.matching.index import SHORT, PatternKind
from pushes.matching.normalise import fold
from pushes.matching.types import Signal

SUPPORTING = frozenset(
    {
        "field_agrees", "model_number", "model_name", "gtin", "keyword", "evasive_spelling",
        "imitation_phrase", "phrase_pattern", "price_low", "seller", "seller_authorised",
        "brand_disguised",
    }
)  # fmt: skip
"""Kinds that say the brand is really meant."""

FREQUENT = 0.0005
"""A token that more than this share of unrelated stock titles holds is an ordinary word."""
WEAK_KINDS = frozenset({"brand_typo", "brand_fragment", "brand_masked", "brand_respaced"})


class NameSupport:
    """Pulls a bare ambiguous name far below any threshold until something supports it."""

    kinds = ("name_needs_support",)

    def evaluate(self, case: Case, signals: Sequence[Signal]) -> Iterator[Signal]:
        """Looks at the signals found so far, therefore runs last."""
        if any(s.kind in SUPPORTING and s.value >= 0.5 for s in signals):
            return
        names = case.hits_of(PatternKind.NAME)
        if names and all(is_ambiguous(case, hit.pattern.text) for hit in names):
            hit = names[0]
            matched = case.text(hit.field)[hit.start : hit.end]
            yield Signal(
                self.kinds[0], hit.field or TITLE, hit.start, hit.end, matched, hit.pattern.text
            )


def is_ambiguous(case: Case, name: str) -> bool:
    """Whether a name alone does not show that the brand is meant."""
    if case.brand.common_word is not None:
        return case.brand.common_word
    folded = fold(name)
    if folded.isascii() and len(folded) <= SHORT:
        return True
    return case.context.token_frequency.get(folded, 0.0) > FREQUENT
