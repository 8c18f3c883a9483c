"""Reminders before a verdict's term ends, at 09:00 in the reviewer's zone.

Two a link: on the last working day but one of its term (day 4 of 5), and on the last. A day is
the reviewer's: the reminder comes at the last 09:00 on their wall that lies before the end of that
working day in the rights holder's zone. For a reviewer far to the west that is the day before,
because the deadline would be over at their next 09:00.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils.translation import ngettext

from portal.core import clock, letters, notices
from portal.core.calendars import calendar_for
from portal.core.models import MailPreference, Member, Notice
from portal.core.services.notices import REMINDERS, give, zone_of_member
from pushes.services.notices import (
    MORNING,
    Row,
    holdings_of,
    inbox_url,
    judging_members,
    near_deadlines,
)

KIND: Final = "links.at_risk"
# The longest closure between two working days that a calendar had was eleven days.
AHEAD: Final = timedelta(days=21)


@dataclass(frozen=True)
class AtRisk:
    """What a member is reminded of on one day."""

    last_day: Sequence[Row]
    day_before: Sequence[Row]

    @property
    def rows(self) -> list[Row]:
        """Every line, nearest deadline first."""
        return sorted([*self.last_day, *self.day_before], key=lambda row: row.due)


class _Calendars:
    """Each country's calendar is read once a scan."""

    def __init__(self) -> None:
        self._known: dict[str, clock.Calendar] = {}
        self._before: dict[tuple[str, date], date] = {}

    def working_day_before(self, country: str, day: date) -> date:
        """The last working day before ``day``: weekends, holidays and make-up days counted."""
        if (country, day) not in self._before:
            if country not in self._known:
                self._known[country] = calendar_for(country)
            before = day - timedelta(days=1)
            while not self._known[country].is_working_day(before):
                before -= timedelta(days=1)
            self._before[country, day] = before
        return self._before[country, day]


def remind(*, now: datetime) -> int:
    """Remind every reviewer whose 09:00 has passed today and who was not yet; return how many.

    A tick that comes late in the day still reminds. The notice's key makes it one a day.
    """
    waiting = [m for m in judging_members() if now.astimezone(zone_of_member(m)).time() >= MORNING]
    keys = {member.pk: _key(member, now) for member in waiting}
    done = set(
        Notice.objects.filter(member__in=keys, key__in=set(keys.values())).values_list(
            "member_id", "key"
        )
    )
    waiting = [member for member in waiting if (member.pk, keys[member.pk]) not in done]
    if not waiting:
        return 0
    holdings = holdings_of(waiting, now=now)
    asked = {holding for held in holdings.values() for holding in held}
    near = near_deadlines(asked, now=now, within=AHEAD)
    calendars = _Calendars()
    reminded = 0
    for member in waiting:
        mine = [near[holding] for holding in holdings[member.pk]]
        risk = _at_risk(member, [group for groups in mine for group in groups], calendars, now)
        reminded += bool(risk.rows) and _remind(member, risk, now)
    return reminded


def reminder_day(end: datetime, zone: ZoneInfo) -> date:
    """The reviewer's date whose 09:00 is the last before ``end``."""
    local = end.astimezone(zone)
    return local.date() if local.time() > MORNING else local.date() - timedelta(days=1)


def register_kind() -> None:
    """Say how the notice reads."""
    notices.register(
        notices.Kind(
            KIND, _text, lambda _data: reverse("pushes:links"), icon="alarm-clock", tone="warn"
        )
    )


def _at_risk(
    member: Member,
    groups: Sequence[tuple[datetime, str, str, str, int]],
    calendars: _Calendars,
    now: datetime,
) -> AtRisk:
    zone = zone_of_member(member)
    today = now.astimezone(zone).date()
    last: list[Row] = []
    before: list[Row] = []
    for due_at, due_zone, country, name, count in groups:
        row = Row(name, count, due_at, zone.key)
        governing = clock.governing_zone(due_zone)
        due_day = due_at.astimezone(governing).date()
        if reminder_day(due_at, zone) == today:
            last.append(row)
            continue
        end = clock.day_end(calendars.working_day_before(country, due_day), governing)
        if reminder_day(end, zone) == today:
            before.append(row)
    return AtRisk(last, before)


@transaction.atomic
def _remind(member: Member, risk: AtRisk, now: datetime) -> bool:
    """Notice and mail together, or neither; both once a day."""
    last, before = (sum(row.count for row in rows) for rows in (risk.last_day, risk.day_before))
    key = _key(member, now)
    data = {"last_day": last, "day_before": before}
    if not give(member=member, kind=KIND, key=key, data=data, now=now):
        return False
    preference: MailPreference | None = getattr(member, "mail_preference", None)
    if preference is None or preference.reminders:
        letters.send(
            key=f"{key}:{member.pk}",
            member=member,
            name="pushes/mail/at_risk",
            context={**data, "rows": risk.rows, "url": inbox_url()},
            unsubscribe=REMINDERS,
            now=now,
        )
    return True


def _key(member: Member, now: datetime) -> str:
    return f"at-risk:{now.astimezone(zone_of_member(member)).date()}"


def _text(data: object) -> str:
    numbers = data if isinstance(data, dict) else {}
    last, before = int(numbers.get("last_day", 0)), int(numbers.get("day_before", 0))
    sentences = []
    if last:
        sentences.append(
            ngettext(
                "%(count)d link must be judged within a day.",
                "%(count)d links must be judged within a day.",
                last,
            )
            % {"count": last}
        )
    if before:
        sentences.append(
            ngettext(
                "%(count)d link has one working day left after today.",
                "%(count)d links have one working day left after today.",
                before,
            )
            % {"count": before}
        )
    return " ".join(sentences)
