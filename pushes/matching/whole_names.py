"""Names of several words of which one is bent: the others must stand beside it as they should."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

from pushes.matching.normalise import LEET_LETTERS, Squeezed, fold_cached, squeeze
from pushes.matching.words import is_usual

WORD = re.compile(r"[^\W_]+")
BESIDE = 4
"""Letters of the other words of a name that make a bent one certain."""


def words_of_name(text: str) -> list[str]:
    """The words of a registered name; signs part them as spaces do ("S.T.Dupont")."""
    return WORD.findall(text)


def as_leet(key: str) -> str:
    """The key with every letter that a digit may stand for in one form."""
    return "".join(LEET_LETTERS.get(char, char) for char in key)


def whole_span(
    name: str, key: str, start: int, end: int, text: str, *, leet: bool = False
) -> tuple[int, int] | None:
    """The span of the whole ``name`` where ``key``, one of its words, is meant by text[start:end].

    None without the others. They stand directly before and after, spelt plainly (or with digits,
    for ``leet``).
    """
    full = fold_cached(name)
    if full == key:
        return start, end
    at = full.find(key)
    before, after = full[:at], full[at + len(key) :]
    head, tail = _squeezed(text[:start], leet), _squeezed(text[end:], leet)
    if leet:
        before, after = as_leet(before), as_leet(after)
    if not head.text.endswith(before) or not tail.text.startswith(after):
        return None
    start = head.offsets[-len(before)] if before else start
    end = end + tail.offsets[len(after) - 1] + 1 if after else end
    return start, end


@lru_cache(maxsize=64)
def _squeezed(text: str, leet: bool) -> Squeezed:
    """What stands before or after a word. Hundreds of names may be asked about one word, and
    folding a long text for each of them would let one title stop everything else.
    """
    return squeeze(text, leet=leet)


def is_name_with_a_slip(span: str, name: str, *, slip: bool) -> bool:
    """Whether several words are a name of several words, one of them misspelt.

    ``slip``: the letters are swapped or doubled, as in "Christiaan Dior". Else a usual word in the
    place of another ("cotton in" for Cotton On) counts only beside a word that is none.
    """
    found = [fold_cached(word) for word in WORD.findall(span)]
    meant = [fold_cached(word) for word in words_of_name(name)]
    same = sum(1 for _ in takewhile(_alike, zip(found, meant, strict=False)))
    tail = zip(reversed(found[same:]), reversed(meant[same:]), strict=False)
    last = sum(1 for _ in takewhile(_alike, tail))
    shared = found[:same] + found[len(found) - last :]
    if len(meant) < 2 or sum(map(len, shared)) < min(BESIDE, len(fold_cached(name)) // 2):
        return False
    other = found[same : len(found) - last]
    return slip or not all(map(is_usual, other)) or not all(map(is_usual, shared))


def _alike(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]
