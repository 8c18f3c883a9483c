"""Who may complain, take back, decide."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from complaints.models import (
    Complaint,
    CounterNotice,
    CreditAccount,
    MisuseStep,
    Reinstatement,
    SampledReview,
)
from complaints.models.counter_notice import MOST_ATTEMPTS
from portal.core import scope
from portal.core.actors import Actor
from portal.core.models import Member
from portal.core.policies import ALLOWED, Answer, Permission, denied, may
from pushes.models import SuspectedLink


def may_file(actor: Actor, now: datetime) -> Answer:
    """Whether the actor may complain for the organisation acted for, today.

    An agent needs a mandate that is valid today where the rights holder is.
    """
    answer = may(actor, Permission.FILE_COMPLAINT)
    if not answer:
        return answer
    if actor.member is None or actor.organisation is None or not actor.acts_for_other:
        return ALLOWED
    today = now.astimezone(ZoneInfo(actor.organisation.zone)).date()
    if scope.may_act_for(actor.member, actor.organisation, today):
        return ALLOWED
    return denied(
        "mandate_not_valid",
        _("Your organisation's mandate for this rights holder is not valid today."),
    )


def may_undo(actor: Actor, complaint: Complaint, now: datetime) -> Answer:
    """Whether the actor may still take the complaint back as if it had never been filed."""
    answer = may(
        actor, Permission.FILE_COMPLAINT, complaint.organisation_id, complaint.link.brand_id
    )
    if not answer:
        return answer
    if now >= complaint.held_until:
        return denied("too_late", _("The time for undoing is over: the complaint was filed."))
    return ALLOWED


def may_decide(actor: Actor, complaint: Complaint | None = None) -> Answer:
    """Whether the actor decides complaints: people of the platform only, never a program.

    Nobody decides a complaint of an organisation they belong to.
    """
    answer = may(actor, Permission.DECIDE_COMPLAINT)
    if not answer:
        return answer
    if actor.member is None or not actor.is_platform:
        return denied("not_platform", _("Only people of the platform decide complaints."))
    own = Member.objects.filter(user_id=actor.member.user_id, active=True)
    if complaint is not None and own.filter(organisation=complaint.organisation_id).exists():
        return denied(
            "own_organisation",
            _("You belong to the organisation that complains; somebody else decides."),
        )
    return ALLOWED


def may_review(actor: Actor, sampled: SampledReview) -> Answer:
    """Whether the actor may review a self-service decision again: whoever could decide it."""
    return may_decide(actor, sampled.complaint)


def may_settle_review(actor: Actor, sampled: SampledReview) -> Answer:
    """Whether the actor is the second person about a review that disagreed: never the reviewer."""
    answer = may_decide(actor, sampled.complaint)
    if not answer or actor.member is None:
        return answer
    reviewer = sampled.reviewed_by
    if reviewer is not None and reviewer.user_id == actor.member.user_id:
        return denied("second_person", _("Somebody else must confirm what you found."))
    return ALLOWED


def may_appeal_tier(actor: Actor, account: CreditAccount) -> Answer:
    """Whether the actor may appeal the account's tier: whoever complains on it.

    An agent appeals what it made itself, never the account of another agent of the same client.
    """
    answer = may(actor, Permission.FILE_COMPLAINT, account.organisation_id)
    if not answer:
        return answer
    if actor.is_platform:
        return denied("platform", _("The platform answers appeals, it does not make them."))
    agent = actor.member.organisation_id if actor.member and actor.acts_for_other else None
    if agent is not None and agent != account.agent_id:
        return denied("other_agent", _("This is the account of another agent."))
    return ALLOWED


def may_answer_appeal(actor: Actor, account: CreditAccount) -> Answer:
    """Whether the actor answers appeals: the platform's deciders, never about their own people."""
    answer = may(actor, Permission.DECIDE_COMPLAINT)
    if not answer:
        return answer
    if actor.member is None or not actor.is_platform:
        return denied("not_platform", _("Only people of the platform answer appeals."))
    own = Member.objects.filter(user_id=actor.member.user_id, active=True)
    if own.filter(organisation__in=[account.organisation_id, account.agent_id]).exists():
        return denied(
            "own_organisation", _("You belong to the organisation; somebody else answers.")
        )
    return ALLOWED


def may_decide_step(actor: Actor, step: MisuseStep) -> Answer:
    """Whether the actor confirms, dismisses or answers about a step, never on their own people."""
    answer = may_decide(actor)
    if not answer or actor.member is None:
        return answer
    own = Member.objects.filter(user_id=actor.member.user_id, active=True)
    if own.filter(organisation__in=[step.organisation_id, step.agent_id]).exists():
        return denied("own_organisation", _("You belong to the organisation; somebody else does."))
    return ALLOWED


