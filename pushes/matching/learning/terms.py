"""Words that speak for infringement: log-odds ratio with an informative Dirichlet prior.

Monroe, Colaresi & Quinn, "Fightin' Words" (Political Analysis 16, 2008): the difference of a word's
log-odds between confirmed fakes and everything else, shrunk by its frequency in both together and
divided by its standard error. A word that is rare or common everywhere gets a small z; nothing is
added to the rules by itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

PRIOR_WORDS = 500.0
LOWEST_Z = 3.0
FEWEST_FAKES = 4
MOST = 10
RECENT = 100
"""Newest fakes that are asked by themselves."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, in how many fakes and others it stands, and how surely it speaks for fakes."""

    word: str
    fakes: int
    others: int
    z: float


def telling_terms(
    fakes: Sequence[Collection[str]],
    others: Iterable[Collection[str]],
    known: Collection[str] = (),
    *,
    lowest_z: float = LOWEST_Z,
    most: int = MOST,
) -> list[Term]:
    """The most telling words first; each listing is the collection of its words, counted once.

    ``fakes``: the newest first. The newest are asked by themselves as well: what sellers write
    since last week would drown in what they wrote all year. Counts are of all fakes.
    """
    in_fakes, in_others = _counted(fakes), _counted(others)
    sureness: dict[str, float] = {}
    for counts in {RECENT: _counted(fakes[:RECENT]), len(fakes): in_fakes}.values():
        for word, z in _telling(counts, in_others):
            sureness[word] = max(z, sureness.get(word, z))
    found = [
        Term(word, in_fakes[word], in_others[word], z)
        for word, z in sureness.items()
        if z > lowest_z and word not in known
    ]
    return sorted(found, key=lambda term: (-term.z, term.word))[:most]


def _counted(listings: Iterable[Collection[str]]) -> Counter[str]:
    return Counter(word for listing in listings for word in set(listing))


def _telling(in_fakes: Counter[str], in_others: Counter[str]) -> Iterator[tuple[str, float]]:
    """(word, z) of each word that stands in enough fakes."""
    fake_words, other_words = in_fakes.total(), in_others.total()
    every = fake_words + other_words
    for word, count in in_fakes.items():
        if count >= FEWEST_FAKES:
            other = in_others[word]
            prior = PRIOR_WORDS * (count + other) / every
            odds = _log_odds(count, fake_words, prior) - _log_odds(other, other_words, prior)
            yield word, odds / math.sqrt(1 / (count + prior) + 1 / (other + prior))


def _log_odds(count: int, words: int, prior: float) -> float:
    return math.log((count + prior) / (words + PRIOR_WORDS - count - prior))
