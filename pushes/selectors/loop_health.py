"""How the loop is doing: precision by week, agreement, what exploration finds, alarms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Avg, Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from pushes.matching.learning import drift, exploration
from pushes.models import FeedbackFact, SecondLook, SuspectedLink
from pushes.selectors.rule_decisions import RuleDecision, rule_decisions

WEEKS: Final = 12
# Alarms are replayed over the newest verdicts; older ones have been seen to.
REPLAYED: Final = 20_000
# Links judged that the estimate of recall rests on.
ESTIMATED: Final = 20_000
_EXPLORED: Final = Q(link__explores=True)


@dataclass(frozen=True)
class Week:
    """One week, from Monday 0:00 UTC. Shares are None where nothing was judged."""

    start: datetime
    pushed: int = 0
    judged: int = 0
    precision: float | None = None
    explored: int = 0
    found: int = 0
    agreement: float | None = None


@dataclass(frozen=True)
class DatedAlarm:
    """A fall of precision: when it was seen, and both means."""

    at: datetime
    before: float
    after: float


@dataclass(frozen=True)
class Health:
    """Newest week last; alarms and decisions newest first."""

    weeks: list[Week]
    recall: exploration.Estimate | None
    alarms: list[DatedAlarm] = field(default_factory=list)
    decisions: list[RuleDecision] = field(default_factory=list)


def loop_health(*, now: datetime, weeks: int = WEEKS) -> Health:
    """The last weeks of the whole platform. A constant number of queries."""
    this_week = _monday(now)
    starts = [this_week - timedelta(weeks=number) for number in reversed(range(weeks))]
    pushed, judged, agreed = _pushed(starts[0]), _judged(starts[0]), _agreed(starts[0])
    rows = []
    for start in starts:
        figures = judged.get(start, {})
        rows.append(
            Week(
                start=start,
                pushed=pushed.get(start, 0),
                judged=figures.get("judged", 0),
                precision=figures.get("precision"),
                explored=figures.get("explored", 0),
                found=figures.get("found", 0),
                agreement=agreed.get(start),
            )
        )
    return Health(rows, _recall(starts[0]), list(_alarms())[::-1], rule_decisions())


def _monday(now: datetime) -> datetime:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _pushed(since: datetime) -> Mapping[datetime, int]:
    links = SuspectedLink.objects.filter(pushed_at__gte=since, explores=False)
    weekly = links.annotate(week=TruncWeek("pushed_at", tzinfo=UTC)).values("week")
    return dict(weekly.annotate(number=Count("pk")).values_list("week", "number"))


def _judged(since: datetime) -> Mapping[datetime, dict[str, Any]]:
    facts = FeedbackFact.objects.filter(
        at__gte=since, label__isnull=False, source=FeedbackFact.Source.VERDICT
    ).exclude(link__in=_reported())
    weekly = facts.annotate(week=TruncWeek("at", tzinfo=UTC)).values("week")
    rows = weekly.annotate(
        judged=Count("pk", filter=~_EXPLORED),
        precision=Avg("label", filter=~_EXPLORED),
        explored=Count("pk", filter=_EXPLORED),
        found=Count("pk", filter=_EXPLORED & Q(label=1)),
    )
    return {row["week"]: dict(row) for row in rows}


def _agreed(since: datetime) -> Mapping[datetime, float]:
    looks = SecondLook.objects.filter(given_at__gte=since, state__in=("agreed", "disagreed"))
    weekly = looks.annotate(week=TruncWeek("given_at", tzinfo=UTC)).values("week")
    rows = weekly.annotate(every=Count("pk"), same=Count("pk", filter=Q(state="agreed")))
    return {row["week"]: row["same"] / row["every"] for row in rows}


def _reported() -> QuerySet[FeedbackFact, Any]:
    """Links that a brand reported: no push found them."""
    return FeedbackFact.objects.filter(source=FeedbackFact.Source.SELF_REPORT).values("link")


def _recall(since: datetime) -> exploration.Estimate | None:
    facts = FeedbackFact.objects.filter(
        at__gte=since, label__isnull=False, source=FeedbackFact.Source.VERDICT
    )
    facts = facts.exclude(link__in=_reported()).order_by("-id")
    rows = np.array(
        list(facts.values_list("label", "propensity", "link__explores")[:ESTIMATED]), np.float64
    ).reshape(-1, 3)
    # Where nothing was explored nothing can be said of what was missed.
    if not rows[:, 2].any():
        return None
    random = np.random.default_rng(0)
    return exploration.recall(rows[:, 0], rows[:, 1], rows[:, 2] == 0, random)


def _alarms() -> Iterator[DatedAlarm]:
    verdicts = FeedbackFact.objects.filter(
        label__isnull=False, source=FeedbackFact.Source.VERDICT, link__explores=False
    ).exclude(link__in=_reported())
    newest = list(verdicts.order_by("-id").values_list("label", "at")[:REPLAYED])[::-1]
    for alarm in drift.alarms(float(label or 0) for label, _at in newest):
        yield DatedAlarm(newest[alarm.at - 1][1], alarm.before, alarm.after)