def may_appeal_step(actor: Actor, step: MisuseStep) -> Answer:
    """Whether the actor appeals a step: whose it is; for a seller, the platform enters it."""
    if step.organisation_id is None:
        return may_decide(actor)
    answer = may(actor, Permission.FILE_COMPLAINT, step.organisation_id)
    if not answer:
        return answer
    agent = actor.member.organisation_id if actor.member and actor.acts_for_other else None
    if actor.is_platform or (agent is not None and agent != step.agent_id):
        return denied("not_concerned", _("Only whom the step concerns can appeal it."))
    return ALLOWED


def no_complaint_stands(link: SuspectedLink) -> Answer:
    """Whether the link's verdict may be corrected: not while a complaint rests on it."""
    standing = Complaint.objects.filter(link=link).exclude(state__in=Complaint.CLOSED)
    if standing.exists():
        return denied(
            "complaint_stands",
            _("A complaint about this link stands, so its verdict cannot be changed."),
        )
    return ALLOWED


def may_answer(complaint: Complaint, until: datetime, now: datetime) -> Answer:
    """Whether the seller may hand in a counter-notice, until the last day of the redress."""
    if now > until:
        return denied(
            "redress_over",
            _("The time for a complaint to the platform is over. A court can still help you."),
        )
    if complaint.counter_notices.filter(state__in=CounterNotice.OPEN).exists():
        return denied("answer_open", _("Your counter-notice is being considered."))
    if complaint.state != Complaint.State.ESTABLISHED:
        return denied("nothing_to_answer", _("There is no decision left to answer."))
    if complaint.counter_notices.count() >= MOST_ATTEMPTS:
        return denied(
            "no_attempt_left",
            _("You have answered three times. A dispute settlement body or a court can help you."),
        )
    return ALLOWED


def may_reply(actor: Actor, complaint: Complaint) -> Answer:
    """Whether the actor answers for the rights holder, or takes its complaint back."""
    answer = may(
        actor, Permission.FILE_COMPLAINT, complaint.organisation_id, complaint.link.brand_id
    )
    if not answer:
        return answer
    if actor.member is None or actor.is_platform:
        return denied("not_rights_holder", _("Only people of the rights holder can reply."))
    return ALLOWED


def may_write(actor: Actor, complaint: Complaint) -> Answer:
    """Whether the actor writes to the other side: who files for the complainant, or who decides."""
    if complaint.state in {Complaint.State.HELD, Complaint.State.UNDONE}:
        return denied("not_filed", _("Nothing was filed, so there is nobody to write to."))
    if actor.is_platform:
        return may_decide(actor, complaint)
    return may_reply(actor, complaint)


def may_refile(actor: Actor, complaint: Complaint, now: datetime) -> Answer:
    """Whether the actor may file again after a rejection."""
    if complaint.state != Complaint.State.REJECTED:
        return denied("not_rejected", _("Only a rejected complaint is filed again."))
    answer = may_reply(actor, complaint)
    return may_file(actor, now) if answer else answer


def may_see_identity(actor: Actor, counter_notice: CounterNotice) -> Answer:
    """Whether the actor needs to know who answered: whoever decides, and whoever must sue."""
    complaint = counter_notice.complaint
    if actor.is_platform:
        return may_decide(actor, complaint)
    if not counter_notice.rule.get("identity_to_brand"):
        return denied("identity_kept", _("Who answered is kept from the rights holder here."))
    return may_reply(actor, complaint)


def may_refuse(actor: Actor, counter_notice: CounterNotice) -> Answer:
    """Whether the actor may refuse the counter-notice; the law may let only proceedings count."""
    answer = may_decide(actor, counter_notice.complaint)
    if not answer:
        return answer
    if counter_notice.rule["on_silence"] == "measures_end" and not counter_notice.proceedings:
        return denied(
            "law_ends_measures",
            _(
                "Under this law only notice of proceedings keeps the measures. Without it they end "
                "with the term."
            ),
        )
    return ALLOWED


def may_confirm(actor: Actor, reinstatement: Reinstatement) -> Answer:
    """Whether the actor is the second person: never the one who asked."""
    answer = may_decide(actor, reinstatement.complaint)
    if not answer:
        return answer
    asked_by = reinstatement.asked_by
    if asked_by is not None and actor.member is not None and asked_by.user == actor.member.user:
        return denied("second_person", _("Somebody else must confirm what you asked for."))
    return ALLOWED
