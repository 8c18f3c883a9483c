"""Counter-notices: the seller answers, the rights holder replies, the platform decides.

A counter-notice is forwarded with its submission. Terms start when it *reached* the rights holder,
and the moment and the manner of reaching are kept. What silence means is the jurisdiction's rule.
"""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from brands.services import pictures
from complaints import misuse_selectors, policies
from complaints.hearing_rules import Rule
from complaints.models import (
    Complaint,
    CounterNotice,
    CounterNoticeFile,
    HearingClock,
    Reinstatement,
    SellerIdentity,
    StatementOfReasons,
)
from complaints.services import (
    hearing_clocks,
    hearing_mail,
    hearings,
    locks,
    reinstatement,
    statements,
)
from complaints.services.counter_notice_input import Answer, Upload, check, declaration, digest
from complaints.services.facts import facts_of
from portal.core import journal, states
from portal.core.actors import SELLER, SYSTEM, Actor
from portal.core.errors import FieldError, InvalidInput, StaleState
from portal.core.models import StoredFile
from portal.core.policies import Answer as Answered
from pushes.models import FeedbackFact
from pushes.services import feedback

LONGEST_TEXT = 5000
LONGEST_REFERENCE = 120
State, Kind, EndedBy = CounterNotice.State, HearingClock.Kind, HearingClock.EndedBy


def submit(
    *,
    statement: StatementOfReasons,
    answer: Answer,
    uploads: list[Upload],
    attempt: int,
    language: str,
    now: datetime,
) -> CounterNotice:
    """Take a seller's counter-notice and forward it to the rights holder.

    ``attempt`` is the number the form was made for: a form sent twice gets ``StaleState``. Raises
    ``NotAllowed`` when there is nothing to answer (any more) and ``InvalidInput`` with every field
    that is wrong; then nothing is kept.

    Call it outside a transaction: the files are looked into first, which takes up to 45 s each,
    while no row is locked and no connection is held. All are sound before one is kept.
    """
    check(answer, uploads, _admitted(statement.decision.complaint, statement, attempt, now))
    if not connection.in_atomic_block:
        connection.close()  # back into the pool
    looked_into = [pictures.check_document(u.content, field="evidence") for u in uploads]
    return _take(statement, answer, uploads, looked_into, attempt, language, now)


def _admitted(
    complaint: Complaint, statement: StatementOfReasons, attempt: int, now: datetime
) -> Rule:
    """Raise unless this attempt is taken; return the rule it falls under."""
    if complaint.counter_notices.filter(attempt=attempt).exists():
        raise StaleState("sent_before", _("This form was sent before; it arrived."))
    may_answer(statement, complaint, now).require()
    return hearings.rule_for(
        complaint.link.listing.marketplace.jurisdiction, complaint.registration.kind
    )


@transaction.atomic
def _take(
    statement: StatementOfReasons,
    answer: Answer,
    uploads: list[Upload],
    looked_into: list[pictures.Checked],
    attempt: int,
    language: str,
    now: datetime,
) -> CounterNotice:
    complaint = locks.complaint_at_once(statement.decision.complaint_id)
    rule = _admitted(complaint, statement, attempt, now)
    states.move(
        complaint, Complaint.State.CONTESTED, actor=SELLER, now=now, data=facts_of(complaint)
    )
    kept = [pictures.keep_checked(each, now=now) for each in looked_into]
    made = _create(complaint, answer, uploads, kept, rule, language, now)
    journal.record("counter_notice.submitted", made, actor=SELLER, now=now, data=_data(made))
    _forward(made, rule, now)
    return made


def may_answer(statement: StatementOfReasons, complaint: Complaint, now: datetime) -> Answered:
    """Whether a counter-notice is taken: there is something to answer, in time, by this seller."""
    until = statements.redress_until(statement)
    answer = policies.may_answer(complaint, until, now)
    return answer and misuse_selectors.may_answer(complaint.link.version.seller, now)


def _create(
    complaint: Complaint,
    answer: Answer,
    uploads: list[Upload],
    kept: list[StoredFile],
    rule: Rule,
    language: str,
    now: datetime,
) -> CounterNotice:
    signed = declaration()
    made = CounterNotice.objects.create(
        complaint=complaint,
        attempt=complaint.counter_notices.count() + 1,
        reason=answer.reason,
        explanation=answer.explanation,
        declaration=signed,
        content_hash=digest(complaint, answer, signed, [stored.sha256 for stored in kept]),
        rule=rule.to_dict(),
        language=language,
        submitted_at=now,
    )
    SellerIdentity.objects.create(
        counter_notice=made,
        name=answer.name,
        address=answer.address,
        phone=answer.phone,
        email=answer.email,
        signature=answer.signature,
        signed_at=now,
    )
    CounterNoticeFile.objects.bulk_create(
        CounterNoticeFile(
            counter_notice=made,
            stored=stored,
            name=pictures.name_for(upload.name, stored.media_type),
            place=place,
        )
        for place, (stored, upload) in enumerate(zip(kept, uploads, strict=True), start=1)
    )
    return made


