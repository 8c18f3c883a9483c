"""The misuse ladder: warning, reduced privileges, suspension; each with its four factors.

Warnings and reductions follow the published rule at once; a suspension is only proposed, and a
person confirms it. Every step ends by itself and can be appealed. What one agent does for one
rights holder is a step of that pair only; a seller's is the seller's.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from brands.models import LetterOfAuthorisation
from complaints import misuse_rules, policies
from complaints.misuse_rules import Factors, Level
from complaints.misuse_selectors import Subject
from complaints.models import CounterNotice, CreditAccount, CreditLine, MisuseAppeal, MisuseStep
from complaints.services import credit, hearing_mail
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry
from pushes.models import Seller

LONGEST_TEXT = 4000
State = MisuseStep.State
# What counts as unfounded in the ledger, and what as a case.
UNFOUNDED = (CreditLine.Kind.REJECTED, CreditLine.Kind.OVERTURNED, CreditLine.Kind.AUDIT_FAILED)
DECIDED = (CreditLine.Kind.ESTABLISHED, CreditLine.Kind.REJECTED)


def consider_notices(
    *, organisation_id: int, agent_id: int | None, now: datetime, is_forged: bool = False
) -> MisuseStep | None:
    """Take or propose the next step for unfounded complaints, if the factors call for one."""
    subject = Subject(organisation_id, agent_id)
    last = _last(subject, now)
    lines = CreditLine.objects.filter(
        account__organisation=organisation_id, account__agent=agent_id
    )
    if last is not None:
        lines = lines.filter(at__gt=last.proposed_at)
    else:
        lines = lines.filter(at__gt=now - misuse_rules.MEMORY)
    number = lines.filter(kind__in=UNFOUNDED).values("complaint").distinct().count()
    decided = lines.filter(kind__in=DECIDED)
    if not is_forged:
        # Of a hundred thousand cases no more are counted than could call for a step.
        decided = decided[: misuse_rules.most_cases(number) + 1]
    found = misuse_rules.factors(
        number=number,
        total=decided.count(),
        harmed=lines.filter(kind=CreditLine.Kind.OVERTURNED).count(),
        is_forged=is_forged,
        warned=last is not None,
    )
    code = MisuseStep.Code.FORGED_CREDENTIAL if is_forged else MisuseStep.Code.UNFOUNDED_NOTICES
    return _step_if_due(subject, found, code, last, now)


def consider_answers(
    *, seller: Seller, refused: int, total: int, now: datetime
) -> MisuseStep | None:
    """Take or propose the next step for a seller's unfounded counter-notices.

    ``refused`` and ``total`` count the seller's decided counter-notices since ``counting_from``.
    """
    subject = Subject(seller_id=seller.pk)
    last = _last(subject, now)
    found = misuse_rules.factors(
        number=refused, total=total, harmed=0, is_forged=False, warned=last is not None
    )
    return _step_if_due(subject, found, MisuseStep.Code.UNFOUNDED_ANSWERS, last, now)


def follow_answer(entry: JournalEntry) -> None:
    """Follow ``counter_notice.refused``: look at the seller's ladder, and warn where a step is due.

    A refusal because an authority or a court now decides finds nothing unfounded.
    """
    rows = CounterNotice.objects.select_related("complaint__link__version__seller")
    row = rows.get(pk=entry.subject_id)
    seller = row.complaint.link.version.seller
    if seller is None:
        return
    since = counting_from(Subject(seller_id=seller.pk), entry.at)
    decided = CounterNotice.objects.filter(
        complaint__link__version__seller=seller, decided_at__gt=since, decided_at__lte=entry.at
    )
    refused = decided.filter(state=CounterNotice.State.REFUSED)
    unfounded = refused.exclude(code=CounterNotice.Code.PROCEEDINGS)
    step = consider_answers(
        seller=seller, refused=unfounded.count(), total=decided.count(), now=entry.at
    )
    if step is not None and step.state == State.IN_FORCE:
        hearing_mail.tell_warned(row, step, entry.at)


def counting_from(subject: Subject, now: datetime) -> datetime:
    """Return the moment from which unfounded ones count towards the next step."""
    last = _last(subject, now)
    return last.proposed_at if last else now - misuse_rules.MEMORY


@transaction.atomic
def _step_if_due(
    subject: Subject,
    found: Factors,
    code: str,
    last: MisuseStep | None,
    now: datetime,
) -> MisuseStep | None:
    if not misuse_rules.is_due(found) or subject.steps().filter(state=State.PROPOSED).exists():
        return None
    level = misuse_rules.next_level(Level(last.level) if last else None)
    step = MisuseStep.objects.create(
        organisation_id=subject.organisation_id,
        agent_id=subject.agent_id,
        seller_id=subject.seller_id,
        level=level.value,
        code=code,
        number=found.number,
        total=found.total,
        gravity=int(found.gravity),
        intent=found.intent.value,
        proposed_at=now,
    )
    journal.record("misuse_step.proposed", step, actor=SYSTEM, now=now, data=_data(step))
    if not misuse_rules.needs_person(level):
        _put_in_force(step, SYSTEM, "", now)
    return step


def _last(subject: Subject, now: datetime) -> MisuseStep | None:
    """Return the newest step that counts: neither dismissed nor lifted nor forgotten."""
    counted = [State.PROPOSED, State.IN_FORCE, State.ENDED]
    rows = subject.steps().filter(state__in=counted, proposed_at__gt=now - misuse_rules.MEMORY)
    newest: MisuseStep | None = rows.order_by("-proposed_at", "-pk").first()
    return newest


@transaction.atomic
def confirm(*, actor: Actor, step: MisuseStep, note: str, now: datetime) -> None:
    """Confirm a proposed step after looking at its factors, with reasons."""
    _may_decide(actor, step, note)
    _put_in_force(step, actor, note, now)


@transaction.atomic
def dismiss(*, actor: Actor, step: MisuseStep, note: str, now: datetime) -> None:
    """Dismiss a proposed step, with reasons."""
    _may_decide(actor, step, note)
    changes = {"decided_by": actor.member, "decided_at": now, "note": note.strip()}
    states.move(step, State.DISMISSED, actor=actor, now=now, data=_data(step), changes=changes)


def _put_in_force(step: MisuseStep, actor: Actor, note: str, now: datetime) -> None:
    term = misuse_rules.TERMS[Level(step.level)]
    changes = {
        "decided_by": actor.member,
        "decided_at": now,
        "note": note.strip(),
        "until": now + term,
    }
    states.move(step, State.IN_FORCE, actor=actor, now=now, data=_data(step), changes=changes)
    _after(step, now, gettext_noop("A step against misuse was taken"))


def _after(step: MisuseStep, now: datetime, subject: str) -> None:
    """Let the accounts follow and tell whose step it is; sellers are told by the marketplace."""
    if step.organisation_id is None:
        return
    family = CreditAccount.objects.filter(
        organisation=step.organisation_id, agent=step.agent_id
    ).order_by("pk")
    for account in family:
        credit.assess(account=account, now=now)
    pool = credit.account_for(
        organisation_id=step.organisation_id, agent_id=step.agent_id, reason="", now=now
    )
    credit.tell_owners(
        pool,
        key=f"misuse:{step.uuid}:{step.state}",
        subject=subject,
        text=gettext_noop(
            "The platform changed a step against misuse of complaints. The page of your "
            "good-faith account shows the step, the figures behind it, and how to appeal:"
        ),
        now=now,
    )


def end_due(*, now: datetime) -> int:
    """End steps whose term is over, each in its own transaction; return how many."""
    due = list(MisuseStep.objects.filter(state=State.IN_FORCE, until__lte=now).order_by("until"))
    for step in due:
        with transaction.atomic():
            states.move(step, State.ENDED, actor=SYSTEM, now=now, data=_data(step))
            _after(step, now, gettext_noop("A step against misuse has ended"))
    return len(due)


@transaction.atomic
def appeal(*, actor: Actor, step: MisuseStep, statement: str, now: datetime) -> MisuseAppeal:
    """Appeal a step once. A seller's appeal reaches the platform in writing and is entered there.

    Raises ``StaleState`` for a second appeal or a step no longer in force.
    """
    policies.may_appeal_step(actor, step).require()
    _check_text("statement", statement)
    MisuseStep.objects.select_for_update(of=("self",), no_key=True).get(pk=step.pk)
    if step.state != State.IN_FORCE or MisuseAppeal.objects.filter(step=step).exists():
        raise StaleState("appealed_before", _("This step cannot be appealed (again)."))
    row = MisuseAppeal.objects.create(
        step=step, statement=statement.strip(), made_by=actor.member, made_at=now
    )
    journal.record("misuse_appeal.made", row, actor=actor, now=now, data=_data(step))
    return row


@transaction.atomic
def answer(
    *, actor: Actor, appeal: MisuseAppeal, granted: bool, reasons: str, now: datetime
) -> None:
    """Answer an appeal with reasons; granted, the step is lifted and no longer counts."""
    step = appeal.step
    _may_decide(actor, step, reasons)
    decider = step.decided_by.user_id if step.decided_by is not None else None
    if actor.member is not None and actor.member.user_id == decider:
        raise NotAllowed("own_decision", _("Somebody else answers appeals of your decision."))
    changes = {
        "answer": reasons.strip(),
        "answered_by": actor.member,
        "answered_at": now,
    }
    to = MisuseAppeal.State.GRANTED if granted else MisuseAppeal.State.REFUSED
    states.move(appeal, to, actor=actor, now=now, data=_data(step), changes=changes)
    if granted and step.state == State.IN_FORCE:
        states.move(step, State.LIFTED, actor=actor, now=now, data=_data(step))
        _after(step, now, gettext_noop("A step against misuse was lifted"))


def follow(entry: JournalEntry) -> None:
    """Follow what can be misuse: a forged credential, an unfounded counter-notice."""
    if entry.verb == "counter_notice.refused":
        follow_answer(entry)
    else:
        follow_credential(entry)


def follow_credential(entry: JournalEntry) -> None:
    """Follow a credential refused or revoked as forged: misuse by whoever it speaks for."""
    if entry.data.get("code") != "forged" or entry.organisation_id is None:
        return
    agent_id = None
    if entry.data.get("credential") != "registration":
        letter = LetterOfAuthorisation.objects.filter(pk=entry.subject_id).first()
        agent_id = letter.agent_id if letter else None
    consider_notices(
        organisation_id=entry.organisation_id, agent_id=agent_id, now=entry.at, is_forged=True
    )


def _may_decide(actor: Actor, step: MisuseStep, note: str) -> None:
    policies.may_decide_step(actor, step).require()
    if actor.member is None:
        raise NotAllowed("not_platform", _("Only people of the platform decide this."))
    _check_text("note", note)


def _check_text(field: str, text: str) -> None:
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise InvalidInput.one(
            field, "required", _("Give your reasons, in up to 4,000 characters.")
        )


def _data(step: MisuseStep) -> dict[str, Any]:
    return {
        "level": step.level,
        "code": step.code,
        "number": step.number,
        "total": step.total,
        "gravity": step.gravity,
        "intent": step.intent,
        "agent_id": step.agent_id,
        "seller_id": step.seller_id,
    }
