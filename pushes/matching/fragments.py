"""Names of which only a part is shown: masked ("Ad*das", "*ucci", "耐～") or a styled piece.

A nearly complete name is evidence by itself. A mere piece is weak: it counts only together with
something else (price, phrase, category, seller), which ``signals.support`` looks after.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice

from pushes.matching import kernel
from pushes.matching.index import Hit, Name
from pushes.matching.name_tables import NameList
from pushes.matching.normalise import CharClass, Normalised, fold_cached, normalise
from pushes.matching.spelling import Spelling
from pushes.matching.tables import is_chinese_word, zipf_anywhere
from pushes.matching.whole_names import BESIDE, whole_span
from pushes.matching.words import USUAL, Stock, is_usual

MASKED, FRAGMENT = "brand_masked", "brand_fragment"
STRONG = 0.75
"""Share of certainty from which a masked name is evidence by itself."""
LEAST_VALUE = 0.65
"""What a piece counts at least, once something else points at its brand: with that brand's product
at half its lowest price it is suspect, by itself it is nothing."""
LITTLE, ONE_WORD = 1, 0.6
"""Up to so many letters beside a whole word leave only a part of the certainty."""
VERY_USUAL, HIDING = 4.5, frozenset("*＊#＃")
"""Signs that hide rather than part words; beside them a word must be this usual (Zipf)."""
MOST_BRANDS = 30
"""A piece that this many names share points at none of them."""
LEAST_TAIL = 3
"""Letters behind a mask that begins a word: "_ch" ends too many names."""
MOST_WORDS = 300
"""Words of names of several words that a piece fits: of more it says nothing, and asking whether
the other words stand beside it would take long."""
MOST_TRIED = 5_000
MOST_PIECES = 32
"""Pieces of one text that are looked at: a title that is nothing but masks names nobody."""
LONGEST_PIECE, LONGEST_WIDE = 24, 8
SCRIPTS = re.compile(r"[\x00-\x7f]*[\x00-\x29\x2b-\x7f][\x00-\x7f]*|[^\x00-\x29\x2b-\x7f]+")
"""A Latin piece with its masks, or one of another script."""
CROSSED = re.compile("(?<![a-z0-9])([一-鿿]{0,8})x([一-鿿]{0,8})(?![a-z0-9])")
SOME = "某"
"""Stands for a character that is not said, as an x or a star does: "尤妮某"."""
SOME_INSIDE = re.compile(f"(?=([一-鿿]{{0,8}}){SOME}([一-鿿]{{0,8}}))")
_Usual = Callable[[str], bool]
WORDS = (CharClass.LETTER, CharClass.DIGIT, CharClass.WIDE)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is left of a name: folded ``text`` with ``*`` for every hidden sign, and its span."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Guess:
    """A name that a piece may stand for: how certain (0 to 1), and the span it then covers."""

    name: Name
    value: float
    start: int
    end: int


def find_pieces(
    names: NameList, words: NameList, field: str, text: str, stock: Stock
) -> Iterator[Hit]:
    """Hits of kind ``brand_masked`` (strong) or ``brand_fragment`` (weak) in a flagged text.

    ``words``: the long words of names of several words.
    """
    source = normalise(text)

    def usual(word: str) -> bool:
        return stock.holds(word) or (len(word) > 3 and is_usual(word))

    for piece in islice(_masked(source), MOST_PIECES):
        if piece.text.isascii():
            hiding = not HIDING.isdisjoint(text[piece.start : piece.end])
            guesses = _latin(names, piece, source, usual_word=usual, hiding=hiding)
            yield from _hits_of_word(words, field, piece, text)
        else:
            guesses = _wide(names, piece)
        yield from _hits(field, guesses, MASKED)
    for piece in _crossed(source):
        yield from _hits(field, _wide(names, piece), MASKED)
    for piece in _unsaid(source):
        yield from _hits(field, _wide(names, piece), MASKED)
    ornaments = list(_styled(source, text))
    for piece in ornaments[:MOST_PIECES]:
        # One styled word is a hint even if it is a word; a title all in styled letters is not.
        if not stock.holds(piece.text) and not (len(ornaments) > 2 and usual(piece.text)):
            yield from _hits(field, _part_of(names, piece), FRAGMENT)


def _hits(field: str, guesses: Sequence[Guess], kind: str) -> Iterator[Hit]:
    if len({guess.name[0] for guess in guesses}) > MOST_BRANDS:
        return
    few = len({guess.name[0] for guess in guesses}) <= 3
    for guess in guesses:
        strong = guess.value >= STRONG and kind == MASKED and few
        value = guess.value if strong else max(LEAST_VALUE, guess.value)
        spelling = Spelling(MASKED if strong else FRAGMENT, value)
        for pattern in guess.name[1]:
            yield Hit(pattern, field, guess.start, guess.end, spelling)


def _hits_of_word(words: NameList, field: str, piece: Piece, text: str) -> Iterator[Hit]:
    """Names of several words, one of them masked: "Mont B*anc", "S.T.Dupon*"."""
    fitting = [
        (key, patterns, value)
        for key, patterns in _candidates(words, piece.text)
        if (value := mask_value(piece.text, key)) > 0
    ]
    if len(fitting) > MOST_WORDS:
        return
    for key, patterns, value in fitting:
        for pattern in patterns:
            span = whole_span(pattern.text, key, piece.start, piece.end, text)
            if span is not None:
                sure = len(fold_cached(pattern.text)) - len(key) >= BESIDE
                if sure or value >= STRONG:
                    yield Hit(pattern, field, *span, Spelling(MASKED, max(value, STRONG)))


def _masked(source: Normalised) -> Iterator[Piece]:
    """Runs of word characters of one script and mask signs that hold both."""
    groups = [_group(kind) for kind in source.classes]
    at = 0
    for group, members in groupby(groups):
        size = len(list(members))
        if group and "*" in (span := _letters(source, at, at + size)) and span.strip("*"):
            yield from _by_script(source, at, at + size)
        at += size


def _crossed(source: Normalised) -> Iterator[Piece]:
    """Ideographs around, before or after an x: "阿x达斯"."""
    for found in CROSSED.finditer(source.text):
        before, after = found.groups()
        if len(before) + len(after) < 2:
            continue
        first, last = found.start(), found.end() - 1
        yield Piece(f"{before}*{after}", source.offsets[first], source.offsets[last] + 1)


def _unsaid(source: Normalised) -> Iterator[Piece]:
    """Ideographs around, before or after a "某"."""
    for found in SOME_INSIDE.finditer(source.text) if SOME in source.text else ():
        text = f"{found.group(1)}*{found.group(2)}"
        if len(text) > 2:
            first, last = found.start(1), found.end(2) - 1
            yield Piece(text, source.offsets[first], source.offsets[last] + 1)


def _group(kind: int) -> bool:
    return kind in WORDS or kind == CharClass.MASK


def _letters(source: Normalised, start: int, end: int) -> str:
    return "".join(
        "*" if source.classes[at] == CharClass.MASK else source.text[at] for at in range(start, end)
    )


def _by_script(source: Normalised, start: int, end: int) -> Iterator[Piece]:
    """Cut a run where the script changes; masks go with the side that they touch."""
    text = _letters(source, start, end)
    for found in SCRIPTS.finditer(text):
        piece = found.group()
        if "*" in piece and piece.strip("*") and len(piece) <= 2 * LONGEST_PIECE:
            first, last = start + found.start(), start + found.end() - 1
            yield Piece(piece, source.offsets[first], source.offsets[last] + 1)


def _latin(
    names: NameList, piece: Piece, source: Normalised, *, usual_word: _Usual, hiding: bool
) -> Sequence[Guess]:
    """Names that the shown letters fit, with the neighbouring words where a name has several."""
    shown = piece.text.strip("*")
    if shown.isdigit():
        return ()  # "1*" begins too many names, and most are amounts
    whole_word = "*" not in shown and (usual_word(shown) or names.holds(shown))
    guesses: list[Guess] = []
    usual = VERY_USUAL if hiding else USUAL
    for text, start, end in _widened(piece, source):
        if whole_word and text == piece.text:
            continue
        share = ONE_WORD if _is_word_beside_little(text, usual) else 1.0
        guesses += [
            Guess(name, share * value, start, end)
            for name in _candidates(names, text)
            if (value := mask_value(text, name[0])) > 0
        ]
    return guesses


def _is_word_beside_little(text: str, usual: float) -> bool:
    """ "b*shop" is rather a shop's own name than one with a letter hidden."""
    longest = max(text.split("*"), key=len)
    rest = len(text) - text.count("*") - len(longest)
    return 0 < rest <= LITTLE and len(longest) >= 4 and zipf_anywhere(longest) >= usual


