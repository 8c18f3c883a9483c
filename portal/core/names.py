"""Names that pass for others: look-alike letters, hidden characters, mixed scripts. Plain Python.

After Unicode Technical Standard 39 (confusables, mixed scripts), reduced to letters that a company
writes its name with. A skeleton is compared, never shown.
"""

import re
import unicodedata
from itertools import chain
from typing import Final

# Joiners are a part of how Persian, Hindi and emoji are written.
JOINERS: Final = "\u200c\u200d"
_ALIKE_SCRIPTS: Final = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "DESERET", "LISU"}
)
# Where any mark is an ornament: what is written above or below these changes no word for the eye.
_BARE: Final = _ALIKE_SCRIPTS | {"DIGIT"}
# Accents of Latin, Greek and Cyrillic, joiners of them, and selectors of a form nobody sees.
_ORNAMENTS: Final = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
    "\U000e0100-\U000e01ef]"
)
# Letters that are read as an apostrophe or another sign: tones, clicks, saltillo.
_SIGNS: Final = re.compile(r"MODIFIER LETTER|LISU LETTER TONE|LETTER SALTILLO")
_VARIANT: Final = re.compile(
    r"LATIN (?:SMALL LETTER (?:SCRIPT )?|LETTER SMALL CAPITAL )([A-Z])(?: WITH .*)?"
)
_LISU: Final = {
    "BA": "b", "PA": "p", "DA": "d", "TA": "t", "GA": "g", "KA": "k", "JA": "j", "CA": "c",
    "DZA": "z", "TSA": "f", "MA": "m", "NA": "n", "LA": "l", "SA": "s", "ZHA": "r", "NGA": "v",
    "HA": "h", "WA": "w", "SHA": "x", "YA": "y", "A": "a", "E": "e", "I": "i", "O": "o", "U": "u",
}  # fmt: skip


def _variants() -> dict[str, str]:
    """Return Latin letters with strokes and hooks, and small capitals → the plain letter."""
    ranges = (range(0x80, 0x2B0), range(0x1D00, 0x1F00), range(0x2C60, 0x2C80))
    letters = map(chr, chain(*ranges, range(0xA720, 0xA800)))
    found = ((c, _VARIANT.fullmatch(unicodedata.name(c, ""))) for c in letters)
    return {c: match[1].lower() for c, match in found if match}


# Lower-case letters of other scripts, and the Latin ones that they look like in either case.
_ALIKE: Final = str.maketrans(
    {
        # Cyrillic
        **dict(zip("авеёкмнорстухіјѕԁԛԝһӏ", "abeekmhopctyxijsdqwhl", strict=True)),
        # Greek, in capitals as well: Α Β Ε Ζ Η Ι Κ Μ Ν Ο Ρ Τ Υ Χ
        **dict(zip("αβεζηικμνορτυχγω", "abezhikmnoptyxyw", strict=True)),
        # Armenian, and Latin letters that no decomposition takes apart
        **dict(zip("օսհոռցք", "ouhnngp", strict=True)),
        **_variants(),
        **dict(zip("ıȷɑɩ", "ijai", strict=True)),
        # Coptic, and Lisu, whose letters are Latin capitals
        **dict(zip("ⲁⲃⲉⲍⲏⲓⲕⲙⲛⲟⲣⲥⲧⲩⲭ", "abezhikmnopctyx", strict=True)),
        **{unicodedata.lookup(f"LISU LETTER {name}"): like for name, like in _LISU.items()},
        # Clicks: two are drawn as strokes, two as signs that count as little as "!" does
        "\u01c0": "l",
        "\u01c1": "ll",
        "\u01c2": "",
        "\u01c3": "",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
    }
)
# Digits that stand for a letter inside a word of letters.
_DIGITS: Final = str.maketrans("015", "ols")


def skeleton(name: str) -> str:
    """Return what the eye keeps of a name: names with the same skeleton pass for each other.

    Width, case, accents, hidden characters, punctuation and spaces do not count, and letters
    that look alike are one. Marks of other scripts count: vowels of Hindi and Thai are marks, and
    so is what tells が from か. Empty for a name without a letter or digit.
    """
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    words = unicodedata.normalize("NFC", _bare(flat).translate(_ALIKE)).split()
    return "".join(
        word if word.isdecimal() else re.sub(r"(?<=[^\W\d_])[015]|[015](?=[^\W\d_])", _digit, word)
        for word in words
    )


def _bare(text: str) -> str:
    """Return letters, digits and the marks that make them others; a space for what parts words."""
    kept, script = [], ""  # of the letter that a mark stands on; none of a sign
    for character in text:
        category, name = unicodedata.category(character), unicodedata.name(character, "?")
        if category[0] == "M":
            if script and script not in _BARE and not _ORNAMENTS.match(character):
                kept.append(character)
        elif category[0] == "C" or _SIGNS.search(name):
            continue
        elif character.isalnum():
            script = name.split()[0]
            kept.append(character)
        else:
            script = ""
            kept.append(" ")
    return "".join(kept)


def _digit(found: re.Match[str]) -> str:
    return found.group().translate(_DIGITS)


def rough(skeleton_: str) -> str:
    """Return a skeleton in which what is taken for another at a glance is one as well.

    "rn" and "m", "vv" and "w", "i" and "l", a letter and the same letter doubled.
    """
    joined = skeleton_.replace("rn", "m").replace("vv", "w").replace("l", "i")
    return re.sub(r"([^\W\d_])\1", r"\1", joined)


def hidden_character(text: str) -> tuple[str, int] | None:
    """Return the first character nobody sees, and its position from 1; ``None`` without one.

    Marks of direction, zero-width spaces, fillers, control characters.
    """
    for position, character in enumerate(text, start=1):
        is_format = unicodedata.category(character) in {"Cf", "Cc", "Cs"}
        is_filler = character in "\u115f\u1160\u3164\uffa0"
        if is_filler or (is_format and character not in JOINERS):
            return character, position
    return None


def scripts_of(text: str) -> set[str]:
    """Return the scripts of the letters: ``LATIN``, ``CJK``, ``CYRILLIC`` … (Unicode names)."""
    scripts = set()
    for character in text:
        if character.isalpha():
            scripts.add(unicodedata.name(character, "?").split()[0])
    return scripts


def mixed_word(text: str) -> str:
    """Return the first word whose letters come from scripts that are never mixed, or ''.

    Latin, Cyrillic and Greek letters look alike; a word that mixes them deceives its reader
    (Unicode Technical Standard 39, mixed-script confusables).
    """
    for word in re.findall(r"[^\W\d_]+", text):
        if len(scripts_of(word) & _ALIKE_SCRIPTS) > 1:
            return str(word)
    return ""
