"""Letters of other alphabets: found by their Unicode names, not by a table of the engine."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping


def find(name: str) -> str:
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return ""


STYLES = (
    "MATHEMATICAL BOLD", "MATHEMATICAL ITALIC", "MATHEMATICAL BOLD ITALIC", "MATHEMATICAL SCRIPT",
    "MATHEMATICAL BOLD SCRIPT", "MATHEMATICAL FRAKTUR", "MATHEMATICAL BOLD FRAKTUR",
    "MATHEMATICAL DOUBLE-STRUCK", "MATHEMATICAL SANS-SERIF", "MATHEMATICAL SANS-SERIF BOLD",
    "MATHEMATICAL SANS-SERIF ITALIC", "MATHEMATICAL SANS-SERIF BOLD ITALIC",
    "MATHEMATICAL MONOSPACE", "CIRCLED LATIN", "PARENTHESIZED LATIN",
)  # fmt: skip
CAPITALS = (
    "SQUARED LATIN", "NEGATIVE SQUARED LATIN", "NEGATIVE CIRCLED LATIN",
    "REGIONAL INDICATOR SYMBOL",
)  # fmt: skip
LETTERLIKE = {"e": "ℯ", "g": "ℊ", "o": "ℴ", "h": "ℎ", "B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ",
              "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ", "C": "ℂ", "N": "ℕ", "P": "ℙ", "Q": "ℚ",
              "Z": "ℤ"}  # fmt: skip


def _letter(letter: str, style: str) -> str:
    if not (letter.isascii() and letter.isalpha()):
        return letter
    if style in CAPITALS:
        form = " LETTER" if style.startswith("REGIONAL") else " CAPITAL LETTER"
        return find(f"{style}{form} {letter.upper()}") or letter
    form = "CAPITAL" if letter.isupper() else "SMALL"
    between = " LETTER " if style.endswith("LATIN") else " "
    found = find(f"{style} {form}{between}{letter.upper()}")
    return found or (LETTERLIKE.get(letter, letter) if "MATHEMATICAL" in style else letter)


def styled(name: str, style: str) -> str:
    """All letters of a name in one ornamental alphabet."""
    return "".join(_letter(char, style) for char in name)


def mathematical(name: str, rng: random.Random) -> str | None:
    """Letters of one mathematical or enclosed alphabet."""
    bent = styled(name, rng.choice(STYLES + CAPITALS))
    return bent if bent != name else None


def superscript(name: str, rng: random.Random) -> str | None:
    """Raised letters; those without a raised form stay."""
    return "".join(
        (
            find(f"MODIFIER LETTER SMALL {c.upper()}")
            or find(f"SUPERSCRIPT LATIN SMALL LETTER {c.upper()}")
            or c
        )
        if c.isascii() and c.isalpha()
        else c
        for c in name.lower()
    )


def small_caps(name: str, rng: random.Random) -> str | None:
    """Small capitals."""
    return "".join(
        find(f"LATIN LETTER SMALL CAPITAL {c.upper()}") or c if c.isascii() and c.isalpha() else c
        for c in name.lower()
    )


TURNED = {"a": "ɐ", "b": "q", "c": "ɔ", "d": "p", "e": "ǝ", "f": "ɟ", "g": "ƃ", "h": "ɥ",
          "i": "ᴉ", "j": "ɾ", "k": "ʞ", "l": "l", "m": "ɯ", "n": "u", "o": "o", "p": "d",
          "q": "b", "r": "ɹ", "s": "s", "t": "ʇ", "u": "n", "v": "ʌ", "w": "ʍ", "x": "x",
          "y": "ʎ", "z": "z"}  # fmt: skip


def upside_down(name: str, rng: random.Random) -> str | None:
    """Turned letters, read from the right."""
    bent = "".join(TURNED.get(c, c) for c in reversed(name.lower()))
    return bent if sum(not c.isascii() for c in bent) >= 2 else None


def reversed_override(name: str, rng: random.Random) -> str | None:
    """Stored backwards, shown forwards by a right-to-left override."""
    return "\u202e" + name[::-1] + "\u202c"


def fullwidth(name: str, rng: random.Random) -> str | None:
    """Every ASCII character in its wide form."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)


