"""Verdicts → a ruleset, with the twins it is judged by (``pushes.matching.learning`` does it)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pushes.matching.errors import MatchingError
from pushes.matching.learning.evidence import Evidence, Numbers, evidence_of
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


def teach(
    facts: Sequence[Fact], prior: Ruleset, *, name: str = "candidate", base: Ruleset | None = None
) -> Lesson:
    """Rules learned from the facts around the hand-set weights of ``prior``.

    Thresholds and token frequencies are those of ``base`` (default: ``prior``). Without usable
    facts (none, or of one class only) the weights of ``base`` come back unchanged.
    """
    frame = base or prior
    evidence = evidence_from(facts, sorted(prior.weights.weights))
    if evidence.is_one_sided:
        return Lesson(frame.with_weights(frame.weights, name), (frame.weights,) * FOLDS)
    learned = learn(evidence, fold_of_facts(facts), hand_of(prior.weights, evidence.names))
    rules, *twins = (
        weights_of(fitted, evidence.names, evidence.brands, frame.weights)
        for fitted in (learned.rules, *learned.twins)
    )
    return Lesson(frame.with_weights(rules, name), tuple(twins))


def fit(facts: Sequence[Fact], prior: Ruleset, *, name: str = "candidate") -> Ruleset:
    """The ruleset of ``teach`` alone."""
    return teach(facts, prior, name=name).ruleset


def evidence_from(facts: Sequence[Fact], names: Sequence[str]) -> Evidence:
    """Facts as arrays."""
    return evidence_of(
        [fact.features for fact in facts],
        [fact.label for fact in facts],
        [fact.weight for fact in facts],
        [fact.brand_id for fact in facts],
        names,
    )


def fold_of_facts(facts: Sequence[Fact]) -> Numbers:
    """The fold of each fact; without a key its place among the facts decides."""
    return folds_of([fact.key or str(number) for number, fact in enumerate(facts)])
