"""How far a reviewer's word is to be believed.

Sensitivity A = P(says infringing | is infringing) and specificity C = P(says genuine | is genuine)
of each reviewer, after Dawid & Skene (1979). Reviewers are of a few kinds (Raykar & Yu 2012): the
sincere, who are right in 95 % of cases, the contrary, and those who give one answer whatever they
see. Within a kind the prior is worth four verdicts. *Independent* evidence decides: blind second
looks, test purchases, outcomes of counter-notices. What everybody's rules expected of a reviewer's
links counts a little beside it, and can only tell of which kind somebody is: agreement with the
rules makes nobody more reliable than a sincere reviewer nobody checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaln

from pushes.matching.learning.evidence import Marks, Numbers, Vector

PRIOR_FACTS = 4.0
PRIOR_RIGHT = 0.95
LARGEST_SHARE = 0.10
HALF_LIFE_DAYS = 365.0
# What colleagues say of each other counts, for each reviewer, as three facts at most: enough to see
# who errs.
MOST_OPINIONS = 3.0
MOST_OPINED: Final = 1.0
"""Log-odds between two kinds that it moves at most, a third of a check: two accounts can neither
clear each other of being contrary nor make a colleague so."""
KINDS: Final = np.array(
    [
        (PRIOR_RIGHT, PRIOR_RIGHT),  # sincere
        (1 - PRIOR_RIGHT, 1 - PRIOR_RIGHT),  # contrary
        (PRIOR_RIGHT, 1 - PRIOR_RIGHT),  # always infringing
        (1 - PRIOR_RIGHT, PRIOR_RIGHT),  # always genuine
    ]
)
"""Sensitivity and specificity of each kind."""
SINCERE, CONTRARY = 0, 1
SHARES: Final = np.array([0.90, 0.04, 0.03, 0.03])
SHARES_WORTH: Final = 20.0
"""Organisations that the shares of the kinds are worth before anybody was seen."""
MOST_EXPECTED: Final = 4.0
"""Log-odds between two kinds that the rules' expectations move at most; two checks outweigh it."""
NEVER_SURE: Final = 0.03
"""No expectation of the rules is taken for surer than this."""
LEVEL_SPREAD: Final = 1.5
LEVELS: Final = np.linspace(-4, 4, 17)
"""By how much the log-odds of somebody's links differ from what the rules think: about so much."""
ROUNDS: Final = 10
FARTHEST: Final = 0.5
"""How far outside 0 to 1 a label may lie."""
MISTRUST: Final = 2 / 3
"""Where less of what was said is believed, whole reviewers may be false."""


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
class Expected:
    """Verdicts nobody checked, beside what everybody's rules expected without having seen them.

    ``reviewers`` and the organisation of each; then row by row: index of the reviewer, whether they
    said infringing, the rules' probability.
    """

    reviewers: Sequence[str]
    tenants: Sequence[str]
    who: Numbers
    said: Marks
    probability: Vector


NOTHING_EXPECTED: Final = Expected(
    (), (), np.zeros(0, np.int64), np.zeros(0, np.bool_), np.zeros(0)
)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Posterior means of a reviewer's sensitivity and specificity, and the checks they rest on."""

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

    def fair_label(self, said_infringing: bool) -> float:
        """The label whose mean is the truth, whatever share of links infringes.

        Natarajan, Dhillon, Ravikumar & Tewari, "Learning with Noisy Labels" (NIPS 2013): a model
        fitted to such labels is fitted to the truth on average, where soft labels would have it say
        5 % of links that are never infringing. It lies a little outside 0 to 1, up to ``FARTHEST``:
        below a weight of one half it is no longer fair, or somebody who is hardly believed would
        pull as hard as everybody else. Without weight a half, which nothing is learned from.
        """
        if self.weight <= 0:
            return 0.5
        label = (said_infringing - (1 - self.specificity)) / self.weight
        return min(1 + FARTHEST, max(-FARTHEST, label))


def _like_all(shares: Vector) -> Reliability:
    """Somebody who is of each kind with its share."""
    sensitivity, specificity = (shares @ KINDS).tolist()
    return Reliability(sensitivity, specificity)


UNCHECKED: Final = _like_all(SHARES)
"""Somebody nobody knows, on a platform nobody knows."""


@dataclass(frozen=True)
class Reliabilities:
    """``of(reviewer)``; whoever nothing is known of is like all others, by the kinds' shares."""

    known: Mapping[str, Reliability]
    unknown: Reliability = UNCHECKED

    def of(self, reviewer: str) -> Reliability:
        """A reviewer's own reliability, or that of all."""
        return self.known.get(reviewer, self.unknown)


def reliabilities(checks: Iterable[Check], expected: Expected = NOTHING_EXPECTED) -> Reliabilities:
    """Reliabilities by independent evidence, and a little by what the rules expected.

    The shares of the kinds are those of this platform (empirical Bayes): where checks find that two
    reviewers in five are contrary, one nobody checked is not believed at 95 %. Each organisation
    has one voice in them, however many reviewers it has.
    """
    found, opined, tenants = _checked(list(checks))
    for reviewer, tenant in zip(expected.reviewers, expected.tenants, strict=True):
        tenants.setdefault(reviewer, tenant or reviewer)
    names = sorted(tenants)
    if not names:
        return Reliabilities({})
    facts, opinions = (
        np.array([counts.get(name, np.zeros(4)) for name in names]) for counts in (found, opined)
    )
    place = {name: number for number, name in enumerate(names)}
    whose = np.unique([tenants[name] for name in names], return_inverse=True)[1]
    likely = _by_checks(facts) + _by_opinions(opinions) + _by_expectation(expected, place)
    kinds, shares = _kinds(likely, whose)
    counts = facts + opinions
    right = _within(counts)
    mean = np.einsum("rk,rkj->rj", kinds, right)
    seen = counts[:, 0] + counts[:, 2]
    known = {
        name: Reliability(float(mean[n, 0]), float(mean[n, 1]), float(seen[n]))
        for n, name in enumerate(names)
    }
    return Reliabilities(known, _like_all(shares))


