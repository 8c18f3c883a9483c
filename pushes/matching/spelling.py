"""How a spelling found in a listing departs from the registered one.

A plain spelling is a claim, a disguised one is evasion. The matcher finds both with the same
normalised text; this module compares the *original* characters to tell them apart.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pushes.matching.normalise import CharClass, normalise

PLAIN = "brand_named"
RESPACED = "brand_respaced"
DISGUISED = "brand_disguised"

SHORT = 3
"""Up to this many letters an accent always makes another word."""
MARKS_ONLY = 0.5
"""Disguise value when only accents or width differ: evasion in one language, habit in another."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """Kind of departure and how strong it is (0 to 1)."""

    kind: str
    value: float


def compare_spelling(found: str, registered: str, around: str = "") -> Spelling | None:
    """Classify the text ``found`` in a listing against a ``registered`` name it normalises to.

    ``around`` is the whole text: where its other words carry accents, an accent makes another word
    (Vietnamese "mì" is not "Mi") and the answer is None.
    """
    if found.casefold() == registered.casefold():
        return Spelling(PLAIN, 1.0)
    letters, expected = _letters(found), _letters(registered)
    if letters == expected:
        invisible = any(unicodedata.category(char) == "Cf" for char in found)
        return Spelling(DISGUISED, 1.0) if invisible else _spacing(found, registered)
    accents = _accents(letters, expected)
    if accents == 0:
        return _spacing(found, registered)
    if accents is not None and not _odd_marks(found, around):
        foreign = len(expected) <= SHORT or writes_accents(around.replace(found, " "))
        return None if foreign else Spelling(DISGUISED, MARKS_ONLY)
    if found.isascii():
        return None  # plain letters disguise nothing: "Mark" is not the Russian "Маяк"
    disguise = _disguise(found, letters, expected)
    return Spelling(DISGUISED, disguise) if disguise else _spacing(found, registered)


def _spacing(found: str, registered: str) -> Spelling:
    extra = len(_breaks(found) - _breaks(registered) - _humps(registered))
    if not extra:
        return Spelling(PLAIN, 1.0)
    letters = max(2, sum(char.isalnum() for char in found))
    return Spelling(RESPACED, min(1.0, 1.5 * extra / (letters - 1)))


def _accents(letters: str, expected: str) -> int | None:
    """Accents that ``letters`` has and ``expected`` has not; None when more than accents differ."""
    if _bare(letters) != _bare(expected):
        return None
    return max(0, _marks(letters) - _marks(expected))


def _odd_marks(found: str, around: str) -> bool:
    """Marks that no language composes with their letter, or loose ones in a text without others."""
    if any(unicodedata.combining(char) for char in unicodedata.normalize("NFC", found)):
        return True
    rest = around.replace(found, " ")
    loose = any(unicodedata.combining(char) for char in found)
    return loose and not any(unicodedata.combining(char) for char in rest)


def _disguise(found: str, letters: str, expected: str) -> float:
    if _is_width(found) and _letters(unicodedata.normalize("NFKC", found)) == expected:
        return MARKS_ONLY
    if all(_is_ideograph(char) for char in letters):
        return 0.0  # traditional for simplified is how half the readers write
    return 1.0


def writes_accents(text: str) -> bool:
    """Whether more than a tenth of the words of a text carry accents: then accents are letters."""
    words = [word for word in text.split() if any(char.isalpha() for char in word)]
    marked = sum(1 for word in words if not word.isascii() and _marks(word))
    return marked * 10 > len(words)


def _letters(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed.casefold() if c.isalnum() or unicodedata.combining(c))


def _bare(text: str) -> str:
    return "".join(
        _base(c) for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
    )


def _marks(text: str) -> int:
    decomposed = unicodedata.normalize("NFD", text)
    return sum(1 for c in decomposed if unicodedata.combining(c) or _base(c) != c)


@lru_cache(maxsize=5_000)
def _base(char: str) -> str:
    """The letter under a stroke that Unicode does not take apart: "đ" → "d", "ø" → "o"."""
    base, stroke, _ = unicodedata.name(char, "").partition(" WITH STROKE")
    if not stroke or not base.startswith("LATIN "):
        return char
    return unicodedata.lookup(base)


def _is_width(text: str) -> bool:
    return all(unicodedata.east_asian_width(c) in "FH" for c in text if not c.isascii())


def _is_ideograph(char: str) -> bool:
    return unicodedata.category(char) == "Lo"


def _breaks(text: str) -> set[int]:
    """Positions, counted in letters, where something separates two letters."""
    positions: set[int] = set()
    letters = 0
    for kind in normalise(text).classes:
        if kind in (CharClass.LETTER, CharClass.DIGIT, CharClass.WIDE):
            letters += 1
        elif kind != CharClass.DELETED and letters:
            positions.add(letters)
    positions.discard(letters)
    return positions


def _humps(registered: str) -> set[int]:
    """Positions where a registered CamelCase name could as well be written apart."""
    positions: set[int] = set()
    letters = 0
    for before, char in zip(" " + registered, registered, strict=False):
        if not char.isalnum():
            continue
        if letters and (
            (char.isupper() and before.islower()) or before.isdigit() != char.isdigit()
        ):
            positions.add(letters)
        letters += 1
    return positions
