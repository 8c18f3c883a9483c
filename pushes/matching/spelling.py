"""How a spelling found in a listing departs from the registered one.

A plain spelling is a claim, a disguised one is evasion. The matcher finds both with the same
normalised text; this module compares the *original* characters to tell them apart.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pushes.matching.normalise import CharClass, fold_cached, normalise
from pushes.matching.respellings import is_drawn
from pushes.matching.words import is_usual

PLAIN = "brand_named"
RESPACED = "brand_respaced"
DISGUISED = "brand_disguised"

HOMOPHONE = "brand_homophone"
SURE_VALUE = 0.78
"""Value of a misspelt word beside the other words of a name. Not pushed by itself, so that listings
with such hints need no closer look (see ``bound``)."""
SPELT_OUT = {2: 0.3, 3: 0.8}
"""Value of a Chinese name written in Latin letters as it sounds, by its syllables."""
BROKEN_SHORTEST = 4
"""Letters of the shortest name that counts as broken over two words (one more without a sign)."""
WORDS_APART, LONG_APART = 0.92, 8
"""Value of a long name broken into words, and the letters from which it counts as long."""
VOWELS = frozenset("aeiouy")
JOINERS = frozenset("-/&+,'’\"”")
BRACKETS = frozenset("()[]{}（）【】《》「」<>:;：；，。！!?？")
IGNORED = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Characters that show nothing though they are letters or marks."""

BORDER_VALUE = 0.05
"""Value of a name of two characters that one word may end and the next begin with."""
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
        hidden = any(_is_invisible(char) for char in found)
        return Spelling(DISGUISED, 1.0) if hidden else _spacing(found, registered, around)
    if found.isascii() and not expected.isascii() and all(map(_is_ideograph, expected)):
        return Spelling(HOMOPHONE, SPELT_OUT.get(len(expected), 1.0))
    accents = _accents(letters, expected)
    if accents == 0:
        return _spacing(found, registered)
    if accents is not None and (len(expected) <= SHORT or not _odd_marks(found, around)):
        foreign = len(expected) <= SHORT or writes_accents(around.replace(found, " "))
        return None if foreign else Spelling(DISGUISED, MARKS_ONLY)
    return _other_letters(found, registered, letters, expected, around)


def _other_letters(
    found: str, registered: str, letters: str, expected: str, around: str
) -> Spelling | None:
    """Letters that are not those of the name, though they fold to the same."""
    plain, key = fold_cached(found), fold_cached(registered)
    if found.isascii() and is_drawn(plain, key):
        return None if is_usual(plain) else Spelling(DISGUISED, 1.0)
    if found.isascii() or (_is_latin(found) and not _is_latin(registered)):
        return None  # plain letters disguise nothing: "Mark" is not the Russian "Маяк"
    disguise = _disguise(found, letters, expected, around)
    return Spelling(DISGUISED, disguise) if disguise else _spacing(found, registered)


def _is_word_border(found: str, around: str) -> bool:
    """Whether two characters are the last of one word and the first of another: "护肤品 高仿"."""
    if not (found[0].isalpha() and not found.isascii() and found[1:-1].isspace()):
        return False
    at = around.find(found)
    before, after = around[max(0, at - 1) : at], around[at + len(found) : at + len(found) + 1]
    return at >= 0 and (before + after).isalnum() and not (before + after).isascii()


def _spacing(found: str, registered: str, around: str = "") -> Spelling:
    """How much room between letters tells: all of it when nobody would have put it there."""
    odd = sorted(_breaks(found) - places_to_break(registered))
    if not odd:
        return Spelling(PLAIN, 1.0)
    letters = [char for char in found if char.isalnum()]
    if around and len(letters) == 2 and _is_word_border(found, around):
        return Spelling(RESPACED, BORDER_VALUE)
    value = min(1.0, 1.5 * len(odd) / max(1, len(letters) - 1))
    if value < 1 and len(letters) >= BROKEN_SHORTEST:
        pieces = [fold_cached("".join(letters[a:b])) for a, b in pairwise([0, *odd, len(letters)])]
        value = max(value, _broken(found, pieces))
    return Spelling(RESPACED, value)


def _broken(found: str, pieces: Sequence[str]) -> float:
    """A name broken into two or three pieces: 1 where they are not simply words or an ending."""
    signs = {char for char in found if not char.isalnum() and not char.isspace()}
    if signs & BRACKETS:
        return 0.0
    odd = signs - JOINERS - {"."}
    if odd and not any(char.isspace() for char in found):
        return 1.0  # "wal·mart", "P👟ink"
    if min(map(len, pieces)) < 2:
        return 0.0
    if "." in signs and not any(char.isspace() for char in found):
        return 1.0  # "Her.mes"
    length = sum(map(len, pieces))
    if length <= BROKEN_SHORTEST:
        return 0.0
    words = all(map(is_usual, pieces))
    return (WORDS_APART if length >= LONG_APART else 0.0) if words else 1.0


