"""Verdicts retune the rules: fit, gate, explore, measure. Knows no Django and no files."""

from pushes.matching.learning.evidence import Evidence, evidence_of
from pushes.matching.learning.model import Fitted, HandSet, fit_map

__all__ = ["Evidence", "Fitted", "HandSet", "evidence_of", "fit_map"]
