"""What happens when a clock of a counter-notice runs out."""

from datetime import datetime
from typing import Any

from django.db import transaction

from complaints.hearing_rules import Rule
from complaints.models import CounterNotice, HearingClock, Reinstatement
from complaints.services import hearing_clocks, hearing_mail, locks, reinstatement
from complaints.services.facts import facts_of
from portal.core import states
from portal.core.actors import SYSTEM

BATCH = 200
State, Kind, EndedBy = CounterNotice.State, HearingClock.Kind, HearingClock.EndedBy


def run_due(*, now: datetime, limit: int = BATCH) -> int:
    """Do what follows from every clock that ran out, each in its own transaction; return how many.

    The term of the law comes first: on the same day it decides, the others only remind.
    """
    due = HearingClock.objects.filter(ended_at=None, paused_at=None, due_at__lt=now)
    ids = due.order_by("due_at", "pk").values_list("pk", flat=True)[:limit]
    return sum(_run(pk, now) for pk in list(ids))


@transaction.atomic
def _run(pk: int, now: datetime) -> bool:
    found = HearingClock.objects.filter(pk=pk).first()
    if found is None:
        return False
    row = locks.counter_notice(found.counter_notice_id)
    still = HearingClock.objects.filter(
        pk=pk, ended_at=None, paused_at=None, due_at__lt=now
    ).exists()
    if not still:
        return False
    hearing_clocks.end(row, [found.kind], how=EndedBy.ELAPSED, actor=SYSTEM, now=now)
    if found.kind == Kind.REPLY and row.state == State.FORWARDED:
        hearing_mail.tell_reply_due(row, now)
    if found.kind == Kind.SILENCE:
        _silence(row, now)
    return True


def _silence(row: CounterNotice, now: datetime) -> None:
    """The rights holder was silent, in the sense of the rule."""
    rule = Rule.from_dict(row.rule)
    if row.state == State.FORWARDED:
        states.move(row, State.BRAND_SILENT, actor=SYSTEM, now=now, data=_data(row))
    if row.state not in CounterNotice.DECIDABLE:
        return
    if rule.on_silence == "measures_end":
        reinstatement.at_once(
            complaint=row.complaint,
            counter_notice=row,
            ground=Reinstatement.Ground.TERM_OVER,
            code=CounterNotice.Code.NO_PROCEEDINGS,
            actor=SYSTEM,
            now=now,
        )
    else:
        hearing_clocks.start(row, Kind.DECISION, rule=rule, actor=SYSTEM, now=now)


def _data(row: CounterNotice) -> dict[str, Any]:
    return {**facts_of(row.complaint), "complaint_id": row.complaint_id, "attempt": row.attempt}
