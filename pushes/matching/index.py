"""Registry → tables → candidates.

Every name, model number, GTIN and declared word of every brand is one registered text; the
compiled loop (``kernel``) finds them whatever stands between their letters, and bent spellings of
names through side channels. What it reports is checked here, letter by letter.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from pushes.matching import kernel
from pushes.matching.kernel import I32, U8
from pushes.matching.normalise import LEET_LETTERS, fold
from pushes.matching.respellings import respellings
from pushes.matching.spelling import Spelling, compare_spelling
from pushes.matching.tables import (
    beginnings,
    common_words,
    fold_all,
    folding,
    is_ideographic,
    points_of,
    slots_for,
    sound,
    text_table,
)
from pushes.matching.types import Brand, CharacteristicKind, ProductModel

MOST_WORDS = 4
"""Names of more words are not looked for by a bent spelling of one of them."""
LONG_WORD = 4
SEEN_SLOTS = 1 << 16
"""Words remembered as leading nowhere (8 bytes each)."""


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
    """A pattern found at ``field[start:end]`` of the original text.

    ``spelling`` is set for names: how they are spelt there, and how much that counts.
    """

    pattern: Pattern
    field: str
    start: int
    end: int
    spelling: Spelling | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the compiled loop reports: registered text ``key`` in text ``number``."""

    number: int
    channel: int
    key: int
    start: int
    end: int


Name = tuple[str, tuple[Pattern, ...]]

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
    """The immutable tables of some brands' registered texts.

    ``keys[i]`` is a squeezed text, ``patterns[i]`` what it stands for. ``too_short`` holds the
    texts that would be found in nearly every title and are therefore not looked for.
    """

    def __init__(self, brands: Iterable[Brand]) -> None:
        grouped: defaultdict[str, list[Pattern]] = defaultdict(list)
        self.too_short: list[Pattern] = []
        patterns = [pattern for brand in brands for pattern in patterns_of(brand)]
        for pattern, key in zip(patterns, fold_all([p.text for p in patterns]), strict=True):
            if len(key) < 2:
                self.too_short.append(pattern)
            else:
                grouped[key[: kernel.LONGEST_KEY]].append(pattern)
        own = len(grouped)
        self._add_respellings(grouped)
        self.keys = list(grouped)
        self.patterns = [tuple(group) for group in grouped.values()]
        self._texts = text_table(self.keys)
        named = [
            (number, tuple(p for p in group if p.kind is PatternKind.NAME))
            for number, group in enumerate(self.patterns[:own])
        ]
        names = [(self.keys[number], group) for number, group in named if group]
        worded = with_words(names)
        self.leet = _NameTable(
            [(as_leet(key), key, group) for key, group in worded if key.isalnum() and len(key) > 3]
        )
        self.heard = _NameTable(
            [(sound(key), key, group) for key, group in names if is_ideographic(key)]
        )
        self.near = _NearTable([(key, group) for key, group in worded if _takes_typos(key)])
        self.name_list = NameList(names)
        self._words = kernel.Words(common_words(), np.zeros(SEEN_SLOTS, np.uint64))

    def __len__(self) -> int:
        return len(self.keys)

    def _add_respellings(self, grouped: defaultdict[str, list[Pattern]]) -> None:
        """Other ways to write a whole name, looked up like the name itself."""
        for key, group in list(grouped.items()):
            named = [pattern for pattern in group if pattern.kind is PatternKind.NAME]
            if named:
                for other in respellings(key):
                    grouped[other[: kernel.LONGEST_KEY]] += named

    def find(self, texts: Sequence[str], exact_only: U8) -> list[Found]:
        """Everything the compiled loop reports, in the order of the texts.

        ``exact_only[i]`` switches the side channels off for text i.
        """
        if not self.keys:
            return []
        points, starts = points_of(texts)
        hits, used = kernel.scan_texts(
            points,
            starts,
            exact_only,
            folding(),
            self._texts,
            self.leet.table,
            self.heard.table,
            self.near.table,
            self._words,
        )
        return [Found(*row) for row in hits[:used].tolist()]


