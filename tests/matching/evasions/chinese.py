"""Chinese names in other characters. Readings, forms and parts are short lists written by hand."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

# Readings by hand, without tones: characters of one row sound alike, rows of one block nearly so.
TABLES = (Path(__file__).parents[1] / "chinese_tables.txt").read_text(encoding="utf-8")
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
