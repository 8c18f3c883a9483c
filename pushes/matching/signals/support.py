"""Names that are also words, and two-letter names: they need a second reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pushes.matching.case import TITLE, Case
from pushes.matching.index import Hit, PatternKind
from pushes.matching.normalise import fold_cached as fold
from pushes.matching.spelling import DISGUISED, HOMOPHONE, RESPACED, SHORT, Spelling, is_mixed
from pushes.matching.tables import is_ordinary_word
from pushes.matching.types import Signal
from pushes.matching.words import is_usual

SUPPORTING = frozenset(
    {
        "field_agrees", "model_number", "model_name", "gtin", "keyword", "evasive_spelling",
        "imitation_phrase", "phrase_pattern", "price_low", "seller", "seller_authorised",
    }
)  # fmt: skip
"""Kinds that say the brand is really meant."""
BENT = frozenset({"brand_disguised", "brand_leet", "brand_masked"})
"""Spellings nobody writes by accident: they support longer names, not two-letter ones."""
BESIDE_FRAGMENT = SUPPORTING | {"category_agrees", "stacked_brands", "ship_from", "seller_pattern"}
"""Kinds one of which a mere fragment of a name needs to be looked at at all."""

WORD_SHARE = 0.5
"""A name is a word when more than this share of its stock mentions do not claim the brand."""


class NameSupport:
    """Pulls a bare ambiguous name far below any threshold until something supports it."""

    kinds = ("name_needs_support",)

    def evaluate(self, case: Case, signals: Sequence[Signal]) -> Iterator[Signal]:
        """Looks at the signals found so far, therefore runs last."""
        if is_unsupported(case, signals):
            hit = case.hits[0]
            matched = case.text(hit.field)[hit.start : hit.end]
            yield Signal(self.kinds[0], hit.field, hit.start, hit.end, matched, hit.pattern.text)
            return
        if any(s.kind in SUPPORTING and s.value >= 0.5 for s in signals):
            return
        names = case.hits_of(PatternKind.NAME)
        if any(_is_bent(case, hit) for hit in names):
            return
        if names and all(_is_doubtful(case, hit) for hit in names):
            hit = names[0]
            matched = case.text(hit.field)[hit.start : hit.end]
            yield Signal(
                self.kinds[0], hit.field or TITLE, hit.start, hit.end, matched, hit.pattern.text
            )


def is_unsupported(case: Case, signals: Sequence[Signal]) -> bool:
    """Whether there is nothing but fragments of the brand's names."""
    if any(hit.spelling is None or hit.spelling.kind != "brand_fragment" for hit in case.hits):
        return False
    return not any(s.kind in BESIDE_FRAGMENT and s.value >= 0.5 for s in signals)


def _is_bent(case: Case, hit: Hit) -> bool:
    length = len(fold(hit.pattern.text))
    if length < SHORT or hit.spelling is None:
        return False
    if length == SHORT:
        written = case.text(hit.field)[hit.start : hit.end]
        return hit.spelling == Spelling(DISGUISED, 1.0) and is_mixed(written)
    return hit.spelling.kind in BENT or (hit.spelling.kind == RESPACED and hit.spelling.value >= 1)


def _is_doubtful(case: Case, hit: Hit) -> bool:
    """Whether what is written may be another word.

    "Li-Ning" with its hyphen is no "lining"; 李宁 written as it sounds is one.
    """
    written = case.text(hit.field)[hit.start : hit.end]
    if written.casefold() == hit.pattern.text.casefold() and _is_apart(written):
        return False
    heard = hit.spelling is not None and hit.spelling.kind == HOMOPHONE and written.isascii()
    return is_ambiguous(case, written if heard else hit.pattern.text)


def _is_apart(written: str) -> bool:
    """Whether a sign stands between the letters of one word."""
    return len(written.split()) == 1 and not all(map(str.isalnum, written))


def is_ambiguous(case: Case, name: str) -> bool:
    """Whether a name alone does not show that the brand is meant.

    The brand's own word counts first, then what the platform's stock shows, then dictionaries.
    """
    if case.brand.common_word is not None:
        return case.brand.common_word
    folded = fold(name)
    if folded.isascii() and (len(folded) < SHORT or (len(folded) == SHORT and is_usual(folded))):
        return True
    share = case.context.word_share.get(folded)
    return is_ordinary_word(folded) if share is None else share > WORD_SHARE
