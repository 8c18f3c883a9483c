"""Deadlines of verdicts: working days of the rights holder's own calendar."""

from datetime import datetime

from django.conf import settings

from portal.core import clock
from portal.core.calendars import calendar_for
from portal.core.clock import Deadline
from portal.core.models import Organisation
from pushes.models import SuspectedLink


class Deadlines:
    """Answers many links of few organisations: each country's calendar is read once."""

    def __init__(self) -> None:
        self._calendars: dict[str, clock.Calendar] = {}

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

    def _deadline(self, country: str, zone: str, received_at: datetime, days: int) -> Deadline:
        if country not in self._calendars:
            self._calendars[country] = calendar_for(country)
        return clock.working_deadline(received_at, zone, self._calendars[country], days)
