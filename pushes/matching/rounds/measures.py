"""The measures of a ruleset on the frozen hold-out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pushes.matching.learning.calibration import expected_calibration_error
from pushes.matching.learning.evidence import Vector


@dataclass(frozen=True, slots=True)
class Measures:
    """``precision_at_k``: among as many best-scored pairs as there are infringing ones; ``recall``
    and ``f1`` at the rules' own threshold; ``calibration_error``: ECE of the probabilities.
    """

    precision_at_k: float
    recall: float
    f1: float
    calibration_error: float


def measure(scores: Vector, truth: Vector, threshold: float) -> Measures:
    """Measures of probabilities; equal scores are taken in the order of the file."""
    infringing = int(truth.sum())
    best = np.argsort(-scores, kind="stable")[:infringing]
    decided = scores >= threshold
    hits = float(truth[decided].sum())
    return Measures(
        precision_at_k=float(truth[best].mean()) if infringing else 0.0,
        recall=hits / infringing if infringing else 0.0,
        f1=2 * hits / (infringing + decided.sum()) if infringing else 0.0,
        calibration_error=expected_calibration_error(scores, truth) or 0.0,
    )
