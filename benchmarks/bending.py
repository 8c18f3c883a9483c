"""Bent spellings as a stranger would make them: a second generator, apart from that of the tests.

Letters are reached by arithmetic on code points and by short hand-written rows, readings by
pypinyin, traditional characters by OpenCC; neither the engine's tables nor those of
``tests/matching/evasions`` are read. A kind gives None where a name offers nothing to bend.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from functools import cache

import wordfreq
from opencc import OpenCC
from pypinyin import lazy_pinyin

Bend = Callable[[random.Random, str], str | None]

ROWS = {
    "a": "аɑα", "b": "Ьƅ", "c": "сϲⅽ", "d": "ԁⅾ", "e": "еҽ℮", "f": "ƒ", "g": "ɡց", "h": "һհ",
    "i": "іıⅰ", "j": "јϳ", "k": "кκ", "l": "ⅼӏ", "m": "мⅿ", "n": "пոη", "o": "оοօ", "p": "рρ",
    "q": "ԛզ", "r": "гᴦ", "s": "ѕꜱ", "t": "тτ", "u": "υս", "v": "νѵⅴ", "w": "ԝѡ", "x": "хⅹ×",
    "y": "уүγ", "z": "ᴢ", "A": "АΑᎪ", "B": "ВΒᏴ", "C": "СϹᏟ", "D": "ᎠⅮ", "E": "ЕΕᎬ", "F": "ϜꓝF",
    "G": "ԌᏀ", "H": "НΗᎻ", "I": "ІΙ", "J": "ЈᎫ", "K": "КΚᏦ", "L": "ᏞⅬ", "M": "МΜᎷ", "N": "Νꓠ",
    "O": "ОΟՕ", "P": "РΡᏢ", "R": "ᎡꓣR", "S": "ЅՏᏚ", "T": "ТΤᎢ", "U": "Սꓴ", "V": "ѴᏙⅤ", "W": "ԜᎳ",
    "X": "ХΧⅩ", "Y": "ΥҮ", "Z": "ΖᏃ",
}  # fmt: skip
KEYS = {
    "q": "wa", "w": "qe", "e": "wr", "r": "et", "t": "ry", "y": "tu", "u": "yi", "i": "uo",
    "o": "ip", "p": "ol", "a": "sq", "s": "ad", "d": "sf", "f": "dg", "g": "fh", "h": "gj",
    "j": "hk", "k": "jl", "l": "ko", "z": "xs", "x": "zc", "c": "xv", "v": "cb", "b": "vn",
    "n": "bm", "m": "nj",
}  # fmt: skip
DIGITS = {
    "a": "4@",
    "e": "3",
    "i": "1!",
    "o": "0",
    "s": "5$",
    "t": "7",
    "b": "8",
    "l": "1",
    "g": "9",
}
STARTS = (0x1D400, 0x1D434, 0x1D468, 0x1D4D0, 0x1D56C, 0x1D5A0, 0x1D5D4, 0x1D608, 0x1D63C, 0x1D670)
"""Where mathematical alphabets without holes begin: 26 capitals, then 26 small letters."""
TURNED = dict(zip("abcdefghijklmnopqrstuvwxyz", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz", strict=True))


def _each(name: str, change: Callable[[str], str]) -> str:
    return "".join(change(char) if char.isascii() and char.isalpha() else char for char in name)


def homoglyph(rng: random.Random, name: str) -> str | None:
    """A letter, half of them, or all in another script."""
    spots = [at for at, char in enumerate(name) if char in ROWS]
    if not spots:
        return None
    chars = list(name)
    for at in rng.sample(spots, rng.choice([1, (len(spots) + 1) // 2, len(spots)])):
        chars[at] = rng.choice(ROWS[chars[at]])
    return "".join(chars)


def fullwidth(rng: random.Random, name: str) -> str | None:
    """The wide forms."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)


def mathematical(rng: random.Random, name: str) -> str | None:
    """One mathematical alphabet."""
    start = rng.choice(STARTS)
    return _each(name, lambda c: chr(start + ord(c.upper()) - 65 + (26 if c.islower() else 0)))


