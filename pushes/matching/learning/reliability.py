"""How far a reviewer's word is to be believed.

Sensitivity A = P(says infringing | is infringing) and specificity C = P(says genuine | is genuine)
of each reviewer, after Dawid & Skene (1979), with Beta priors worth four verdicts of which 95 % are
right. They are updated by *independent* evidence only: blind second looks, test purchases, outcomes
of counter-notices. Agreement with one's own verdicts, or with a model learned from them, counts
nothing, so nobody votes themselves reliable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from pushes.matching.learning.evidence import Numbers, Vector

PRIOR_FACTS = 4.0
PRIOR_RIGHT = 0.95
LARGEST_SHARE = 0.10
HALF_LIFE_DAYS = 365.0
# What colleagues say of each other counts, for each reviewer, as three facts at most: enough to see
# who errs, too little for two accounts to vote each other reliable.
MOST_OPINIONS = 3.0
# One organisation, even the only one whose reviewers were checked, never says most of what all
# are like.
LARGEST_CROWD = 1 / 3


@dataclass(frozen=True, slots=True)
class Check:
    """What a reviewer said of a link, and what independent evidence found.

    ``truth``: probability that it infringes; ``strength``: 1 a fact, less for a mere opinion.
    ``tenant``: the organisation whose link it was, if any; ``is_opinion``: a colleague said it.
    """

    reviewer: str
    said_infringing: bool
    truth: float
    strength: float = 1.0
    tenant: str = ""
    is_opinion: bool = False


@dataclass(frozen=True, slots=True)
class Reliability:
    """Posterior means of a reviewer's sensitivity and specificity, and what they rest on."""

    sensitivity: float = PRIOR_RIGHT
    specificity: float = PRIOR_RIGHT
    checks: float = 0.0

    @property
    def weight(self) -> float:
        """Youden's J, what one verdict is worth; 0 from chance downwards."""
        return max(0.0, self.sensitivity + self.specificity - 1)

    def soft_label(self, said_infringing: bool) -> float:
        """P(infringing | the verdict) before the listing itself is looked at (prior odds 1 : 1)."""
        if said_infringing:
            return self.sensitivity / (self.sensitivity + 1 - self.specificity)
        return (1 - self.sensitivity) / (1 - self.sensitivity + self.specificity)


UNCHECKED = Reliability()


@dataclass(frozen=True)
class Reliabilities:
    """``of(reviewer)``; whoever was never checked is believed as far as all who were, together."""

    checked: Mapping[str, Reliability]
    unchecked: Reliability = UNCHECKED

    def of(self, reviewer: str) -> Reliability:
        """A reviewer's own reliability, or that of all."""
        return self.checked.get(reviewer, self.unchecked)


def reliabilities(checks: Iterable[Check]) -> Reliabilities:
    """Reliabilities by independent evidence.

    All checks together move the prior of every reviewer (empirical Bayes): where checks find that
    two verdicts in five are wrong, a reviewer nobody checked is not believed at 95 %. No
    organisation has more than max(10 %, 2 / organisations), or a third, of that, the prior's own
    facts counted in.
    """
    kept = list(checks)
    opinions: dict[str, float] = defaultdict(float)
    for check in kept:
        opinions[check.reviewer] += check.strength if check.is_opinion else 0
    counts: dict[str, Vector] = defaultdict(lambda: np.zeros(4))
    tenants: dict[str, Vector] = defaultdict(lambda: np.zeros(4))
    for check in kept:
        found = _found(check)
        if check.is_opinion:
            found *= min(1.0, MOST_OPINIONS / max(opinions[check.reviewer], 1e-9))
        counts[check.reviewer] += found
        tenants[check.tenant] += found
    crowd = _posterior(_crowd(tenants), UNCHECKED)
    unchecked = Reliability(crowd.sensitivity, crowd.specificity)
    return Reliabilities(
        {reviewer: _posterior(count, unchecked) for reviewer, count in counts.items()}, unchecked
    )


def _found(check: Check) -> Vector:
    """[infringing, of them said so, genuine, of them cleared]."""
    fake, real = check.strength * check.truth, check.strength * (1 - check.truth)
    said = check.said_infringing
    return np.array([fake, fake if said else 0.0, real, 0.0 if said else real])


def _crowd(tenants: Mapping[str, Vector]) -> Vector:
    """What was found of all, with each organisation's share limited; what is of none is not."""
    free = tenants.get("", np.zeros(4))
    named = np.array([found for tenant, found in tenants.items() if tenant])
    if not len(named):
        return free
    totals = named[:, 0] + named[:, 2]
    share = min(max(LARGEST_SHARE, 2 / len(named)), LARGEST_CROWD)
    limits = _limits(totals, float(free[0] + free[2]) + PRIOR_FACTS, share)
    factors = np.divide(limits, totals, out=np.ones(len(totals)), where=totals > 0)
    return np.asarray(free + factors @ named, np.float64)


def _posterior(count: Vector, prior: Reliability) -> Reliability:
    fakes, found, real, cleared = count.tolist()
    return Reliability(
        sensitivity=(PRIOR_FACTS * prior.sensitivity + found) / (PRIOR_FACTS + fakes),
        specificity=(PRIOR_FACTS * prior.specificity + cleared) / (PRIOR_FACTS + real),
        checks=fakes + real,
    )


def capped(weights: Vector, brand: Numbers, brands: int) -> Vector:
    """Weights scaled so that no brand has more than max(10 %, 2 / brands) of their sum."""
    if brands <= 2 or not len(weights):
        return weights
    totals = np.bincount(brand[brand >= 0], weights[brand >= 0], brands).astype(np.float64)
    present = int((totals > 0).sum())
    share = max(LARGEST_SHARE, 2 / max(present, 1))
    limits = _limits(totals, float(weights[brand < 0].sum()), share)
    factor = np.divide(limits, totals, out=np.ones(brands), where=totals > 0)
    scaled = weights.copy()
    scaled[brand >= 0] *= factor[brand[brand >= 0]]
    return scaled


def _limits(totals: Vector, nobody: float, share: float) -> Vector:
    """Largest totals that keep every share: each brand that is cut raises the others' shares."""
    held = np.zeros(len(totals), bool)
    limits = totals.copy()
    while True:
        rest = totals[~held].sum() + nobody
        if share * held.sum() >= 1 or rest <= 0:
            return limits
        limit = share * rest / (1 - share * held.sum())
        limits = np.where(held, np.minimum(totals, limit), totals)
        over = ~held & (totals > limit + 1e-12)
        # A brand's own part is in the sum its share is taken of.
        whole = limits.sum() + nobody
        over &= totals > share * whole
        if not over.any():
            return limits
        held[np.flatnonzero(over)[np.argmax(totals[over])]] = True


def aged(weights: Vector, age_days: Vector, half_life_days: float = HALF_LIFE_DAYS) -> Vector:
    """Weights halved with every half-life of age."""
    return np.asarray(weights * 0.5 ** (np.maximum(age_days, 0) / half_life_days), np.float64)
