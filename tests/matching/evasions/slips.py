"""Letters hidden, mistyped, or written with digits."""

from __future__ import annotations

import random

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
