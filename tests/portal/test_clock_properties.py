"""What must hold for every clock, whatever the country, the zone and the moment."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from portal.core.clock import (
    Calendar,
    Override,
    Pause,
    Why,
    remaining_working_time,
    working_deadline,
)

PLACES = st.sampled_from(
    [
        ("CN", "Asia/Shanghai"),
        ("US", "America/New_York"),
        ("DE", "Europe/Berlin"),
        ("JP", "Asia/Tokyo"),
        ("AE", "Asia/Dubai"),
        ("CL", "America/Santiago"),
        ("GL", "America/Nuuk"),
        ("LB", "Asia/Beirut"),
        ("AU", "Australia/Lord_Howe"),
    ]
)
MOMENTS = st.datetimes(
    min_value=datetime(2019, 1, 1),  # noqa: DTZ001 - Hypothesis wants naive bounds
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001 - Hypothesis wants naive bounds
    timezones=st.just(UTC),
)
TERMS = st.integers(min_value=1, max_value=30)
LENGTHS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=40))
OVERRIDES = st.dictionaries(
    st.dates(date(2019, 1, 1), date(2030, 12, 31)),
    st.builds(Override, working=st.booleans(), source=st.just("a notice")),
    max_size=20,
)


@given(PLACES, MOMENTS, LENGTHS, TERMS)
def test_later_receipt_never_means_an_earlier_deadline(
    place: tuple[str, str], received: datetime, later: timedelta, term: int
) -> None:
    country, zone = place
    calendar = Calendar(country)
    first = working_deadline(received, zone, calendar, term)
    second = working_deadline(received + later, zone, calendar, term)
    assert first.due_at <= second.due_at


@given(PLACES, MOMENTS, TERMS, OVERRIDES)
def test_a_deadline_is_the_end_of_the_nth_working_day(
    place: tuple[str, str], received: datetime, term: int, overrides: dict[date, Override]
) -> None:
    country, zone = place
    calendar = Calendar(country, overrides)
    deadline = working_deadline(received, zone, calendar, term)
    local = ZoneInfo(zone)
    counted = [count.day for count in deadline.counted if count.counted]
    days = [count.day for count in deadline.counted]

    assert deadline.due_at > received
    assert calendar.is_working_day(deadline.local_date)
    assert deadline.due_at.astimezone(local).date() == deadline.local_date
    next_instant = deadline.due_at + timedelta(microseconds=1)
    assert next_instant.astimezone(local).date() == deadline.local_date + timedelta(days=1)
    assert len(counted) == term
    assert counted[-1] == days[-1] == deadline.local_date
    assert days[0] == received.astimezone(local).date()
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert set(counted) == {day for day in days[1:] if calendar.is_working_day(day)}


@given(PLACES, MOMENTS, TERMS)
def test_one_more_day_ends_strictly_later(
    place: tuple[str, str], received: datetime, term: int
) -> None:
    country, zone = place
    calendar = Calendar(country)
    shorter = working_deadline(received, zone, calendar, term)
    longer = working_deadline(received, zone, calendar, term + 1)
    assert shorter.due_at < longer.due_at


@given(PLACES, MOMENTS, TERMS, LENGTHS, LENGTHS)
def test_a_pause_never_shortens_a_clock_and_its_days_never_count(
    place: tuple[str, str], received: datetime, term: int, wait: timedelta, length: timedelta
) -> None:
    country, zone = place
    calendar = Calendar(country)
    pause = Pause(received + wait, received + wait + length)
    plain = working_deadline(received, zone, calendar, term)
    paused = working_deadline(received, zone, calendar, term, paused=[pause])
    stopped = [count.day for count in paused.counted if count.why is Why.PAUSED]
    lost = [count for count in plain.counted if count.counted and count.day in stopped]

    assert paused.due_at >= plain.due_at
    assert bool(lost) == (paused.due_at > plain.due_at)
    assert calendar.is_working_day(paused.local_date)
    assert sum(count.counted for count in paused.counted) == term


@given(PLACES, MOMENTS, TERMS, LENGTHS)
def test_what_is_left_shrinks_to_nothing_exactly_at_the_end(
    place: tuple[str, str], received: datetime, term: int, wait: timedelta
) -> None:
    country, zone = place
    deadline = working_deadline(received, zone, Calendar(country), term)
    at_first = remaining_working_time(received, deadline)
    later = remaining_working_time(received + wait, deadline)

    assert at_first.working_days == term
    assert later.working_days <= at_first.working_days
    assert later.working_time <= at_first.working_time
    assert later.working_time <= later.wall_time
    assert later.overdue == (received + wait > deadline.due_at)
    assert (later.wall_time == timedelta()) == (received + wait >= deadline.due_at)
