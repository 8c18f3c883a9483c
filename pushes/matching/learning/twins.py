"""Rules with their twins, so that they can be judged on the very facts they were learned from.

The facts are dealt into folds by a stable hash. Beside the rules fitted to all facts stands one
twin a fold, fitted without it; the twin scores its fold. So champion and challenger are compared on
every judged link, neither of them having seen it, though both learned from all of them
(cross-validation, Stone 1974).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushes.matching.learning.evidence import Evidence, Numbers, Vector, one_sided
from pushes.matching.learning.model import Fitted, HandSet, Problem, by_hand

FOLDS = 5


@dataclass(frozen=True)
class Learned:
    """``rules`` are those that score new listings; ``twins[k]`` never saw the facts of fold k."""

    rules: Fitted
    twins: tuple[Fitted, ...]

    def held_out_log_odds(self, evidence: Evidence, folds: Numbers) -> Vector:
        """Log-odds of each fact by the twin that never saw it."""
        scores = np.zeros(len(evidence))
        for fold, twin in enumerate(self.twins):
            rows = np.flatnonzero(folds == fold)
            if len(rows):
                scores[rows] = twin.log_odds(evidence.take(rows))
        return scores

    def towards(self, other: Learned, step: float) -> Learned:
        """A part of the way to other rules."""
        return Learned(
            self.rules.towards(other.rules, step),
            tuple(a.towards(b, step) for a, b in zip(self.twins, other.twins, strict=True)),
        )

    def widened(self, signals: int) -> Learned:
        """The same rules with further signals that weigh nothing yet."""
        return Learned(
            self.rules.widened(signals), tuple(twin.widened(signals) for twin in self.twins)
        )


def unlearned(hand: HandSet, brands: int) -> Learned:
    """Hand-set rules saw no fact at all."""
    rules = by_hand(hand, brands)
    return Learned(rules, (rules,) * FOLDS)


def learn(
    evidence: Evidence, folds: Numbers, hand: HandSet, *, with_brands: bool = True
) -> Learned:
    """Fit the rules and their twins; the evidence must not be one-sided."""
    problem = Problem(evidence, hand, with_brands=with_brands)
    rules, found = problem.solve(evidence.weights)
    twins = []
    for fold in range(FOLDS):
        kept = np.where(folds == fold, 0.0, evidence.weights)
        if one_sided(evidence.labels, kept):
            twins.append(by_hand(hand, len(evidence.brands)))
        else:
            twins.append(problem.solve(kept, found)[0])
    return Learned(rules, tuple(twins))


def folds_of(keys: Sequence[str]) -> Numbers:
    """The fold of each key, the same for ever."""
    return np.array([zlib.crc32(key.encode()) % FOLDS for key in keys], np.int64)