def with_words(names: Sequence[Name]) -> list[Name]:
    """The names, and the long words of names of several words, with the patterns they are from."""
    split: list[tuple[str, str, Pattern]] = []
    for key, group in names:
        for pattern in group:
            words = pattern.text.split()
            if 1 < len(words) <= MOST_WORDS:
                split += [(word, key, pattern) for word in words if len(word) >= LONG_WORD]
    folded = fold_all([word for word, _, _ in split])
    parts = zip(folded, split, strict=True)
    return [*names, *((word, (pattern,)) for word, (_, key, pattern) in parts if word != key)]


def as_leet(key: str) -> str:
    """The key with every letter that a digit may stand for in one form."""
    return "".join(LEET_LETTERS.get(char, char) for char in key)


def _takes_typos(key: str) -> bool:
    length = len(key)
    return key.isascii() and key.isalpha() and kernel.TYPO_SHORTEST <= length <= kernel.TYPO_LONGEST


class NameList:
    """Names in alphabetical order: all that begin with some letters lie together."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = sorted(names, key=lambda name: name[0])
        self._keys = [key for key, _ in self._names]

    @cached_property
    def _backwards(self) -> tuple[list[str], list[Name]]:
        """Turned keys in their order, and the names in the same; made when first asked for."""
        turned = sorted(self._names, key=lambda name: name[0][::-1])
        return [key[::-1] for key, _ in turned], turned

    def holds(self, key: str) -> bool:
        """Whether this is a whole name."""
        at = bisect_left(self._keys, key)
        return at < len(self._keys) and self._keys[at] == key

    def ending(self, letters: str) -> Sequence[Name]:
        """All names that end with these letters."""
        keys, names = self._backwards
        turned = letters[::-1]
        low = bisect_left(keys, turned)
        return names[low : bisect_left(keys, turned + "\U0010ffff")]

    def beginning(self, letters: str) -> Sequence[Name]:
        """All names that begin with these letters."""
        low = bisect_left(self._keys, letters)
        return self._names[low : bisect_left(self._keys, letters + "\U0010ffff")]


class _NameTable:
    """Names under a changed key (leet letters, sounds); several names may share one."""

    def __init__(self, entries: Sequence[tuple[str, str, tuple[Pattern, ...]]]) -> None:
        grouped: defaultdict[str, list[tuple[str, tuple[Pattern, ...]]]] = defaultdict(list)
        for changed, key, patterns in entries:
            grouped[changed].append((key, patterns))
        self.names = [tuple(group) for group in grouped.values()]
        points, starts = points_of(grouped)
        slots = slots_for(len(grouped))
        table, values = kernel.fill_table(kernel.hash_all(points, starts), slots)
        begins2 = beginnings(points, starts, max(512, slots // 8), 2)
        self.table = kernel.NameTable(table, values, begins2)


class _NearTable:
    """Names and all their spellings with one letter left out."""

    def __init__(self, names: Sequence[Name]) -> None:
        self.names = names
        entries = sum(len(key) for key, _ in names)
        points, starts = points_of(key for key, _ in names)
        slots = slots_for(entries)
        table, heads, following, name_of, bitmap = kernel.fill_near(
            points, starts, slots, slots * 4, max(1, entries)
        )
        self.table = kernel.NearTable(table, heads, following, bitmap)
        self.name_of: I32 = name_of


def spelt(pattern: Pattern, field: str, start: int, end: int, text: str) -> Hit | None:
    """A hit found letter by letter; None when accents make it another word."""
    if pattern.kind is not PatternKind.NAME:
        return Hit(pattern, field, start, end)
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1  # marks over the last letter belong to the name
    spelling = compare_spelling(text[start:end], pattern.text, text)
    return None if spelling is None else Hit(pattern, field, start, end, spelling)


def longest(hits: Sequence[Hit]) -> list[Hit]:
    """Drop hits that lie inside a longer hit of the same kind, and exact repetitions."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.field, h.start, -h.end)):
        if not any(_covers(other, hit) for other in kept):
            kept.append(hit)
    return kept


def _covers(outer: Hit, inner: Hit) -> bool:
    if outer.field != inner.field or outer.pattern.kind != inner.pattern.kind:
        return False
    if outer.pattern == inner.pattern and (outer.start, outer.end) == (inner.start, inner.end):
        return True
    inside = outer.start <= inner.start and inner.end <= outer.end
    return inside and outer.end - outer.start > inner.end - inner.start
