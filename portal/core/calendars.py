"""Country calendars with the operators' overrides on top: one selector, three services.

Services journal the calendar's version before and after, so that the apps which keep open
deadlines can follow ``calendar.*`` entries and recompute those whose version is the old one.
Who may call them is the caller's policy; for input that means nothing they raise `InvalidInput`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.clock import Calendar, Override, Why, YearState, known_countries
from portal.core.errors import FieldError, InvalidInput
from portal.core.models.calendar import CalendarOverride, CalendarYear
from portal.core.working_days import FIRST_YEAR, LAST_YEAR, known_country

WHY_LABELS: Mapping[Why, Promise] = {
    Why.RECEIPT: _("Day of receipt, not counted"),
    Why.WORKING: _("Working day"),
    Why.MAKE_UP: _("Make-up working day"),
    Why.WEEKEND: _("Weekend"),
    Why.HOLIDAY: _("Public holiday"),
    Why.OVERRIDE_WORKING: _("Working day by operator override"),
    Why.OVERRIDE_CLOSED: _("Closed by operator override"),
    Why.PAUSED: _("Clock paused on this day"),
    Why.SKIPPED: _("This date does not exist in the time zone"),
    Why.CALENDAR_DAY: _("Calendar day"),
}


def calendar_for(country: str) -> Calendar:
    """The calendar as of now: two small queries, then the same object while nothing changed.

    Ask once per batch. Raises `UnknownCountryError`.
    """
    overrides = CalendarOverride.objects.filter(country=known_country(country)).order_by("date")
    years = CalendarYear.objects.filter(country=country).order_by("year")
    return _calendar(
        country,
        tuple(overrides.values_list("date", "working", "source")),
        tuple(years.values_list("year", "state")),
    )


@lru_cache(maxsize=256)
def _calendar(
    country: str, overrides: tuple[tuple[date, bool, str], ...], years: tuple[tuple[int, str], ...]
) -> Calendar:
    return Calendar(
        country,
        {day: Override(working, source) for day, working, source in overrides},
        {year: YearState(state) for year, state in years},
    )


@transaction.atomic
def set_override(
    *,
    country: str,
    day: date,
    working: bool,
    source: str,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> CalendarOverride:
    """State that one date is, or is not, a working day; stating the same again changes nothing.

    Raises `InvalidInput` naming ``country``, ``date`` or ``source``.
    """
    _check(country, "date", day.year, source)
    before = calendar_for(country).version
    stated = (working, source.strip(), note.strip())
    override, is_new = CalendarOverride.objects.select_for_update().get_or_create(
        country=country,
        date=day,
        defaults={"working": stated[0], "source": stated[1], "note": stated[2], "changed_at": now},
    )
    if not is_new:
        if (override.working, override.source, override.note) == stated:
            return override
        override.working, override.source, override.note = stated
        override.changed_at = now
        override.save()
    data = {"country": country, "date": str(day), "working": working}
    journal.record(
        "calendar.override_set", override, actor=actor, now=now, data=_versions(before, data)
    )
    return override


@transaction.atomic
def remove_override(*, country: str, day: date, actor: Actor, now: datetime) -> bool:
    """Let the package answer for the date again; returns whether there was anything to remove.

    A country without a calendar has no overrides, so there is nothing to refuse.
    """
    if country not in known_countries():
        return False
    before = calendar_for(country).version
    override = (
        CalendarOverride.objects.select_for_update().filter(country=country, date=day).first()
    )
    if override is None:
        return False
    data = {"country": country, "date": str(day), "working": override.working}
    subject = CalendarOverride(pk=override.pk, country=country, date=day)
    override.delete()
    journal.record(
        "calendar.override_removed", subject, actor=actor, now=now, data=_versions(before, data)
    )
    return True


@transaction.atomic
def set_year_state(
    *, country: str, year: int, state: YearState, source: str, actor: Actor, now: datetime
) -> CalendarYear:
    """State whether the official notice for a year is known, usually to confirm it.

    Record the notice's make-up days and days off as overrides first: confirming alone only
    says that package and overrides together are right. Stating the same again changes nothing.
    Raises `InvalidInput` naming ``country``, ``year`` or ``source``.
    """
    _check(country, "year", year, source)
    before = calendar_for(country).version
    stated = (state.value, source.strip())
    row, is_new = CalendarYear.objects.select_for_update().get_or_create(
        country=country,
        year=year,
        defaults={"state": stated[0], "source": stated[1], "changed_at": now},
    )
    if not is_new:
        if (row.state, row.source) == stated:
            return row
        row.state, row.source = stated
        row.changed_at = now
        row.save()
    data = {"country": country, "year": year, "state": state.value}
    journal.record("calendar.year_set", row, actor=actor, now=now, data=_versions(before, data))
    return row


def _versions(before: str, data: dict[str, object]) -> dict[str, object]:
    after = calendar_for(str(data["country"])).version
    return {**data, "version_before": before, "version_after": after}


def _check(country: str, year_field: str, year: int, source: str) -> None:
    errors = []
    if country not in known_countries():
        text = _("There is no calendar for this country. Give an ISO 3166 code, such as CN.")
        errors.append(FieldError("country", "unknown_country", text))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        text = _("Calendars reach from {first} to {last}.")
        message = format_lazy(text, first=FIRST_YEAR, last=LAST_YEAR)
        errors.append(FieldError(year_field, "out_of_range", message))
    if not 1 <= len(source.strip()) <= 500:
        text = _("Say in 1 to 500 characters where this is written: a notice's title or address.")
        errors.append(FieldError("source", "missing_source", text))
    if errors:
        raise InvalidInput(errors)
