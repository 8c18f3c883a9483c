"""Weights from verdicts: maximum a posteriori around hand-set weights that fade.

    logit P(infringing | x, brand k) = a + u_k + sum_j (c * w0_j * n0 / (n0 + n) + d_j + v_kj) * x_j

``w0`` are the hand-set weights and ``n`` the facts: with few of them the hand decides, with many
the facts do. ``d_j ~ N(0, 1 / RIDGE)``; a brand's own part ``u_k, v_kj ~ N(0, BRAND_VARIANCE)`` is
pooled partially (Gelman & Hill, *Data Analysis Using Regression and Multilevel Models*, ch. 12);
``c`` is log-normal around 1, one scale for all hand-set weights. Every weight keeps its declared
sign: a bound, so no penalty can be outvoted. Solved by L-BFGS-B with its gradient (Byrd, Lu,
Nocedal & Zhu 1995, by way of scipy).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, minimize
from scipy.sparse import csr_array

from pushes.matching.learning.evidence import NO_BRAND, Evidence, Numbers, Vector

RIDGE = 1.0
FADING_FACTS = 150.0
"""As many facts halve what the hand-set weights say."""
BRAND_VARIANCE = 0.1
"""Variance of a brand's own intercept and weights around the common ones. 0.64, right for made-up
brands that really differ, let the many small brands of real files follow their few verdicts."""
SCALE_PRECISION = 4.0
"""1 / variance of log c."""
INTERCEPT_RIDGE = 0.05
WEIGHT_LIMIT = 12.0
"""No learned weight leaves this range: one odd fact must not decide alone for ever."""
SMALLEST_OFFSET = 0.01
"""A brand's own weight below this is not worth a line of the ruleset."""
STEPS = 300
AT_ONCE = 50_000
"""Facts whose brands' weights are held beside them at a time."""


@dataclass(frozen=True)
class HandSet:
    """The hand-set rules, in the order of the evidence's names; ``signs``: +1, -1, 0 free."""

    intercept: float
    weights: Vector
    signs: Vector


@dataclass(frozen=True)
class Fitted:
    """Learned rules. ``brand_intercepts[k]`` and ``brand_weights[k, j]`` add to the common ones."""

    intercept: float
    weights: Vector
    scale: float
    brand_intercepts: Vector
    brand_weights: csr_array

    def log_odds(self, evidence: Evidence) -> Vector:
        """Log-odds of each fact; brands must be those it was fitted with."""
        logits = self.intercept + evidence.signals @ self.weights
        known = np.flatnonzero(evidence.brand != NO_BRAND)
        # Each fact takes its brand's weights along, several times what it has itself.
        for rows in np.split(known, range(AT_ONCE, len(known), AT_ONCE)):
            brand = evidence.brand[rows]
            own = evidence.signals[rows].multiply(self.brand_weights[brand]).sum(axis=1)
            logits[rows] += self.brand_intercepts[brand] + own
        return np.asarray(logits, np.float64)

    def towards(self, other: Fitted, step: float) -> Fitted:
        """A part of the way to other rules: 0 is here, 1 is there. Log-odds blend alike."""

        def blend(here: Vector, there: Vector) -> Vector:
            return np.asarray((1 - step) * here + step * there, np.float64)

        return Fitted(
            intercept=(1 - step) * self.intercept + step * other.intercept,
            weights=blend(self.weights, other.weights),
            scale=(1 - step) * self.scale + step * other.scale,
            brand_intercepts=blend(self.brand_intercepts, other.brand_intercepts),
            brand_weights=csr_array((1 - step) * self.brand_weights + step * other.brand_weights),
        )

    def widened(self, signals: int) -> Fitted:
        """The same rules with further signals that weigh nothing yet."""
        more = signals - len(self.weights)
        own = self.brand_weights.tocoo()
        return replace(
            self,
            weights=np.concatenate([self.weights, np.zeros(more)]),
            brand_weights=csr_array((own.data, (own.row, own.col)), shape=(own.shape[0], signals)),
        )


def by_hand(hand: HandSet, brands: int) -> Fitted:
    """The hand-set rules themselves."""
    return Fitted(
        intercept=hand.intercept,
        weights=hand.weights.astype(np.float64),
        scale=1.0,
        brand_intercepts=np.zeros(brands),
        brand_weights=csr_array((brands, len(hand.weights))),
    )


