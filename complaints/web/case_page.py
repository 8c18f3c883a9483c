"""What the page of a complaint shows beside the notice: clocks, messages, what can be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from brands.models import Registration
from brands.models.right import CredentialState
from complaints import policies
from complaints.models import Complaint, HearingClock, Reinstatement
from complaints.selectors import history_of, others_about, thread_of
from complaints.services import decision_codes, queueing
from complaints.services.reinstatement import STANDING
from complaints.web import timeline
from portal.core.actors import Actor
from portal.core.clock import Remaining, remaining_working_time
from portal.core.errors import Text
from pushes.web.evidence import CountedDay, counted_days

State = Complaint.State
# States in which a complainant can take a complaint back before it is decided.
OPEN = (State.FILED, State.UNDER_AUDIT, State.FROZEN)


@dataclass(frozen=True)
class Term:
    """How long the platform has, and why the term ends when it ends."""

    due_at: datetime
    zone: str
    started: datetime
    remaining: Remaining | None
    hours: str
    counted: Sequence[CountedDay]
    days: int
    calendar: str
    provisional: bool


def of(actor: Actor, complaint: Complaint, now: datetime) -> dict[str, Any]:
    """Return the values of ``complaints/complaint.html``; a fixed number of queries."""
    may_reply = bool(policies.may_reply(actor, complaint))
    return {
        "complaint": complaint,
        "remedy": _remedy(complaint),
        "ended": _ended(complaint),
        "eu_record": _eu_record(complaint) if actor.is_platform else (),
        "frozen_right": _frozen_right(complaint),
        "orders": complaint.orders.select_related("marketplace"),
        "timeline": timeline.of(history_of(complaint), actor),
        "term": _term(complaint, now),
        "clocks": _running_clocks(complaint),
        "thread": list(thread_of(complaint)),
        "may_write": policies.may_write(actor, complaint),
        "others": list(others_about(complaint, actor)),
        "may_undo": complaint.state == State.HELD
        and bool(policies.may_undo(actor, complaint, now)),
        "may_decide": complaint.state in Complaint.OPEN
        and bool(policies.may_decide(actor, complaint)),
        "counter_notices": complaint.counter_notices.order_by("attempt"),
        "may_retract": complaint.state in STANDING and may_reply,
        "may_withdraw": complaint.state in OPEN and may_reply,
        "may_reactivate": complaint.state == State.WITHDRAWN and may_reply,
        "may_refile": bool(policies.may_refile(actor, complaint, now)),
    }


def _remedy(complaint: Complaint) -> Text:
    """Return what to do about a rejection."""
    if complaint.state != State.REJECTED or not hasattr(complaint, "decision"):
        return ""
    return decision_codes.remedy(complaint.decision.code)


def _eu_record(complaint: Complaint) -> list[tuple[str, str]]:
    """The record for the EU database, field by field, as it was written."""
    decision = getattr(complaint, "decision", None)
    statement = getattr(decision, "statement", None)
    record: Mapping[str, Any] = statement.eu_record if statement else {}
    return [
        (name, ", ".join(value) if isinstance(value, list) else str(value))
        for name, value in record.items()
    ]


def _ended(complaint: Complaint) -> Reinstatement | None:
    """Return what ended an established complaint: why, and since when."""
    if complaint.state not in (State.OVERTURNED, State.RETRACTED):
        return None
    return complaint.reinstatements.filter(state=Reinstatement.State.CONFIRMED).first()


def _frozen_right(complaint: Complaint) -> Registration | None:
    """Return the registration that froze the complaint; ``None`` where the agent's letter did."""
    if complaint.state != State.FROZEN or complaint.registration.state == CredentialState.APPROVED:
        return None
    return complaint.registration


def _term(complaint: Complaint, now: datetime) -> Term | None:
    """The platform's term, while it may decide; a frozen complaint has no running clock."""
    deadline = queueing.explained(complaint) if complaint.state in Complaint.OPEN else None
    if deadline is None or complaint.due_at is None:
        return None
    counted, remaining = counted_days(deadline), remaining_working_time(now, deadline)
    hours = int(remaining.working_time.total_seconds() // 3600)
    return Term(
        due_at=complaint.due_at,
        zone=complaint.due_zone,
        started=deadline.received_at,
        remaining=remaining,
        hours=ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours},
        counted=counted,
        days=sum(day.counted for day in counted),
        calendar=deadline.calendar_version.partition(":")[0],
        provisional=deadline.provisional,
    )


def _running_clocks(complaint: Complaint) -> list[HearingClock]:
    """The clocks of an open counter-notice that run now."""
    rows = HearingClock.objects.filter(
        counter_notice__complaint=complaint, ended_at=None, paused_at=None
    )
    return list(rows.select_related("counter_notice").order_by("due_at"))
