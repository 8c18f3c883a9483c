"""``manage.py due_date``: when does a clock end?"""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from portal.core.calendars import WHY_LABELS, calendar_for
from portal.core.clock import Calendar, ClockError, Deadline, governing_zone, working_deadline


class Command(BaseCommand):
    """Prints the local date and the UTC instant at which a working-day clock ends."""

    help = _("Prints the local date and the UTC instant at which a working-day clock ends.")
    # Needs no running server: without a database the shipped calendars answer.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--country", required=True, help=_("ISO 3166 code, such as CN."))
        parser.add_argument("--zone", required=True, help=_("IANA name, such as Asia/Shanghai."))
        parser.add_argument(
            "--from",
            dest="received",
            required=True,
            help=_("Moment of receipt in ISO 8601; without an offset it is local to the zone."),
        )
        parser.add_argument("--working-days", type=int, default=5, help=_("Default: 5."))
        parser.add_argument(
            "--explain", action="store_true", help=_("Also print every day and why it counts.")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute and print; input that means nothing ends with one clear line."""
        try:
            calendar = self._calendar(options["country"])
            received = _received(options["received"], options["zone"])
            deadline = working_deadline(
                received, options["zone"], calendar, options["working_days"]
            )
        except ClockError as error:
            raise CommandError(str(error)) from error
        self._print(deadline, explain=options["explain"])

    def _calendar(self, country: str) -> Calendar:
        try:
            return calendar_for(country)
        except (DatabaseError, ImproperlyConfigured):
            # No server configured, none running, or one that was never migrated.
            self.stderr.write(_("No database: operator overrides are left out."))
            return Calendar(country)

    def _print(self, deadline: Deadline, *, explain: bool) -> None:
        if explain:
            for count in deadline.counted:
                mark = "+" if count.counted else " "
                note = f" ({count.note})" if count.note else ""
                self.stdout.write(f"{mark} {count.day:%Y-%m-%d} {WHY_LABELS[count.why]}{note}")
        self.stdout.write(f"{deadline.local_date} {deadline.zone}")
        self.stdout.write(deadline.due_at.astimezone(UTC).isoformat().replace("+00:00", "Z"))
        if deadline.provisional:
            self.stderr.write(_("Provisional: an official notice that is not out may change it."))


def _received(text: str, zone: str) -> datetime:
    """The moment; raises `ClockError` when the text or the zone means nothing."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = _("%(text)s is no moment: write it as in 2026-02-13T10:00.") % {"text": text}
        raise ClockError(message) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=governing_zone(zone))
