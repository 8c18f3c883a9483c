"""What the page of a counter-notice shows, to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import policies
from complaints.hearing_rules import Rule
from complaints.models import CounterNotice, HearingClock
from complaints.services import hearing_clocks, reinstatement
from complaints.web.hearing_forms import NoteForm, OutcomeForm, ProofForm, ReplyForm
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.web.forms import put_errors


@dataclass(frozen=True)
class ShownClock:
    """A clock with its last day in its own zone and how many days it counts."""

    clock: HearingClock
    last_day: date
    counted: int
    rule: str


def words_of(rule: str) -> str:
    """Return a clock's rule in words: ``calendar-days:15:rolled``, ``working-days:5``."""
    counted, days, *rolls = rule.split(":")
    count = int(days)
    if counted == "calendar-days":
        words = ngettext("%(days)d calendar day", "%(days)d calendar days", count)
    else:
        words = ngettext("%(days)d working day", "%(days)d working days", count)
    told = words % {"days": count}
    if hearing_clocks.ROLLED in rolls:
        return _("%(term)s; a last day that is closed moves to the next working day") % {
            "term": told
        }
    return told


def context_of(
    actor: Actor,
    row: CounterNotice,
    now: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    act: str = "",
    refusal: InvalidInput | None = None,
) -> dict[str, Any]:
    """Return the page's values; the form of a refused act keeps what was typed and its errors."""
    made = _forms(row, act, data)
    if refusal is not None and act in made:
        form = made[act]
        form.is_valid()
        form.errors.clear()
        put_errors(form, refusal)
    complaint = row.complaint
    waits = reinstatement.waiting(complaint)
    decides = bool(policies.may_decide(actor, complaint)) and actor.is_platform
    decidable = row.state in CounterNotice.DECIDABLE and waits is None
    replies = bool(policies.may_reply(actor, complaint))
    return {
        "row": row,
        "complaint": complaint,
        "link": complaint.link,
        "files": row.files.select_related("stored"),
        "clocks": _clocks(row),
        "rule": Rule.from_dict(row.rule),
        "forms": made,
        "waits": waits,
        "is_over": row.state not in CounterNotice.OPEN,
        "may_see_identity": policies.may_see_identity(actor, row),
        "may_reply": replies and row.state == CounterNotice.State.FORWARDED,
        "may_note_proceedings": replies
        and row.state == CounterNotice.State.BRAND_REPLIED
        and not row.proceedings
        and row.rule["stopped_by"] == "proceedings",
        "may_retract": replies and row.state in CounterNotice.OPEN,
        "may_request": decides and decidable,
        "may_refuse": policies.may_refuse(actor, row) if decides and decidable else None,
        "may_confirm": policies.may_confirm(actor, waits) if waits and decides else None,
        "may_prove": decides
        and row.state == CounterNotice.State.FORWARDED
        and row.reached_at is None,
        "may_pause": decides
        and any(c.kind == "decision" and c.ended_at is None for c in row.clocks.all()),
        "others": complaint.counter_notices.exclude(pk=row.pk).order_by("attempt"),
        "done": complaint.reinstatements.filter(state="confirmed").first(),
    }


def _forms(row: CounterNotice, act: str, data: Mapping[str, Any] | None) -> dict[str, forms.Form]:
    def sent(name: str) -> Mapping[str, Any] | None:
        return data if name == act else None

    refusing = tuple(
        code
        for code in CounterNotice.REFUSING
        if code != CounterNotice.Code.PROCEEDINGS or row.proceedings
    )
    return {
        "reply": ReplyForm(sent("reply"), prefix=None),
        "request": OutcomeForm(
            sent("request"), codes=CounterNotice.ACCEPTING, auto_id="request_%s"
        ),
        "refuse": OutcomeForm(sent("refuse"), codes=refusing, auto_id="refuse_%s"),
        "decline": NoteForm(sent("decline"), auto_id="decline_%s"),
        "reached": ProofForm(sent("reached")),
    }


def _clocks(row: CounterNotice) -> list[ShownClock]:
    shown = []
    for clock in row.clocks.order_by("pk"):
        deadline = hearing_clocks.deadline_of(clock)
        counted = sum(1 for day in deadline.counted if day.counted)
        shown.append(ShownClock(clock, deadline.local_date, counted, words_of(clock.rule)))
    return shown