def _widened(piece: Piece, source: Normalised) -> Iterator[tuple[str, int, int]]:
    """The piece alone, then with the word before, after, and both."""
    yield piece.text, piece.start, piece.end
    first = source.offsets.index(piece.start)
    last = len(source.offsets) - 1 - source.offsets[::-1].index(piece.end - 1)
    before, start = _neighbour(source, first - 1, -1)
    after, end = _neighbour(source, last + 1, 1)
    if before:
        yield before + piece.text, start, piece.end
    if after:
        yield piece.text + after, piece.start, end + 1
    if before and after:
        yield before + piece.text + after, start, end + 1


def _neighbour(source: Normalised, at: int, step: int) -> tuple[str, int]:
    """The Latin word beside a position, and the offset of its far end."""
    word = ""
    size = len(source.text)
    while 0 <= at < size and source.classes[at] in (CharClass.SPACE, CharClass.SEPARATOR):
        at += step
    far = -1
    while 0 <= at < size and source.classes[at] in (CharClass.LETTER, CharClass.DIGIT):
        word, far = (source.text[at] + word, at) if step < 0 else (word + source.text[at], at)
        at += step
    return (word, source.offsets[far]) if len(word) >= 2 else ("", 0)


def _candidates(names: NameList, text: str) -> Sequence[Name]:
    before, after = text.partition("*")[0], text.rpartition("*")[2]
    if len(before) >= len(after):
        found = names.beginning(before) if before else ()
    else:
        found = names.ending(after) if len(after) >= (2 if before else LEAST_TAIL) else ()
    return found if len(found) <= MOST_TRIED else ()


