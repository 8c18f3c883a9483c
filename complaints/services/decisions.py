"""Deciding complaints: one transaction moves the complaint and writes all that follows from it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from complaints import policies
from complaints.models import Complaint, CreditAccount, Decision, Order
from complaints.services import (
    credit,
    decision_codes,
    freezing,
    orders,
    sampling,
    statements,
    strikes,
)
from complaints.services.facts import facts_of
from portal.core import journal, mail, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import NotAllowed, StaleState
from portal.core.models import User
from pushes.services import feedback


@transaction.atomic
def decide(
    *, actor: Actor, complaint: Complaint, outcome: str, code: str, note: str = "", now: datetime
) -> Decision:
    """Decide a filed complaint, for good.

    Established: statement of reasons, take-down order, strike. Either way the outcome becomes a
    fact to learn from and the complainant is told. The complaint moves first, by compare-and-set:
    of any number of concurrent calls one goes on, the others get ``StaleState`` and write nothing.
    Raises ``InvalidInput`` for a code that does not fit the outcome, and ``StaleState`` when it
    should be established on a right that is not approved and valid today.
    """
    policies.may_decide(actor, complaint).require()
    if actor.member is None:
        raise NotAllowed("not_platform", _("Only people of the platform decide complaints."))
    decision_codes.check(outcome, code, note)
    if outcome == Decision.Outcome.ESTABLISHED and not _right_holds(complaint, now):
        text = _("The right is not approved, or not valid today: nothing can be established on it.")
        raise StaleState("right_not_standing", text)
    return _carry_out(complaint, outcome, code, note, actor, now)


@transaction.atomic
def decide_at_once(*, complaint: Complaint, now: datetime) -> Decision | None:
    """Establish a complaint filed on a self-service account; ``None`` when people must decide.

    The account's tier is the authority, so nobody's permission is asked; a right that stopped
    being approved since the complaint was made sends it to the queue like any other.
    """
    account = self_service_account(complaint, now)
    if account is None or not _right_holds(complaint, now):
        return None
    decision = _carry_out(
        complaint,
        Decision.Outcome.ESTABLISHED,
        Decision.Code.INFRINGEMENT_CLEAR,
        "",
        SYSTEM,
        now,
    )
    sampling.consider(complaint=complaint, account=account, now=now)
    return decision


def self_service_account(complaint: Complaint, now: datetime) -> CreditAccount | None:
    """Return the complaint's account if it has the self-service tier today."""
    account = credit.account_of(complaint, now)
    if account.assessed_on is None:
        # A new reason code is thin and follows the figures of all of them.
        credit.assess(account=account, now=now)
    return account if account.tier == CreditAccount.Tier.SELF_SERVICE else None


def _right_holds(complaint: Complaint, now: datetime) -> bool:
    day = now.astimezone(ZoneInfo(complaint.link.listing.marketplace.zone)).date()
    return freezing.stands(complaint, on=day)


def _carry_out(
    complaint: Complaint, outcome: str, code: str, note: str, actor: Actor, now: datetime
) -> Decision:
    """Write the decision and all that follows; the complaint moves first."""
    if complaint.state == Complaint.State.CONTESTED:
        # Back to established is a move of the table, but it answers the seller, not the complaint.
        raise StaleState(
            "contested", _("This was decided, and the seller contests it: answer the seller.")
        )
    states.move(
        complaint,
        outcome,
        actor=actor,
        now=now,
        data={**facts_of(complaint), "code": code},
        changes={"decided_at": now},
    )
    decision = Decision.objects.create(
        complaint=complaint,
        outcome=outcome,
        code=code,
        note=note.strip(),
        decided_by=actor.member,
        automated=actor.member is None,
        at=now,
    )
    data = {
        **facts_of(complaint),
        "outcome": outcome,
        "code": code,
        "automated": decision.automated,
    }
    if outcome == Decision.Outcome.ESTABLISHED:
        data["puid"] = statements.write(decision=decision, now=now).puid
    journal.record("decision.made", decision, actor=actor, now=now, data=data)
    if outcome == Decision.Outcome.ESTABLISHED:
        orders.queue(complaint=complaint, kind=Order.Kind.TAKE_DOWN, actor=actor, now=now)
        strikes.add(complaint=complaint, actor=actor, now=now)
    feedback.record_outcome(
        link=complaint.link,
        source=decision_codes.SOURCES[Decision.Outcome(outcome)],
        actor=actor,
        now=now,
        reference=str(complaint.uuid),
        on_the_merits=code in decision_codes.ON_THE_MERITS,
        automated=decision.automated,
    )
    _tell_complainant(decision, now)
    return decision


def _tell_complainant(decision: Decision, now: datetime) -> None:
    """Mail the decision to whoever filed, in their language."""
    complaint = decision.complaint
    user = _complainant(complaint)
    if user is None:
        return
    page = reverse("complaints:complaint", args=[complaint.uuid])
    with translation.override(user.language):
        subject = _("Your complaint about %(brand)s: %(outcome)s") % {
            "brand": complaint.link.brand.name,
            "outcome": Decision.Outcome(decision.outcome).label,
        }
        lines = [
            _("The platform decided your complaint about the listing “%(title)s”.")
            % {"title": complaint.link.version.title},
            _("Decision: %(outcome)s. Reason: %(code)s.")
            % {
                "outcome": Decision.Outcome(decision.outcome).label,
                "code": Decision.Code(decision.code).label,
            },
            decision.note,
            settings.PUBLIC_URL.rstrip("/") + page,
        ]
        mail.send(
            key=f"decision:{complaint.uuid}",
            to=[user.email],
            subject=subject,
            text="\n\n".join(line for line in lines if line),
            now=now,
        )


def _complainant(complaint: Complaint) -> User | None:
    """Return who filed, or for a key whoever made it; ``None`` when they left."""
    member = complaint.filed_by
    if member is None and complaint.filed_by_key is not None:
        member = complaint.filed_by_key.created_by
    return member.user if member is not None and member.active else None