def _checked(
    checks: Sequence[Check],
) -> tuple[dict[str, Vector], dict[str, Vector], dict[str, str]]:
    """Facts, opinions and organisation by reviewer.

    Of both kinds of checks: [infringing, of them said so, genuine, of them cleared].
    """
    opinions: defaultdict[str, float] = defaultdict(float)
    for check in checks:
        opinions[check.reviewer] += check.strength if check.is_opinion else 0
    facts: dict[str, Vector] = {}
    opined: dict[str, Vector] = {}
    tenants: dict[str, str] = {}
    for check in checks:
        fake, real = check.strength * check.truth, check.strength * (1 - check.truth)
        said = check.said_infringing
        found = np.array([fake, fake if said else 0.0, real, 0.0 if said else real])
        if check.is_opinion:
            found *= min(1.0, MOST_OPINIONS / max(opinions[check.reviewer], 1e-9))
        counts = opined if check.is_opinion else facts
        counts[check.reviewer] = counts.get(check.reviewer, np.zeros(4)) + found
        tenants.setdefault(check.reviewer, check.tenant or check.reviewer)
    return facts, opined, tenants


def _by_checks(counts: Vector) -> Vector:
    """(reviewers, kinds): log-likelihood of the checks, beta-binomial around each kind."""
    total, right = counts[:, None, [0, 2]], counts[:, None, [1, 3]]
    yes, no = PRIOR_FACTS * KINDS, PRIOR_FACTS * (1 - KINDS)
    return np.asarray((betaln(yes + right, no + total - right) - betaln(yes, no)).sum(2))


def _by_opinions(counts: Vector) -> Vector:
    """(reviewers, kinds): what colleagues say against the sincere kind, limited."""
    likely = _by_checks(counts)
    return np.clip(likely - likely[:, [SINCERE]], -MOST_OPINED, MOST_OPINED)


def _within(counts: Vector) -> Vector:
    """(reviewers, kinds, 2): sensitivity and specificity if somebody is of a kind."""
    total, right = counts[:, None, [0, 2]], counts[:, None, [1, 3]]
    return np.asarray((PRIOR_FACTS * KINDS + right) / (PRIOR_FACTS + total), np.float64)


def _by_expectation(expected: Expected, place: Mapping[str, int]) -> Vector:
    """(reviewers, kinds): what the rules' expectations say against the sincere kind, limited.

    Somebody's links may infringe more or less often than everybody's rules think, or all be alike,
    without any fault of theirs: what counts is the order of the rules' probabilities, whatever
    their level. It tells the contrary; who gives one answer whatever they see, only checks tell.
    """
    who = np.array([place[name] for name in expected.reviewers], np.int64)[expected.who]
    chance = np.clip(expected.probability, NEVER_SURE, 1 - NEVER_SURE)
    odds, sign = np.log(chance / (1 - chance)), np.where(expected.said, 1.0, -1.0)
    found = np.zeros((2, len(LEVELS), len(place)))
    for number, level in enumerate(LEVELS):
        infringing = 1 / (1 + np.exp(-(odds + level)))
        for kind, (sensitivity, specificity) in enumerate(KINDS[[SINCERE, CONTRARY]]):
            says = sensitivity * infringing + (1 - specificity) * (1 - infringing)
            each = np.log(0.5 + sign * (says - 0.5))
            found[kind, number] = np.bincount(who, each, len(place))
    found -= (LEVELS**2 / 2 / LEVEL_SPREAD**2)[:, None]
    sincere, contrary = np.logaddexp.reduce(found, axis=1)
    apart = np.zeros((len(place), len(KINDS)))
    apart[:, CONTRARY] = np.clip(contrary - sincere, -MOST_EXPECTED, MOST_EXPECTED)
    return apart


def _kinds(likely: Vector, tenant: Numbers) -> tuple[Vector, Vector]:
    """((reviewers, kinds) posterior, the kinds' shares on this platform), by EM."""
    voice = 1 / np.bincount(tenant)[tenant]
    shares, kinds = SHARES, np.zeros(likely.shape)
    for _round in range(ROUNDS):
        kinds = np.exp(likely - likely.max(1, keepdims=True)) * shares
        kinds /= kinds.sum(1, keepdims=True)
        seen = SHARES_WORTH * SHARES + voice @ kinds
        shares = seen / seen.sum()
    return kinds, shares


def voices(voice: Numbers, checked: Marks, weights: Vector) -> Numbers | None:
    """Whose word each label is, if voices are hardly believed on average; None where they are.

    ``voice``: who said each; ``weights``: what each verdict is worth before age and brands' limits
    change that. Voices count alike, so nobody who says much hides the others. What was checked is
    nobody's word: it stands for itself.
    """
    if checked.all():
        return None
    _who, whose = np.unique(voice[~checked], return_inverse=True)
    believed = np.bincount(whose, weights[~checked]) / np.bincount(whose)
    if believed.mean() >= MISTRUST:
        return None
    own = voice.max() + 1 + np.arange(len(voice))
    return np.where(checked, own, voice)


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
