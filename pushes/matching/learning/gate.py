"""Is a challenger better than the champion, on what was judged?

Both are judged on the same links, by precision at one volume: how many of their best-scored are
infringing. The gate opens when the gain to be expected is above zero (a twentieth of a point) and a
loss of more than one point has a probability of at most 10 %, by bootstrap over the links with both
kept paired (Efron & Tibshirani 1993). A plain 95 % test would never open: with 100 verdicts its
half-width is six points. With thin data a whole step may be too risky where a part of it is not:
then a shrunken step towards the challenger is tried.

Where many are not to be believed, who is so is itself uncertain, and all that one voice said is
wrong together. Then voices are resampled as wholes too (cluster bootstrap: Cameron, Gelbach &
Miller 2008), and the greater risk counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pushes.matching.learning.evidence import Numbers, Vector

LOSS = 0.01
"""One point of precision."""
LOSS_PROBABILITY = 0.10
LEAST_GAIN = 0.0005
"""Less is no gain: rules that rank alike differ by so much where weights are fractions."""
RESAMPLES = 500
FEWEST = 30
"""Below as many judged links a bootstrap says nothing."""
MOST_RESAMPLED = 50_000
"""Of more links as many are resampled, and the spread is narrowed by the root of their share (m out
of n, Bickel, Götze & van Zwet 1997): half a million draws of a million links would take minutes."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Precision of both at the same volume; ``low`` and ``high``: 90 % interval of the gain."""

    links: int
    volume: float
    champion: float
    challenger: float
    low: float
    high: float
    loss_probability: float

    @property
    def gain(self) -> float:
        """Points are hundredths: 0.01 is one."""
        return self.challenger - self.champion

    @property
    def opens(self) -> bool:
        """May the challenger replace the champion?"""
        better = self.links >= FEWEST and self.gain >= LEAST_GAIN
        return better and self.loss_probability <= LOSS_PROBABILITY


def compare(
    champion: Vector, challenger: Vector, labels: Vector, weights: Vector, *, seed: int = 0,
    voices: Numbers | None = None,
) -> Comparison:  # fmt: skip
    """Scores of both for the same judged links; volume is the trusted number of infringing ones.

    ``labels`` may be soft; ``weights`` are trust times the inverse propensity of explored links;
    ``voices``: whose word each label is, where whole voices may be false. Raises ``ValueError`` for
    scores that are no numbers.
    """
    if not (np.isfinite(champion).all() and np.isfinite(challenger).all()):
        raise ValueError("a score is not a finite number")
    random = np.random.default_rng(seed)
    old, new = (precision(_order(scores), labels, weights) for scores in (champion, challenger))
    gains, some = np.zeros(RESAMPLES), np.arange(len(labels))
    if len(labels) > MOST_RESAMPLED:
        some = random.choice(len(labels), MOST_RESAMPLED, replace=False)
    if len(labels):
        columns = (champion[some], challenger[some], labels[some], weights[some])
        gains = _gains(*columns, np.arange(len(some)), random)
        if len(some) < len(labels):
            narrowed = math.sqrt(len(some) / len(labels))
            gains = new - old + narrowed * (gains - gains.mean())
        if voices is not None:
            gains = max(gains, _gains(*columns, voices[some], random), key=_loss_probability)
    low, high = np.quantile(gains, (0.05, 0.95))
    volume = float(weights @ labels)
    return Comparison(
        links=len(labels), volume=volume, champion=old, challenger=new, low=float(low),
        high=float(high), loss_probability=_loss_probability(gains),
    )  # fmt: skip


def _order(scores: Vector) -> np.typing.NDArray[np.int64]:
    return np.argsort(-scores, kind="stable")


def _loss_probability(gains: Vector) -> float:
    return float((gains < -LOSS).mean())


def _gains(
    champion: Vector, challenger: Vector, labels: Vector, weights: Vector, units: Numbers,
    random: np.random.Generator,
) -> Vector:  # fmt: skip
    """What the challenger gains in each resample of these links, drawn by whole units."""
    orders, gains = (_order(champion), _order(challenger)), np.zeros(RESAMPLES)
    known, unit = np.unique(units, return_inverse=True)
    count = len(known)
    for number in range(RESAMPLES):
        times = np.bincount(random.integers(0, count, count), None, count)[unit]
        first, second = (precision(order, labels, weights * times) for order in orders)
        gains[number] = second - first
    return gains


def precision(order: np.typing.NDArray[np.int64], labels: Vector, weights: Vector) -> float:
    """Infringing share of the best-scored weight that equals the infringing weight."""
    weight, label = weights[order], labels[order]
    found = weight * label
    volume = found.sum()
    if volume <= 0:
        return 0.0
    reached = np.cumsum(weight)
    last = int(np.searchsorted(reached, volume))
    before = reached[last - 1] if last else 0.0
    part = found[:last].sum()
    if last < len(label):
        part += (volume - before) * label[last]
    return float(part / volume)
