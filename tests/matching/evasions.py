"""Makes evasive spellings for tests. Shares no table with the engine: it works by Unicode names."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable


def _styled(letter: str, style: str) -> str:
    form = "CAPITAL" if letter.isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"{style} {form} {letter.upper()}")
    except KeyError:
        return letter


def mathematical(name: str, rng: random.Random) -> str:
    """Letters of one mathematical alphabet."""
    style = rng.choice(
        ["MATHEMATICAL BOLD", "MATHEMATICAL SANS-SERIF BOLD ITALIC", "MATHEMATICAL MONOSPACE"]
    )
    return "".join(
        _styled(char, style) if char.isascii() and char.isalpha() else char for char in name
    )


def fullwidth(name: str, rng: random.Random) -> str:
    """Every ASCII character in its wide form."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)


def homoglyph(name: str, rng: random.Random) -> str:
    """One or two Cyrillic letters that look the same, found by their names."""
    twins = {
        "a": "A",
        "e": "IE",
        "o": "O",
        "c": "ES",
        "p": "ER",
        "x": "HA",
        "y": "U",
        "i": "BYELORUSSIAN-UKRAINIAN I",
    }
    spots = [at for at, char in enumerate(name) if char in twins]
    for at in rng.sample(spots, min(len(spots), rng.randint(1, 2))):
        twin = unicodedata.lookup("CYRILLIC SMALL LETTER " + twins[name[at]])
        name = name[:at] + twin + name[at + 1 :]
    return name


def zero_width(name: str, rng: random.Random) -> str:
    """An invisible character inside."""
    at = rng.randint(1, len(name) - 1)
    return name[:at] + rng.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad") + name[at:]


def combining(name: str, rng: random.Random) -> str:
    """Strokes and dots over some letters."""
    marks = [
        unicodedata.lookup("COMBINING " + n)
        for n in ("LONG STROKE OVERLAY", "DOT BELOW", "ACUTE ACCENT")
    ]
    return (
        "".join(char + (rng.choice(marks) if rng.random() < 0.6 else "") for char in name)
        + marks[0]
    )


def spacing(name: str, rng: random.Random) -> str:
    """A space between all letters."""
    return " ".join(name)


def punctuation(name: str, rng: random.Random) -> str:
    """A sign between all letters."""
    return rng.choice([".", "-", "/", "|", "·", "。", "丨"]).join(name)


def split(name: str, rng: random.Random) -> str:
    """The name over two words."""
    at = rng.randint(2, len(name) - 2)
    return name[:at] + " " + name[at:]


def leet(name: str, rng: random.Random) -> str:
    """One digit for a letter."""
    digits = {"o": "0", "e": "3", "a": "4", "s": "5", "i": "1"}
    spots = [at for at, char in enumerate(name) if char in digits]
    if not spots:
        return name
    at = rng.choice(spots)
    return name[:at] + digits[name[at]] + name[at + 1 :]


def mask(name: str, rng: random.Random) -> str:
    """One inner letter hidden."""
    at = rng.randint(1, len(name) - 2)
    return name[:at] + "*" + name[at + 1 :]


def typo(name: str, rng: random.Random) -> str:
    """One letter doubled, dropped, or swapped with the next, never the first."""
    at = rng.randint(1, len(name) - 2)
    return rng.choice(
        [
            name[:at] + name[at] + name[at:],
            name[:at] + name[at + 1 :],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        ]
    )


Evasion = Callable[[str, random.Random], str]
DETERMINISTIC: dict[str, Evasion] = {
    function.__name__: function
    for function in (
        mathematical,
        fullwidth,
        homoglyph,
        zero_width,
        combining,
        spacing,
        punctuation,
        split,
    )
}
FUZZY: dict[str, Evasion] = {function.__name__: function for function in (leet, mask, typo)}