def _forward(made: CounterNotice, rule: Rule, now: datetime) -> None:
    states.move(
        made,
        State.FORWARDED,
        actor=SYSTEM,
        now=now,
        data=_data(made),
        changes={"forwarded_at": now},
    )
    hearing_mail.forward(made, now)
    if rule.term_from == "submitted":
        hearing_clocks.start(made, Kind.SILENCE, rule=rule, actor=SYSTEM, now=now)


@transaction.atomic
def note_reached(
    *, counter_notice: CounterNotice, how: str, actor: Actor, now: datetime, proof: str = ""
) -> bool:
    """Keep when the declaration reached the rights holder, once, and start the terms.

    Returns whether this was the first time. ``proof`` is required of people who deliver it
    otherwise. The moment is ``now``: nobody can date it back.
    """
    if how == CounterNotice.ReachedBy.PROOF:
        policies.may_decide(actor, counter_notice.complaint).require()
        if not 1 <= len(proof.strip()) <= 300:
            text = _("Say in at most 300 characters how it is proven: a receipt, its number.")
            raise InvalidInput.one("proof", "required", text)
    first = CounterNotice.objects.filter(
        pk=counter_notice.pk, reached_at=None, state=State.FORWARDED
    ).update(reached_at=now, reached_by=how, reached_proof=proof.strip())
    if not first:
        return False
    counter_notice.reached_at, counter_notice.reached_by = now, how
    rule = Rule.from_dict(counter_notice.rule)
    journal.record(
        "counter_notice.reached",
        counter_notice,
        actor=actor,
        now=now,
        data={**_data(counter_notice), "how": how},
    )
    if rule.term_from == "reached":
        hearing_clocks.start(counter_notice, Kind.SILENCE, rule=rule, actor=SYSTEM, now=now)
    hearing_clocks.start(counter_notice, Kind.REPLY, rule=rule, actor=SYSTEM, now=now)
    return True


@transaction.atomic
def reply(
    *,
    actor: Actor,
    counter_notice: CounterNotice,
    text: str,
    now: datetime,
    proceedings: str = "",
    reference: str = "",
    begun_on: date | None = None,
) -> None:
    """Answer for the rights holder, with notice of a complaint to an authority or of a suit.

    A first reply may come without such notice, and the notice later, while the term runs. Raises
    ``InvalidInput`` naming the field, ``NotAllowed``, or ``StaleState`` when it comes too late.
    """
    complaint = counter_notice.complaint
    policies.may_reply(actor, complaint).require()
    _check_reply(text, proceedings, reference, begun_on, now)
    row = locks.counter_notice(counter_notice.pk)
    has_replied = row.state == State.BRAND_REPLIED
    if has_replied and (row.proceedings or not proceedings):
        raise StaleState("replied_before", _("A reply was given before."))
    if proceedings and not _may_note_proceedings(row):
        raise StaleState("too_late", _("The term is over; the measures end."))
    note_reached(counter_notice=row, how=CounterNotice.ReachedBy.PAGE, actor=actor, now=now)
    changes: dict[str, Any] = {
        "proceedings": proceedings,
        "proceedings_reference": reference.strip(),
        "proceedings_on": begun_on,
        "proceedings_noted_at": now if proceedings else None,
    }
    data = {**_data(row), "proceedings": proceedings}
    if has_replied:
        CounterNotice.objects.filter(pk=row.pk).update(**changes)
        journal.record("counter_notice.proceedings_noted", row, actor=actor, now=now, data=data)
    else:
        changes |= {"reply": text.strip(), "replied_at": now, "replied_by": actor.member}
        states.move(row, State.BRAND_REPLIED, actor=actor, now=now, data=data, changes=changes)
    counter_notice.refresh_from_db()
    _after_reply(row, bool(proceedings), actor, now)


def _may_note_proceedings(row: CounterNotice) -> bool:
    """Whether notice of proceedings still comes in time, as far as the law sets a term."""
    return not row.clocks.filter(kind=Kind.SILENCE, ended_by=EndedBy.ELAPSED).exists()


def _after_reply(row: CounterNotice, proceedings: bool, actor: Actor, now: datetime) -> None:
    rule = Rule.from_dict(row.rule)
    hearing_clocks.end(row, [Kind.REPLY], how=EndedBy.ACTED, actor=actor, now=now)
    if rule.stopped_by == "reply" or proceedings:
        hearing_clocks.end(row, [Kind.SILENCE], how=EndedBy.ACTED, actor=actor, now=now)
        hearing_clocks.start(row, Kind.DECISION, rule=rule, actor=SYSTEM, now=now)


