"""Has the share of right pushes fallen? ADWIN on the stream of verdicts.

Bifet & Gavaldà, "Learning from Time-Changing Data with Adaptive Windowing" (SDM 2007): the window
of recent values grows while it looks like one distribution and drops its older part as soon as two
parts of it differ by more than chance allows. Values are kept as exponential histogram (buckets of
1, 2, 4 … values), so a million verdicts take some hundred numbers.

Two things are sharper than in the paper, where a bound holds for any values: verdicts are 0 or 1,
so the deviance of two Bernoulli means replaces the bound (Chernoff's, of which the paper's is the
usual loosening); and only a *fall* is an alarm, so the test is one-sided (``1 / delta'`` for
``2 / delta'``). After a rise the window is shortened silently.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

DELTA = 0.02
BUCKETS = 5
"""Buckets of one size before the two oldest are merged."""
SHORTEST = 30
"""A part of the window is at least as long: shorter ones make most of the false alarms."""
LOOKS = math.e
"""The paper's delta is split over the cuts of one window; the window is looked at after each value,
which made a false alarm in about 1,000 verdicts. One nat more leaves a quarter of one in 10,000."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """``at``: number of the value (from 1) at which the fall was seen; the means on both sides."""

    at: int
    before: float
    after: float


@dataclass
class _Bucket:
    size: int
    total: float


@dataclass
class Adwin:
    """Feed values between 0 and 1; ``update`` returns an ``Alarm`` when their mean has fallen."""

    delta: float = DELTA
    seen: int = 0
    _buckets: list[_Bucket] = field(default_factory=list)
    """Oldest first."""

    @property
    def width(self) -> int:
        """Values in the window."""
        return sum(bucket.size for bucket in self._buckets)

    @property
    def mean(self) -> float:
        """Mean of the window; 0 when empty."""
        return sum(bucket.total for bucket in self._buckets) / max(self.width, 1)

    def update(self, value: float) -> Alarm | None:
        """Take one value; raises ``ValueError`` outside 0 … 1."""
        if not 0 <= value <= 1:
            raise ValueError(f"{value} must lie between 0 and 1")
        self.seen += 1
        self._buckets.append(_Bucket(1, value))
        self._compress()
        alarm = None
        while (cut := self._cut()) is not None:
            older, newer = cut
            if older > newer and alarm is None:
                alarm = Alarm(self.seen, older, newer)
            del self._buckets[0]
        return alarm

    def _compress(self) -> None:
        """Merge the two oldest buckets of a size that has too many, from small to large."""
        end = len(self._buckets)
        while end:
            size = self._buckets[end - 1].size
            start = end
            while start and self._buckets[start - 1].size == size:
                start -= 1
            if end - start <= BUCKETS:
                return
            first, second = self._buckets[start], self._buckets[start + 1]
            self._buckets[start : start + 2] = [_Bucket(2 * size, first.total + second.total)]
            end = start + 1

    def _cut(self) -> tuple[float, float] | None:
        """Means of the older and newer part at the first cut where they differ; None if none."""
        width, total = self.width, sum(bucket.total for bucket in self._buckets)
        if width < 2 * SHORTEST or not 0 < total < width:
            return None
        mean = total / width
        # The paper's delta / ln n: as many cuts are looked at as there are sizes of buckets.
        log = math.log(LOOKS * math.log(width) / self.delta)
        size, part = 0, 0.0
        for bucket in self._buckets[:-1]:
            size, part = size + bucket.size, part + bucket.total
            rest = width - size
            if size < SHORTEST or rest < SHORTEST:
                continue
            older, newer = part / size, (total - part) / rest
            if size * _divergence(older, mean) + rest * _divergence(newer, mean) > log:
                return older, newer
        return None


def _divergence(share: float, mean: float) -> float:
    """Kullback–Leibler divergence of two Bernoulli distributions."""
    value = 0.0
    if share > 0:
        value += share * math.log(share / mean)
    if share < 1:
        value += (1 - share) * math.log((1 - share) / (1 - mean))
    return value


def alarms(values: Iterable[float], delta: float = DELTA) -> list[Alarm]:
    """Every alarm of a stream, oldest first."""
    detector = Adwin(delta)
    return [alarm for value in values if (alarm := detector.update(value)) is not None]
