"""Names of which only a part is shown: masked ("Ad*das", "耐～") or a styled piece ("𝓖𝓾𝓬 bag").

A nearly complete name is evidence by itself. A mere piece is weak: it makes a candidate only
together with something else (price, phrase, category, seller), which ``engine`` looks after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pushes.matching import kernel
from pushes.matching.index import Hit, NameList
from pushes.matching.normalise import CharClass, Normalised, normalise
from pushes.matching.spelling import Spelling
from pushes.matching.tables import common_words, points_of

MASKED, FRAGMENT = "brand_masked", "brand_fragment"
MOST_BRANDS = 12
"""A piece that this many brands share points at none of them."""
LONGEST_PIECE = 24
WORDS = (CharClass.LETTER, CharClass.DIGIT, CharClass.WIDE)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is left of a name: letters before and after the mask, ``hidden`` signs between them.

    ``start`` and ``end`` are offsets in the original text.
    """

    before: str
    hidden: int
    after: str
    start: int
    end: int


def find_pieces(
    names: NameList, field: str, text: str, stock: Mapping[str, float], often: float
) -> Iterator[Hit]:
    """Hits of kind ``brand_masked`` (strong) or ``brand_fragment`` (weak) in a flagged text."""
    source = normalise(text)
    for piece in _masked(source):
        yield from _resolve(names, field, piece, MASKED, stock, often)
    for piece in _styled(source, text):
        yield from _resolve(names, field, piece, FRAGMENT, stock, often)


def _masked(source: Normalised) -> Iterator[Piece]:
    """Mask signs with word characters directly before them."""
    kinds = source.classes
    at = 0
    while at < len(kinds):
        if kinds[at] != CharClass.MASK:
            at += 1
            continue
        stop = at
        while stop < len(kinds) and kinds[stop] == CharClass.MASK:
            stop += 1
        left = _word_before(source, at)
        right = _word_after(source, stop)
        if left < at:
            yield Piece(
                source.text[left:at],
                stop - at,
                source.text[stop:right],
                source.offsets[left],
                source.offsets[right - 1] + 1,
            )
        at = stop


def _word_before(source: Normalised, at: int) -> int:
    """Start of the run of characters of one script that ends before ``at``."""
    left = at
    while left > 0 and at - left < LONGEST_PIECE and source.classes[left - 1] in WORDS:
        if left < at and _script(source, left - 1) != _script(source, at - 1):
            break
        left -= 1
    return left


def _word_after(source: Normalised, at: int) -> int:
    right = at
    while right < len(source.text) and right - at < LONGEST_PIECE:
        if source.classes[right] not in WORDS or _script(source, right) != _script(source, at):
            break
        right += 1
    return right


def _script(source: Normalised, at: int) -> bool:
    return source.classes[at] == CharClass.WIDE


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
                yield Piece(source.text[start:at], 0, "", offsets[start], offsets[at - 1] + 1)
            start = -1


def _resolve(
    names: NameList, field: str, piece: Piece, kind: str, stock: Mapping[str, float], often: float
) -> Iterator[Hit]:
    """Hits for the names a piece may stand for."""
    for start in _starts(piece):
        before = piece.before[start:]
        if not piece.after and (stock.get(before, 0.0) > often or is_common(before)):
            continue
        found = [
            (name, value)
            for name in names.beginning(before)
            if (value := piece_value(name[0], before, piece)) > 0
        ]
        if not found or len(found) > MOST_BRANDS:
            continue
        first = piece.start + (start if kind == MASKED and start else 0)
        for (_, patterns), value in found:
            strong = value >= 0.75 and kind == MASKED and len(found) <= 3
            spelling = Spelling(MASKED if strong else FRAGMENT, value)
            for pattern in patterns:
                yield Hit(pattern, field, first, piece.end, spelling)
        return


def _starts(piece: Piece) -> Sequence[int]:
    """Where the name may begin in the letters before the mask.

    Chinese is written without spaces: the name is some last characters, the longest tried first.
    """
    if piece.before.isascii():
        return (0,) if len(piece.before) >= 2 or piece.after else ()
    return range(max(0, len(piece.before) - 4), len(piece.before))


def piece_value(key: str, before: str, piece: Piece) -> float:
    """How much of the name is shown, 0 when the piece does not fit it.

    One sign may stand for several letters; several signs for exactly as many, or any number at the
    end of a truncated name.
    """
    after = piece.after if key.isascii() else _fitting_tail(key, piece.after)
    if after and not key.endswith(after):
        return 0.0
    missing = len(key) - len(before) - len(after)
    if missing < 1 or (after == "" and piece.after and key.isascii()):
        return 0.0
    if after and piece.hidden not in (1, missing):
        return 0.0
    shown = 1 - missing / len(key)
    least = 4 if key.isascii() else 3
    if len(key) < least:
        return min(0.5, shown)
    if not after:
        return min(0.7, shown) if len(before) < 4 or shown < 0.6 else 0.8 * shown + 0.1
    return 1.0 if shown >= 0.5 and missing <= max(2, piece.hidden) else 0.7 * shown


def _fitting_tail(key: str, after: str) -> str:
    """The longest beginning of the following characters with which the name ends."""
    for length in range(min(len(after), len(key) - 1), 0, -1):
        if key.endswith(after[:length]):
            return after[:length]
    return ""


def is_common(folded: str) -> bool:
    """Whether a folded Latin word is frequent in some language."""
    if not folded.isascii() or len(folded) < 4:
        return False
    return kernel.contains(common_words(), kernel.hash_all(*points_of([folded]))[0])
