"""Words that speak for infringement: log-odds ratio with an informative Dirichlet prior.

Monroe, Colaresi & Quinn, "Fightin' Words" (Political Analysis 16, 2008): the difference of a word's
log-odds between confirmed fakes and everything else, shrunk by its frequency in both together and
divided by its standard error. A word that is rare or common everywhere gets a small z; nothing is
added to the rules by itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

PRIOR_WORDS = 500.0
LOWEST_Z = 3.0
FEWEST_FAKES = 4
MOST = 10


@dataclass(frozen=True, slots=True)
class Term:
    """A word, in how many fakes and others it stands, and how surely it speaks for fakes."""

    word: str
    fakes: int
    others: int
    z: float


def telling_terms(
    fakes: Iterable[Collection[str]],
    others: Iterable[Collection[str]],
    known: Collection[str] = (),
    *,
    lowest_z: float = LOWEST_Z,
    most: int = MOST,
) -> list[Term]:
    """The most telling words first; each listing is the collection of its words, counted once."""
    in_fakes = Counter(word for listing in fakes for word in set(listing))
    in_others = Counter(word for listing in others for word in set(listing))
    fake_words, other_words = in_fakes.total(), in_others.total()
    every = fake_words + other_words
    found = []
    for word, count in in_fakes.items():
        if count < FEWEST_FAKES or word in known:
            continue
        other = in_others[word]
        prior = PRIOR_WORDS * (count + other) / every
        odds = _log_odds(count, fake_words, prior) - _log_odds(other, other_words, prior)
        z = odds / math.sqrt(1 / (count + prior) + 1 / (other + prior))
        if z > lowest_z:
            found.append(Term(word, count, other, z))
    return sorted(found, key=lambda term: (-term.z, term.word))[:most]


def _log_odds(count: int, words: int, prior: float) -> float:
    return math.log((count + prior) / (words + PRIOR_WORDS - count - prior))
