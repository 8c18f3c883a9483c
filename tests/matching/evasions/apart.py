"""Signs between the letters of a name, marks on them, and text beside it without a space."""

from __future__ import annotations

import random
import unicodedata

from tests.matching.evasions.letters import find

INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u180e\u034f\u061c"
    "\u202a\u202d\u2066\u2068\u2069\ufe0f\U000e0100\u3164\u115f\u1160\uffa0\u17b4\U0001d173"
)


def zero_width(name: str, rng: random.Random) -> str | None:
    """Invisible characters between one or all letters."""
    sign = rng.choice(INVISIBLE)
    if rng.random() < 0.5:
        return sign.join(name)
    at = rng.randint(1, len(name) - 1)
    return name[:at] + sign + name[at:]


MARKS = tuple(
    find("COMBINING " + n)
    for n in (
        "LONG STROKE OVERLAY", "SHORT SOLIDUS OVERLAY", "DOT BELOW", "ACUTE ACCENT", "DIAERESIS",
        "TILDE", "RING ABOVE", "CEDILLA", "LOW LINE", "ENCLOSING CIRCLE", "ENCLOSING KEYCAP",
        "DOUBLE INVERTED BREVE", "GRAVE ACCENT", "CARON",
    )
)  # fmt: skip


def combining(name: str, rng: random.Random) -> str | None:
    """Strokes, dots and accents on the letters, composed or loose, one or many to a letter."""
    marks = [rng.choice(MARKS) for _ in range(rng.choice([1, 1, 4]))]
    bent = "".join(
        c + "".join(marks) if c.isalpha() and rng.random() < 0.6 else c for c in name
    ) + rng.choice(marks)
    return unicodedata.normalize("NFC", bent) if rng.random() < 0.5 else bent


SPACES = (" ", "  ", "\u00a0", "\u2009", "\u3000", "\t", " \u200b")


def spacing(name: str, rng: random.Random) -> str | None:
    """Room between all letters."""
    return rng.choice(SPACES).join(name.replace(" ", ""))


SIGNS = ".-_·*/~|'`,:+=•。、丨／…^&"


def punctuation(name: str, rng: random.Random) -> str | None:
    """A sign between all letters, or one in the middle."""
    parts = [part for part in name.split() if len(part) >= 4]
    sign = rng.choice(SIGNS)
    if not parts or rng.random() < 0.5:
        return sign.join(name.replace(" ", ""))
    sign = rng.choice(".-·/|'_")
    part = rng.choice(parts)
    return name.replace(part, part[: len(part) // 2] + sign + part[len(part) // 2 :], 1)


def emoji(name: str, rng: random.Random) -> str | None:
    """Pictures inside the name."""
    sign = rng.choice(["🔥", "✨", "💯", "👟", "❤️", "💎", "👩‍👧", "☀", "★"])
    at = rng.randint(1, len(name) - 1)
    return sign.join(name) if rng.random() < 0.3 else name[:at] + sign + name[at:]


def split(name: str, rng: random.Random) -> str | None:
    """The name over two words."""
    spots = [
        at for at in range(2, len(name) - 1) if " " not in name[at - 2 : at + 2] and len(name) >= 4
    ]
    if not spots:
        return None
    at = rng.choice(spots)
    return name[:at] + " " + name[at:]


def glued_to_script(name: str, rng: random.Random) -> str | None:
    """Inside text of another script, without spaces."""
    before, after = rng.choice(
        [("新款", "女鞋"), ("มือสอง", "แท้"), ("", "スニーカー"), ("레플", "")]
    )
    return before + name + after


def glued_to_word(name: str, rng: random.Random) -> str | None:
    """Run together with the word that follows."""
    return name.replace(" ", "") + rng.choice(["shoes", "bag", "style", "official", "2024"])
