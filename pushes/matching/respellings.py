"""Other ways to write a whole name that are looked up like the name itself.

Chinese names as they sound in Latin letters ("naike"), Chinese characters taken apart (女马 for
妈), Latin letters drawn with two others ("rn" for "m"). ``spelling`` says afterwards what each is
worth.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pushes.matching.tables import is_ideographic, sound

PAIRS = (("m", "rn"), ("w", "vv"), ("d", "cl"))
"""A letter, and two that look like it when they stand together."""
PAIRS_SHORTEST = 5
SOUND_SHORTEST = 5
"""Letters of the shortest sound that is looked for in Latin letters."""
MOST_PARTS = 3
"""Characters of one name that are taken apart singly."""

PARTS = {
    entry[0]: entry[2:]
    for entry in (Path(__file__).parent / "data" / "character_parts.txt")
    .read_text(encoding="utf-8")
    .split()
}
"""Character → the parts it is written with side by side or one over the other."""


def respellings(key: str) -> Iterator[str]:
    """Squeezed texts that stand for the name with this squeezed key."""
    if is_ideographic(key):
        if len(key) >= 2:
            heard = sound(key, exactly=True).replace(" ", "")
            if len(heard) >= SOUND_SHORTEST and heard.isascii():
                yield heard
            yield from _taken_apart(key)
    elif key.isascii() and len(key) >= PAIRS_SHORTEST:
        yield from _drawn(key)


def _taken_apart(key: str) -> Iterator[str]:
    spots = [at for at, char in enumerate(key) if char in PARTS]
    for at in spots[:MOST_PARTS]:
        yield key[:at] + PARTS[key[at]] + key[at + 1 :]
    if len(spots) > 1:
        yield "".join(PARTS.get(char, char) for char in key)


def _drawn(key: str) -> Iterator[str]:
    for letter, pair in PAIRS:
        if letter in key:
            yield key.replace(letter, pair, 1)
            if key.count(letter) > 1:
                yield key.replace(letter, pair)


def is_drawn(found: str, key: str) -> bool:
    """Whether ``found`` is the name with letters drawn by two others."""
    return any(found != key and found == other for other in _drawn(key))