@lru_cache(maxsize=2_000)
def _shape(text: str) -> re.Pattern[str]:
    """One sign may stand for up to three letters, several for exactly as many.

    At the end of a truncated name a sign stands for any number.
    """
    shape = ""
    for part in re.findall(r"\*+|[^*]+", text):
        if part[0] != "*":
            shape += re.escape(part)
        else:
            shape += ".{1,3}" if len(part) == 1 else f".{{{len(part)}}}"
    if text.endswith("*"):
        shape = shape[: shape.rindex(".")] + ".+"
    return re.compile(shape)


def mask_value(text: str, key: str) -> float:
    """How certain a masked Latin piece stands for a name, 0 when it does not fit it."""
    if len(text) - text.count("*") >= len(key) or _shape(text).fullmatch(key) is None:
        return 0.0
    missing = len(key) - len(text) + text.count("*")
    shown = 1 - missing / len(key)
    if len(key) < 4:
        return min(0.5, shown)
    if "*" in text.strip("*"):
        inner = shown >= 0.5 and missing <= max(2, text.count("*"))
        return 1.0 if inner else 0.7 * shown
    return _end_value(len(key) - missing, missing, len(key))


def _end_value(shown: int, missing: int, length: int) -> float:
    """Letters hidden at one end only: a truncated word is less certain than a gap."""
    if missing == 1 and length >= 5:
        return 0.92
    share = shown / length
    return min(0.7, share) if shown < 4 or share < 0.6 else 0.8 * share + 0.1


