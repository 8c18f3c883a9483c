"""Do links with a score of 0.8 infringe in 80 % of cases?"""

from __future__ import annotations

import numpy as np

from pushes.matching.learning.evidence import Vector

BINS = 10


def expected_calibration_error(
    probabilities: Vector, labels: Vector, weights: Vector | None = None, bins: int = BINS
) -> float | None:
    """ECE: mean distance of score and infringing share over equal-width bins, weighted by links.

    Naeini, Cooper & Hauskrecht, "Obtaining Well Calibrated Probabilities" (AAAI 2015). None when
    there is nothing to weigh.
    """
    trust = np.ones(len(labels)) if weights is None else weights
    total = trust.sum()
    if total <= 0:
        return None
    place = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    gap = np.bincount(place, trust * (probabilities - labels), bins)
    return float(np.abs(gap).sum() / total)
