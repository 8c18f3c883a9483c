"""The working-day clock, without a database: vectors checked by hand against official notices."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.core.clock import (
    Calendar,
    ClockError,
    Deadline,
    InvalidTermError,
    NaiveInstantError,
    OutOfRangeError,
    Override,
    Pause,
    UnknownCountryError,
    UnknownZoneError,
    Why,
    YearState,
    calendar_deadline,
    day_end,
    remaining_working_time,
    working_deadline,
)
from portal.core.working_days import CHECKED_WITH, PACKAGE_VERSION

CHINA = Calendar("CN")
SHANGHAI = "Asia/Shanghai"
NEW_YORK = "America/New_York"


def at(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def due(text: str, zone: str = SHANGHAI, calendar: Calendar = CHINA, days: int = 5) -> Deadline:
    return working_deadline(at(text, zone), zone, calendar, days)


def whys(deadline: Deadline) -> dict[str, Why]:
    return {f"{count.day:%m-%d}": count.why for count in deadline.counted}


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-02-13T10:00", date(2026, 2, 27)),
        ("2026-09-30T10:00", date(2026, 10, 13)),
        ("2026-05-08T10:00", date(2026, 5, 14)),
        ("2025-09-26T10:00", date(2025, 10, 10)),
        ("2026-04-30T10:00", date(2026, 5, 11)),
        ("2026-09-18T10:00", date(2026, 9, 24)),
    ],
)
def test_it_agrees_with_the_vectors_checked_by_hand(received: str, expected: date) -> None:
    deadline = due(received)
    assert deadline.local_date == expected
    assert deadline.due_at == at(f"{expected}T23:59:59.999999")
    assert deadline.due_at.tzinfo is UTC
    assert not deadline.provisional


def test_the_due_instant_is_stored_in_utc() -> None:
    assert due("2026-02-13T10:00").due_at == datetime(2026, 2, 27, 15, 59, 59, 999999, tzinfo=UTC)


def test_a_make_up_saturday_counts_and_says_so() -> None:
    deadline = due("2026-05-08T10:00")
    assert whys(deadline) == {
        "05-08": Why.RECEIPT,
        "05-09": Why.MAKE_UP,
        "05-10": Why.WEEKEND,
        "05-11": Why.WORKING,
        "05-12": Why.WORKING,
        "05-13": Why.WORKING,
        "05-14": Why.WORKING,
    }


def test_a_holiday_is_named_in_english_whatever_the_process_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    # A year no other test asks for, since the year's table is kept once it was made.
    assert CHINA.fact(date(2036, 10, 1)).note == "National Day"


def test_it_crosses_new_year_with_the_days_of_the_new_year() -> None:
    deadline = due("2025-12-31T10:00")
    assert deadline.local_date == date(2026, 1, 8)
    assert whys(deadline)["01-01"] is Why.HOLIDAY
    assert whys(deadline)["01-04"] is Why.MAKE_UP


def test_a_make_up_day_announced_by_the_next_years_notice_counts() -> None:
    # 31 December 2011, a Saturday, was worked by the notice for 2012.
    assert CHINA.fact(date(2011, 12, 31)).why is Why.MAKE_UP


def test_the_day_of_receipt_is_that_of_the_governing_zone() -> None:
    late_in_utc = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    in_china = working_deadline(late_in_utc, SHANGHAI, CHINA)
    in_germany = working_deadline(late_in_utc, "Europe/Berlin", Calendar("DE"))
    assert (in_china.local_date, in_germany.local_date) == (date(2026, 3, 10), date(2026, 3, 9))


def test_the_hour_of_receipt_does_not_matter() -> None:
    first, last = due("2026-03-02T00:00"), due("2026-03-02T23:59:59.999999")
    assert first.due_at == last.due_at


def test_receipt_on_a_closed_day_starts_with_the_next_working_day() -> None:
    assert due("2026-03-07T12:00", days=1).local_date == date(2026, 3, 9)


def test_clocks_that_spring_forward_in_new_york_move_the_instant_not_the_date() -> None:
    united_states = Calendar("US")
    before = due("2026-02-26T10:00", NEW_YORK, united_states)
    across = due("2026-03-05T10:00", NEW_YORK, united_states)
    assert (before.local_date, across.local_date) == (date(2026, 3, 5), date(2026, 3, 12))
    assert before.due_at == datetime(2026, 3, 6, 4, 59, 59, 999999, tzinfo=UTC)
    assert across.due_at == datetime(2026, 3, 13, 3, 59, 59, 999999, tzinfo=UTC)


def test_thanksgiving_is_not_counted_in_new_york() -> None:
    assert due("2026-11-23T10:00", NEW_YORK, Calendar("US")).local_date == date(2026, 12, 1)


def test_weekends_follow_the_country() -> None:
    # The United Arab Emirates moved their weekend from Friday-Saturday in January 2022.
    emirates = Calendar("AE")
    assert not emirates.is_working_day(date(2021, 12, 10))
    assert emirates.is_working_day(date(2021, 12, 12))
    assert emirates.is_working_day(date(2022, 1, 14))
    assert not emirates.is_working_day(date(2022, 1, 16))


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        # Clocks went back from 24:00 to 23:00: the second 23:59 ends the day.
        ("America/Santiago", date(2026, 4, 4), datetime(2026, 4, 5, 3, 59, 59, 999999, tzinfo=UTC)),
        # Clocks jump from 23:00 to 24:00 on the eve of the last Sunday in March.
        ("America/Nuuk", date(2026, 3, 28), datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)),
        # Clocks jump from 00:00 to 01:00: the day before still ends at midnight.
        ("Asia/Beirut", date(2026, 3, 28), datetime(2026, 3, 28, 21, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_day_ends_where_its_last_microsecond_is(zone: str, day: date, end: datetime) -> None:
    local = ZoneInfo(zone)
    assert day_end(day, local) == end
    assert end.astimezone(local).date() == day
    assert (end + timedelta(microseconds=1)).astimezone(local).date() == day + timedelta(days=1)


def test_a_date_the_zone_never_had_is_not_counted() -> None:
    deadline = due("2011-12-29T10:00", "Pacific/Apia", Calendar("WS"), days=1)
    assert whys(deadline)["12-30"] is Why.SKIPPED
    assert deadline.local_date > date(2011, 12, 30)


def test_an_override_wins_and_shows_its_source() -> None:
    typhoon = Calendar("CN", {date(2026, 3, 4): Override(False, "Shanghai notice 12")})
    deadline = due("2026-03-02T10:00", calendar=typhoon)
    assert deadline.local_date == date(2026, 3, 10)
    closed = next(c for c in deadline.counted if c.day == date(2026, 3, 4))
    assert (closed.counted, closed.why, closed.note) == (
        False,
        Why.OVERRIDE_CLOSED,
        "Shanghai notice 12",
    )


def test_an_override_can_open_a_saturday() -> None:
    opened = Calendar("CN", {date(2026, 3, 7): Override(True, "notice")})
    assert due("2026-03-06T10:00", calendar=opened, days=1).local_date == date(2026, 3, 7)


def test_a_year_without_its_official_notice_is_provisional() -> None:
    assert due("2027-03-01T10:00").provisional
    assert not due("2026-03-02T10:00").provisional


def test_the_last_days_of_december_wait_for_the_next_notice() -> None:
    assert not due("2026-12-17T10:00").provisional
    assert due("2026-12-21T10:00").provisional


def test_a_year_confirmed_late_moves_the_deadline_and_the_version() -> None:
    confirmed = Calendar(
        "CN",
        {date(2027, 3, 6): Override(True, "notice for 2027")},
        {2027: YearState.CONFIRMED},
    )
    early, late = due("2027-03-01T10:00"), due("2027-03-01T10:00", calendar=confirmed)
    assert (early.local_date, early.provisional) == (date(2027, 3, 8), True)
    assert (late.local_date, late.provisional) == (date(2027, 3, 6), False)
    assert early.calendar_version != late.calendar_version


def test_a_date_an_operator_stated_waits_for_no_notice() -> None:
    stated = Calendar("CN", {date(2027, 3, 2): Override(True, "early notice for one day")})
    assert not due("2027-03-01T10:00", calendar=stated, days=1).provisional
    assert due("2027-03-01T10:00", calendar=stated, days=2).provisional


def test_an_operator_can_withdraw_the_confirmation_of_a_year() -> None:
    doubted = Calendar("CN", years={2026: YearState.PROVISIONAL})
    assert due("2026-03-02T10:00", calendar=doubted).provisional


def test_standing_law_makes_future_years_certain() -> None:
    assert Calendar("DE").state(2031) is YearState.CONFIRMED
    assert Calendar("JP").state(2031) is YearState.PROVISIONAL


def test_days_the_package_only_estimates_make_their_year_provisional() -> None:
    assert Calendar("AE").state(2027) is YearState.PROVISIONAL
    assert Calendar("BD").state(2015) is YearState.PROVISIONAL


def test_a_year_the_package_does_not_know_is_weekends_only_and_provisional() -> None:
    sri_lanka = Calendar("LK")
    assert sri_lanka.is_working_day(date(2027, 5, 3))
    assert due("2027-05-03T10:00", "Asia/Colombo", sri_lanka).provisional


def test_the_version_names_the_content_and_not_the_order_or_the_source() -> None:
    one, two = (date(2026, 3, 4), date(2026, 3, 5))
    first = Calendar("CN", {one: Override(False, "a"), two: Override(False, "b")})
    second = Calendar("CN", {two: Override(False, "c"), one: Override(False, "d")})
    other = Calendar("CN", {one: Override(True, "a"), two: Override(False, "b")})
    assert first.version == second.version
    assert len({first.version, other.version, CHINA.version}) == 3


def test_the_shipped_tables_were_checked_against_the_installed_package() -> None:
    # After an upgrade: read the package's changes, adjust the tables, then CHECKED_WITH.
    assert PACKAGE_VERSION == CHECKED_WITH


def test_an_unknown_country_is_refused_with_what_to_give() -> None:
    with pytest.raises(UnknownCountryError, match=r"'XX'.*ISO 3166-1 alpha-2"):
        Calendar("XX")
    with pytest.raises(UnknownCountryError):
        Calendar("cn")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "Asia", "../etc/passwd", "Asia/\0Shanghai"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZoneError, match="such as Asia/Shanghai"):
        working_deadline(at("2026-03-02T10:00"), zone, CHINA)


def test_a_naive_moment_is_refused() -> None:
    naive = at("2026-03-02T10:00").replace(tzinfo=None)
    with pytest.raises(NaiveInstantError, match="received_at has no time zone"):
        working_deadline(naive, SHANGHAI, CHINA)
    with pytest.raises(NaiveInstantError, match="now has no time zone"):
        remaining_working_time(naive, due("2026-03-02T10:00"))


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_term_must_be_one_to_366_days(days: int) -> None:
    with pytest.raises(InvalidTermError):
        due("2026-03-02T10:00", days=days)
    with pytest.raises(InvalidTermError):
        calendar_deadline(at("2026-03-02T10:00"), SHANGHAI, days)


@pytest.mark.parametrize("received", ["1949-06-01T10:00", "2201-06-01T10:00", "2200-12-30T10:00"])
def test_it_refuses_years_beyond_its_calendars(received: str) -> None:
    with pytest.raises(OutOfRangeError):
        due(received)


def test_a_calendar_without_working_days_ends_in_an_error_not_in_a_loop() -> None:
    start = date(2026, 1, 1)
    closed = {start + timedelta(days=n): Override(False, "closed") for n in range(4000)}
    with pytest.raises(OutOfRangeError, match="No 5 countable days"):
        due("2026-01-05T10:00", calendar=Calendar("CN", closed))


def test_every_error_has_its_own_code() -> None:
    kinds = ClockError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds) == 5


def test_fifteen_calendar_days_count_weekends_and_holidays() -> None:
    deadline = calendar_deadline(at("2026-02-13T10:00"), SHANGHAI, 15)
    assert deadline.local_date == date(2026, 2, 28)
    assert deadline.rule == "calendar-days:15"
    assert deadline.calendar_version == ""
    assert not deadline.provisional


def test_a_calendar_clock_may_roll_to_the_next_working_day() -> None:
    received = at("2026-09-18T10:00")
    deadline = calendar_deadline(received, SHANGHAI, 15, ends_on_working_day_of=CHINA)
    assert calendar_deadline(received, SHANGHAI, 15).local_date == date(2026, 10, 3)
    assert deadline.local_date == date(2026, 10, 8)
    assert sum(count.counted for count in deadline.counted) == 15
    assert deadline.calendar_version == CHINA.version
    assert deadline.rule == "calendar-days:15:rolled"


def test_a_calendar_clock_that_ends_on_a_working_day_does_not_roll() -> None:
    deadline = calendar_deadline(at("2026-03-02T10:00"), SHANGHAI, 15, ends_on_working_day_of=CHINA)
    assert deadline.local_date == date(2026, 3, 17)


def test_acting_in_the_last_microsecond_is_in_time() -> None:
    deadline = due("2026-03-02T10:00")
    assert not deadline.is_overdue(deadline.due_at)
    assert deadline.is_overdue(deadline.due_at + timedelta(microseconds=1))


def test_a_working_day_touched_by_a_pause_is_not_counted() -> None:
    pause = Pause(at("2026-03-04T09:00"), at("2026-03-05T09:00"))
    deadline = working_deadline(at("2026-03-02T10:00"), SHANGHAI, CHINA, paused=[pause])
    assert deadline.local_date == date(2026, 3, 11)
    assert [d for d, why in whys(deadline).items() if why is Why.PAUSED] == ["03-04", "03-05"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02T11:00", "2026-03-02T23:00"),  # on the day of receipt
        ("2026-03-07T00:00", "2026-03-09T00:00"),  # a weekend, up to its last instant
        ("2026-03-10T00:00", "2026-03-11T00:00"),  # after the clock ended
        ("2026-03-04T09:00", "2026-03-04T09:00"),  # of no length
    ],
)
def test_a_pause_that_touches_no_counted_day_changes_nothing(start: str, end: str) -> None:
    paused = [Pause(at(start), at(end))]
    deadline = working_deadline(at("2026-03-02T10:00"), SHANGHAI, CHINA, paused=paused)
    assert deadline.due_at == due("2026-03-02T10:00").due_at


def test_overlapping_pauses_stop_a_day_once() -> None:
    pause = Pause(at("2026-03-04T09:00"), at("2026-03-04T10:00"))
    deadline = working_deadline(at("2026-03-02T10:00"), SHANGHAI, CHINA, paused=[pause, pause])
    assert deadline.local_date == date(2026, 3, 10)


def test_a_pause_that_ends_before_it_starts_is_refused() -> None:
    backwards = Pause(at("2026-03-05T09:00"), at("2026-03-04T09:00"))
    with pytest.raises(InvalidTermError, match="before it starts"):
        working_deadline(at("2026-03-02T10:00"), SHANGHAI, CHINA, paused=[backwards])


def test_what_is_left_counts_the_running_day() -> None:
    deadline = due("2026-03-02T10:00")
    left = remaining_working_time(at("2026-03-06T18:00"), deadline)
    assert left.working_days == 2
    assert abs(left.working_time - timedelta(hours=30)) < timedelta(milliseconds=1)
    assert abs(left.wall_time - timedelta(hours=78)) < timedelta(milliseconds=1)
    assert not left.overdue


def test_on_the_day_of_receipt_the_whole_term_is_left() -> None:
    assert remaining_working_time(at("2026-03-02T10:00"), due("2026-03-02T10:00")).working_days == 5


def test_nothing_is_left_of_a_missed_deadline() -> None:
    left = remaining_working_time(at("2026-03-20T10:00"), due("2026-03-02T10:00"))
    assert (left.overdue, left.working_days) == (True, 0)
    assert (left.working_time, left.wall_time) == (timedelta(), timedelta())


def test_a_day_on_which_clocks_change_has_its_real_length() -> None:
    opened = Calendar("US", {date(2026, 3, 8): Override(True, "test")})
    deadline = due("2026-03-07T10:00", NEW_YORK, opened, days=1)
    left = remaining_working_time(at("2026-03-07T10:00", NEW_YORK), deadline)
    assert abs(left.working_time - timedelta(hours=23)) < timedelta(milliseconds=1)
