"""Ways in which sellers of copies write a brand's name so that a plain search misses it."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from demo.catalogue import Brand

Trick = Callable[[Brand, random.Random], str]

_LOOK_ALIKES = {
    "a": "а", "c": "с", "e": "е", "i": "і", "o": "ο", "p": "р", "s": "ѕ", "x": "х", "y": "у",
    "k": "κ", "r": "г", "n": "п", "u": "υ", "v": "ν", "t": "τ", "m": "м", "h": "һ", "l": "ӏ",
}  # fmt: skip
_LEET = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"}
_INVISIBLE = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
_MARKS = ("\u0301", "\u0308", "\u0323", "\u0336")
_BOLD_CAPITAL, _BOLD_SMALL, _FULLWIDTH_SHIFT = 0x1D400, 0x1D41A, 0xFEE0


def _swap(name: str, table: dict[str, str], rng: random.Random, share: float) -> str:
    places = [i for i, char in enumerate(name) if char.lower() in table]
    chosen = set(rng.sample(places, max(1, round(len(places) * share)))) if places else set()
    return "".join(table[c.lower()] if i in chosen else c for i, c in enumerate(name))


def _homoglyph(brand: Brand, rng: random.Random) -> str:
    return _swap(brand.name, _LOOK_ALIKES, rng, 0.5)


def _leet(brand: Brand, rng: random.Random) -> str:
    return _swap(brand.name, _LEET, rng, 0.6)


def _zero_width(brand: Brand, rng: random.Random) -> str:
    return rng.choice(_INVISIBLE).join(brand.name)


def _combining(brand: Brand, rng: random.Random) -> str:
    mark = rng.choice(_MARKS)
    return "".join(char + mark if i % 2 else char for i, char in enumerate(brand.name))


def _spacing(brand: Brand, rng: random.Random) -> str:
    return rng.choice((" ", "  ", "\u2009", "\u3000")).join(brand.name)


def _punctuation(brand: Brand, rng: random.Random) -> str:
    return rng.choice(".-_·/").join(brand.name)


def _split(brand: Brand, rng: random.Random) -> str:
    cut = rng.randint(3, len(brand.name) - 3)
    return f"{brand.name[:cut]} {brand.name[cut:]}"


def _fullwidth(brand: Brand, rng: random.Random) -> str:
    del rng
    return "".join(chr(ord(char) + _FULLWIDTH_SHIFT) for char in brand.name)


def _styled(brand: Brand, rng: random.Random) -> str:
    end = rng.randint(4, len(brand.name))
    styled = "".join(_bold(char) for char in brand.name[:end])
    return styled + brand.name[end:]


def _bold(char: str) -> str:
    base, first = (_BOLD_CAPITAL, "A") if char in string.ascii_uppercase else (_BOLD_SMALL, "a")
    return chr(base + ord(char) - ord(first))


def _mask(brand: Brand, rng: random.Random) -> str:
    start = rng.randint(1, 3)
    length = rng.randint(2, 3)
    return brand.name[:start] + "*" * length + brand.name[start + length :]


def _truncated(brand: Brand, rng: random.Random) -> str:
    return brand.name[: rng.randint(4, 5)] + rng.choice(("~", "～", "…", "*"))


def _typo(brand: Brand, rng: random.Random) -> str:
    place = rng.randint(2, len(brand.name) - 3)
    left, right = brand.name[place], brand.name[place + 1]
    if left == right:  # swapping equal letters would leave the name as it is
        return brand.name[:place] + brand.name[place + 1 :]
    return brand.name[:place] + right + left + brand.name[place + 2 :]


def _pinyin(brand: Brand, rng: random.Random) -> str:
    return rng.choice((brand.pinyin, brand.pinyin.replace(" ", "")))


def _traditional(brand: Brand, rng: random.Random) -> str:
    del rng
    return brand.traditional


def _chinese_mask(brand: Brand, rng: random.Random) -> str:
    return brand.chinese_name[0] + rng.choice(("~", "～", "*", "家"))


TRICKS: dict[str, Trick] = {
    "homoglyph": _homoglyph,
    "leet": _leet,
    "zero_width": _zero_width,
    "combining": _combining,
    "spacing": _spacing,
    "punctuation": _punctuation,
    "split": _split,
    "fullwidth": _fullwidth,
    "styled": _styled,
    "mask": _mask,
    "truncated": _truncated,
    "typo": _typo,
    "pinyin": _pinyin,
    "traditional": _traditional,
    "chinese_mask": _chinese_mask,
}
_CHINESE = frozenset({"pinyin", "traditional", "chinese_mask"})


def techniques(brand: Brand, *, chinese: bool) -> list[str]:
    """Keys of ``TRICKS`` that change ``brand``'s name in a title of that language."""
    unusable = set() if chinese else set(_CHINESE)
    if not brand.traditional:
        unusable.add("traditional")
    return sorted(TRICKS.keys() - unusable)


def disguise(brand: Brand, technique: str, rng: random.Random) -> str:
    """Write the name of ``brand`` by one of its ``techniques``; never as it is."""
    return TRICKS[technique](brand, rng)
