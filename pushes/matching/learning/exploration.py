"""A few links below the threshold are pushed too, so that what the rules miss can be seen.

Each link's chance of being chosen, its propensity, is exact and above zero: systematic sampling
with unequal probabilities (Madow 1949). So the recall that nobody can see is *estimated* with
inverse-propensity weights (Horvitz & Thompson 1952). Those weights are for estimating only: in
training one explored link would outshout a hundred pushed ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushes.matching.learning.evidence import Marks, Numbers, Vector
from pushes.matching.learning.gate import MOST_RESAMPLED

SHARE = 0.05
"""Share of the pushes that explore."""
BAND = 3
"""The band next to the threshold is this many times as long as the pushes."""
RESAMPLES = 1_000


@dataclass(frozen=True)
class Exploration:
    """Positions chosen, and the propensity of each of them."""

    chosen: Numbers
    propensity: Vector


def explore(
    scores: Vector,
    budget: int,
    pushes: int,
    random: np.random.Generator,
    disputed: Numbers | None = None,
) -> Exploration:
    """Choose ``budget`` of the links that were not pushed.

    Half goes to the ``BAND * pushes`` best-scored, half to all alike. Links that a challenger would
    push (``disputed``: positions) take half of everything while there are any.
    """
    count = len(scores)
    budget = min(budget, count)
    if budget <= 0:
        return Exploration(np.zeros(0, np.int64), np.zeros(0))
    inclusion = inclusions(chances(scores, pushes, disputed), budget)
    chosen = _systematic(inclusion, random)
    return Exploration(chosen, inclusion[chosen])


def chances(scores: Vector, pushes: int, disputed: Numbers | None = None) -> Vector:
    """How exploration is shared out among links below the threshold; sums to 1."""
    chance = np.full(len(scores), 0.5 / len(scores))
    band = np.argsort(-scores, kind="stable")[: BAND * max(pushes, 1)]
    chance[band] += 0.5 / len(band)
    if disputed is not None and len(disputed):
        chance /= 2
        chance[disputed] += 0.5 / len(disputed)
    return chance


def inclusions(chance: Vector, budget: float) -> Vector:
    """Inclusion probabilities proportional to ``chance`` that sum to ``budget``, none above 1."""
    inclusion: Vector = chance * budget / chance.sum()
    while (over := inclusion > 1).any():
        free = ~over & (inclusion < 1)
        full = over | (inclusion == 1)
        inclusion[full] = 1.0
        if not free.any():
            break
        inclusion[free] *= (budget - full.sum()) / inclusion[free].sum()
    return inclusion


def _systematic(inclusion: Vector, random: np.random.Generator) -> Numbers:
    """As many positions as the inclusions sum to, each with exactly its own probability."""
    order = random.permutation(len(inclusion))
    ends = np.cumsum(inclusion[order])
    ticks = np.arange(random.random(), ends[-1] - 1e-9, 1.0)
    return np.sort(order[np.searchsorted(ends, ticks, side="right").clip(max=len(order) - 1)])


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def recall(
    labels: Vector, propensity: Vector, pushed: Marks, random: np.random.Generator
) -> Estimate | None:
    """Estimated share of all infringing links that were pushed; None without an infringing one.

    ``pushed`` marks ordinary pushes (propensity 1); the others were explored. Interval by bootstrap
    over the judged links (percentiles). Where exploration found nothing, resamples would say that
    nothing is missed; the lower end is then what the "rule of three" leaves (Hanley & Lippman-Hand,
    "If nothing goes wrong, is everything all right?", JAMA 1983).
    """
    weight = labels / propensity
    if not weight.sum():
        return None
    value = float((weight * pushed).sum() / weight.sum())
    if not weight[~pushed].any():
        return Estimate(value, _least_recall(float(weight.sum()), propensity[~pushed]), 1.0)
    drawn = min(len(labels), MOST_RESAMPLED)
    if drawn < len(labels):
        some = random.choice(len(labels), drawn, replace=False)
        weight, pushed = weight[some], pushed[some]
    shares = _shares(weight, weight * pushed, random)
    if drawn < len(labels):  # m out of n, as the gate does
        narrowed = math.sqrt(drawn / len(labels))
        shares = np.clip(value + narrowed * (shares - shares.mean()), 0.0, 1.0)
    low, high = np.quantile(shares, (0.025, 0.975))
    return Estimate(value, float(low), float(high))


def _least_recall(found: float, explored: Vector) -> float:
    """Recall if as many were missed as explored links, none infringing, let one fear (95 %).

    Links with a small propensity stand for many: together they are worth fewer (Kish 1965).
    """
    if not len(explored):
        return 0.0
    stands_for = 1 / explored
    worth = float(stands_for.sum() ** 2 / (stands_for**2).sum())
    at_most = 1 - float(np.power(0.05, 1 / worth))
    return found / (found + at_most * float(stands_for.sum()))


def _shares(every: Vector, found: Vector, random: np.random.Generator) -> Vector:
    """The share found in each resample, one at a time: all at once would take gigabytes."""
    shares = np.ones(RESAMPLES)
    for number in range(RESAMPLES):
        rows = random.integers(0, len(every), len(every))
        total = every[rows].sum()
        if total > 0:
            shares[number] = found[rows].sum() / total
    return shares


def recall_from(
    scores: Vector,
    labels: Vector,
    propensity: Vector,
    thresholds: Sequence[float],
    random: np.random.Generator,
    resamples: int = 300,
) -> list[Estimate] | None:
    """Estimated share of all infringing links that score each threshold or more; None without one.

    Horvitz–Thompson as in ``recall``, with one bootstrap for all thresholds.
    """
    weight = labels / propensity
    if not weight.sum():
        return None
    cells = len(thresholds) + 1
    place = np.searchsorted(np.asarray(thresholds), scores, side="right")

    def shares(rows: Numbers) -> Vector:
        sums = np.bincount(place[rows], weight[rows], cells)
        from_each = np.cumsum(sums[::-1])[::-1]
        if not from_each[0]:
            return np.ones(cells - 1)
        return np.asarray(from_each[1:] / from_each[0], np.float64)

    count = len(labels)
    drawn = np.stack([shares(random.integers(0, count, count)) for _ in range(resamples)])
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    values = shares(np.arange(count))
    return [Estimate(*map(float, row)) for row in zip(values, low, high, strict=True)]
