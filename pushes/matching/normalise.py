"""Evasive text → comparable text, with offsets back to the original.

One table over code points does all the work, so the offset of every output character is known and
the whole thing can be vectorised. The rules, in order (the first that applies wins):

* invisible characters (format characters, combining marks, variation selectors) vanish;
* a lookalike letter or digit becomes the ASCII letter it imitates. Only non-ASCII characters are
  replaced: folding ``m`` to ``rn`` or ``1`` to ``l`` would make model numbers collide;
* letters named "LATIN … LETTER X WITH …" (ø, đ, ɓ) and enclosed, styled or regional letters
  become X, by their Unicode name;
* compatibility decomposition (NFKD), case folding; traditional Chinese → simplified;
* everything else that is neither letter nor digit separates words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache

from confusable_homoglyphs import confusables
from opencc import OpenCC

TABLE_SIZE = 0x20000
"""Planes 0 and 1. Rarer code points (plane 2 ideographs and up) stand for themselves."""


LONGEST_FOLD = 4
"""A ligature of a whole sentence must not make a text eighteen times as long."""


IDEOGRAPHS_END = 0x34000


class CharClass(IntEnum):
    """What a character is to the matcher."""

    SEPARATOR = 0
    LETTER = 1  # Latin after folding
    DIGIT = 2
    WIDE = 3  # a letter of a script written without folding to Latin: CJK, Thai, Arabic …
    DELETED = 4
    MASK = 5  # stands for a hidden letter: * # ~ …
    LEET = 6  # a sign used as a letter: @ $ !
    SPACE = 7


MASK_CHARS = frozenset(
    "*#~_×·•●○◯✱✲✳✴＊＃＿～〜∗⁎﹡٭♡♥❤★☆⭐█▓▒░■□▪▫◆◇✖❌❎⭕🔥✨💯💗💖💕🖤💙💚💛💜🌟💎🍀🌸🌹👑⚡"
)
MASK_WORDS = frozenset("某")
"""An ideograph that stands for "one or other": 耐某 is written for 耐克."""
LEET_CHARS = frozenset("@$!€£¥¢")
LEET_LETTERS = {
    "0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "l", "€": "e", "£": "l", "¥": "y", "¢": "c", "i": "l",
}  # fmt: skip
"""Digits and signs read as letters; ``i`` and ``l`` fall together, since 1 and ! stand for both."""

FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Hangul letters without a shape: they count as letters and show nothing."""

STROKES = frozenset("丨丶丿亅ㄧ〡")
"""Ideographs that are mere strokes: sellers put them between the characters of a name."""

SIGNS = (
    dict.fromkeys(STROKES, " ")
    | dict.fromkeys(MASK_CHARS | MASK_WORDS, "*")
    | dict.fromkeys(FILLERS, "")
    | {sign: sign for sign in LEET_CHARS}
)
"""What signs beyond ASCII become, whatever Unicode says about them."""

# Cyrillic and Greek letters that sellers use by shape; the Unicode list leaves many of them out
# because they are confusable only in lower or only in upper case.
SHAPES = {
    "І": "i", "Ӏ": "l", "ո": "n", "ս": "u", "օ": "o", "հ": "h", "ց": "g", "զ": "q", "ʟ": "l",
    "℮": "e", "ϲ": "c", "ϳ": "j", "ѵ": "v", "ѡ": "w", "ү": "y", "ұ": "y", "ӕ": "ae", "ʌ": "v",
    "а": "a", "б": "b", "в": "b", "г": "r", "д": "d", "е": "e", "є": "e", "з": "3", "и": "n",
    "к": "k", "м": "m", "н": "h", "о": "o", "п": "n", "р": "p", "с": "c", "т": "t", "у": "y",
    "х": "x", "ц": "u", "ч": "4", "ш": "w", "ь": "b", "я": "r", "і": "i", "ї": "i", "ј": "j",
    "ѕ": "s", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ӏ": "l",
    "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "ζ": "z", "η": "n", "ι": "i", "κ": "k",
    "λ": "a", "μ": "u", "ν": "v", "ο": "o", "π": "n", "ρ": "p", "σ": "o", "ς": "s", "τ": "t",
    "υ": "u", "φ": "o", "χ": "x", "ω": "w",
    "ɯ": "m", "ʍ": "w", "ƅ": "b",
    "Β": "b", "Ε": "e", "Ζ": "z", "Η": "h", "Ι": "i", "Κ": "k", "Μ": "m", "Ν": "n", "Ο": "o",
    "Ρ": "p", "Τ": "t", "Υ": "y", "Χ": "x", "Σ": "e",
}  # fmt: skip

