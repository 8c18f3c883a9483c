"""Verdicts → weights: maximum a posteriori around the prior weights, declared signs kept.

Minimises ``sum(weight_i * cross_entropy(label_i, p_i)) + ridge * |delta|² / 2`` over intercept,
weights and per-brand intercepts with L-BFGS-B; the bounds hold every weight on its declared side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from pushes.matching.errors import MatchingError
from pushes.matching.score import BrandOffset, Ruleset, Weights

RIDGE = 1.0
BRAND_VARIANCE = 0.64
"""Variance of the brands' own intercepts around the common one (partial pooling)."""
WEIGHT_LIMIT = 12.0
"""No learned weight leaves this range: one odd fact must not decide alone for ever."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Fact:
    """One judged link: the feature vector as it was at push time and what was found.

    ``label``: 1 infringing … 0 genuine (soft labels allowed); ``weight``: how far it is trusted.
    """

    features: Mapping[str, float]
    label: float
    weight: float = 1.0
    brand_id: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.label <= 1:
            raise MatchingError(f"label {self.label} must lie between 0 and 1")
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise MatchingError(f"fact weight {self.weight} must be a finite number from 0 on")


def fit(facts: Sequence[Fact], prior: Ruleset, *, name: str = "candidate") -> Ruleset:
    """A candidate ruleset fitted to the facts around ``prior``.

    Without usable facts (none, or of one class only) the prior's weights come back unchanged.
    """
    usable = [fact for fact in facts if fact.weight > 0]
    if len({fact.label >= 0.5 for fact in usable}) < 2:
        return prior.with_weights(prior.weights, name)
    problem = _Problem(usable, prior.weights)
    found = minimize(
        problem.loss,
        np.zeros(problem.size),
        jac=True,
        method="L-BFGS-B",
        bounds=problem.bounds(),
        options={"maxiter": 500},
    )
    return prior.with_weights(problem.weights(found.x), name)


class _Problem:
    """The parameters are differences: [intercept, one a feature name, one a brand]."""

    def __init__(self, facts: Sequence[Fact], prior: Weights) -> None:
        self.prior = prior
        self.names = sorted(prior.weights)
        self.brands = sorted({fact.brand_id for fact in facts if fact.brand_id})
        self.size = 1 + len(self.names) + len(self.brands)
        self.x = np.array([[_finite(f.features.get(n, 0.0)) for n in self.names] for f in facts])
        positions = {brand: number for number, brand in enumerate(self.brands)}
        self.brand = np.array([positions.get(fact.brand_id, -1) for fact in facts])
        self.label = np.array([fact.label for fact in facts])
        self.trust = np.array([fact.weight for fact in facts])
        self.base = np.array([prior.log_odds(fact.brand_id, fact.features) for fact in facts])
        ridge = np.full(self.size, RIDGE)
        ridge[1 + len(self.names) :] = 1 / BRAND_VARIANCE
        self.ridge = ridge

    def loss(self, delta: Vector) -> tuple[float, Vector]:
        """Penalised cross-entropy and its gradient."""
        words, brands = self._parts(delta)
        known = self.brand >= 0
        logits = self.base + delta[0] + self.x @ words
        logits[known] += brands[self.brand[known]]
        error = self.trust * (1 / (1 + np.exp(-logits)) - self.label)
        value = self.trust @ (np.logaddexp(0, logits) - self.label * logits)
        gradient = self.ridge * delta
        gradient[0] += error.sum()
        gradient[1 : 1 + len(self.names)] += self.x.T @ error
        np.add.at(gradient, 1 + len(self.names) + self.brand[known], error[known])
        return float(value + (self.ridge * delta**2).sum() / 2), gradient

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Per parameter: what keeps the weight on its declared side and in range."""
        limits: list[tuple[float | None, float | None]] = [(None, None)]
        for name in self.names:
            weight, sign = self.prior.weights[name], self.prior.signs.get(name, 0)
            low = -weight if sign > 0 else -WEIGHT_LIMIT - weight
            high = -weight if sign < 0 else WEIGHT_LIMIT - weight
            limits.append((low, high))
        return limits + [(None, None)] * len(self.brands)

    def weights(self, delta: Vector) -> Weights:
        """The prior moved by ``delta``."""
        words, brands = self._parts(delta)
        moved: dict[str, float] = {}
        for name, change in zip(self.names, words.tolist(), strict=True):
            value = self.prior.weights[name] + change
            moved[name] = 0.0 if value * self.prior.signs.get(name, 0) < 0 else value
        offsets = dict(self.prior.brand_offsets)
        for brand, change in zip(self.brands, brands.tolist(), strict=True):
            own = offsets.get(brand, BrandOffset())
            offsets[brand] = replace(own, intercept=own.intercept + change)
        return replace(
            self.prior,
            intercept=self.prior.intercept + float(delta[0]),
            weights=MappingProxyType(moved),
            brand_offsets=MappingProxyType(offsets),
        )

    def _parts(self, delta: Vector) -> tuple[Vector, Vector]:
        return delta[1 : 1 + len(self.names)], delta[1 + len(self.names) :]


def _finite(value: float) -> float:
    """A signal value that is no number counts as absent."""
    return value if math.isfinite(value) else 0.0
