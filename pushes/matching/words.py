"""Whether a folded word is a usual one, and how many usual words lie around a name."""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from pushes.matching import kernel
from pushes.matching.tables import common_words, points_of, zipf_anywhere

USUAL_SHORT, USUAL = 4.0, 3.5
"""Zipf frequency from which a word of three, and of more letters counts as usual somewhere."""
STOCK_WORD = 0.0005
"""A word that more than this share of the platform's own titles holds is no misspelling."""
EVERYWHERE = ""
"""The group of all titles."""
PLAIN_LATIN, MARKED_LATIN = "LATIN", "LATIN WITH MARKS"
MARKED = 0.1
"""Share of the Latin letters that carry marks, from which marks belong to the language."""


def language_group(text: str) -> str:
    """What the letters of a text tell of its language: the script most of them are of.

    Latin letters are two groups, since Vietnamese or Polish are full of marks. Ideographs beside
    kana are Japanese.
    """
    letters = Counter(_script(char) for char in text[:200] if char.isalpha())
    if not letters:
        return PLAIN_LATIN
    if letters["HIRAGANA"] + letters["KATAKANA"] > 2:
        return "KATAKANA"
    marked = letters[MARKED_LATIN]
    letters[PLAIN_LATIN] += marked
    del letters[MARKED_LATIN]
    script = max(letters, key=lambda name: letters[name])
    if script == PLAIN_LATIN and marked > MARKED * letters[PLAIN_LATIN]:
        return MARKED_LATIN
    return script


@lru_cache(maxsize=20_000)
def _script(char: str) -> str:
    if char.isascii():
        return PLAIN_LATIN
    script = unicodedata.name(char, "").partition(" ")[0]
    return MARKED_LATIN if script == "LATIN" else script


def stock_key(group: str, word: str) -> str:
    """Where the share of a word among the titles of a group stands in ``token_frequency``."""
    return f"{group}/{word}" if group else word


class Stock:
    """How usual a word is on the platform, for a text of some language."""

    def __init__(self, shares: Mapping[str, float], text: str) -> None:
        self._shares = shares
        self._group = language_group(text) if shares else EVERYWHERE

    def holds(self, word: str) -> bool:
        """Whether a folded word is usual among all titles, or those in the text's language."""
        shares = self._shares
        if shares.get(word, 0.0) > STOCK_WORD:
            return True
        return bool(shares) and shares.get(stock_key(self._group, word), 0.0) > STOCK_WORD


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
