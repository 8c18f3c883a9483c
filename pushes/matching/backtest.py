"""Replay a change of rules over past facts: what would have been different?

Champion and challenger are scored on every judged link by the twin that never saw it, so the
figures are those to be expected of new links, not of the ones that were learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pushes.matching.learn import Lesson
from pushes.matching.learning import exploration
from pushes.matching.learning import gate as gates
from pushes.matching.learning.calibration import expected_calibration_error
from pushes.matching.learning.evidence import Judged, Numbers, Vector
from pushes.matching.learning.rulesets import arrays_of, weights_of
from pushes.matching.score import Weights

HEAVIEST_EXPLORED = 8.0
"""Inverse propensities are cut here when rules are compared (Ionides 2008)."""
STEPS = (1.0, 0.5, 0.25)
"""A whole step towards the challenger, then shrunken ones."""


@dataclass(frozen=True, slots=True)
class WeightChange:
    """One weight (or "intercept", "threshold") under both rulesets."""

    name: str
    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Flip:
    """A past fact whose push decision changes. ``position`` is its index in the judged links."""

    position: int
    old_score: float
    new_score: float
    pushed_before: bool
    pushed_after: bool


@dataclass(frozen=True, slots=True)
class BrandRow:
    """One brand's judged links and both precisions among as many as are infringing."""

    brand: str
    links: int
    infringing: float
    old_precision: float
    new_precision: float


@dataclass(frozen=True)
class BackTest:
    """Old against new over the same judged links.

    ``gate`` compares the whole step; ``step`` is the largest that may be taken (None: no step),
    ``at_step`` its comparison. Calibration errors are None without a trusted fact, ``recall`` is
    that of the pushes, estimated from exploration.
    """

    changes: tuple[WeightChange, ...]
    flips: tuple[Flip, ...]
    gate: gates.Comparison
    step: float | None
    at_step: gates.Comparison
    old_calibration: float | None
    new_calibration: float | None
    recall: exploration.Estimate | None
    brands: tuple[BrandRow, ...]


def back_test(old: Lesson, new: Lesson, judged: Judged, *, seed: int = 0) -> BackTest:
    """Compare two lessons on judged links."""
    evidence = judged.evidence
    before, after = (held_out_log_odds(lesson, judged) for lesson in (old, new))
    trust = evidence.weights * np.minimum(1 / judged.propensity, HEAVIEST_EXPLORED)
    tried = [
        (step, gates.compare(before, (1 - step) * before + step * after, evidence.labels, trust,
                            seed=seed, voices=judged.voices))
        for step in STEPS
    ]  # fmt: skip
    step, at_step = next((pair for pair in tried if pair[1].opens), (None, tried[0][1]))
    return BackTest(
        changes=changes(old.ruleset.weights, new.ruleset.weights),
        flips=_flips(old.ruleset.weights, new.ruleset.weights, judged),
        gate=tried[0][1],
        step=step,
        at_step=at_step,
        old_calibration=expected_calibration_error(_odds(before), evidence.labels, trust),
        new_calibration=expected_calibration_error(_odds(after), evidence.labels, trust),
        recall=_recall(judged, seed),
        brands=_by_brand(before, after, judged, trust),
    )


def _recall(judged: Judged, seed: int) -> exploration.Estimate | None:
    """Of what was pushed and explored; nobody was needed to find what a score found."""
    rows = np.arange(len(judged.evidence))
    if judged.reported is not None:
        rows = np.flatnonzero(~judged.reported)
    labels, propensity = np.clip(judged.evidence.labels[rows], 0, 1), judged.propensity[rows]
    random = np.random.default_rng(seed)
    return exploration.recall(labels, propensity, propensity == 1, random)


def towards(old: Lesson, new: Lesson, step: float, name: str = "candidate") -> Lesson:
    """A part of the way from old rules to new ones; everything but the weights is the new one's."""
    ruleset = new.ruleset.with_weights(
        _between(old.ruleset.weights, new.ruleset.weights, step), name
    )
    twins = tuple(_between(a, b, step) for a, b in zip(old.twins, new.twins, strict=True))
    return Lesson(ruleset, twins)


def held_out_log_odds(lesson: Lesson, judged: Judged) -> Vector:
    """Log-odds of each judged link by the twin that never saw it."""
    evidence = judged.evidence
    scores = np.zeros(len(evidence))
    for fold, twin in enumerate(lesson.twins):
        rows = np.flatnonzero(judged.folds == fold)
        if len(rows):
            fitted = arrays_of(twin, evidence.names, evidence.brands)
            scores[rows] = fitted.log_odds(evidence.take(rows))
    return scores


def changes(old: Weights, new: Weights) -> tuple[WeightChange, ...]:
    """What differs among the weights that hold for every brand."""
    names = sorted(old.weights.keys() | new.weights.keys())
    found = [
        WeightChange("intercept", old.intercept, new.intercept),
        WeightChange("threshold", old.threshold, new.threshold),
    ]
    found += [
        WeightChange(name, old.weights.get(name, 0.0), new.weights.get(name, 0.0)) for name in names
    ]
    return tuple(change for change in found if change.old != change.new)


def _flips(old: Weights, new: Weights, judged: Judged) -> tuple[Flip, ...]:
    evidence = judged.evidence
    scores = [
        _odds(arrays_of(weights, evidence.names, evidence.brands).log_odds(evidence))
        for weights in (old, new)
    ]
    pushed = [
        score >= _thresholds(weights, evidence.brands, evidence.brand)
        for score, weights in zip(scores, (old, new), strict=True)
    ]
    return tuple(
        Flip(int(row), float(scores[0][row]), float(scores[1][row]), bool(pushed[0][row]),
             bool(pushed[1][row]))
        for row in np.flatnonzero(pushed[0] != pushed[1])
    )  # fmt: skip


def _thresholds(weights: Weights, brands: tuple[str, ...], brand: Numbers) -> Vector:
    # The last place is that of links without a brand, whose number is -1.
    each = [*(weights.threshold_for(name) for name in brands), weights.threshold]
    return np.array(each, np.float64)[brand]


def _by_brand(before: Vector, after: Vector, judged: Judged, trust: Vector) -> tuple[BrandRow, ...]:
    evidence = judged.evidence
    order = np.argsort(evidence.brand, kind="stable")
    bounds = np.searchsorted(evidence.brand[order], np.arange(len(evidence.brands) + 1))
    found = []
    for number, name in enumerate(evidence.brands):
        rows = order[bounds[number] : bounds[number + 1]]
        if len(rows):
            label, weight = evidence.labels[rows], trust[rows]
            old, new = (
                gates.precision(np.argsort(-scores[rows], kind="stable"), label, weight)
                for scores in (before, after)
            )
            found.append(BrandRow(name, len(rows), float(weight @ label), old, new))
    return tuple(found)


def _between(old: Weights, new: Weights, step: float) -> Weights:
    names = sorted(old.weights.keys() | new.weights.keys())
    brands = sorted(old.brand_offsets.keys() | new.brand_offsets.keys())
    parts = [arrays_of(weights, names, brands) for weights in (old, new)]
    return weights_of(parts[0].towards(parts[1], step), names, brands, new)


def _odds(log_odds: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -60, 60))), np.float64)
