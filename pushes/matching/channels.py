"""From what the compiled loop reports to hits: every bent spelling is checked letter by letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rapidfuzz.distance import OSA

from pushes.matching import kernel
from pushes.matching.fragments import find_pieces, is_common
from pushes.matching.index import Found, Hit, Index, Pattern, spelt
from pushes.matching.normalise import fold
from pushes.matching.spelling import Spelling, writes_accents
from pushes.matching.tables import is_chinese_word

LEET, TYPO, HOMOPHONE = "brand_leet", "brand_typo", "brand_homophone"

STOCK_WORD = 0.0005
"""A word that more than this share of the platform's own titles holds is no misspelling."""


def hits_of(
    index: Index, found: Found, field: str, text: str, stock: Mapping[str, float]
) -> Iterator[Hit]:
    """The hits one report stands for: none when the closer look does not bear it out."""
    if found.channel == kernel.TEXT:
        yield from _exact(index, found, field, text)
    elif found.channel == kernel.LEETED:
        yield from _leet(index, found, field, text)
    elif found.channel == kernel.TYPO:
        yield from _typo(index, found, field, text, stock)
    elif found.channel == kernel.HOMOPHONE:
        yield from _homophone(index, found, field, text)
    elif found.channel == kernel.FLAGGED:
        yield from find_pieces(index.name_list, field, text, stock, STOCK_WORD)


def _exact(index: Index, found: Found, field: str, text: str) -> Iterator[Hit]:
    for pattern in index.patterns[found.key]:
        if len(index.keys[found.key]) == kernel.LONGEST_KEY and not _same(found, text, pattern):
            continue
        hit = spelt(pattern, field, found.start, found.end, text)
        if hit is not None:
            yield hit


def _same(found: Found, text: str, pattern: Pattern) -> bool:
    """Very long texts are hashed by their beginning only; the rest is compared here."""
    return fold(text[found.start :]).startswith(fold(pattern.text))


def _hits(
    found: Found, field: str, patterns: tuple[Pattern, ...], kind: str, value: float
) -> Iterator[Hit]:
    for pattern in patterns:
        yield Hit(pattern, field, found.start, found.end, Spelling(kind, value))


def _leet(index: Index, found: Found, field: str, text: str) -> Iterator[Hit]:
    written = text[found.start : found.end]
    if written != written.strip("!") or (written[-1].isdigit() and written[-2].isdigit()):
        return  # an exclamation mark at the end of a word is one, "SL54" a model number
    span = fold(written)
    for key, patterns in index.leet.names[found.key]:
        if span != key:  # else it is the plain name, which has digits of its own
            value = 1.0 if len(key) >= 5 else 0.9
            yield from _hits(found, field, patterns, LEET, value)


def _typo(
    index: Index, found: Found, field: str, text: str, stock: Mapping[str, float]
) -> Iterator[Hit]:
    """One edit, the same first letter, and not a word that the stock is full of."""
    key, patterns = index.near.names[int(index.near.name_of[found.key])]
    span = text[found.start : found.end]
    word = fold(span)
    if word[0] != key[0] or stock.get(word, 0.0) > STOCK_WORD:
        return
    if OSA.distance(word, key, score_cutoff=1) != 1 or (word[-1] == "s" and is_common(word[:-1])):
        return
    if not span.isascii() and writes_accents(text):
        return  # an accented word of an accented language
    yield from _hits(found, field, patterns, TYPO, typo_value(word, key))


def typo_value(word: str, key: str) -> float:
    """How much a one-letter departure counts: little in short names, where words lie close."""
    by_length = {5: 0.5, 6: 0.75}.get(len(key), 1.0)
    plural = word in (key + "s", key + "e") or key == word + "s"
    return by_length * (0.3 if plural else 1.0)


def _homophone(index: Index, found: Found, field: str, text: str) -> Iterator[Hit]:
    span = fold(text[found.start : found.end])
    for key, patterns in index.heard.names[found.key]:
        same = sum(a == b for a, b in zip(span, key, strict=True))
        if same == len(key) or is_chinese_word(span):
            continue
        if len(key) >= 4 or same >= len(key) - 1:
            value = {2: 0.3, 3: 0.95}.get(len(key), 1.0)
            yield from _hits(found, field, patterns, HOMOPHONE, value)