def enclosed(rng: random.Random, name: str) -> str | None:
    """Circled, squared, dark squared and dark circled letters."""
    start = rng.choice([0x24B6, 0x1F130, 0x1F170, 0x1F150])
    return _each(name, lambda c: chr(start + ord(c.upper()) - 65))


def flags(rng: random.Random, name: str) -> str | None:
    """Regional indicator letters, with a gap so that they do not join to flags."""
    gap = rng.choice(["", " ", "\u200b"])
    return gap.join(_each(name, lambda c: chr(0x1F1E6 + ord(c.upper()) - 65)))


def zero_width(rng: random.Random, name: str) -> str | None:
    """Invisible signs between all letters or between two."""
    sign = rng.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad")
    at = rng.randrange(1, len(name))
    return rng.choice([sign.join(name), name[:at] + sign + name[at:]])


def combining(rng: random.Random, name: str) -> str | None:
    """Marks on more than half of the letters."""
    marks = "\u0301\u0308\u0303\u0336\u0335\u0332\u0307"
    bent = _each(name, lambda c: c + (rng.choice(marks) if rng.random() < 0.6 else ""))
    return None if bent == name else bent


def spacing(rng: random.Random, name: str) -> str | None:
    """Room between all letters."""
    return rng.choice([" ", "  ", "\u3000"]).join(name.replace(" ", ""))


def punctuation(rng: random.Random, name: str) -> str | None:
    """Signs between all letters, or one in the middle."""
    if rng.random() < 0.5:
        return rng.choice(".-_·*/~|").join(name.replace(" ", ""))
    half = len(name) // 2
    return name[:half] + rng.choice(".-_·/") + name[half:]


def emoji(rng: random.Random, name: str) -> str | None:
    """A picture between all letters, or one in the middle."""
    sign = rng.choice(["🔥", "❤️", "⭐", "👟", "🇺🇸", "✅", "🎁"])
    half = len(name) // 2
    return rng.choice([sign.join(name.replace(" ", "")), name[:half] + sign + name[half:]])


def split(rng: random.Random, name: str) -> str | None:
    """Over two words."""
    if len(name) < 4 or " " in name:
        return None
    at = rng.randrange(2, len(name) - 1)
    return name[:at] + " " + name[at:]


def glued_script(rng: random.Random, name: str) -> str | None:
    """Inside text of another script."""
    return rng.choice(["新款", "正品", ""]) + name + rng.choice(["女鞋", "包包"])


def glued_word(rng: random.Random, name: str) -> str | None:
    """Run together with the word that follows or comes before."""
    name = name.replace(" ", "")
    if rng.random() < 0.3:
        return rng.choice(["new", "original", "my"]) + name
    return name + rng.choice(["shoes", "bag", "style", "official", "2024"])


def plain(rng: random.Random, name: str) -> str | None:
    """As anybody writes it, in some case."""
    return rng.choice([name, name.lower(), name.upper()])