def fit_map(evidence: Evidence, hand: HandSet, *, with_brands: bool = True) -> Fitted:
    """The most probable weights; the evidence must not be one-sided.

    ``with_brands`` off leaves out the brands' own part (a file without brands).
    """
    return Problem(evidence, hand, with_brands=with_brands).solve(evidence.weights)[0]


class Problem:
    """One set of facts that can be fitted under several weights.

    Parameters: [log c, a, weights, brands' intercepts, brands' weights]; all but c are linear. A
    signal of a brand's listing weighs ``w_j + v_kj``, so ``design`` has a column for each pair of
    brand and signal that occurs, and no others: a million facts fit into a gigabyte.
    """

    def __init__(self, evidence: Evidence, hand: HandSet, *, with_brands: bool = True) -> None:
        self.evidence, self.hand = evidence, hand
        self.m = evidence.signals.shape[1]
        self.brands = len(evidence.brands) if with_brands else 0
        whose = np.where(evidence.brand == NO_BRAND, self.brands, evidence.brand)
        self.whose: Numbers = np.minimum(whose, self.brands)  # the last one: nobody's
        self.codes, self.design = self._pairs()
        self.signal_of_code: Numbers = self.codes % self.m
        self.own = int(np.searchsorted(self.codes, self.brands * self.m))
        self.trust, self.faded = evidence.weights, hand.weights
        self.ridge = np.full(1 + self.m + self.brands + self.own, 1 / BRAND_VARIANCE)
        self.ridge[: 1 + self.m] = RIDGE
        self.ridge[0] = INTERCEPT_RIDGE

    def _pairs(self) -> tuple[Numbers, csr_array]:
        """The pairs of brand and signal that occur, brand by brand, and the facts over them."""
        signals = self.evidence.signals
        code = np.repeat(self.whose * self.m, np.diff(signals.indptr))
        code += signals.indices
        codes, place = _numbered(code, (self.brands + 1) * self.m)
        shape = (signals.shape[0], len(codes))
        design = csr_array((signals.data, place, signals.indptr), shape=shape)
        return codes, design

    def solve(self, weights: Vector, start: Vector | None = None) -> tuple[Fitted, Vector]:
        """The most probable rules under these weights of the facts, and their parameters.

        ``start``: parameters found under similar weights, to get there in fewer steps.
        """
        self.trust = weights
        self.faded = self.hand.weights * FADING_FACTS / (FADING_FACTS + float(weights.sum()))
        unit, (low, high) = self._units(), self._bounds()

        def loss(steps: Vector) -> tuple[float, Vector]:
            value, slope = self._loss(steps * unit)
            return value, slope * unit

        found = minimize(
            loss, (self._start() if start is None else start) / unit, jac=True, method="L-BFGS-B",
            bounds=Bounds(low / unit, high / unit), options={"maxiter": STEPS, "ftol": 1e-7},
        )  # fmt: skip
        return self._read(found.x * unit), found.x * unit

    def _units(self) -> Vector:
        """How far a step in each parameter goes: the less, the more it bends the loss.

        One over the root of the curvature at even odds (a diagonal preconditioner, Nocedal & Wright
        ch. 5): a weight that all facts share and one of three facts' brand then move alike, which
        saves most of the steps.
        """
        bend = self.trust / 4
        pairs = self.design
        squared = csr_array((pairs.data**2, pairs.indices, pairs.indptr), shape=pairs.shape)
        of_pairs = squared.T @ bend
        of_brands = np.bincount(self.whose, bend, self.brands + 1)
        of_weights = np.bincount(self.signal_of_code, of_pairs, self.m)
        bends = np.concatenate(
            [[bend.sum()], of_weights, of_brands[: self.brands], of_pairs[: self.own]]
        )
        scale = SCALE_PRECISION + RIDGE * float(self.faded @ self.faded)
        return np.asarray(1 / np.sqrt(np.concatenate([[scale], bends + self.ridge])), np.float64)

    def _start(self) -> Vector:
        """The faded hand-set rules."""
        first = np.zeros(1 + len(self.ridge))
        first[1] = self.hand.intercept
        first[2 : 2 + self.m] = self.faded
        return first

    def _split(self, linear: Vector) -> tuple[float, Vector, Vector, Vector]:
        """Intercept, common weights, brands' intercepts, brands' weights."""
        weights, of_brands = 1 + self.m, 1 + self.m + self.brands
        return linear[0], linear[1:weights], linear[weights:of_brands], linear[of_brands:]

    def _loss(self, parameters: Vector) -> tuple[float, Vector]:
        """Penalised cross-entropy and its gradient."""
        scale, linear = float(np.exp(parameters[0])), parameters[1:]
        intercept, weights, brands, own = self._split(linear)
        together = weights[self.signal_of_code]
        together[: self.own] += own
        logits = self.design @ together
        logits += np.append(brands, 0.0)[self.whose] + intercept
        value, error = cross_entropy(logits, self.evidence.labels, self.trust)
        away = linear.copy()
        away[0] -= self.hand.intercept
        away[1 : 1 + self.m] -= scale * self.faded
        pull = self.ridge * away
        value += away @ pull / 2 + SCALE_PRECISION * parameters[0] ** 2 / 2
        of_scale = SCALE_PRECISION * parameters[0] - scale * (pull[1 : 1 + self.m] @ self.faded)
        return float(value), np.concatenate([[of_scale], self._slope(error) + pull])

    def _slope(self, error: Vector) -> Vector:
        """Gradient of the cross-entropy from the errors of the facts."""
        of_pairs = self.design.T @ error
        of_brands = np.bincount(self.whose, error, self.brands + 1)
        of_weights = np.bincount(self.signal_of_code, of_pairs, self.m)
        return np.concatenate(
            [[error.sum()], of_weights, of_brands[: self.brands], of_pairs[: self.own]]
        )

    def _bounds(self) -> tuple[Vector, Vector]:
        """What keeps each weight on its declared side and in range.

        Brands' own parts need no bound, their prior holds them; bounds on each of a hundred
        thousand would cost more than the gradient.
        """
        low = np.full(1 + len(self.ridge), -np.inf)
        high = np.full(1 + len(self.ridge), np.inf)
        low[0], high[0] = -3.0, 3.0
        low[2 : 2 + self.m] = np.where(self.hand.signs > 0, 0.0, -WEIGHT_LIMIT)
        high[2 : 2 + self.m] = np.where(self.hand.signs < 0, 0.0, WEIGHT_LIMIT)
        return low, high

    def _read(self, parameters: Vector) -> Fitted:
        """The parameters by name."""
        intercept, weights, of_brands, own = self._split(parameters[1:])
        kept = np.abs(own) >= SMALLEST_OFFSET
        rows, columns = np.divmod(self.codes[: self.own][kept], self.m)
        brands = len(self.evidence.brands)
        return Fitted(
            intercept=float(intercept),
            weights=weights.copy(),
            scale=float(np.exp(parameters[0])),
            brand_intercepts=of_brands.copy() if self.brands else np.zeros(brands),
            brand_weights=csr_array((own[kept], (rows, columns)), shape=(brands, self.m)),
        )


def _numbered(code: Numbers, range_of_codes: int) -> tuple[Numbers, np.typing.NDArray[np.int32]]:
    """(the codes that occur, in order; the place of each among them), as ``np.unique`` has them.

    By a table instead of a sort, which would take five times the memory of what it sorts, unless
    the table would be the larger one.
    """
    if range_of_codes > 4 * len(code):
        codes, place = np.unique(code, return_inverse=True)
        return codes, place.astype(np.int32)
    occurs = np.zeros(range_of_codes, np.bool_)
    occurs[code] = True
    table = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
    return np.flatnonzero(occurs), table[code]


def cross_entropy(logits: Vector, labels: Vector, trust: Vector) -> tuple[float, Vector]:
    """(weighted cross-entropy, its derivative by each logit), without overflow for any logit."""
    small = np.exp(-np.abs(logits))
    value = trust @ (np.maximum(logits, 0) + np.log1p(small) - labels * logits)
    chance = np.where(logits >= 0, 1.0, small) / (1 + small)
    return float(value), trust * (chance - labels)
