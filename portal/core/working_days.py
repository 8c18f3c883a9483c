"""Which dates are working days in a country, and how sure that is. Plain Python, no Django.

The base is the ``holidays`` package; operator overrides lie on top; a year whose official notice is
not known is *provisional*, because the package then answers silently without make-up days.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from importlib.metadata import version
from types import MappingProxyType

import holidays

FIRST_YEAR, LAST_YEAR = 1950, 2200

# The release of ``holidays`` the three tables below were checked against (a test holds the pin to
# it), and the last year for which that release knows what governments really decided.
CHECKED_WITH = "0.109"
PACKAGE_VERSION = version("holidays")
RECORDED_THROUGH = 2026
# Countries whose working days are announced by a yearly notice (make-up days included):
# first and last year whose notice is in the package. China: General Office of the State Council.
NOTICE_YEARS: Mapping[str, tuple[int, int]] = MappingProxyType({"CN": (2001, 2026)})
# A notice also moves the last days of the year before (2005-12-31, 2018-12-29 were working days).
NOTICE_REACHES_BACK_TO = (12, 25)
# Countries whose days follow from standing law alone (fixed dates, weekdays, Easter), so that
# a future year is as certain as a past one; a one-off day arrives as an operator override.
STATUTORY = frozenset({"AT", "BE", "DE", "FR", "IT", "PL", "SE", "US"})


class ClockError(ValueError):
    """A deadline that cannot be computed; ``code`` names the reason for machines."""

    code = "clock"


class UnknownCountryError(ClockError):
    """No calendar exists for the country code."""

    code = "unknown_country"


class UnknownZoneError(ClockError):
    """The name is not in the IANA time zone database."""

    code = "unknown_zone"


class NaiveInstantError(ClockError):
    """A date and time came without its offset, so it names no instant."""

    code = "naive_instant"


class InvalidTermError(ClockError):
    """The number of days is not between 1 and 366, or a pause ends before it starts."""

    code = "invalid_term"


class OutOfRangeError(ClockError):
    """The clock would leave the years 1950 to 2200, or meets no working day for ten years."""

    code = "out_of_range"


class YearState(StrEnum):
    """Whether the official notice for a country and year is known."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"


class Why(StrEnum):
    """Why a day counts or does not; the translated words live in ``calendars.WHY_LABELS``."""

    RECEIPT = "receipt"
    WORKING = "working"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    OVERRIDE_WORKING = "override_working"
    OVERRIDE_CLOSED = "override_closed"
    PAUSED = "paused"
    SKIPPED = "skipped"
    CALENDAR_DAY = "calendar_day"


@dataclass(frozen=True, slots=True)
class Override:
    """What an operator states about one date, and where it is written."""

    working: bool
    source: str


@dataclass(frozen=True, slots=True)
class DayFact:
    """One date of a calendar; ``note`` is a holiday's name or an override's source."""

    working: bool
    why: Why
    note: str = ""


@lru_cache(maxsize=1024)
def _package_year(country: str, year: int) -> Mapping[date, DayFact]:
    """The package's answer for every date of a year.

    Built whole and then never changed: the package fills its objects while they are read, which is
    not safe between threads.
    """
    kind = type(holidays.country_holidays(country))
    language = "en_US" if "en_US" in kind.supported_languages else kind.default_language
    book = holidays.country_holidays(country, years=year, expand=False, language=language)
    facts: dict[date, DayFact] = {}
    day = date(year, 1, 1)
    while day.year == year:
        weekend, working = book.is_weekend(day), book.is_working_day(day)
        if working:
            facts[day] = DayFact(True, Why.MAKE_UP if weekend else Why.WORKING)
        else:
            name = book.get(day) or ""
            facts[day] = DayFact(False, Why.HOLIDAY if name else Why.WEEKEND, name)
        day += timedelta(days=1)
    return MappingProxyType(facts)


@cache
def _package_span(country: str) -> tuple[int, int]:
    """First and last year the package knows; outside it silently answers "no holidays"."""
    kind = type(holidays.country_holidays(country))
    return kind.start_year, kind.end_year


@cache
def known_countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes a calendar exists for."""
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def known_country(country: str) -> str:
    """The code itself when a calendar exists for it; raises `UnknownCountryError` otherwise."""
    if country not in known_countries():
        raise UnknownCountryError(
            f"No calendar for country {country!r}: give an ISO 3166-1 alpha-2 code, such as CN."
        )
    return country


@cache
def _default_state(country: str, year: int) -> YearState:
    """The state of a year about which no operator said anything."""
    first, last = _package_span(country)
    if country in NOTICE_YEARS:
        first, last = NOTICE_YEARS[country]
    elif country not in STATUTORY:
        last = min(last, RECORDED_THROUGH)
    if not first <= year <= last:
        return YearState.PROVISIONAL
    # The package marks days it computed, such as those of the Islamic calendar.
    if any("estimated" in fact.note for fact in _package_year(country, year).values()):
        return YearState.PROVISIONAL
    return YearState.CONFIRMED


@dataclass(frozen=True)
class Calendar:
    """The working days of a country: the package's table, then the operator's overrides.

    ``years`` holds what operators stated about whole years and wins over the tables above.
    ``version`` changes whenever an answer may have changed; an override's source is not in it.
    Raises `UnknownCountryError`.
    """

    country: str
    overrides: Mapping[date, Override] = field(default_factory=dict)
    years: Mapping[int, YearState] = field(default_factory=dict)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        known_country(self.country)
        object.__setattr__(self, "overrides", MappingProxyType(dict(self.overrides)))
        object.__setattr__(self, "years", MappingProxyType(dict(self.years)))
        object.__setattr__(self, "version", self._version())

    def _version(self) -> str:
        """``CN:0.109:`` and 12 hexadecimal digits of the SHA-256 of what can change an answer."""
        content = {
            "notice": NOTICE_YEARS.get(self.country),
            "recorded": RECORDED_THROUGH,
            "statutory": self.country in STATUTORY,
            "overrides": sorted((str(day), o.working) for day, o in self.overrides.items()),
            "years": sorted((year, state.value) for year, state in self.years.items()),
        }
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        return f"{self.country}:{PACKAGE_VERSION}:{digest[:12]}"

    def fact(self, day: date) -> DayFact:
        """Whether ``day`` is a working day, and why; raises `OutOfRangeError`."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise OutOfRangeError(f"{day} is outside the years {FIRST_YEAR} to {LAST_YEAR}.")
        if override := self.overrides.get(day):
            why = Why.OVERRIDE_WORKING if override.working else Why.OVERRIDE_CLOSED
            return DayFact(override.working, why, override.source)
        return _package_year(self.country, day.year)[day]

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` counts; raises `OutOfRangeError`."""
        return self.fact(day).working

    def state(self, year: int) -> YearState:
        """Whether the year's official notice is known."""
        return self.years.get(year) or _default_state(self.country, year)

    def is_provisional(self, day: date) -> bool:
        """Whether an official notice that is not out yet may still change ``day``."""
        if day in self.overrides:
            return False
        years = [day.year]
        if self.country in NOTICE_YEARS and (day.month, day.day) >= NOTICE_REACHES_BACK_TO:
            years.append(day.year + 1)
        return any(self.state(year) is YearState.PROVISIONAL for year in years)
