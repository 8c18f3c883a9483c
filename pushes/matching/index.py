"""Registry → tables → candidates.

Every name, model number, GTIN and declared word of every brand is one registered text; the
compiled loop (``kernel``) finds them whatever stands between their letters, and bent spellings of
names through side channels. What it reports is checked here, letter by letter.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

import numpy as np

from pushes.matching import kernel
from pushes.matching.errors import RegistryError
from pushes.matching.kernel import I64, U32, U64
from pushes.matching.name_tables import NameList, NameTable, NearTable
from pushes.matching.normalise import fold
from pushes.matching.respellings import respellings
from pushes.matching.spelling import Spelling, compare_spelling, places_to_break
from pushes.matching.tables import (
    common_words,
    fold_all,
    folding,
    is_ideographic,
    sound,
    text_table,
)
from pushes.matching.types import Brand, CharacteristicKind, ProductModel
from pushes.matching.whole_names import as_leet, words_of_name

MOST_WORDS = 4
"""Names of more words are not looked for by a bent spelling of one of them."""
LONG_WORD = 4
SEEN_SLOTS = 1 << 16
"""Words remembered as leading nowhere (8 bytes each)."""
MANY_ALIKE, MOST_ALIKE = 64, 16
"""Where more patterns than this have one squeezed text, so many of each brand and kind are kept: a
million spellings of one name that differ in dots would cost a million looks at every mention."""
MOST_NEAR = 2_000
"""Names of one brand that are looked for misspelt: among a million names of one brand every word
lies beside one of them, and says nothing."""
FOLDED_AT_ONCE = 16_384
MOST_TEXTS = 2_000_000
"""Registered texts of one index, which takes about a kilobyte for each."""


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


Group = tuple[Pattern, ...]
Draft = tuple[PatternKind, str, str, str | None, float]
"""A pattern to be: kind, brand id, text, model id, multiplier."""


def patterns_of(brands: Iterable[Brand]) -> Iterator[tuple[Pattern, str]]:
    """All patterns the brands' declared facts give, each with its squeezed text."""
    drafts = (draft for brand in brands for draft in _drafts(brand))
    while some := list(islice(drafts, FOLDED_AT_ONCE)):
        keys = fold_all([text for _, _, text, _, _ in some])
        for (kind, brand_id, text, model_id, multiplier), key in zip(some, keys, strict=True):
            yield Pattern(kind, brand_id, text, model_id, _leads(kind, text, key), multiplier), key


def _drafts(brand: Brand) -> Iterator[Draft]:
    for name in brand.names:
        yield PatternKind.NAME, brand.id, name, None, 1.0
    for model in brand.product_models:
        yield from _model_drafts(brand.id, model)
    for mark in brand.characteristics:
        if mark.kind in MARKS:
            multiplier = 1.0 if mark.weight is None else mark.weight
            yield MARKS[mark.kind], brand.id, mark.value, mark.product_model, multiplier


def _model_drafts(brand_id: str, model: ProductModel) -> Iterator[Draft]:
    if model.model_number:
        yield PatternKind.MODEL_NUMBER, brand_id, model.model_number, model.id, 1.0
    for name in (model.name, *model.aliases):
        if name:
            yield PatternKind.MODEL_NAME, brand_id, name, model.id, 1.0
    for gtin in model.gtin:
        yield PatternKind.GTIN, brand_id, gtin, model.id, 1.0


def _leads(kind: PatternKind, text: str, key: str) -> bool:
    """Short or all-digit numbers and one-word names occur by chance: they only support."""
    if kind is PatternKind.MODEL_NUMBER:
        return len(key) >= 5 and not key.isdigit() and not key.isalpha()
    if kind is PatternKind.MODEL_NAME:
        return len(key) >= 8 and " " in text
    return True


