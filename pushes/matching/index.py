"""Registry → automaton → candidates.

Every name, model number, GTIN and declared word of every brand is one pattern over *squeezed* text
(see ``normalise``), so one pass finds them all whatever stands between their letters; a boundary
filter then throws out the hits that begin or end inside a word. The cost grows with the text, not
with the number of rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import daachorse

from pushes.matching.normalise import Squeezed, fold, normalise, squeeze_normalised
from pushes.matching.spelling import Spelling, compare_spelling
from pushes.matching.types import Brand, CharacteristicKind, ProductModel

SHORT = 3
"""Latin names up to this many letters count only as a word of their own ("HP", never "h p")."""
GLUED = 4
"""From this many letters on, a name may end where letters meet digits ("samsung40")."""


class PatternKind(StrEnum):
    """Which declared fact a pattern comes from."""

    NAME = "name"
    MODEL_NUMBER = "model_number"
    MODEL_NAME = "model_name"
    GTIN = "gtin"
    KEYWORD = "keyword"
    EVASIVE_SPELLING = "evasive_spelling"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One declared text. ``leads``: a hit alone makes a candidate; else it only supports one."""

    kind: PatternKind
    brand_id: str
    text: str
    model_id: str | None = None
    leads: bool = True
    multiplier: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found at ``field[start:end]`` of the original text, through ``channel``."""

    pattern: Pattern
    field: str
    start: int
    end: int
    channel: str = "text"
    value: float = 1.0
    spelling: Spelling | None = None
    """For names found letter by letter: how the spelling departs from the registered one."""


MARKS = {
    CharacteristicKind.KEYWORD: PatternKind.KEYWORD,
    CharacteristicKind.EVASIVE_SPELLING: PatternKind.EVASIVE_SPELLING,
}


def patterns_of(brand: Brand) -> Iterator[Pattern]:
    """All patterns a brand's declared facts give."""
    for name in brand.names:
        yield Pattern(PatternKind.NAME, brand.id, name)
    for model in brand.product_models:
        yield from _patterns_of_model(brand.id, model)
    for mark in brand.characteristics:
        if mark.kind in MARKS:
            multiplier = 1.0 if mark.weight is None else mark.weight
            yield Pattern(
                MARKS[mark.kind], brand.id, mark.value, mark.product_model, multiplier=multiplier
            )


def _patterns_of_model(brand_id: str, model: ProductModel) -> Iterator[Pattern]:
    """Short or all-digit numbers and one-word names occur by chance: they only support."""
    if model.model_number:
        folded = fold(model.model_number)
        leads = len(folded) >= 5 and not folded.isdigit() and not folded.isalpha()
        yield Pattern(PatternKind.MODEL_NUMBER, brand_id, model.model_number, model.id, leads=leads)
    for name in (model.name, *model.aliases):
        if name:
            leads = len(fold(name)) >= 8 and " " in name
            yield Pattern(PatternKind.MODEL_NAME, brand_id, name, model.id, leads=leads)
    for gtin in model.gtin:
        yield Pattern(PatternKind.GTIN, brand_id, gtin, model.id)


class Index:
    """An immutable automaton over the patterns of some brands."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        grouped: defaultdict[str, list[Pattern]] = defaultdict(list)
        self.too_short: list[Pattern] = []
        for brand in brands:
            for pattern in patterns_of(brand):
                key = fold(pattern.text)
                if len(key) < (2 if key.isascii() else 1):
                    self.too_short.append(pattern)  # would be found in nearly every title
                else:
                    grouped[key].append(pattern)
        self._keys = list(grouped)
        self._patterns = [tuple(grouped[key]) for key in self._keys]
        self._latin = [key.isascii() for key in self._keys]
        self._automaton = (
            daachorse.CharwiseDoubleArrayAhoCorasick(self._keys) if self._keys else None
        )

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, field: str, text: str) -> list[Hit]:
        """All hits in one text, with offsets into it."""
        if self._automaton is None or not text:
            return []
        squeezed = squeeze_normalised(normalise(text))
        hits: list[Hit] = []
        for start, end, number in self._automaton.find_overlapping(squeezed.text):
            first, last = squeezed.offsets[start], squeezed.offsets[end - 1] + 1
            if self._latin[number] and not _stands_alone(squeezed, start, end, last - first):
                continue
            for pattern in self._patterns[number]:
                hits.extend(_spelt(Hit(pattern, field, first, last), text))
        return hits


def _spelt(hit: Hit, text: str) -> Iterator[Hit]:
    """The hit with its spelling; nothing when accents make it another word."""
    if hit.pattern.kind is not PatternKind.NAME:
        yield hit
        return
    spelling = compare_spelling(text[hit.start : hit.end], hit.pattern.text, text)
    if spelling is not None:
        yield replace(hit, spelling=spelling)


def _stands_alone(text: Squeezed, start: int, end: int, width: int) -> bool:
    """Whether text[start:end] begins and ends where words do. ``width``: original characters."""
    length = end - start
    needed = 1 if length >= GLUED else 2
    if text.starts[start] < needed or text.ends[end - 1] < needed:
        return False
    return length > SHORT or width == length


def longest(hits: Sequence[Hit]) -> list[Hit]:
    """Drop hits that lie inside a longer hit of the same brand and kind."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.field, h.start, -h.end)):
        if not any(_covers(other, hit) for other in kept):
            kept.append(hit)
    return kept


def _covers(outer: Hit, inner: Hit) -> bool:
    same = outer.field == inner.field and outer.pattern.kind == inner.pattern.kind
    if not same or outer.pattern == inner.pattern:
        return outer == inner
    inside = outer.start <= inner.start and inner.end <= outer.end
    return inside and outer.end - outer.start > inner.end - inner.start