TWINS: Mapping[str, tuple[str, ...]] = {
    "a": ("CYRILLIC SMALL LETTER A", "GREEK SMALL LETTER ALPHA", "LATIN SMALL LETTER ALPHA"),
    "b": ("CYRILLIC CAPITAL LETTER SOFT SIGN", "CYRILLIC SMALL LETTER SOFT SIGN"),
    "c": ("CYRILLIC SMALL LETTER ES", "SMALL ROMAN NUMERAL ONE HUNDRED",
          "GREEK LUNATE SIGMA SYMBOL"),
    "d": ("CYRILLIC SMALL LETTER KOMI DE", "SMALL ROMAN NUMERAL FIVE HUNDRED"),
    "e": ("CYRILLIC SMALL LETTER IE", "ESTIMATED SYMBOL"),
    "g": ("LATIN SMALL LETTER SCRIPT G", "ARMENIAN SMALL LETTER CO"),
    "h": ("CYRILLIC SMALL LETTER SHHA", "ARMENIAN SMALL LETTER HO"),
    "i": ("CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I", "LATIN SMALL LETTER DOTLESS I",
          "SMALL ROMAN NUMERAL ONE"),
    "j": ("CYRILLIC SMALL LETTER JE",),
    "k": ("CYRILLIC SMALL LETTER KA", "GREEK SMALL LETTER KAPPA"),
    "l": ("CYRILLIC SMALL LETTER PALOCHKA", "SMALL ROMAN NUMERAL FIFTY"),
    "m": ("CYRILLIC SMALL LETTER EM", "SMALL ROMAN NUMERAL ONE THOUSAND"),
    "n": ("ARMENIAN SMALL LETTER VO", "CYRILLIC SMALL LETTER PE", "GREEK SMALL LETTER ETA"),
    "o": ("CYRILLIC SMALL LETTER O", "GREEK SMALL LETTER OMICRON", "ARMENIAN SMALL LETTER OH"),
    "p": ("CYRILLIC SMALL LETTER ER", "GREEK SMALL LETTER RHO"),
    "q": ("CYRILLIC SMALL LETTER QA", "ARMENIAN SMALL LETTER ZA"),
    "r": ("CYRILLIC SMALL LETTER GHE",),
    "s": ("CYRILLIC SMALL LETTER DZE",),
    "t": ("CYRILLIC SMALL LETTER TE", "GREEK SMALL LETTER TAU"),
    "u": ("ARMENIAN SMALL LETTER SEH", "GREEK SMALL LETTER UPSILON"),
    "v": ("GREEK SMALL LETTER NU", "SMALL ROMAN NUMERAL FIVE", "CYRILLIC SMALL LETTER IZHITSA"),
    "w": ("CYRILLIC SMALL LETTER WE", "CYRILLIC SMALL LETTER OMEGA"),
    "x": ("CYRILLIC SMALL LETTER HA", "SMALL ROMAN NUMERAL TEN", "GREEK SMALL LETTER CHI"),
    "y": ("CYRILLIC SMALL LETTER U", "CYRILLIC SMALL LETTER STRAIGHT U"),
    "A": ("CYRILLIC CAPITAL LETTER A", "GREEK CAPITAL LETTER ALPHA", "CHEROKEE LETTER GO"),
    "B": ("CYRILLIC CAPITAL LETTER VE", "GREEK CAPITAL LETTER BETA", "LISU LETTER BA"),
    "C": ("CYRILLIC CAPITAL LETTER ES", "CHEROKEE LETTER TLI", "ROMAN NUMERAL ONE HUNDRED"),
    "D": ("CHEROKEE LETTER A", "LISU LETTER DA", "ROMAN NUMERAL FIVE HUNDRED"),
    "E": ("CYRILLIC CAPITAL LETTER IE", "GREEK CAPITAL LETTER EPSILON", "LISU LETTER E"),
    "F": ("GREEK LETTER DIGAMMA", "LISU LETTER TSA"),
    "G": ("CYRILLIC CAPITAL LETTER KOMI SJE", "LISU LETTER GA"),
    "H": ("CYRILLIC CAPITAL LETTER EN", "GREEK CAPITAL LETTER ETA", "LISU LETTER XA"),
    "I": ("CYRILLIC CAPITAL LETTER BYELORUSSIAN-UKRAINIAN I", "GREEK CAPITAL LETTER IOTA"),
    "J": ("CYRILLIC CAPITAL LETTER JE", "CHEROKEE LETTER GU"),
    "K": ("CYRILLIC CAPITAL LETTER KA", "GREEK CAPITAL LETTER KAPPA", "KELVIN SIGN"),
    "L": ("CHEROKEE LETTER TLE", "LISU LETTER LA", "ROMAN NUMERAL FIFTY"),
    "M": ("CYRILLIC CAPITAL LETTER EM", "GREEK CAPITAL LETTER MU", "CHEROKEE LETTER LU"),
    "N": ("GREEK CAPITAL LETTER NU", "LISU LETTER NA"),
    "O": ("CYRILLIC CAPITAL LETTER O", "GREEK CAPITAL LETTER OMICRON",
          "ARMENIAN CAPITAL LETTER OH"),
    "P": ("CYRILLIC CAPITAL LETTER ER", "GREEK CAPITAL LETTER RHO", "LISU LETTER PA"),
    "R": ("CHEROKEE LETTER E", "LISU LETTER ZHA"),
    "S": ("CYRILLIC CAPITAL LETTER DZE", "LISU LETTER SA", "ARMENIAN CAPITAL LETTER TIWN"),
    "T": ("CYRILLIC CAPITAL LETTER TE", "GREEK CAPITAL LETTER TAU", "LISU LETTER TA"),
    "U": ("ARMENIAN CAPITAL LETTER SEH", "LISU LETTER U"),
    "V": ("CYRILLIC CAPITAL LETTER IZHITSA", "CHEROKEE LETTER DO", "ROMAN NUMERAL FIVE"),
    "W": ("CYRILLIC CAPITAL LETTER WE", "CHEROKEE LETTER LA", "LISU LETTER WA"),
    "X": ("CYRILLIC CAPITAL LETTER HA", "GREEK CAPITAL LETTER CHI", "ROMAN NUMERAL TEN"),
    "Y": ("GREEK CAPITAL LETTER UPSILON", "CYRILLIC CAPITAL LETTER STRAIGHT U"),
    "Z": ("GREEK CAPITAL LETTER ZETA", "CHEROKEE LETTER NO", "LISU LETTER DZA"),
}  # fmt: skip


def homoglyph(name: str, rng: random.Random) -> str | None:
    """One letter up to all of them in another script, found by their names."""
    spots = [at for at, char in enumerate(name) if char in TWINS]
    if not spots:
        return None
    chars = list(name)
    most = rng.choice([1, max(1, len(spots) // 2), len(spots)])
    for at in rng.sample(spots, most):
        chars[at] = find(rng.choice(TWINS[chars[at]])) or chars[at]
    return "".join(chars)
