"""From which score on is a match pushed, held back or blocked? Thresholds from judged links.

Of the judged links from a threshold on, a share infringes: the precision there, with Wilson's 95 %
interval (JASA 22, 1927) on the effective number of links (Kish 1965), since links weigh
differently. Each act has its own demand, because its mistakes fall on somebody else:

* *push* costs a reviewer a look. It moves only when the interval at the present threshold misses
  the target; then to the lowest score from which the estimate reaches it.
* *hold* keeps a listing back from publication until a person has looked. It comes in, and down,
  only where the interval's lower end reaches the target, and goes up as soon as the estimate
  falls below it. The links just above the threshold must reach the target by themselves.
* *block* refuses publication. It is proven only where the lower end reaches ``BLOCK_BOUND``; where
  it is not, what it would block is held.

Thresholds are tried on a fixed grid, not at every link: the best of a thousand tries is chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from pushes.matching.learning.evidence import Numbers, Vector

GRID: Final = (*(number / 100 for number in range(5, 100)), 0.995, 0.999)
BLOCK_BOUND: Final = 0.99
FEWEST: Final = 30.0
"""Below as many effective links a scope has no threshold of its own."""
FEWEST_BELOW: Final = 10.0
"""Pushing goes down only to scores where exploration had as many effective links judged."""
LEAST_STEP: Final = 0.02
"""A threshold that would move less stays."""
_Z: Final = 1.959963984540054


class Act(StrEnum):
    """What a score leads to, mildest first."""

    PUSH = "push"
    HOLD = "hold"
    BLOCK = "block"


class Why(StrEnum):
    """What the facts say of a threshold."""

    BETTER = "better"
    """More right than asked for: it may act from a lower score on."""
    WORSE = "worse"
    """Less right than asked for."""
    CONFIRMED = "confirmed"
    """The same threshold, under other rules or with proof it had not."""


@dataclass(frozen=True)
class Scored:
    """Judged links of one scope: probability, label (soft ones allowed) and trust of each.

    ``whole`` is the trust by the whole inverse propensity of explored links, which pushing further
    down has to be measured with; in ``trust`` it is cut, so that one of them does not outweigh
    hundreds above. None where nothing was explored.
    """

    scores: Vector
    labels: Vector
    trust: Vector
    whole: Vector | None = None

    @property
    def as_it_is(self) -> Scored:
        """The same links weighing as many as they stand for."""
        return self if self.whole is None else replace(self, trust=self.whole, whole=None)

    def take(self, rows: Numbers) -> Scored:
        """Some of the links."""
        whole = None if self.whole is None else self.whole[rows]
        return Scored(self.scores[rows], self.labels[rows], self.trust[rows], whole)


@dataclass(frozen=True, slots=True)
class Rate:
    """Infringing share of the judged links from ``threshold`` on.

    ``links``: how many equally trusted ones they are worth; ``low`` and ``high``: 95 % interval.
    """

    threshold: float
    links: float
    estimate: float
    low: float
    high: float

    @property
    def is_thin(self) -> bool:
        """Too few links to act on."""
        return self.links < FEWEST


@dataclass(frozen=True, slots=True)
class Targets:
    """Precision asked of what is pushed and of what is held; blocking has a fixed bound."""

    push: float = 0.7
    hold: float = 0.9


@dataclass(frozen=True, slots=True)
class Change:
    """A threshold that the facts ask for. ``old`` None: the act was off; ``value`` None: it ends.

    ``loosens``: it would act on more listings than before, which a person must agree to.
    """

    act: Act
    old: float | None
    value: float | None
    rate: Rate
    why: Why
    loosens: bool


def rate_at(scored: Scored, threshold: float) -> Rate:
    """Precision of the links from a threshold on; without any the whole interval is open."""
    chosen = scored.scores >= threshold
    trust = scored.trust[chosen]
    return _rate(
        threshold,
        float(trust.sum()),
        float(trust @ trust),
        float(trust @ scored.labels[chosen]),
    )


def rates(scored: Scored) -> list[Rate]:
    """Precision at every threshold of the grid, lowest first."""
    order = np.argsort(scored.scores)
    starts = np.searchsorted(scored.scores[order], GRID)
    trust, labels = scored.trust[order], scored.labels[order]
    sums = [_from_each(part)[starts] for part in (trust, trust * trust, trust * labels)]
    return [_rate(threshold, *map(float, row)) for threshold, *row in zip(GRID, *sums, strict=True)]


@dataclass(frozen=True)
class Present:
    """The thresholds that hold in a scope now; None for an act that is off.

    ``inherited``: acts whose threshold is a wider scope's. Of the scope's own block: ``was_proven``
    says that the facts once carried it, ``proven`` that they did under the rules in force.
    """

    push: float
    hold: float | None = None
    block: float | None = None
    proven: bool = False
    was_proven: bool = False
    inherited: frozenset[Act] = frozenset()


def changes(scored: Scored, targets: Targets, present: Present) -> Iterator[Change]:
    """What the facts of a scope ask for, beside the thresholds that hold there now."""
    if len(scored.scores) < FEWEST:
        return
    whole = scored.as_it_is
    yield from _push(_Facts(whole, rates(whole)), present.push, targets.push)
    facts = _Facts(scored, rates(scored))
    yield from _hold(facts, present, targets.hold)
    yield from _block(facts, present)


@dataclass(frozen=True)
class _Facts:
    scored: Scored
    every: list[Rate]

    def at(self, threshold: float) -> Rate:
        return rate_at(self.scored, threshold)

    def lowest(
        self,
        reaches: Callable[[Rate], bool],
        *,
        below: float | None = None,
        above: float | None = None,
        floor: float = 0.0,
    ) -> Rate | None:
        """The rate at the lowest threshold that will do, a step away from the present one."""
        for rate in self.every:
            if above is not None and rate.threshold < above + LEAST_STEP:
                continue
            if below is not None and rate.threshold > below - LEAST_STEP:
                return None
            if rate.threshold >= floor and not rate.is_thin and reaches(rate):
                return rate
        return None

    def is_right(self, rate: Rate, target: float) -> bool:
        """Whether the interval lies above the target, and the lowest-scored links reach it too.

        Many sure links would else carry along doubtful ones just above the threshold, and scores
        at which nothing was ever judged.
        """
        if rate.low < target or not self._is_edge(rate):
            return False
        scores = self.scored.scores
        above = np.flatnonzero(scores >= rate.threshold)
        edge = above[np.argsort(scores[above], kind="stable")[: int(FEWEST)]]
        trust = self.scored.trust[edge]
        return bool(trust @ self.scored.labels[edge] >= target * trust.sum())

    def was_seen(self, rate: Rate, present: float) -> bool:
        """Whether enough links were judged between a threshold and the present one."""
        scores, trust = self.scored.scores, self.scored.trust
        between = trust[(scores >= rate.threshold) & (scores < present)]
        squares = float(between @ between)
        links = float(between.sum()) ** 2 / squares if squares else 0.0
        return links >= FEWEST_BELOW and self._is_edge(rate)

    def _is_edge(self, rate: Rate) -> bool:
        """Whether links lie between this threshold and the next one of the grid."""
        place = self.every.index(rate) + 1
        following = self.every[place : place + 1]
        return not following or following[0].links != rate.links


def _push(facts: _Facts, present: float, target: float) -> Iterator[Change]:
    now = facts.at(present)
    if now.is_thin:
        return
    if now.low > target:
        found = facts.lowest(
            lambda rate: rate.estimate >= target and facts.was_seen(rate, present), below=present
        )
        if found is not None:
            yield Change(Act.PUSH, present, found.threshold, found, Why.BETTER, loosens=True)
    elif now.high < target:
        found = facts.lowest(lambda rate: rate.estimate >= target, above=present)
        # Where no score is good enough, asking for a higher one would only silence the brand.
        if found is not None:
            yield Change(Act.PUSH, present, found.threshold, found, Why.WORSE, loosens=False)


def _hold(facts: _Facts, present: Present, target: float) -> Iterator[Change]:
    def is_right(rate: Rate) -> bool:
        return facts.is_right(rate, target)

    hold = present.hold
    if hold is not None:
        now = facts.at(hold)
        # A wider scope's threshold falls here only where this scope's own facts contradict it.
        said = now.high if Act.HOLD in present.inherited else now.estimate
        if said < target and now.links:
            found = facts.lowest(is_right, above=hold)
            value = found.threshold if found else None
            yield Change(Act.HOLD, hold, value, found or now, Why.WORSE, loosens=False)
            return
    found = facts.lowest(is_right, below=hold, floor=present.push)
    if found is not None:
        yield Change(Act.HOLD, hold, found.threshold, found, Why.BETTER, loosens=True)


def _block(facts: _Facts, present: Present) -> Iterator[Change]:
    block = present.block
    if block is not None and Act.BLOCK in present.inherited:
        now = facts.at(block)
        if now.high < BLOCK_BOUND:
            # An own threshold without proof: what the wider scope would block is held here.
            yield Change(Act.BLOCK, block, block, now, Why.WORSE, loosens=False)
            return
    elif block is not None:
        now = facts.at(block)
        if now.low < BLOCK_BOUND:
            yield from _unproven(facts, block, now, present)
            return
        if not present.proven:
            again = not present.was_proven
            yield Change(Act.BLOCK, block, block, now, Why.CONFIRMED, loosens=again)
            return
    found = facts.lowest(
        lambda rate: facts.is_right(rate, BLOCK_BOUND), below=block, floor=present.push
    )
    if found is not None:
        yield Change(Act.BLOCK, block, found.threshold, found, Why.BETTER, loosens=True)


def _unproven(facts: _Facts, block: float, now: Rate, present: Present) -> Iterator[Change]:
    """The facts do not carry a block: from a higher score on they may, else it only holds."""
    found = facts.lowest(lambda rate: facts.is_right(rate, BLOCK_BOUND), above=block)
    if found is not None:
        loosens = not present.was_proven
        yield Change(Act.BLOCK, block, found.threshold, found, Why.WORSE, loosens=loosens)
    elif present.was_proven:
        yield Change(Act.BLOCK, block, block, now, Why.WORSE, loosens=False)


def _from_each(values: Vector) -> Vector:
    """Sum of the values from each place on; the last, after all of them, is 0."""
    return np.append(np.cumsum(values[::-1])[::-1], 0.0)


def _rate(threshold: float, trust: float, squares: float, found: float) -> Rate:
    if squares <= 0:
        return Rate(threshold, 0.0, 0.0, 0.0, 1.0)
    links = trust * trust / squares
    share = min(max(found / trust, 0.0), 1.0)
    return Rate(threshold, links, share, *interval(share, links))


def interval(share: float, links: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share seen among ``links`` (above zero, not only whole)."""
    centre = share + _Z * _Z / (2 * links)
    spread = _Z * math.sqrt(share * (1 - share) / links + _Z * _Z / (4 * links * links))
    whole = 1 + _Z * _Z / links
    return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)