class Index:
    """The immutable tables of some brands' registered texts.

    ``patterns[i]``: what the i-th squeezed text stands for (the texts themselves are not kept, only
    their hashes); ``cut``: those so long that only their beginning is hashed. ``too_short`` holds
    the texts that would be found in nearly every title and are therefore not looked for.
    """

    def __init__(self, brands: Iterable[Brand], most_texts: int = MOST_TEXTS) -> None:
        self.too_short: list[Pattern] = []
        brands = list(brands)
        _check_size(brands, most_texts)
        grouped = self._grouped(brands)
        own = len(grouped)
        self._add_respellings(grouped)
        keys = list(grouped)
        self.patterns = list(grouped.values())
        self.cut = frozenset(n for n, key in enumerate(keys) if len(key) == kernel.LONGEST_KEY)
        self._texts = text_table(keys, *traits_of(keys, self.patterns, brands))
        named = [
            (number, tuple(p for p in group if p.kind is PatternKind.NAME))
            for number, group in enumerate(self.patterns[:own])
        ]
        names = [(keys[number], group) for number, group in named if group]
        worded = with_words(names)
        self.leet = NameTable(
            [(as_leet(key), key, group) for key, group in worded if key.isalnum() and len(key) > 3]
        )
        self.heard = NameTable(
            [(sound(key), key, group) for key, group in names if is_ideographic(key)]
        )
        self.near = NearTable(_misspelt(worded), anchors_of(names))
        self.name_list = NameList(names)
        self.word_list = NameList(worded[len(names) :])
        self._words = kernel.Words(common_words(), np.zeros(SEEN_SLOTS, np.uint64))

    def __len__(self) -> int:
        return len(self.patterns)

    def _grouped(self, brands: Iterable[Brand]) -> defaultdict[str, Group]:
        """Squeezed text → its patterns. Nearly every text has one, so that no list is made of it:
        a quarter of a million lists that are thrown away leave holes in memory that stay.
        """
        first: dict[str, Pattern] = {}
        others: defaultdict[str, list[Pattern]] = defaultdict(list)
        for pattern, key in patterns_of(brands):
            if len(key) < 2:
                self.too_short.append(pattern)
            elif first.setdefault(key[: kernel.LONGEST_KEY], pattern) is not pattern:
                others[key[: kernel.LONGEST_KEY]].append(pattern)
        grouped: defaultdict[str, Group] = defaultdict(tuple)
        for key, pattern in first.items():
            alike = (pattern, *others.get(key, ()))
            grouped[key] = _some_of_each(alike) if len(alike) > MANY_ALIKE else alike
        return grouped

    def _add_respellings(self, grouped: defaultdict[str, Group]) -> None:
        """Other ways to write a whole name, looked up like the name itself."""
        for key, group in list(grouped.items()):
            named = tuple(pattern for pattern in group if pattern.kind is PatternKind.NAME)
            if named:
                for other in respellings(key):
                    grouped[other[: kernel.LONGEST_KEY]] += named

    def scan(self, points: U32, starts: I64, full: int) -> tuple[I64, U32]:
        """(hits, marks of each text) as ``kernel.scan_texts`` reports them, in order of the texts.

        Text i is points[starts[i]:starts[i + 1]]; side channels look at the first ``full``.
        """
        if not self.patterns:
            return np.empty((0, kernel.COLUMNS), np.int64), np.zeros(len(starts) - 1, np.uint32)
        hits, used, marks = kernel.scan_texts(
            points,
            starts,
            full,
            folding(),
            self._texts,
            self.leet.table,
            self.heard.table,
            self.near.table,
            self._words,
        )
        return hits[:used], marks


def _check_size(brands: Sequence[Brand], most: int) -> None:
    """Refuse a registry that would not fit into memory, before any of it is made."""
    texts = sum(1 for brand in brands for _ in _drafts(brand))
    if texts > most:
        raise RegistryError(
            "$.brands", f"{texts:,} registered texts", f"at most {most:,}: split the registry"
        )


def _some_of_each(alike: Iterable[Pattern]) -> Group:
    """The first MOST_ALIKE patterns of every brand and kind."""
    counts: Counter[tuple[str, PatternKind]] = Counter()
    kept = []
    for pattern in alike:
        counts[pattern.brand_id, pattern.kind] += 1
        if counts[pattern.brand_id, pattern.kind] <= MOST_ALIKE:
            kept.append(pattern)
    return tuple(kept)


TRAITS = {
    PatternKind.NAME: kernel.NAME,
    PatternKind.MODEL_NUMBER: kernel.NUMBER,
    PatternKind.MODEL_NAME: kernel.MODEL,
    PatternKind.GTIN: kernel.CODE,
    PatternKind.KEYWORD: kernel.WHOLE,
    PatternKind.EVASIVE_SPELLING: kernel.WHOLE,
}