NAMED_LETTER = re.compile(
    r"^(?:MATHEMATICAL |FULLWIDTH |NEGATIVE |CIRCLED |SQUARED |CROSSED |PARENTHESIZED |OUTLINED "
    r"|REGIONAL INDICATOR SYMBOL |TORTOISE SHELL BRACKETED )*"
    r"(?:MODIFIER |SUBSCRIPT )?LATIN (?:SMALL |CAPITAL |LETTER |SUBSCRIPT |SUPERSCRIPT )+"
    r"(?:SMALL |CAPITAL |LETTER )*(?:TURNED |REVERSED |INVERTED |SIDEWAYS |OPEN |BARRED "
    r"|SCRIPT |INSULAR |CLOSED |LONG |DOTLESS )*([A-Z])(?: WITH .*)?$"
)
ENCLOSED_LETTER = re.compile(
    r"^(?:NEGATIVE |CIRCLED |SQUARED |CROSSED |PARENTHESIZED |RAISED |DIGITAL )*"
    r"(?:REGIONAL INDICATOR SYMBOL LETTER|LATIN CAPITAL LETTER|LATIN SMALL LETTER) ([A-Z])$"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """Comparable text of one original.

    ``text``: folded characters with separators kept as single spaces' worth of ``" "``;
    ``offsets[i]``: index in the original of the character that gave ``text[i]``;
    ``classes[i]``: its ``CharClass``.
    """

    text: str
    offsets: list[int]
    classes: bytes


@dataclass(frozen=True, slots=True)
class Squeezed:
    """Comparable text without anything between words.

    ``starts[i]`` / ``ends[i]``: 2 where a word starts / ends before / after ``text[i]``, 1 where a
    letter meets a digit, else 0. Scripts written without spaces are edges everywhere.
    """

    text: str
    offsets: list[int]
    starts: bytes
    ends: bytes


@cache
def folding_table() -> tuple[list[str], bytes]:
    """(what each code point becomes, its class), both indexed by code point below TABLE_SIZE."""
    simplified = _simplified()
    lookalike = _lookalikes()
    folded: list[str] = []
    classes = bytearray(TABLE_SIZE)
    for point in range(TABLE_SIZE):
        char = chr(point)
        text = _fold(char, lookalike, simplified)[:LONGEST_FOLD]
        folded.append(text)
        classes[point] = _classify(char, text)
    return folded, bytes(classes)


def _simplified() -> dict[str, str]:
    """Traditional → simplified for single ideographs (OpenCC)."""
    block = [chr(point) for point in range(0x3400, 0xA000)]
    converted = OpenCC("t2s").convert("\n".join(block)).split("\n")
    return {a: b for a, b in zip(block, converted, strict=True) if a != b and len(b) == 1}


def _lookalikes() -> dict[str, str]:
    """Non-ASCII character → the ASCII letter or digit it imitates (Unicode confusables)."""
    table: dict[str, str] = {}
    for char, twins in confusables.confusables_data.items():
        if len(char) != 1 or char.isascii():
            continue
        plain = [t["c"] for t in twins if len(t["c"]) == 1 and t["c"].isascii()]
        letters = [c for c in plain if c.isalpha()] or [c for c in plain if c.isdigit()]
        if letters and not _is_ideograph(char):
            table[char] = letters[0].lower()
    return table | SHAPES


def _is_ideograph(char: str) -> bool:
    return 0x2E80 <= ord(char) < 0xA000 or 0xF900 <= ord(char) < 0xFB00


def _fold(char: str, lookalike: dict[str, str], simplified: dict[str, str]) -> str:
    """What one character becomes; "" when it vanishes, " " when it separates."""
    category = unicodedata.category(char)
    if char.isascii():
        return (
            char.lower() if char.isalnum() else (char if char in MASK_CHARS | LEET_CHARS else " ")
        )
    if char in SIGNS:
        return SIGNS[char]
    if category in {"Mn", "Me", "Cf", "Cn", "Co"}:
        return ""
    shape = _letter_shape(char, lookalike)
    if shape:
        return shape
    if _is_hangul_or_kana(char):
        return unicodedata.normalize("NFKC", char).lower()
    parts = [_fold_part(part, lookalike, simplified) for part in _decompose(char)]
    return "".join(parts) or " "


def _decompose(char: str) -> str:
    return unicodedata.normalize("NFKD", char)


def _letter_shape(char: str, lookalike: dict[str, str]) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    for shapes in (SHAPES, _latin_form(char), lookalike):
        for form in (char, char.lower()):
            if form in shapes:
                return shapes[form]
    name = unicodedata.name(char, "")
    base, stroked, _ = name.partition(" WITH ")
    if stroked and base.startswith(("CYRILLIC", "GREEK")):
        try:
            return lookalike.get(unicodedata.lookup(base).lower(), "")
        except KeyError:  # the name without its stroke is no character's name
            return ""
    named = NAMED_LETTER.match(name) or ENCLOSED_LETTER.match(name)
    return named.group(1).lower() if named else ""


def _latin_form(char: str) -> dict[str, str]:
    """A styled letter is the letter it is made of, whatever else it resembles: 𝑰 is no l."""
    plain = unicodedata.normalize("NFKD", char)
    return {char: plain.lower()} if len(plain) == 1 and plain.isascii() and plain.isalpha() else {}


def _fold_part(part: str, lookalike: dict[str, str], simplified: dict[str, str]) -> str:
    if part.isascii():
        return part.lower() if part.isalnum() else ""
    if unicodedata.category(part)[0] in "MC":
        return ""
    shape = _letter_shape(part, lookalike)
    if shape:
        return shape
    if part.isalnum():
        return simplified.get(part, part.casefold())
    return ""


def _is_hangul_or_kana(char: str) -> bool:
    point = ord(char)
    if not char.isalnum() and char != "ー":
        return False
    return 0x3040 <= point < 0x3100 or 0xAC00 <= point < 0xD7B0 or 0xFF65 <= point < 0xFFDD


def _classify(char: str, folded: str) -> int:
    if char.isspace():
        return CharClass.SPACE
    if folded == "":
        return CharClass.DELETED
    first = folded[0]
    if not first.isalnum():
        signs = {" ": CharClass.SEPARATOR} | dict.fromkeys(MASK_CHARS, CharClass.MASK)
        return signs.get(first, CharClass.LEET)
    if first.isascii():
        return CharClass.DIGIT if first.isdigit() else CharClass.LETTER
    return CharClass.WIDE


def normalise(text: str) -> Normalised:
    """Fold a text character by character; every output character keeps its origin."""
    folded, classes = folding_table()
    out: list[str] = []
    offsets: list[int] = []
    kinds = bytearray()
    for position, char in enumerate(text):
        point = ord(char)
        if point >= TABLE_SIZE:
            wide = point < IDEOGRAPHS_END  # planes 2 and 3; beyond there are no letters
            piece, kind = (char, int(CharClass.WIDE)) if wide else ("", int(CharClass.DELETED))
        else:
            piece, kind = folded[point], classes[point]
        for part in piece:
            out.append(part)
            offsets.append(position)
            kinds.append(_part_class(part, kind))
    return Normalised("".join(out), offsets, bytes(kinds))


def _part_class(part: str, kind: int) -> int:
    """A ligature such as "№" → "no" or "1⁄2" may mix letters and digits."""
    if kind in (CharClass.LETTER, CharClass.DIGIT):
        return CharClass.DIGIT if part.isdigit() else CharClass.LETTER
    return kind


WORD_CLASSES = (CharClass.LETTER, CharClass.DIGIT, CharClass.WIDE)


def squeeze(text: str, *, leet: bool = False) -> Squeezed:
    """Drop everything between words, remembering where words began and ended.

    With ``leet`` digits and signs are read as letters and masks are kept as ``*``.
    """
    source = normalise(text)
    return squeeze_normalised(source, leet=leet)


def squeeze_normalised(source: Normalised, *, leet: bool = False) -> Squeezed:
    """``squeeze`` for a text that was normalised before."""
    chars: list[str] = []
    offsets: list[int] = []
    starts = bytearray()
    ends = bytearray()
    previous = -1  # class group of the character just before, -1 after a gap
    for char, offset, kind in zip(source.text, source.offsets, source.classes, strict=True):
        group = _group(kind, leet=leet)
        if group < 0:
            _close(ends)
            previous = -1
            continue
        edge = _edge(previous, group)
        if edge and ends:
            ends[-1] = max(ends[-1], edge)
        chars.append(LEET_LETTERS.get(char, char) if leet else char)
        offsets.append(offset)
        starts.append(edge)
        ends.append(0)
        previous = group
    _close(ends)
    return Squeezed("".join(chars), offsets, bytes(starts), bytes(ends))


def _close(ends: bytearray) -> None:
    if ends:
        ends[-1] = 2


def _group(kind: int, *, leet: bool) -> int:
    """Class group inside a word: 1 letters, 2 digits, 3 wide; -1 for what separates."""
    if kind in WORD_CLASSES:
        return 1 if leet and kind == CharClass.DIGIT else kind
    if leet and kind == CharClass.LEET:
        return 1
    return -1


def _edge(previous: int, group: int) -> int:
    if previous < 0 or CharClass.WIDE in (previous, group):
        return 2
    return 1 if previous != group else 0


def fold(text: str) -> str:
    """Squeezed form of a registered name: what the automaton looks for."""
    return squeeze(text).text


@lru_cache(maxsize=50_000)
def fold_cached(text: str) -> str:
    """``fold`` for texts that come again and again: names, brand fields, categories, shops."""
    return fold(text)