def leet(rng: random.Random, name: str) -> str | None:
    """Digits and signs for half of the letters that have one."""
    spots = [at for at, char in enumerate(name) if char.lower() in DIGITS]
    if not spots:
        return None
    chars = list(name)
    for at in rng.sample(spots, max(1, len(spots) // 2)):
        chars[at] = rng.choice(DIGITS[chars[at].lower()])
    return "".join(chars)


def leet_spaced(rng: random.Random, name: str) -> str | None:
    """The same with room between."""
    bent = leet(rng, name)
    return None if bent is None else " ".join(bent.replace(" ", ""))


def upside_down(rng: random.Random, name: str) -> str | None:
    """Turned letters from the right."""
    return "".join(TURNED.get(char, char) for char in reversed(name.lower()))


def mask(rng: random.Random, name: str) -> str | None:
    """One inner letter hidden."""
    if len(name) < 4:
        return None
    at = rng.randrange(1, len(name) - 1)
    sign = rng.choice("**#x_")
    return None if name[at] == " " else name[:at] + sign + name[at + 1 :]


def mask_end(rng: random.Random, name: str) -> str | None:
    """The last letter hidden."""
    return name[:-1] + rng.choice("*~#_") if len(name) >= 5 else None


def typo(rng: random.Random, name: str) -> str | None:
    """A neighbouring key, a letter left out, doubled, or swapped; never the first."""
    if len(name) < 5 or not name.isascii():
        return None
    at = rng.randrange(1, len(name))
    char = name[at].lower()
    if not char.isalpha():
        return None
    bent = rng.choice([
        name[:at] + rng.choice(KEYS[char]) + name[at + 1 :],
        name[:at] + name[at + 1 :],
        name[:at] + char + name[at:],
        name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
    ])  # fmt: skip
    return None if bent.lower().replace(" ", "") == name.lower().replace(" ", "") else bent


def typo_first(rng: random.Random, name: str) -> str | None:
    """The first letter wrong, left out, or swapped with the second."""
    if len(name) < 5 or not name.isascii() or not name[:2].isalpha():
        return None
    bent = rng.choice(
        [rng.choice(KEYS[name[0].lower()]) + name[1:], name[1:], name[1] + name[0] + name[2:]]
    )
    return None if bent.lower() == name.lower() else bent


def fragment(rng: random.Random, name: str) -> str | None:
    """The first letters and a mask."""
    word = name.split(maxsplit=1)[0]
    return word[: rng.randint(2, len(word) - 1)] + rng.choice("*～") if len(word) >= 4 else None


def styled_fragment(rng: random.Random, name: str) -> str | None:
    """The first letters in mathematical letters."""
    word = name.split(maxsplit=1)[0]
    return mathematical(rng, word[: rng.randint(3, len(word) - 1)]) if len(word) >= 5 else None


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


def traditional(rng: random.Random, name: str) -> str | None:
    """Traditional characters."""
    bent: str = _converter().convert(name)
    return None if bent == name else bent


def han_split(rng: random.Random, name: str) -> str | None:
    """Signs between the characters."""
    return rng.choice([" ", ".", "丨", "/", "❤", "-", "·", "*"]).join(name)


@cache
def _sounds() -> dict[str, list[str]]:
    found = defaultdict(list)
    common = {char for word in wordfreq.top_n_list("zh", 6_000) for char in word}
    for char in sorted(common):
        if "\u4e00" <= char <= "\u9fff":
            found[lazy_pinyin(char)[0]].append(char)
    return found


def homophone(rng: random.Random, name: str) -> str | None:
    """One character replaced by another of the same sound."""
    at = rng.randrange(len(name))
    others = [c for c in _sounds()[lazy_pinyin(name)[at]] if c != name[at]]
    return name[:at] + rng.choice(others) + name[at + 1 :] if others else None


def han_mask(rng: random.Random, name: str) -> str | None:
    """One character hidden."""
    at = rng.randrange(len(name))
    return name[:at] + rng.choice("*～x某") + name[at + 1 :] if len(name) >= 3 else None


def han_fragment(rng: random.Random, name: str) -> str | None:
    """The first character and a mask."""
    return name[0] + rng.choice("*～")


def pinyin(rng: random.Random, name: str) -> str | None:
    """As it sounds, in Latin letters."""
    return "".join(lazy_pinyin(name))


LATIN: dict[str, Bend] = {
    kind.__name__: kind
    for kind in (
        plain, homoglyph, fullwidth, mathematical, enclosed, flags, zero_width, combining, spacing,
        punctuation, emoji, split, glued_script, glued_word, leet, leet_spaced, upside_down, mask,
        mask_end, typo, typo_first, fragment, styled_fragment,
    )
}  # fmt: skip
HAN: dict[str, Bend] = {
    f"han_{kind.__name__.removeprefix('han_')}": kind
    for kind in (
        plain, traditional, han_split, zero_width, homophone, han_mask, han_fragment, pinyin,
        glued_script,
    )
}  # fmt: skip
