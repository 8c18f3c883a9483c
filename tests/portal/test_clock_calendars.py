"""Operator overrides, year states and the ``due_date`` command, on a real database."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from portal.core.actors import SYSTEM
from portal.core.calendars import (
    WHY_LABELS,
    calendar_for,
    remove_override,
    set_override,
    set_year_state,
)
from portal.core.clock import Calendar, UnknownCountryError, Why, YearState
from portal.core.errors import InvalidInput
from portal.core.models import CalendarOverride, CalendarYear, JournalEntry

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
MAKE_UP = date(2027, 3, 6)

pytestmark = pytest.mark.django_db


def open_saturday(working: bool = True, source: str = "Notice for 2027") -> CalendarOverride:
    return set_override(
        country="CN", day=MAKE_UP, working=working, source=source, actor=SYSTEM, now=NOW
    )


def confirm(year: int = 2027, source: str = "Notice for 2027") -> CalendarYear:
    return set_year_state(
        country="CN",
        year=year,
        state=YearState.CONFIRMED,
        source=source,
        actor=SYSTEM,
        now=NOW,
    )


def due_date(**options: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    arguments = {"country": "CN", "zone": "Asia/Shanghai", "received": "2026-02-13T10:00"}
    call_command("due_date", **{**arguments, **options}, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_without_statements_the_shipped_calendar_answers() -> None:
    assert calendar_for("CN").version == Calendar("CN").version


def test_an_override_is_live_at_once_and_only_in_its_country() -> None:
    other = calendar_for("HK").version
    before = calendar_for("CN")
    open_saturday()
    after = calendar_for("CN")
    assert not before.is_working_day(MAKE_UP)
    assert after.fact(MAKE_UP).why is Why.OVERRIDE_WORKING
    assert after.fact(MAKE_UP).note == "Notice for 2027"
    assert calendar_for("HK").version == other


def test_an_unchanged_calendar_is_the_same_object_and_costs_two_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    open_saturday()
    first = calendar_for("CN")
    with django_assert_num_queries(2):
        second = calendar_for("CN")
    assert second is first


def test_a_year_is_confirmed_by_an_operator() -> None:
    assert calendar_for("CN").state(2027) is YearState.PROVISIONAL
    confirm()
    assert calendar_for("CN").state(2027) is YearState.CONFIRMED


def test_every_change_is_journalled_with_the_versions_around_it() -> None:
    start = calendar_for("CN").version
    open_saturday()
    middle = calendar_for("CN").version
    confirm()
    end = calendar_for("CN").version
    first, second = JournalEntry.objects.order_by("id")
    assert (first.verb, second.verb) == ("calendar.override_set", "calendar.year_set")
    assert first.data == {
        "country": "CN",
        "date": "2027-03-06",
        "working": True,
        "version_before": start,
        "version_after": middle,
    }
    assert second.data["version_before"] == middle
    assert second.data["version_after"] == end
    assert len({start, middle, end}) == 3


def test_stating_the_same_again_changes_nothing() -> None:
    first, again = open_saturday(), open_saturday()
    confirm()
    confirm()
    assert first.pk == again.pk
    assert JournalEntry.objects.count() == 2


def test_a_corrected_statement_replaces_the_first() -> None:
    open_saturday()
    set_override(
        country="CN", day=MAKE_UP, working=False, source="Correction", actor=SYSTEM, now=LATER
    )
    row = CalendarOverride.objects.get()
    assert (row.working, row.source, row.changed_at) == (False, "Correction", LATER)
    assert JournalEntry.objects.count() == 2


def test_a_removed_override_gives_the_date_back_to_the_package() -> None:
    start = calendar_for("CN").version
    row = open_saturday()
    assert remove_override(country="CN", day=MAKE_UP, actor=SYSTEM, now=LATER)
    entry = JournalEntry.objects.order_by("id").last()
    assert entry is not None
    assert (entry.verb, entry.subject_id) == ("calendar.override_removed", row.pk)
    assert entry.data["version_after"] == start == calendar_for("CN").version


def test_removing_what_is_not_there_is_no_event() -> None:
    assert not remove_override(country="CN", day=MAKE_UP, actor=SYSTEM, now=NOW)
    assert not remove_override(country="XX", day=MAKE_UP, actor=SYSTEM, now=NOW)
    assert not JournalEntry.objects.exists()


def test_bad_input_names_every_field_and_writes_nothing() -> None:
    with pytest.raises(InvalidInput) as refused:
        set_override(
            country="XX", day=date(2300, 1, 1), working=True, source=" ", actor=SYSTEM, now=NOW
        )
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("country", "unknown_country"),
        ("date", "out_of_range"),
        ("source", "missing_source"),
    ]
    assert str(refused.value.errors[1].message) == "Calendars reach from 1950 to 2200."
    with pytest.raises(InvalidInput):
        confirm(year=1949)
    assert not CalendarOverride.objects.exists()
    assert not CalendarYear.objects.exists()
    assert not JournalEntry.objects.exists()


def test_an_unknown_country_has_no_calendar() -> None:
    with pytest.raises(UnknownCountryError):
        calendar_for("XX")


def test_the_database_refuses_what_the_services_would_never_write() -> None:
    override = {"country": "CN", "date": MAKE_UP, "working": True, "source": "s"}
    year = {"country": "CN", "year": 2027, "state": "confirmed", "source": "s"}
    CalendarOverride.objects.create(**override, changed_at=NOW)
    CalendarYear.objects.create(**year, changed_at=NOW)
    bad_overrides: list[dict[str, object]] = [
        {},
        {"country": "cn"},
        {"country": "DE", "source": ""},
    ]
    bad_years: list[dict[str, object]] = [
        {},
        {"year": 1900},
        {"year": 2028, "state": "perhaps"},
        {"year": 2028, "source": ""},
    ]
    for bad in bad_overrides:
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarOverride.objects.create(**{**override, **bad}, changed_at=NOW)
    for bad in bad_years:
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarYear.objects.create(**{**year, **bad}, changed_at=NOW)


def test_every_reason_has_words() -> None:
    assert set(WHY_LABELS) == set(Why)


def test_the_command_prints_the_local_date_and_the_instant() -> None:
    assert due_date() == ("2026-02-27 Asia/Shanghai\n2026-02-27T15:59:59.999999Z\n", "")


def test_the_command_follows_overrides_and_says_what_is_provisional() -> None:
    _, warning = due_date(received="2027-03-01T10:00")
    assert warning == "Provisional: an official notice that is not out may change it.\n"
    open_saturday()
    confirm()
    out, warning = due_date(received="2027-03-01T10:00", explain=True)
    assert out.splitlines() == [
        "  2027-03-01 Day of receipt, not counted",
        "+ 2027-03-02 Working day",
        "+ 2027-03-03 Working day",
        "+ 2027-03-04 Working day",
        "+ 2027-03-05 Working day",
        "+ 2027-03-06 Working day by operator override (Notice for 2027)",
        "2027-03-06 Asia/Shanghai",
        "2027-03-06T15:59:59.999999Z",
    ]
    assert warning == ""


def test_the_command_takes_an_offset_and_a_term() -> None:
    out, _ = due_date(received="2026-03-02T23:30:00-05:00", working_days=1)
    assert out.startswith("2026-03-04 Asia/Shanghai\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"country": "XX"}, "No calendar for country 'XX'"),
        ({"zone": "Mars/Olympus"}, "'Mars/Olympus' is not a time zone"),
        ({"received": "tomorrow"}, "tomorrow is no moment"),
        ({"working_days": 0}, "The term must be 1 to 366 days"),
    ],
)
def test_the_command_refuses_with_one_clear_line(options: dict[str, object], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        due_date(**options)