def _wide(names: NameList, piece: Piece) -> Sequence[Guess]:
    """Names in a script without spaces: what stands beside the name may touch the piece."""
    for fitting in (_fit_inside, _fit_tail, _fit_head):
        guesses = fitting(names, piece)
        if guesses:
            return guesses
    return ()


def _fit_inside(names: NameList, piece: Piece) -> list[Guess]:
    """Characters on both sides of the signs: "阿*达斯"."""
    before, hidden, after = re.split(r"(\*+)", piece.text, maxsplit=1)
    guesses = []
    for start in range(max(0, len(before) - LONGEST_WIDE), len(before)):
        for name in names.beginning(before[start:]):
            missing = _gap(name[0], before[start:], len(hidden), after)
            if missing:
                tail = len(name[0]) - len(before) + start - missing
                value = 1.0 if missing * 2 < len(name[0]) else 0.6
                end = piece.start + len(before) + len(hidden) + tail
                guesses.append(Guess(name, value, piece.start + start, end))
        if guesses:
            break
    return guesses


def _gap(key: str, before: str, signs: int, after: str) -> int:
    """Characters hidden between ``before`` and some beginning of ``after``; 0 when none fit."""
    tried: tuple[int, ...] = (1, 2) if signs == 1 else (signs,)
    for missing in tried:
        tail = key[len(before) + missing :]
        if tail and after.startswith(tail):
            return missing
    return 0


def _fit_tail(names: NameList, piece: Piece) -> list[Guess]:
    """The last characters hidden: "耐～"."""
    before, _, after = piece.text.partition("*")
    for start in range(max(0, len(before) - LONGEST_WIDE), len(before)):
        shown = before[start:]
        if len(shown) == 1 and after.strip("*"):
            break  # "包邮*德国": the sign parts two words
        guesses = []
        for name in names.beginning(shown):
            missing = len(name[0]) - len(shown)
            if missing and not name[0].isascii():
                nearly = missing == 1 and _says_enough(shown)
                value = 0.92 if nearly else min(0.6, len(shown) / len(name[0]))
                guesses.append(Guess(name, value, piece.start + start, piece.end))
        if guesses:
            return guesses if len(guesses) <= MOST_BRANDS else []
    return []


def _says_enough(shown: str) -> bool:
    """Whether characters point at a name of one more: three do, and two that are no word."""
    return len(shown) >= 3 or (len(shown) == 2 and not is_chinese_word(shown))


def _fit_head(names: NameList, piece: Piece) -> list[Guess]:
    """The first character hidden: "*迪达斯"."""
    after = piece.text.rpartition("*")[2]
    first = piece.end - len(after)
    for length in range(min(LONGEST_WIDE, len(after)), 1, -1):
        guesses = [
            Guess(name, 0.92 if _says_enough(after[:length]) else 0.6, first - 1, first + length)
            for name in names.ending(after[:length])
            if len(name[0]) == length + 1
        ]
        if guesses:
            return guesses
    return []


def _styled(source: Normalised, text: str) -> Iterator[Piece]:
    """Runs of three and more ornamental letters."""
    start = -1
    for at in range(len(source.text) + 1):
        ornamental = (
            at < len(source.text)
            and source.classes[at] == CharClass.LETTER
            and ord(text[source.offsets[at]]) >= kernel.STYLED_FROM
        )
        if ornamental and start < 0:
            start = at
        elif not ornamental and start >= 0:
            if at - start >= 3:
                offsets = source.offsets
                yield Piece(source.text[start:at], offsets[start], offsets[at - 1] + 1)
            start = -1


def _part_of(names: NameList, piece: Piece) -> Sequence[Guess]:
    """Names that begin or end with the piece."""
    text = piece.text
    found = [*names.beginning(text), *(names.ending(text) if len(text) >= 4 else ())]
    guesses = []
    for name in found[:MOST_TRIED]:
        shown = len(text) / len(name[0])
        if shown < 1:
            value = min(0.7, shown) if len(text) < 4 or shown < 0.6 else 0.8 * shown + 0.1
            guesses.append(Guess(name, value, piece.start, piece.end))
    return guesses