@transaction.atomic
def retract(*, actor: Actor, complaint: Complaint, note: str, now: datetime) -> Reinstatement:
    """Take an established complaint back for the rights holder: its measures end at once."""
    policies.may_reply(actor, complaint).require()
    complaint = locks.complaint(complaint.pk)
    if complaint.state not in reinstatement.STANDING:
        raise StaleState("nothing_to_retract", _("There is no decision left to take back."))
    row = complaint.counter_notices.filter(state__in=CounterNotice.OPEN).first()
    if row is not None and row.state == State.FORWARDED:
        states.move(
            row,
            State.BRAND_REPLIED,
            actor=actor,
            now=now,
            data={**_data(row), "retracted": True},
            changes={"replied_at": now, "replied_by": actor.member},
        )
    return reinstatement.at_once(
        complaint=complaint,
        counter_notice=row,
        ground=Reinstatement.Ground.RETRACTED,
        code=CounterNotice.Code.RETRACTED,
        actor=actor,
        now=now,
        note=note.strip()[: reinstatement.LONGEST_NOTE],
    )


@transaction.atomic
def refuse(
    *, actor: Actor, counter_notice: CounterNotice, code: str, note: str = "", now: datetime
) -> None:
    """Refuse a counter-notice: the complaint stands again, and the seller may have another try.

    Raises ``InvalidInput`` for a code that does not fit, ``NotAllowed`` where the law leaves no
    choice, ``StaleState`` when it is not to be decided or a reinstatement was asked for.
    """
    row = locks.counter_notice(counter_notice.pk)
    policies.may_refuse(actor, row).require()
    if code not in CounterNotice.REFUSING or (
        code == CounterNotice.Code.PROCEEDINGS and not row.proceedings
    ):
        raise InvalidInput.one("code", "does_not_fit", _("Choose why it is refused."))
    if reinstatement.waiting(row.complaint) is not None:
        text = _("A reinstatement waits for a second person. Decline it first.")
        raise StaleState("reinstatement_waits", text)
    data = {**_data(row), "code": code}
    states.move(
        row,
        State.REFUSED,
        actor=actor,
        now=now,
        data=data,
        changes={
            "code": code,
            "note": note.strip()[: reinstatement.LONGEST_NOTE],
            "decided_by": actor.member,
            "decided_at": now,
        },
    )
    states.move(row.complaint, Complaint.State.ESTABLISHED, actor=actor, now=now, data=data)
    hearing_clocks.end(row, [Kind.DECISION], how=EndedBy.ACTED, actor=actor, now=now)
    hearing_clocks.end(row, [Kind.SILENCE, Kind.REPLY], how=EndedBy.DROPPED, actor=actor, now=now)
    feedback.record_outcome(
        link=row.complaint.link,
        source=FeedbackFact.Source.WITHSTOOD,
        actor=actor,
        now=now,
        reference=str(row.uuid),
        # A court's business is no finding about the goods.
        says_nothing=code == CounterNotice.Code.PROCEEDINGS,
    )
    hearing_mail.tell_refused(row, now)
    counter_notice.refresh_from_db()


def see_identity(*, actor: Actor, counter_notice: CounterNotice, now: datetime) -> SellerIdentity:
    """Return who answered, and leave a line in the journal that it was looked at."""
    policies.may_see_identity(actor, counter_notice).require()
    data = _data(counter_notice)
    journal.record("counter_notice.identity_seen", counter_notice, actor=actor, now=now, data=data)
    return counter_notice.identity


def _check_reply(
    text: str, proceedings: str, reference: str, begun_on: date | None, now: datetime
) -> None:
    errors = []
    if not text.strip() and not proceedings:
        errors.append(FieldError("text", "required", _("Write a reply, or take it back.")))
    if len(text) > LONGEST_TEXT:
        words = _("The reply may have at most %(limit)s characters.") % {"limit": LONGEST_TEXT}
        errors.append(FieldError("text", "too_long", words))
    if proceedings and proceedings not in CounterNotice.Proceedings.values:
        errors.append(FieldError("proceedings", "unknown", _("Choose one of the listed values.")))
    if proceedings and not 1 <= len(reference.strip()) <= LONGEST_REFERENCE:
        words = _("Give the file number, in at most 120 characters.")
        errors.append(FieldError("reference", "required", words))
    if proceedings and begun_on is None:
        errors.append(FieldError("begun_on", "required", _("Give the day on which they began.")))
    # One day more: it may be tomorrow already where the rights holder is.
    if begun_on is not None and (begun_on - now.date()).days > 1:
        words = _("Proceedings that have not begun stop nothing.")
        errors.append(FieldError("begun_on", "in_future", words))
    if errors:
        raise InvalidInput(errors)


def _data(row: CounterNotice) -> dict[str, Any]:
    return {
        **facts_of(row.complaint),
        "complaint_id": row.complaint_id,
        "attempt": row.attempt,
        "answer": row.reason,
    }
