"""The clocks of a counter-notice: calendar days of the law and working days side by side.

All are computed by ``portal.core.clock``. A clock runs in the zone of whoever must act; the term of
the law rolls on the calendar of the law's own country. A corrected calendar moves the clocks that
still run, each with a line in the journal.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.hearing_rules import Rule
from complaints.models import CounterNotice, HearingClock
from portal.core import clock, journal
from portal.core.actors import SYSTEM, Actor
from portal.core.calendars import calendar_for
from portal.core.clock import Calendar, Deadline, Pause
from portal.core.errors import NotAllowed, StaleState
from portal.core.models import Organisation

Kind = HearingClock.Kind
EndedBy = HearingClock.EndedBy
ROLLED = "rolled"


def start(
    counter_notice: CounterNotice, kind: str, *, rule: Rule, actor: Actor, now: datetime
) -> HearingClock:
    """Start one clock in the caller's transaction; the same clock starts once."""
    country, zone = _place(counter_notice, kind)
    running = HearingClock(
        counter_notice=counter_notice,
        kind=kind,
        country=country,
        zone=zone,
        rule=_rule_text(kind, rule),
        started_at=now,
    )
    _follow(running, deadline_of(running))
    found = HearingClock.objects.filter(counter_notice=counter_notice, kind=kind).first()
    if found is not None:
        return found
    running.save()
    data = {**_data(running), "due_at": running.due_at.isoformat()}
    journal.record("hearing_clock.started", running, actor=actor, now=now, data=data)
    return running


def end(
    counter_notice: CounterNotice,
    kinds: Iterable[str],
    *,
    how: str,
    actor: Actor,
    now: datetime,
) -> None:
    """End the running clocks of these kinds in the caller's transaction."""
    running = HearingClock.objects.select_for_update(no_key=True).filter(
        counter_notice=counter_notice, kind__in=list(kinds), ended_at=None
    )
    for row in running.order_by("pk"):
        row.ended_at, row.ended_by = now, how
        row.save(update_fields=["ended_at", "ended_by"])
        journal.record(f"hearing_clock.{how}", row, actor=actor, now=now, data=_data(row))


@transaction.atomic
def pause(*, counter_notice: CounterNotice, code: str, actor: Actor, now: datetime) -> None:
    """Let the decision's clock stand still for a reason the rule names, such as an appraisal.

    Raises ``NotAllowed`` when the rule has no such pause, ``StaleState`` when it is not running.
    """
    if code not in Rule.from_dict(counter_notice.rule).pauses:
        raise NotAllowed("no_such_pause", _("The law lets no clock stand still for this."))
    row = _decision_clock(counter_notice, is_paused=False)
    row.paused_at, row.pause_code = now, code
    row.save(update_fields=["paused_at", "pause_code"])
    data = {**_data(row), "code": code}
    journal.record("hearing_clock.paused", row, actor=actor, now=now, data=data)


@transaction.atomic
def resume(*, counter_notice: CounterNotice, actor: Actor, now: datetime) -> None:
    """Let the decision's clock run on; days the pause touched do not count."""
    row = _decision_clock(counter_notice, is_paused=True)
    if row.paused_at is not None:
        row.pauses = [*row.pauses, [row.paused_at.isoformat(), now.isoformat(), row.pause_code]]
    row.paused_at, row.pause_code = None, ""
    _follow(row, deadline_of(row))
    row.save()
    data = {**_data(row), "due_at": row.due_at.isoformat()}
    journal.record("hearing_clock.resumed", row, actor=actor, now=now, data=data)


@transaction.atomic
def recompute(*, country: str, now: datetime) -> int:
    """Follow a corrected calendar: move the clocks that still run; return how many moved."""
    rows = HearingClock.objects.select_for_update(of=("self",), no_key=True).filter(
        country=country, ended_at=None
    )
    calendar, moved = calendar_for(country), 0
    for row in rows.select_related("counter_notice__complaint").order_by("pk"):
        before = (row.due_at, row.calendar_version, row.provisional)
        _follow(row, deadline_of(row, calendar))
        if (row.due_at, row.calendar_version, row.provisional) == before:
            continue
        row.save(update_fields=["due_at", "calendar_version", "provisional"])
        data = {
            **_data(row),
            "old_due_at": before[0].isoformat(),
            "new_due_at": row.due_at.isoformat(),
            "old_calendar": before[1],
            "new_calendar": row.calendar_version,
        }
        journal.record("hearing_clock.recomputed", row, actor=SYSTEM, now=now, data=data)
        moved += 1
    return moved


def deadline_of(row: HearingClock, calendar: Calendar | None = None) -> Deadline:
    """Return the clock's end with every day it counts, by the calendar as it is now."""
    counted, days, *rolls = row.rule.split(":")
    calendar = calendar or calendar_for(row.country)
    if counted == "calendar-days":
        roll_on = calendar if ROLLED in rolls else None
        return clock.calendar_deadline(
            row.started_at, row.zone, int(days), ends_on_working_day_of=roll_on
        )
    pauses = [
        Pause(datetime.fromisoformat(begun), datetime.fromisoformat(ended))
        for begun, ended, _code in row.pauses
    ]
    return clock.working_deadline(row.started_at, row.zone, calendar, int(days), paused=pauses)


def _follow(row: HearingClock, deadline: Deadline) -> None:
    row.due_at = deadline.due_at
    row.calendar_version = deadline.calendar_version
    row.provisional = deadline.provisional


def _rule_text(kind: str, rule: Rule) -> str:
    if kind == Kind.REPLY:
        return f"working-days:{rule.reply_days}"
    if kind == Kind.DECISION:
        return f"working-days:{rule.decision_days}"
    text = f"{rule.term_kind}-days:{rule.term_days}"
    return f"{text}:{ROLLED}" if rule.term_kind == "calendar" and rule.rolls else text


def _place(counter_notice: CounterNotice, kind: str) -> tuple[str, str]:
    """Return country and zone of a clock: whoever must act, and the law's own calendar."""
    complaint = counter_notice.complaint
    if kind == Kind.DECISION:
        platform = Organisation.objects.filter(kind=Organisation.Kind.PLATFORM).order_by("pk")
        found = platform.first()
        if found is not None:
            return found.country, found.zone
    owner = complaint.organisation
    law = complaint.link.listing.marketplace.jurisdiction
    if kind == Kind.SILENCE and law in clock.known_countries():
        return law, owner.zone
    return owner.country, owner.zone


def _decision_clock(counter_notice: CounterNotice, *, is_paused: bool) -> HearingClock:
    rows = HearingClock.objects.select_for_update(of=("self",), no_key=True).select_related(
        "counter_notice__complaint"
    )
    row = rows.filter(
        counter_notice=counter_notice,
        kind=Kind.DECISION,
        ended_at=None,
        paused_at__isnull=not is_paused,
    ).first()
    if row is None:
        raise StaleState("clock_not_running", _("This clock is not running, or stands still now."))
    return row


def _data(row: HearingClock) -> dict[str, Any]:
    return {"counter_notice_id": row.counter_notice_id, "clock": row.kind, "rule": row.rule}
