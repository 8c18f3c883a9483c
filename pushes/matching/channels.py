"""From what the compiled loop reports to hits: every bent spelling is checked letter by letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rapidfuzz.distance import OSA

from pushes.matching import kernel
from pushes.matching.fragments import FRAGMENT, find_pieces
from pushes.matching.index import Found, Hit, Index, Pattern, PatternKind, spelt
from pushes.matching.normalise import fold, fold_cached
from pushes.matching.spelling import (
    PLAIN,
    SURE_VALUE,
    Spelling,
    compare_spelling,
    has_accents,
    writes_accents,
)
from pushes.matching.tables import is_chinese_word, sound
from pushes.matching.whole_names import BESIDE, is_name_with_a_slip, whole_span
from pushes.matching.words import Stock, is_common, is_usual, usual_neighbours

LEET, TYPO, HOMOPHONE = "brand_leet", "brand_typo", "brand_homophone"
GLUED = "brand_glued"

MOST_NEIGHBOURS = {5: 1, 6: 2}
"""Usual words that may lie around a name of that length (4 around a longer one)."""
HINT_VALUE = 0.7
"""Of a name whose first letter is wrong, or a short one with a letter doubled: as a fragment."""
HEARD = {2: 0.05, 3: 0.95}
"""Value of a Chinese name written with other characters, by its syllables: two are half of all
words."""
MOSTLY = 5
"""Letters before two digits from which they are no model number: "bejir09"."""
SENTENCE_SIGNS = frozenset("，。、；：！？【】（）()[]{},;:!?《》「」")
"""Signs that end a phrase: what stands on both sides of one is no name."""


def hits_of(
    index: Index, found: Found, field: str, text: str, stock: Mapping[str, float]
) -> Iterator[Hit]:
    """The hits one report stands for: none when the closer look does not bear it out."""
    if found.channel == kernel.TEXT:
        yield from _exact(index, found, field, text)
    elif found.channel == kernel.LEETED:
        yield from _leet(index, found, field, text)
    elif found.channel == kernel.TYPO:
        yield from _typo(index, found, field, text, Stock(stock, text))
    elif found.channel == kernel.HINT:
        yield from _hint(index, found, field, text, Stock(stock, text))
    elif found.channel == kernel.GLUED:
        yield from _glued(index, found, field, text, Stock(stock, text))
    elif found.channel == kernel.HOMOPHONE:
        yield from _homophone(index, found, field, text)
    elif found.channel == kernel.FLAGGED:
        yield from find_pieces(index.name_list, index.word_list, field, text, Stock(stock, text))


def _exact(index: Index, found: Found, field: str, text: str) -> Iterator[Hit]:
    for pattern in index.patterns[found.key]:
        if found.key in index.cut and not _same(found, text, pattern):
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
    stem = written.rstrip("0123456789")
    number = stem.isalpha() and len(written) - len(stem) > 1
    if written != written.rstrip("!") or (number and sum(map(str.isalpha, written)) < MOSTLY):
        return  # an exclamation mark at the end of a word is one, "SL54" a model number
    span = fold(written)
    for key, patterns in index.leet.names[found.key]:
        if span == key:
            continue  # the plain name, which has digits of its own
        for pattern in patterns:
            around = whole_span(pattern.text, key, found.start, found.end, text, leet=True)
            if around is not None:
                value = 1.0 if len(key) >= 5 else 0.9
                yield Hit(pattern, field, *around, Spelling(LEET, value))


def _typo(index: Index, found: Found, field: str, text: str, stock: Stock) -> Iterator[Hit]:
    """One edit, the same first letter, and not a word that the stock is full of."""
    key, patterns = index.near.names[int(index.near.name_of[found.key])]
    span = text[found.start : found.end]
    word = fold(span)
    if word[0] != key[0] or stock.holds(word):
        return
    if OSA.distance(word, key, score_cutoff=1) != 1 or (word[-1] == "s" and is_common(word[:-1])):
        return
    accented = not span.isascii() and has_accents(span)
    if accented and writes_accents(text):
        return  # an accented word of an accented language
    value = typo_value(word, key) if span.isascii() or accented else 1.0
    for pattern in patterns:
        around = _whole(pattern, word, key, found, text)
        if around is not None:
            yield Hit(pattern, field, *around, Spelling(TYPO, value))


def _hint(index: Index, found: Found, field: str, text: str, stock: Stock) -> Iterator[Hit]:
    """The first letter wrong, missing, added or swapped; a letter doubled in a short name.

    Too often another word to be evidence by itself, so it counts as a fragment does.
    """
    key, patterns = index.near.names[int(index.near.name_of[found.key])]
    span = text[found.start : found.end]
    word = fold(span)
    if OSA.distance(word, key, score_cutoff=1) != 1 or stock.holds(word):
        return
    if len(key) < kernel.FIRST_SHORTEST:
        if not is_slip(word, key):
            return
    elif usual_neighbours(key) > MOST_NEIGHBOURS.get(len(key), 4):
        return
    if not span.isascii() and writes_accents(text):
        return
    for pattern in patterns:
        around = _whole(pattern, word, key, found, text)
        if around is not None:
            beside = len(fold_cached(pattern.text)) - len(key)
            # The other words of the name stand there as they should.
            sure = beside >= BESIDE or " " in span.strip()
            spelling = Spelling(TYPO, SURE_VALUE) if sure else Spelling(FRAGMENT, HINT_VALUE)
            yield Hit(pattern, field, *around, spelling)


def _whole(
    pattern: Pattern, word: str, key: str, found: Found, text: str
) -> tuple[int, int] | None:
    """The span of the name that a misspelt word, or several words with one misspelt, stand for."""
    span = text[found.start : found.end]
    if not word.isascii():
        return None
    if not any(char.isspace() for char in span):
        return whole_span(pattern.text, key, found.start, found.end, text)
    whole = fold_cached(pattern.text) == key
    meant = whole and is_name_with_a_slip(span, pattern.text, slip=is_slip(word, key))
    return (found.start, found.end) if meant else None


def _glued(index: Index, found: Found, field: str, text: str, stock: Stock) -> Iterator[Hit]:
    """A name run together with a usual word: "nikeshoes", "newadidas"."""
    start, end = found.start, found.end
    while start > 0 and is_letter(text[start - 1]):
        start -= 1
    while end < len(text) and is_letter(text[end]):
        end += 1
    rest = fold(text[start : found.start] + text[found.end : end])
    if not _is_run_on(rest, fold(text[start:end]), fold(text[found.start : found.end]), stock):
        return
    for pattern in index.patterns[found.key]:
        if pattern.kind is PatternKind.NAME:
            spelling = compare_spelling(text[found.start : found.end], pattern.text, text)
            if spelling is not None and spelling.kind == PLAIN:
                yield Hit(pattern, field, found.start, found.end, Spelling(GLUED, 1.0))


def _is_run_on(rest: str, whole: str, name: str, stock: Stock) -> bool:
    """Whether a usual word and a name are one word; two usual words are one of their own."""
    if len(rest) < kernel.REST_SHORTEST or stock.holds(whole) or is_usual(name):
        return False
    return is_usual(rest) or stock.holds(rest)


def is_letter(char: str) -> bool:
    """Whether a character belongs to a word of Latin letters."""
    return char.isalpha() and fold_cached(char).isascii()


def typo_value(word: str, key: str) -> float:
    """How much a one-letter departure counts: little in names that words lie close to.

    Swapped and doubled letters are slips of somebody who meant the name, whatever its length.
    """
    if word in (key + "s", key + "e") or key == word + "s":
        return 0.3
    if is_slip(word, key):
        return 1.0
    room = MOST_NEIGHBOURS.get(len(key), 4)
    if usual_neighbours(key) > room:
        return 0.5
    return {5: 0.6, 6: 0.92}.get(len(key), 1.0)


def is_slip(word: str, key: str) -> bool:
    """Whether the edit swaps neighbours, or doubles a letter, or undoes a doubling."""
    if len(word) == len(key):
        return sorted(word) == sorted(key)
    longer, shorter = (word, key) if len(word) > len(key) else (key, word)
    return any(
        longer[at] == longer[at + 1] and longer[:at] + longer[at + 1 :] == shorter
        for at in range(len(shorter))
    )


def _homophone(index: Index, found: Found, field: str, text: str) -> Iterator[Hit]:
    written = text[found.start : found.end]
    span = fold(written)
    if is_chinese_word(span) or any(char in SENTENCE_SIGNS for char in written):
        return
    for key, patterns in index.heard.names[found.key]:
        same = sum(a == b for a, b in zip(span, key, strict=True))
        if same == len(key):
            continue
        if len(key) >= 4 or same >= len(key) - 1:
            exact = sound(span, exactly=True) == sound(key, exactly=True)
            value = HEARD.get(len(key), 1.0)
            if exact or (len(key) >= 3 and same >= len(key) - 1):
                yield from _hits(found, field, patterns, HOMOPHONE, value if exact else 0.8 * value)
