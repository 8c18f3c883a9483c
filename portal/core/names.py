"""Names that pass for others: look-alike letters, hidden characters, mixed scripts. Plain Python.

After Unicode Technical Standard 39 (confusables, mixed scripts), reduced to letters that a company
writes its name with. A skeleton is compared, never shown.
"""

import re
import unicodedata
from typing import Final

# Joiners are a part of how Persian, Hindi and emoji are written.
JOINERS: Final = "\u200c\u200d"
_ALIKE_SCRIPTS: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
# Lower-case letters of other scripts, and the Latin ones that they look like in either case.
_ALIKE: Final = str.maketrans(
    {
        # Cyrillic
        **dict(zip("авеёкмнорстухіјѕԁԛԝһӏ", "abeekmhopctyxijsdqwhl", strict=True)),
        # Greek, in capitals as well: Α Β Ε Ζ Η Ι Κ Μ Ν Ο Ρ Τ Υ Χ
        **dict(zip("αβεζηικμνορτυχγω", "abezhikmnoptyxyw", strict=True)),
        # Armenian, and Latin letters that no decomposition takes apart
        **dict(zip("օսհոռցք", "ouhnngp", strict=True)),
        **dict(zip("ıøłđħ", "ioldh", strict=True)),
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
    that look alike are one.
    """
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(c for c in flat if unicodedata.category(c)[0] not in "MC").translate(_ALIKE)
    words = re.findall(r"[^\W_]+", letters)
    return "".join(
        word if word.isdecimal() else re.sub(r"(?<=[^\W\d_])[015]|[015](?=[^\W\d_])", _digit, word)
        for word in words
    )


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
