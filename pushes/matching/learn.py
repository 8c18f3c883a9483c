"""Verdicts → a ruleset, with the twins it is judged by (``pushes.matching.learning`` does it)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushes.matching.errors import MatchingError
from pushes.matching.learning.evidence import Judged, evidence_of
from pushes.matching.learning.rulesets import hand_of, weights_of
from pushes.matching.learning.twins import FOLDS, folds_of, learn
from pushes.matching.score import Ruleset, Weights


@dataclass(frozen=True)
class Fact:
    """One judged link: the feature vector as it was at push time and what was found.

    ``label``: 1 infringing … 0 genuine (soft labels allowed); ``weight``: how far it is trusted;
    ``key``: what is the same for the link for ever; ``propensity``: its chance of being pushed.
    """

    features: Mapping[str, float]
    label: float
    weight: float = 1.0
    brand_id: str = ""
    key: str = ""
    propensity: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.label <= 1:
            raise MatchingError(f"label {self.label} must lie between 0 and 1")
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise MatchingError(f"fact weight {self.weight} must be a finite number from 0 on")
        if not 0 < self.propensity <= 1:
            raise MatchingError(f"propensity {self.propensity} must lie above 0 and up to 1")


@dataclass(frozen=True)
class Lesson:
    """A ruleset, and per fold of the facts the weights that were learned without it."""

    ruleset: Ruleset
    twins: tuple[Weights, ...]

    def twins_to_list(self) -> list[dict[str, object]]:
        """The twins as JSON: what a ruleset's own document has of weights."""
        return [self.ruleset.with_weights(twin).weights_to_dict() for twin in self.twins]

    @classmethod
    def from_stored(cls, ruleset: Ruleset, twins: object) -> Lesson:
        """Read ``twins_to_list``; a ruleset without such twins counts as one that saw no fact."""
        if not isinstance(twins, list) or len(twins) != FOLDS:
            return untaught(ruleset)
        document = ruleset.to_dict()
        return cls(
            ruleset, tuple(Ruleset.from_dict({**document, **twin}).weights for twin in twins)
        )


def teach(judged: Judged, prior: Ruleset, *, base: Ruleset, name: str = "candidate") -> Lesson:
    """Rules learned from judged links around the hand-set weights of ``prior``.

    Thresholds and token frequencies are those of ``base``, the champion. Without usable facts
    (none, or of one class only) the champion's weights come back unchanged.
    """
    evidence = judged.evidence
    if evidence.is_one_sided:
        return untaught(base.with_weights(base.weights, name))
    learned = learn(evidence, judged.folds, hand_of(prior.weights, evidence.names))
    rules, *twins = (
        weights_of(fitted, evidence.names, evidence.brands, base.weights)
        for fitted in (learned.rules, *learned.twins)
    )
    return Lesson(base.with_weights(rules, name), tuple(twins))


def untaught(ruleset: Ruleset) -> Lesson:
    """A ruleset that saw none of the facts: hand-set, or of unknown origin."""
    return Lesson(ruleset, (ruleset.weights,) * FOLDS)


def fit(facts: Sequence[Fact], prior: Ruleset, *, name: str = "candidate") -> Ruleset:
    """The ruleset that ``teach`` makes of a few facts."""
    return teach(judged_of(facts, prior), prior, base=prior, name=name).ruleset


def judged_of(facts: Sequence[Fact], ruleset: Ruleset) -> Judged:
    """Facts as arrays, with the signals a ruleset weighs; without a key a fact's place is it."""
    evidence = evidence_of(
        [fact.features for fact in facts],
        [fact.label for fact in facts],
        [fact.weight for fact in facts],
        [fact.brand_id for fact in facts],
        sorted(ruleset.weights.weights),
    )
    folds = folds_of([fact.key or str(number) for number, fact in enumerate(facts)])
    return Judged(evidence, folds, np.array([fact.propensity for fact in facts], np.float64))