def traits_of(
    keys: Sequence[str], patterns: Sequence[tuple[Pattern, ...]], brands: Iterable[Brand]
) -> tuple[U32, U64]:
    """What finding each registered text means, and where it may be written apart.

    As in ``kernel.TextTable``: the compiled loop tells from these which listings need a look.
    """
    of_brand = {brand.id: _brand_traits(brand) for brand in brands}
    traits = np.zeros(len(keys), np.uint32)
    breaks = np.zeros(len(keys), np.uint64)
    for number, (key, group) in enumerate(zip(keys, patterns, strict=True)):
        bits = 0
        for pattern in group:
            bits |= TRAITS[pattern.kind] | of_brand[pattern.brand_id]
            bits |= kernel.LEADS if pattern.leads else 0
        if bits & kernel.NAME:
            more, breaks[number] = _name_traits(key, group)
            bits |= more
        traits[number] = bits
    return traits, breaks


def _brand_traits(brand: Brand) -> int:
    bits = kernel.HAS_MODELS if brand.product_models else 0
    bits |= kernel.HAS_SELLERS if brand.authorised_sellers else 0
    return bits | (kernel.WHOLE if brand.characteristics else 0)


def _name_traits(key: str, group: tuple[Pattern, ...]) -> tuple[int, int]:
    """How many brands have the name, whether it is straight, and its places to break."""
    names = {(p.brand_id, p.text) for p in group if p.kind is PatternKind.NAME}
    spellings = {text for _, text in names}
    bits = min(3, len({brand_id for brand_id, _ in names})) << kernel.BRANDS_SHIFT
    if all(_is_straight(key, text) for text in spellings):
        bits |= kernel.STRAIGHT
    places = set.intersection(*map(_places, spellings))
    return bits, sum(1 << place for place in places if place < kernel.LONGEST_KEY)


def _is_straight(key: str, registered: str) -> bool:
    """Whether the key's own characters are no disguise of the registered name."""
    if "".join(filter(str.isalnum, registered.casefold())) == key:
        return True
    if registered.isascii() and registered.isalnum():
        return False  # it folds to itself, and was just compared
    return key.isascii() and fold(registered)[: kernel.LONGEST_KEY] == key


def _places(registered: str) -> set[int]:
    if registered.isalpha() and (registered[1:].islower() or registered.isupper()):
        return set()  # one plain word, as most names are
    return places_to_break(registered)


def with_words(names: Sequence[Name]) -> list[Name]:
    """The names, and the long words of names of several words, with the patterns they are from."""
    split: list[tuple[str, str, Pattern]] = []
    for key, group in names:
        for pattern in group:
            words = words_of_name(pattern.text)
            if 1 < len(words) <= MOST_WORDS:
                split += [(word, key, pattern) for word in words if len(word) >= LONG_WORD]
    folded = fold_all([word for word, _, _ in split])
    parts = zip(folded, split, strict=True)
    return [*names, *((word, (pattern,)) for word, (_, key, pattern) in parts if word != key)]


def anchors_of(names: Sequence[Name]) -> list[str]:
    """Folded words of names of several words, long enough to tell that such a name is meant."""
    words = {
        word
        for _, group in names
        for pattern in group
        if 1 < len(spelt_words := words_of_name(pattern.text)) <= kernel.SPREAD_WORDS
        for word in spelt_words
    }
    folded = fold_all(sorted(words))
    return [word for word in folded if word.isascii() and len(word) >= kernel.ANCHOR_SHORTEST]


def _misspelt(names: Sequence[Name]) -> list[Name]:
    """The names that are looked for misspelt: MOST_NEAR of each brand, its first ones."""
    counts: Counter[str] = Counter()
    kept = []
    for key, group in names:
        brand = group[0].brand_id
        if _takes_typos(key) and counts[brand] < MOST_NEAR:
            counts[brand] += 1
            kept.append((key, group))
    return kept


def _takes_typos(key: str) -> bool:
    length = len(key)
    return key.isascii() and key.isalpha() and kernel.NAME_SHORTEST <= length <= kernel.TYPO_LONGEST


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
    reach: dict[tuple[str, PatternKind], tuple[int, int]] = {}
    known: set[tuple[str, int, int, Pattern]] = set()
    for hit in sorted(hits, key=lambda h: (h.field, h.start, -h.end)):
        # The hit that reaches farthest so far, and of several the one that began first.
        start, end = reach.get((hit.field, hit.pattern.kind), (-1, -1))
        inside = end > hit.end or (end == hit.end and start < hit.start)
        same = (hit.field, hit.start, hit.end, hit.pattern)
        if inside or same in known:
            continue
        known.add(same)
        kept.append(hit)
        if hit.end > end:
            reach[hit.field, hit.pattern.kind] = hit.start, hit.end
    return kept
