"""Whether a folded word is a usual one, and how many usual words lie around a name."""

from __future__ import annotations

import string
from functools import lru_cache

import numpy as np

from pushes.matching import kernel
from pushes.matching.tables import common_words, points_of, zipf_anywhere

USUAL_SHORT, USUAL = 4.0, 3.5
"""Zipf frequency from which a word of three, and of more letters counts as usual somewhere."""


def is_common(folded: str) -> bool:
    """Whether a folded Latin word is frequent in some language."""
    if not folded.isascii() or len(folded) < 4:
        return False
    return bool(kernel.contains(common_words(), kernel.hash_all(*points_of([folded]))[0]))


@lru_cache(maxsize=50_000)
def is_usual(folded: str) -> bool:
    """Whether a piece of a word is a word of its own; one or two letters always are."""
    if len(folded) < 3:
        return True
    return zipf_anywhere(folded) >= (USUAL_SHORT if len(folded) == 3 else USUAL)


@lru_cache(maxsize=50_000)
def usual_neighbours(name: str) -> int:
    """How many usual words are one edit away from a name or are the name: the more, the likelier
    an accidental hit ("Lotto": lotto, motto, lotte …, "Gucci": none).
    """
    near = {name}
    for at in range(len(name) + 1):
        before, after = name[:at], name[at:]
        near.update(before + letter + after for letter in string.ascii_lowercase)
        if after:
            near.add(before + after[1:])
            near.update(before + letter + after[1:] for letter in string.ascii_lowercase)
    keys = kernel.hash_all(*points_of(sorted(near)))
    common = common_words()
    return sum(1 for key in np.unique(keys) if kernel.contains(common, key))
