"""Working-day and calendar-day clocks. Plain Python: no Django, no database, no look at the time.

Day 0 is the day of receipt in the governing zone (that of the party who must act). A clock ends at
the local end of its last day, 23:59:59.999999: the last instant PostgreSQL can store on that day,
so a deadline shown in its own zone shows the right date. Acting is in time while ``now <= due_at``.

The rules, with their sources, are explained in ``docs/reference/clocks.md``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from portal.core.working_days import (
    FIRST_YEAR,
    LAST_YEAR,
    Calendar,
    ClockError,
    DayFact,
    InvalidTermError,
    NaiveInstantError,
    OutOfRangeError,
    Override,
    UnknownCountryError,
    UnknownZoneError,
    Why,
    YearState,
    known_countries,
)

__all__ = [
    "Calendar",
    "ClockError",
    "DayCount",
    "DayFact",
    "Deadline",
    "InvalidTermError",
    "NaiveInstantError",
    "OutOfRangeError",
    "Override",
    "Pause",
    "Remaining",
    "UnknownCountryError",
    "UnknownZoneError",
    "Why",
    "YearState",
    "calendar_deadline",
    "day_end",
    "governing_zone",
    "known_countries",
    "remaining_working_time",
    "working_deadline",
]

MAX_TERM_DAYS = 366
# A clock that walks further than this met a calendar with hardly any working day in it.
MAX_DAYS_WALKED = 3660


@dataclass(frozen=True, slots=True)
class DayCount:
    """One day a clock walked over, from the day of receipt to the day it ends."""

    day: date
    counted: bool
    why: Why
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """A finished span, aware instants, in which the clock stood still (end not included).

    A clock has no due date while a pause is open, therefore an open pause cannot be expressed.
    """

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a clock, with everything needed to explain and to recompute it.

    ``due_at`` is a UTC instant and the last one in time; ``local_date`` is its date in ``zone``;
    ``counted`` runs from the day of receipt to ``local_date`` without a gap.
    """

    received_at: datetime
    due_at: datetime
    local_date: date
    zone: str
    calendar_version: str
    rule: str
    counted: tuple[DayCount, ...]
    provisional: bool

    def is_overdue(self, now: datetime) -> bool:
        """Whether the last instant has passed."""
        return _instant(now, "now") > self.due_at


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a clock: counted days not yet over, their hours, and hours on the wall."""

    overdue: bool
    working_days: int
    working_time: timedelta
    wall_time: timedelta


def working_deadline(
    received_at: datetime,
    zone: str,
    calendar: Calendar,
    working_days: int = 5,
    *,
    paused: Sequence[Pause] = (),
) -> Deadline:
    """The local end of the n-th working day after the day of receipt.

    A working day that a pause touches, however briefly, is not counted, so the end of a
    resumed clock is again the end of a working day and never earlier than without the pause.
    Raises `NaiveInstantError`, `UnknownZoneError`, `InvalidTermError`, `OutOfRangeError`.
    """
    governing, spans = governing_zone(zone), [_span(pause) for pause in paused]

    def judge(day: date) -> DayFact:
        fact = calendar.fact(day)
        if fact.working and _is_paused(day, governing, spans):
            return DayFact(False, Why.PAUSED, fact.note)
        return fact

    received = _instant(received_at, "received_at")
    counted = _walk(received, governing, _term(working_days), judge)
    return _deadline(received, governing, counted, calendar, f"working-days:{working_days}")


def calendar_deadline(
    received_at: datetime,
    zone: str,
    days: int,
    *,
    ends_on_working_day_of: Calendar | None = None,
) -> Deadline:
    """The local end of the n-th calendar day after the day of receipt.

    With ``ends_on_working_day_of`` a clock that would end on a closed day ends on the next
    working day of that calendar instead (as China's Civil Code art. 203 has it).
    Raises `NaiveInstantError`, `UnknownZoneError`, `InvalidTermError`, `OutOfRangeError`.
    """
    governing, received = governing_zone(zone), _instant(received_at, "received_at")
    counted = _walk(received, governing, _term(days), lambda _: DayFact(True, Why.CALENDAR_DAY))
    rule = f"calendar-days:{days}"
    if ends_on_working_day_of is None:
        return _deadline(received, governing, counted, None, rule)
    last = counted.pop().day
    while not (fact := ends_on_working_day_of.fact(last)).working:
        counted.append(DayCount(last, False, fact.why, fact.note))
        last += timedelta(days=1)
    counted.append(DayCount(last, True, fact.why, fact.note))
    return _deadline(received, governing, counted, ends_on_working_day_of, f"{rule}:rolled")


def remaining_working_time(now: datetime, deadline: Deadline) -> Remaining:
    """What is left at ``now``; while a clock is paused, ask with the instant the pause began.

    ``working_days`` includes the running day when it counts; ``working_time`` adds up the
    real length of the counted days that are left (23 or 25 hours where clocks change).
    """
    instant, zone = _instant(now, "now"), governing_zone(deadline.zone)
    days, working_time = 0, timedelta()
    for count in deadline.counted:
        if count.counted and (left := _left_of_day(count.day, zone, instant)):
            days += 1
            working_time += left
    wall = max(deadline.due_at - instant, timedelta())
    return Remaining(deadline.is_overdue(instant), days, working_time, wall)


def local_date(now: datetime, zone: str) -> date:
    """Return the date at an instant in a zone (IANA name)."""
    return now.astimezone(governing_zone(zone)).date()


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of a local date as a UTC instant.

    ``fold=1`` takes the second 23:59 of a night in which clocks go back, and in a zone that skips
    the hour before midnight the instant just before the jump.
    """
    return datetime.combine(day, time.max, tzinfo=zone).replace(fold=1).astimezone(UTC)


def _walk(
    received: datetime, zone: ZoneInfo, days: int, judge: Callable[[date], DayFact]
) -> list[DayCount]:
    """Day 0 and every day after it until ``days`` of them counted."""
    day = received.astimezone(zone).date()
    walked, left = [DayCount(day, False, Why.RECEIPT)], days
    while left:
        if len(walked) > MAX_DAYS_WALKED:
            raise OutOfRangeError(
                f"No {days} countable days within {MAX_DAYS_WALKED} days of {received}."
            )
        day += timedelta(days=1)
        fact = judge(day)
        if day_end(day, zone).astimezone(zone).date() != day:
            # Samoa crossed the date line and had no 30 December 2011.
            fact = DayFact(False, Why.SKIPPED)
        walked.append(DayCount(day, fact.working, fact.why, fact.note))
        left -= fact.working
    return walked


def _deadline(
    received: datetime,
    zone: ZoneInfo,
    counted: Sequence[DayCount],
    calendar: Calendar | None,
    rule: str,
) -> Deadline:
    last = counted[-1].day
    asked = [c.day for c in counted if c.why not in {Why.RECEIPT, Why.CALENDAR_DAY}]
    return Deadline(
        received_at=received,
        due_at=day_end(last, zone),
        local_date=last,
        zone=zone.key,
        calendar_version=calendar.version if calendar else "",
        rule=rule,
        counted=tuple(counted),
        provisional=calendar is not None and any(calendar.is_provisional(day) for day in asked),
    )


def _left_of_day(day: date, zone: ZoneInfo, now: datetime) -> timedelta:
    start = day_end(day - timedelta(days=1), zone)
    return max(day_end(day, zone) - max(start, now), timedelta())


def _is_paused(day: date, zone: ZoneInfo, spans: Sequence[Pause]) -> bool:
    first = day_end(day - timedelta(days=1), zone) + timedelta(microseconds=1)
    last = day_end(day, zone)
    return any(span.start <= last and span.end > max(first, span.start) for span in spans)


def _span(pause: Pause) -> Pause:
    span = Pause(_instant(pause.start, "pause.start"), _instant(pause.end, "pause.end"))
    if span.end < span.start:
        raise InvalidTermError(f"The pause ends at {span.end}, before it starts at {span.start}.")
    return span


def _term(days: int) -> int:
    if not 1 <= days <= MAX_TERM_DAYS:
        raise InvalidTermError(f"The term must be 1 to {MAX_TERM_DAYS} days, not {days}.")
    return days


def _instant(moment: datetime, name: str) -> datetime:
    """``moment`` in UTC; raises `NaiveInstantError`, `OutOfRangeError`."""
    if moment.utcoffset() is None:
        raise NaiveInstantError(f"{name} has no time zone: {moment.isoformat()}.")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise OutOfRangeError(f"{name} is outside the years {FIRST_YEAR} to {LAST_YEAR}: {moment}.")
    return moment.astimezone(UTC)


@cache
def governing_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; raises `UnknownZoneError`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        # Absent names, malformed ones, and names of folders in the database.
        raise UnknownZoneError(
            f"{name!r} is not a time zone: give a name such as Asia/Shanghai."
        ) from error
