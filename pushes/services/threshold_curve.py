"""What a threshold would bring a brand: precision, recall and pushes a week at each of them.

Precision and recall come from the brand's judged links, each scored by rules that never saw it;
pushes a week from all links of the last weeks under the rules in force. Below the present threshold
only explored links are known: each stands for as many as its propensity says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.core.cache import cache

from brands.models import Brand
from pushes import matching
from pushes.matching.learning import exploration
from pushes.matching.learning.control import GRID, Rate, rates
from pushes.models import Ruleset, SuspectedLink
from pushes.services.control_facts import found_by_score, scored_links
from pushes.services.evidence import gather
from pushes.services.registry import champion
from pushes.services.retuning import lesson_of, names_of

WEEKS: Final = 8
MOST_LINKS: Final = 20_000
KEPT_SECONDS: Final = 600
# Shown while a newer one is worked out.
OLD_SECONDS: Final = 86_400
LONGEST_WORK_SECONDS: Final = 120
# Whole percents: what the slider can point at.
STEPS: Final = tuple(threshold for threshold in GRID if threshold <= 0.99)


@dataclass(frozen=True)
class Point:
    """One threshold. ``precision`` without links says nothing; ``recall`` None: nobody explored.

    ``judged``: links from the threshold on, each as one, where ``precision.links`` is how many
    equally trusted ones they are worth.
    """

    threshold: float
    precision: Rate
    recall: exploration.Estimate | None
    weekly: float
    judged: int

    @property
    def percent(self) -> int:
        """The threshold as the slider has it."""
        return round(100 * self.threshold)


@dataclass(frozen=True)
class Curve:
    """Points from 5 to 99 percent; ``judged`` and ``explored`` links they rest on."""

    points: Sequence[Point]
    judged: int
    explored: int


def curve_of(brand: Brand, *, now: datetime) -> Curve | None:
    """The curve under the rules in force, at most ten minutes old where nobody works on a newer.

    One request at a time works a brand's out; the others get the one before, or None if there is
    none. Facts do not void it: a reviewer who judges would have every fact read at each look.
    """
    rules = champion(now=now)
    key = f"threshold-curve:{brand.uuid}:{rules.pk}"
    found, is_fresh = cache.get(key), cache.get(f"{key}:fresh")
    if isinstance(found, Curve) and is_fresh:
        return found
    if not cache.add(f"{key}:lock", 1, LONGEST_WORK_SECONDS):
        return found if isinstance(found, Curve) else None
    try:
        made = _curve(brand, rules, now)
        cache.set(key, made, OLD_SECONDS)
        cache.set(f"{key}:fresh", 1, KEPT_SECONDS)
    finally:
        cache.delete(f"{key}:lock")
    return made


def _curve(brand: Brand, rules: Ruleset, now: datetime) -> Curve:
    lesson = lesson_of(rules)
    gathered = gather(names_of(rules), brand.pk, champion=lesson)
    rows = np.flatnonzero(found_by_score(gathered))
    scored = scored_links(lesson, gathered).take(rows).as_it_is
    propensity = gathered.judged.propensity[rows]
    explored = int((propensity < 1).sum())
    recalls = None
    if explored:
        random = np.random.default_rng(0)
        recalls = exploration.recall_from(scored.scores, scored.labels, propensity, STEPS, random)
    weekly = _weekly(brand, lesson.ruleset.weights, now)
    precision = {rate.threshold: rate for rate in rates(scored)}
    points = [
        Point(
            threshold,
            precision[threshold],
            recalls[number] if recalls else None,
            each,
            judged=int((scored.scores >= threshold).sum()),
        )
        for number, (threshold, each) in enumerate(zip(STEPS, weekly, strict=True))
    ]
    return Curve(points, len(rows), explored)


def _weekly(brand: Brand, weights: matching.Weights, now: datetime) -> list[float]:
    """Links a week that would score each threshold or more."""
    since = now - timedelta(weeks=WEEKS)
    links = SuspectedLink.objects.filter(brand=brand, pushed_at__gte=since).order_by("-pushed_at")
    pushed = list(links.values_list("vector", "propensity", "pushed_at")[:MOST_LINKS])
    if not pushed:
        return [0.0] * len(STEPS)
    uuid = str(brand.uuid)
    scores = np.array([weights.probability(uuid, vector) for vector, _, _ in pushed], np.float64)
    each = np.array([1 / propensity for _, propensity, _ in pushed], np.float64)
    weeks = max((now - pushed[-1][2]) / timedelta(weeks=1), 1.0)
    sums = np.bincount(np.searchsorted(STEPS, scores, side="right"), each, len(STEPS) + 1)
    return [float(value) for value in np.cumsum(sums[::-1])[::-1][1:] / weeks]
