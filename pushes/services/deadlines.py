"""Deadlines of verdicts: working days of the rights holder's own calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime

from django.conf import settings

from portal.core import clock
from portal.core.calendars import calendar_for
from portal.core.clock import Deadline, Remaining
from portal.core.models import Organisation
from pushes.models import SuspectedLink


class Deadlines:
    """Answers many links of few organisations: each country's calendar is read once, and links
    that came on one day share the days that count.
    """

    def __init__(self) -> None:
        self._calendars: dict[str, clock.Calendar] = {}
        self._walked: dict[tuple[str, str, date, int], Deadline] = {}
        self._left: dict[tuple[datetime, str, datetime], Remaining] = {}

    def of(self, organisation: Organisation, received_at: datetime) -> Deadline:
        """The end of the term that starts with a push at ``received_at``.

        Raises ``ClockError`` for a country without a calendar; organisations cannot have one.
        """
        return self._deadline(
            organisation.country, organisation.zone, received_at, settings.VERDICT_WORKING_DAYS
        )

    def explained(self, link: SuspectedLink) -> Deadline:
        """The deadline of a link with every day it counted, by the calendar as it is now.

        ``link.organisation`` should be loaded.
        """
        days = int(link.due_rule.rpartition(":")[2])
        return self._deadline(link.organisation.country, link.due_zone, link.pushed_at, days)

    def remaining(self, link: SuspectedLink, now: datetime) -> Remaining:
        """What is left of a link's term; ``now`` is the same for all that are asked."""
        deadline = self.explained(link)
        key = (deadline.due_at, deadline.zone, now)
        if key not in self._left:
            self._left[key] = clock.remaining_working_time(now, deadline)
        return self._left[key]

    def _deadline(self, country: str, zone: str, received_at: datetime, days: int) -> Deadline:
        if country not in self._calendars:
            self._calendars[country] = calendar_for(country)
        key = (country, zone, clock.local_date(received_at, zone), days)
        if key not in self._walked:
            self._walked[key] = clock.working_deadline(
                received_at, zone, self._calendars[country], days
            )
        return replace(self._walked[key], received_at=received_at.astimezone(UTC))
