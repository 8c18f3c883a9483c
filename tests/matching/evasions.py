"""Makes evasive spellings for tests and the large run in ``benchmarks/evasions.py``.

Shares no table with the engine: letters are found by their Unicode names, Chinese readings,
traditional forms and components are short lists written by hand. A channel gives None where a name
offers nothing to bend.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

Evasion = Callable[[str, random.Random], str | None]


def _find(name: str) -> str:
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
        return _find(f"{style}{form} {letter.upper()}") or letter
    form = "CAPITAL" if letter.isupper() else "SMALL"
    between = " LETTER " if style.endswith("LATIN") else " "
    found = _find(f"{style} {form}{between}{letter.upper()}")
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
            _find(f"MODIFIER LETTER SMALL {c.upper()}")
            or _find(f"SUPERSCRIPT LATIN SMALL LETTER {c.upper()}")
            or c
        )
        if c.isascii() and c.isalpha()
        else c
        for c in name.lower()
    )


def small_caps(name: str, rng: random.Random) -> str | None:
    """Small capitals."""
    return "".join(
        _find(f"LATIN LETTER SMALL CAPITAL {c.upper()}") or c if c.isascii() and c.isalpha() else c
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
        chars[at] = _find(rng.choice(TWINS[chars[at]])) or chars[at]
    return "".join(chars)


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
    _find("COMBINING " + n)
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


LEET = {
    "a": "4@",
    "e": "3€",
    "i": "1!",
    "o": "0",
    "s": "5$",
    "t": "7",
    "b": "8",
    "l": "1",
    "g": "9",
}


def leet(name: str, rng: random.Random) -> str | None:
    """Digits and signs for up to half of the letters that have one."""
    spots = [at for at, char in enumerate(name) if char.lower() in LEET]
    if not spots:
        return None
    chars = list(name)
    for at in rng.sample(spots, max(1, len(spots) // 2)):
        chars[at] = rng.choice(LEET[chars[at].lower()])
    return "".join(chars)


MASKS = "*＊～~_.#x×·•○●某X…-?"


def mask(name: str, rng: random.Random) -> str | None:
    """One inner letter hidden behind a sign or an x."""
    if len(name) < 4:
        return None
    at = rng.randint(1, len(name) - 2)
    sign = rng.choice("*＊*#x_～•·某")
    return None if name[at].lower() in " x" else name[:at] + sign + name[at + 1 :]


def mask_two(name: str, rng: random.Random) -> str | None:
    """Two inner letters hidden, side by side or apart."""
    if len(name) < 6 or " " in name:
        return None
    first, second = sorted(rng.sample(range(1, len(name) - 1), 2))
    sign = rng.choice("*＊#_～•")
    return name[:first] + sign + name[first + 1 : second] + sign + name[second + 1 :]


def mask_first(name: str, rng: random.Random) -> str | None:
    """The first letter hidden."""
    return rng.choice("*＊#_～•") + name[1:] if len(name) >= 5 else None


def mask_last(name: str, rng: random.Random) -> str | None:
    """The last letter hidden."""
    return name[:-1] + rng.choice("*＊#_～•") if len(name) >= 5 else None


KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbour(char: str, rng: random.Random) -> str:
    for row, line in enumerate(KEYS):
        at = line.find(char.lower())
        if at >= 0:
            near: list[str] = [*line[max(0, at - 1) : at], *line[at + 1 : at + 2]]
            near += [KEYS[r][at] for r in (row - 1, row + 1) if 0 <= r < 3 and at < len(KEYS[r])]
            return rng.choice(near)
    return "e"


PHONETIC = (("ph", "f"), ("c", "k"), ("k", "c"), ("z", "s"), ("s", "z"), ("y", "i"), ("i", "y"),
            ("v", "b"), ("oo", "u"), ("ck", "k"), ("x", "ks"), ("ch", "sh"), ("ou", "u"),
            ("ee", "i"), ("q", "k"))  # fmt: skip


def typo(name: str, rng: random.Random) -> str | None:
    """One letter wrong, missing, doubled, too much or swapped; never the first, from five on."""
    word = name.rsplit(maxsplit=1)[-1] if " " in name else name
    if len(word) < 5 or not word.isascii() or not word.isalpha():
        return None
    at = rng.randrange(1, len(word))
    bent = rng.choice([
        word[:at] + _neighbour(word[at], rng) + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + rng.choice("abcdefghijklmnoprstuvwyz") + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        word[:at] + rng.choice("abcdefghijklmnoprstuvwyz") + word[at + 1 :],
    ])  # fmt: skip
    bent = name[: len(name) - len(word)] + bent
    return None if bent.lower() == name.lower() else bent


def typo_first(name: str, rng: random.Random) -> str | None:
    """The first letter wrong, missing or swapped with the second."""
    if len(name) < 6 or not name.isascii() or not name.isalpha():
        return None
    bent = rng.choice([_neighbour(name[0], rng) + name[1:], name[1:], name[1] + name[0] + name[2:]])
    return None if bent.lower() == name.lower() else bent


def phonetic(name: str, rng: random.Random) -> str | None:
    """Written as it sounds."""
    word = name.lower()
    fitting = [(a, b) for a, b in PHONETIC if a in word[1:]]
    if len(word) < 5 or not fitting:
        return None
    old, new = rng.choice(fitting)
    at = word.index(old, 1)
    return name[:at] + new + name[at + len(old) :]


def typo_four(name: str, rng: random.Random) -> str | None:
    """A name of four letters with one doubled or one too much."""
    if len(name) != 4 or not name.isalpha():
        return None
    at = rng.randrange(1, 4)
    return name[:at] + rng.choice([name[at], "h"]) + name[at:]


# Readings by hand, without tones: characters of one row sound alike, rows of one block nearly so.
TABLES = (Path(__file__).parent / "chinese_tables.txt").read_text(encoding="utf-8")
ALIKE, NEARLY, FORMS, PARTS = (
    section.split("\n", 1)[1].split() for section in TABLES.split("# ")[1:]
)
SOUNDS = {char: row for row in ALIKE for char in row}
NEAR: dict[str, str] = {}
for _pair in NEARLY:
    _left, _right = _pair.split("/")
    NEAR.update(dict.fromkeys(_left, _right))
    NEAR.update(dict.fromkeys(_right, _left))
TRADITIONAL = {pair[0]: pair[1] for pair in FORMS}
COMPONENTS = {entry[0]: entry[1:] for entry in PARTS}


def _replace(name: str, table: Mapping[str, str], rng: random.Random, most: int) -> str | None:
    spots = [at for at, char in enumerate(name) if len(table.get(char, "").replace(char, "")) > 0]
    if not spots:
        return None
    chars = list(name)
    for at in rng.sample(spots, min(most, len(spots))):
        chars[at] = rng.choice(table[chars[at]].replace(chars[at], ""))
    return "".join(chars)


def homophone(name: str, rng: random.Random) -> str | None:
    """One character (two of a long name) replaced by one that sounds the same."""
    most = 2 if len(name) >= 4 and rng.random() < 0.4 else 1
    return _replace(name, SOUNDS, rng, most)


def near_homophone(name: str, rng: random.Random) -> str | None:
    """One character replaced by one that sounds nearly the same: zh/z, n/l, ang/an."""
    return _replace(name, NEAR, rng, 1)


def traditional(name: str, rng: random.Random) -> str | None:
    """Traditional characters."""
    bent = "".join(TRADITIONAL.get(char, char) for char in name)
    return None if bent == name else bent


def components(name: str, rng: random.Random) -> str | None:
    """One character taken apart into the parts it is written with."""
    spots = [at for at, c in enumerate(name) if len(COMPONENTS.get(c, "")) >= 2]
    if not spots:
        return None
    at = rng.choice(spots)
    return name[:at] + COMPONENTS[name[at]] + name[at + 1 :]


def chinese_mask(name: str, rng: random.Random) -> str | None:
    """One character of a Chinese name hidden."""
    if len(name) < 3:
        return None
    at = rng.randrange(len(name))
    return name[:at] + rng.choice("*＊～○某x") + name[at + 1 :]


def chinese_split(name: str, rng: random.Random) -> str | None:
    """Signs between the characters of a Chinese name."""
    return rng.choice(
        [" ", ".", "丨", "/", "❤", "-", "_", "🔥", "·", "*", "、", "\u200b", "|"]
    ).join(name)


def any_case(name: str, rng: random.Random) -> str:
    """As registered, in small letters, in capitals, or mixed."""
    mixed = "".join(rng.choice([c.lower(), c.upper()]) for c in name)
    return rng.choice([name, name.lower(), name.upper(), name.swapcase(), mixed])


def combined(*steps: Evasion) -> Evasion:
    """Several evasions one after the other."""

    def bend(name: str, rng: random.Random) -> str | None:
        text: str | None = name
        for step in steps:
            text = step(text, rng) if text is not None else None
        return text

    return bend


DETERMINISTIC: dict[str, Evasion] = {
    "mathematical": mathematical,
    "superscript": superscript,
    "small_caps": small_caps,
    "fullwidth": fullwidth,
    "homoglyph": homoglyph,
    "zero_width": zero_width,
    "combining": combining,
    "spacing": spacing,
    "punctuation": punctuation,
    "emoji": emoji,
    "split": split,
    "glued_to_script": glued_to_script,
    "homoglyph_spaced": combined(homoglyph, spacing),
    "homoglyph_zero_width": combined(homoglyph, zero_width),
    "fullwidth_punctuation": combined(fullwidth, punctuation),
    "combining_split": combined(split, combining),
    "mathematical_glued": combined(mathematical, glued_to_script),
}
FUZZY: dict[str, Evasion] = {
    "leet": leet,
    "mask": mask,
    "mask_two": mask_two,
    "mask_first": mask_first,
    "mask_last": mask_last,
    "typo": typo,
    "typo_first": typo_first,
    "typo_four": typo_four,
    "phonetic": phonetic,
    "glued_to_word": glued_to_word,
    "upside_down": upside_down,
    "reversed_override": reversed_override,
    "homoglyph_mask": combined(homoglyph, mask),
    "homoglyph_typo": combined(typo, homoglyph),
    "leet_spaced": combined(leet, spacing),
    "fullwidth_typo": combined(typo, fullwidth),
}
CHINESE: dict[str, Evasion] = {
    "traditional": traditional,
    "chinese_split": chinese_split,
    "homophone": homophone,
    "near_homophone": near_homophone,
    "chinese_mask": chinese_mask,
    "components": components,
}
