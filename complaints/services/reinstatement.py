"""Putting a listing back, as one act: everything that follows is written, once, or nothing is.

An administrator asks, another confirms. When the term of the law is over or the rights holder takes
its complaint back there is nothing to confirm, and it happens at once. Where a blind re-review
found a decision wrong, the reviewer is who asked; where its right fell, whoever looked at it again.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import policies
from complaints.models import Complaint, CounterNotice, HearingClock, Order, Reinstatement
from complaints.services import (
    hearing_clocks,
    hearing_mail,
    locks,
    order_sequence,
    orders,
    strikes,
)
from complaints.services.facts import facts_of
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, StaleState
from portal.core.models import JournalEntry, Member
from pushes.models import FeedbackFact
from pushes.services import feedback

LONGEST_NOTE = 2000
STANDING = order_sequence.STANDING
Ground = Reinstatement.Ground
# Outcomes after which nobody knows more about the goods than before.
SAYS_NOTHING = (CounterNotice.Code.NOT_SHOWN,)


@transaction.atomic
def request(
    *, actor: Actor, counter_notice: CounterNotice, code: str, note: str = "", now: datetime
) -> Reinstatement:
    """Ask for a second person to confirm that the counter-notice is accepted.

    Raises ``InvalidInput`` for a code that accepts nothing, ``NotAllowed``, or ``StaleState`` when
    it is not to be decided now or somebody asked before.
    """
    policies.may_decide(actor, counter_notice.complaint).require()
    if code not in CounterNotice.ACCEPTING:
        raise InvalidInput.one("code", "does_not_fit", _("Choose why it is accepted."))
    _check_note(note)
    locked = locks.counter_notice(counter_notice.pk)
    if locked.state not in CounterNotice.DECIDABLE:
        raise StaleState("not_to_be_decided", _("This counter-notice is not to be decided now."))
    if waiting(locked.complaint) is not None:
        raise StaleState("asked_before", _("Somebody asked for this before; it waits for another."))
    row = Reinstatement.objects.create(
        complaint=locked.complaint,
        counter_notice=locked,
        ground=Ground.ACCEPTED,
        code=code,
        note=note.strip(),
        asked_by=actor.member,
        asked_at=now,
    )
    journal.record("reinstatement.requested", row, actor=actor, now=now, data=_data(row))
    return row


@transaction.atomic
def request_without_right(
    *, actor: Actor, complaint: Complaint, note: str, now: datetime
) -> Reinstatement | None:
    """Ask for a second person to confirm that a decision falls with the right behind it.

    ``None`` when there is nothing to undo any more, or somebody asked for the same before.
    """
    policies.may_decide(actor, complaint).require()
    complaint = locks.complaint(complaint.pk)
    if complaint.state not in STANDING or waiting(complaint) is not None:
        return None
    row = Reinstatement.objects.create(
        complaint=complaint,
        ground=Ground.NO_RIGHT,
        code=CounterNotice.Code.NOT_SHOWN,
        note=note.strip(),
        asked_by=actor.member,
        asked_at=now,
    )
    journal.record("reinstatement.requested", row, actor=actor, now=now, data=_data(row))
    return row


@transaction.atomic
def confirm(*, actor: Actor, reinstatement: Reinstatement, now: datetime) -> None:
    """Confirm as the second person: the listing goes back, the strike is taken back.

    Raises ``NotAllowed`` for whoever asked, ``StaleState`` when it was settled meanwhile.
    """
    policies.may_confirm(actor, reinstatement).require()
    reinstatement.complaint = locks.complaint(reinstatement.complaint_id)
    if reinstatement.ground == Ground.NO_RIGHT:
        _make_way(reinstatement, actor, now)
    _carry_out(reinstatement, actor, now)


@transaction.atomic
def decline(*, actor: Actor, reinstatement: Reinstatement, note: str, now: datetime) -> None:
    """Decline with a reason; the counter-notice is then to be decided anew."""
    policies.may_confirm(actor, reinstatement).require()
    _check_note(note)
    if not note.strip():
        raise InvalidInput.one("note", "required", _("Say why you decline."))
    states.move(
        reinstatement,
        Reinstatement.State.DECLINED,
        actor=actor,
        now=now,
        data=_data(reinstatement),
        changes={"settled_by": actor.member, "settled_at": now, "settled_note": note.strip()},
    )


def at_once(
    *,
    complaint: Complaint,
    counter_notice: CounterNotice | None,
    ground: str,
    code: str,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Reinstatement:
    """Put back in the caller's transaction what nobody has to confirm.

    A request that still waits for its second person is settled by it.
    """
    row = waiting(complaint)
    if row is None:
        row = Reinstatement.objects.create(
            complaint=complaint,
            counter_notice=counter_notice,
            ground=ground,
            code=code,
            note=note,
            asked_at=now,
        )
        journal.record("reinstatement.requested", row, actor=actor, now=now, data=_data(row))
    else:
        row.ground, row.code = ground, code
        row.save(update_fields=["ground", "code"])
    _carry_out(row, actor, now)
    return row


def correct(
    *,
    complaint: Complaint,
    code: str,
    note: str,
    asked_by: Member | None,
    asked_at: datetime,
    actor: Actor,
    now: datetime,
) -> Reinstatement:
    """Put back in the caller's transaction what one person found wrong and ``actor`` confirms.

    The database holds that the two are not one person.
    """
    row = Reinstatement.objects.create(
        complaint=complaint,
        ground=Ground.CORRECTED,
        code=code,
        note=note,
        asked_by=asked_by,
        asked_at=asked_at,
    )
    journal.record("reinstatement.requested", row, actor=actor, now=now, data=_data(row))
    _carry_out(row, actor, now)
    return row


def waiting(complaint: Complaint) -> Reinstatement | None:
    """Return the reinstatement that waits for its second person."""
    rows = Reinstatement.objects.select_related("asked_by__user", "complaint")
    return rows.filter(complaint=complaint, state=Reinstatement.State.REQUESTED).first()


def note_put_back(entry: JournalEntry) -> None:
    """Follow ``order.acknowledged``: from now on the seller loses nothing any more."""
    if entry.data.get("kind") != Order.Kind.REINSTATE:
        return
    order = Order.objects.get(pk=entry.subject_id)
    row = Reinstatement.objects.filter(
        complaint=order.complaint_id, state=Reinstatement.State.CONFIRMED, down_until=None
    ).first()
    if row is None or order.acknowledged_at is None:
        return
    row.down_until = order.acknowledged_at
    row.save(update_fields=["down_until"])
    lost = (row.down_until - row.down_from).total_seconds() if row.down_from else 0
    data = {**_data(row), "seconds_lost": max(0, round(lost))}
    journal.record("reinstatement.completed", row, actor=SYSTEM, now=entry.at, data=data)


def _make_way(row: Reinstatement, actor: Actor, now: datetime) -> None:
    """Contest a complaint whose right fell, or take along the answer that contests it."""
    answer = row.complaint.counter_notices.filter(state__in=CounterNotice.OPEN).first()
    if answer is None:
        states.move(row.complaint, Complaint.State.CONTESTED, actor=actor, now=now, data=_data(row))
        return
    if answer.state == CounterNotice.State.FORWARDED:
        # Nobody is left who could reply: the term of the rights holder means nothing any more.
        states.move(answer, CounterNotice.State.BRAND_SILENT, actor=actor, now=now, data=_data(row))
    row.counter_notice = answer
    row.save(update_fields=["counter_notice"])


def _carry_out(row: Reinstatement, actor: Actor, now: datetime) -> None:
    """Everything that follows. The reinstatement moves first: of two callers one goes on."""
    complaint = row.complaint
    # Two complaints about one listing that end at once: the second must see that the first ended.
    locks.listing(complaint.link.listing_id)
    other = _other_take_down(complaint)
    states.move(
        row,
        Reinstatement.State.CONFIRMED,
        actor=actor,
        now=now,
        data=_data(row),
        changes={
            "settled_by": actor.member if row.asked_by_id else None,
            "settled_at": now,
            "kept_down_by": other,
            **_loss(complaint, other, now),
        },
    )
    if row.counter_notice is not None:
        _accept(row.counter_notice, row, actor, now)
    target = (
        Complaint.State.RETRACTED if row.ground == Ground.RETRACTED else Complaint.State.OVERTURNED
    )
    states.move(complaint, target, actor=actor, now=now, data=_data(row))
    if other is None:
        orders.queue(complaint=complaint, kind=Order.Kind.REINSTATE, actor=actor, now=now)
    strikes.reverse(complaint=complaint, actor=actor, now=now)
    if row.ground != Ground.RETRACTED:
        feedback.record_outcome(
            link=complaint.link,
            source=FeedbackFact.Source.OVERTURNED,
            actor=actor,
            now=now,
            reference=str(complaint.uuid),
            says_nothing=row.ground == Ground.TERM_OVER or row.code in SAYS_NOTHING,
        )
    hearing_mail.tell_reinstated(row, now)


def _accept(counter_notice: CounterNotice, row: Reinstatement, actor: Actor, now: datetime) -> None:
    states.move(
        counter_notice,
        CounterNotice.State.ACCEPTED,
        actor=actor,
        now=now,
        data=_data(row),
        changes={
            "code": row.code,
            "note": row.note,
            "decided_by": row.asked_by,
            "decided_at": now,
        },
    )
    kinds = HearingClock.Kind
    acted = HearingClock.EndedBy.ACTED
    dropped = HearingClock.EndedBy.DROPPED
    hearing_clocks.end(counter_notice, [kinds.DECISION], how=acted, actor=actor, now=now)
    hearing_clocks.end(
        counter_notice, [kinds.SILENCE, kinds.REPLY], how=dropped, actor=actor, now=now
    )


def _other_take_down(complaint: Complaint) -> Complaint | None:
    """Return another complaint that still keeps the same listing down, of whichever brand."""
    return (
        Complaint.objects.filter(link__listing=complaint.link.listing_id, state__in=STANDING)
        .exclude(pk=complaint.pk)
        .order_by("pk")
        .first()
    )


def _loss(complaint: Complaint, other: Complaint | None, now: datetime) -> dict[str, Any]:
    """Return the beginning of the loss; its end, too, when this complaint caused no more."""
    taken_down = complaint.orders.filter(kind=Order.Kind.TAKE_DOWN).first()
    down_from = taken_down.acknowledged_at if taken_down else None
    return {"down_from": down_from, "down_until": now if other is not None and down_from else None}


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE:
        text = _("The note may have at most %(limit)s characters.") % {"limit": LONGEST_NOTE}
        raise InvalidInput.one("note", "too_long", text)


def _data(row: Reinstatement) -> dict[str, Any]:
    return {
        **facts_of(row.complaint),
        "complaint_id": row.complaint_id,
        "counter_notice_id": row.counter_notice_id,
        "ground": row.ground,
        "code": row.code,
        "automatic": row.asked_by_id is None,
    }