def _accents(letters: str, expected: str) -> int | None:
    """Accents that ``letters`` has and ``expected`` has not; None when more than accents differ."""
    if _bare(letters) != _bare(expected):
        return None
    return max(0, _marks(letters) - _marks(expected))


def _odd_marks(found: str, around: str) -> bool:
    """Marks that no language composes with their letter, loose ones in a text without others, or
    marked consonants that the rest of the text does not have.
    """
    if any(_is_mark(char) for char in unicodedata.normalize("NFC", found)):
        return True
    rest = around.replace(found, " ")
    foreign = {
        char
        for char in unicodedata.normalize("NFC", found).casefold()
        if has_accents(char) and _bare(char) not in VOWELS and char not in rest.casefold()
    }
    if len(foreign) > 1:
        return True
    loose = any(unicodedata.combining(char) for char in found)
    return loose and not any(unicodedata.combining(char) for char in rest)


def _disguise(found: str, letters: str, expected: str, around: str) -> float:
    if _is_width(found) and _letters(unicodedata.normalize("NFKC", found)) == expected:
        rest = around.replace(found, " ")
        return MARKS_ONLY if any(_is_wide_letter(char) for char in rest) else 1.0
    if letters and all(_is_ideograph(char) for char in letters):
        # Traditional for simplified is how half the readers write; 女马 for 妈 is not.
        return 0.0 if len(letters) == len(expected) else 1.0
    return 1.0


def _is_invisible(char: str) -> bool:
    """Format characters, fillers, and selectors that attach to nothing."""
    if char.isascii():
        return False
    category = unicodedata.category(char)
    return (
        category == "Cf"
        or char in IGNORED
        or (category == "Mn" and ord(char) >= 0xFE00 and "VARIATION" in unicodedata.name(char, ""))
    )


def has_accents(text: str) -> bool:
    """Whether a Latin letter carries an accent or a stroke."""
    return _marks(text) > 0


def writes_accents(text: str) -> bool:
    """Whether more than a tenth of the words of a text carry accents: then accents are letters."""
    words = [word for word in text.split() if any(char.isalpha() for char in word)]
    marked = sum(1 for word in words if not word.isascii() and _marks(word))
    return marked * 10 > len(words)


def _letters(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed.casefold() if c.isalnum() or _is_mark(c))


def _bare(text: str) -> str:
    return "".join(_base(c) for c in unicodedata.normalize("NFD", text) if not _is_mark(c))


def _marks(text: str) -> int:
    decomposed = unicodedata.normalize("NFD", text)
    return sum(1 for c in decomposed if _is_mark(c) or _base(c) != c)


@lru_cache(maxsize=5_000)
def _base(char: str) -> str:
    """The letter under a stroke that Unicode does not take apart: "đ" → "d", "ø" → "o"."""
    base, stroke, _ = unicodedata.name(char, "").partition(" WITH STROKE")
    if not stroke or not base.startswith("LATIN "):
        return char
    return unicodedata.lookup(base)


def is_mixed(text: str) -> bool:
    """Whether a text holds signs that no script has: letters of two scripts, invisible or styled
    ones.
    """
    letters = [char for char in text if char.isalpha()]
    if any(_is_invisible(char) or unicodedata.decomposition(char).startswith("<") for char in text):
        return True
    plain = sum(char.isascii() for char in letters)
    return 0 < plain < len(letters) and not _is_latin(text)


def _is_latin(text: str) -> bool:
    """Whether all letters under their accents are plain Latin."""
    return _bare(_letters(text)).isascii()


def _is_mark(char: str) -> bool:
    """A mark over, under or around a letter (rings and keycaps have no combining class)."""
    return not char.isascii() and (
        unicodedata.combining(char) > 0 or unicodedata.category(char) == "Me"
    )


def _is_wide_letter(char: str) -> bool:
    return unicodedata.east_asian_width(char) == "F" and char.isalnum()


def _is_width(text: str) -> bool:
    return all(unicodedata.east_asian_width(c) in "FH" for c in text if not c.isascii())


def _is_ideograph(char: str) -> bool:
    return unicodedata.category(char) == "Lo"


def places_to_break(registered: str) -> set[int]:
    """Where a registered name may be written apart: positions counted in letters."""
    return _breaks(registered) | _humps(registered)


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
