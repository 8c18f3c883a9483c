"""Replay a change of rules over past facts: what would have been different?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pushes.matching.learn import Fact
from pushes.matching.score import Ruleset


@dataclass(frozen=True, slots=True)
class WeightChange:
    """One weight (or "intercept", "threshold") under both rulesets."""

    name: str
    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Flip:
    """A past fact whose push decision changes. ``position`` is its index in the given facts."""

    position: int
    fact: Fact
    old_score: float
    new_score: float
    pushed_before: bool
    pushed_after: bool


@dataclass(frozen=True)
class Comparison:
    """Old against new over the same facts.

    ``volume``: infringing facts; both precisions are the trusted share of infringing facts among
    that many best-scored ones (R-precision, Manning et al., *Introduction to Information
    Retrieval*, 8.4), None when the volume is 0. Facts come from pushed listings only, so among all
    that the old ruleset pushes both rulesets would always do equally well.
    """

    changes: tuple[WeightChange, ...]
    flips: tuple[Flip, ...]
    volume: int
    old_precision: float | None
    new_precision: float | None


def compare(old: Ruleset, new: Ruleset, facts: Sequence[Fact]) -> Comparison:
    """Weights, flipped push decisions, and R-precision."""
    old_scores = [old.weights.probability(fact.brand_id, fact.features) for fact in facts]
    new_scores = [new.weights.probability(fact.brand_id, fact.features) for fact in facts]
    flips = []
    volume = sum(fact.label >= 0.5 for fact in facts)
    for position, fact in enumerate(facts):
        before = old_scores[position] >= old.weights.threshold_for(fact.brand_id)
        after = new_scores[position] >= new.weights.threshold_for(fact.brand_id)
        if before != after:
            flips.append(
                Flip(position, fact, old_scores[position], new_scores[position], before, after)
            )
    return Comparison(
        changes=_changes(old, new),
        flips=tuple(flips),
        volume=volume,
        old_precision=precision_at(facts, old_scores, volume),
        new_precision=precision_at(facts, new_scores, volume),
    )


def precision_at(facts: Sequence[Fact], scores: Sequence[float], volume: int) -> float | None:
    """Weighted share of infringing facts among the ``volume`` best-scored; None when empty."""
    order = sorted(range(len(facts)), key=lambda number: (-scores[number], number))[:volume]
    trusted = sum(facts[number].weight for number in order)
    if not trusted:
        return None
    return sum(facts[number].weight * facts[number].label for number in order) / trusted


def _changes(old: Ruleset, new: Ruleset) -> tuple[WeightChange, ...]:
    names = sorted(old.weights.weights.keys() | new.weights.weights.keys())
    changes = [
        WeightChange("intercept", old.weights.intercept, new.weights.intercept),
        WeightChange("threshold", old.weights.threshold, new.weights.threshold),
    ]
    changes += [
        WeightChange(name, old.weights.weights.get(name, 0.0), new.weights.weights.get(name, 0.0))
        for name in names
    ]
    return tuple(change for change in changes if change.old != change.new)
