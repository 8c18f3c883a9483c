"""What can be read of steps against misuse, and what they leave allowed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from complaints import misuse_rules
from complaints.misuse_rules import Level
from complaints.models import CreditAccount, MisuseStep
from complaints.tier_rules import Tier
from portal.core.actors import Actor
from portal.core.policies import ALLOWED, Answer, denied
from pushes.models import Seller

State = MisuseStep.State


@dataclass(frozen=True)
class Subject:
    """Whose ladder it is: a rights holder through one agent or none, or a seller."""

    organisation_id: int | None = None
    agent_id: int | None = None
    seller_id: int | None = None

    def steps(self) -> QuerySet[MisuseStep]:
        """Return the subject's steps."""
        return MisuseStep.objects.filter(
            organisation=self.organisation_id, agent=self.agent_id, seller=self.seller_id
        )


def subject_of(step: MisuseStep) -> Subject:
    """Return whose step it is."""
    return Subject(step.organisation_id, step.agent_id, step.seller_id)


def in_force(subject: Subject, now: datetime) -> MisuseStep | None:
    """Return the gravest step in force."""
    running = subject.steps().filter(state=State.IN_FORCE, until__gt=now)
    order = list(misuse_rules.LADDER)
    return max(running, key=lambda step: order.index(Level(step.level)), default=None)


def capping_step(subject: Subject, now: datetime) -> MisuseStep | None:
    """Return the step in force that leaves no tier above standard; a warning takes none away."""
    step = in_force(subject, now)
    return None if step is None or step.level == Level.WARNING else step


def cap_of(account: CreditAccount, now: datetime) -> Tier:
    """Return the highest tier the ladder leaves an account."""
    step = capping_step(Subject(account.organisation_id, account.agent_id), now)
    return Tier.SELF_SERVICE if step is None else Tier.STANDARD


def may_answer(seller: Seller | None, now: datetime) -> Answer:
    """Whether a seller's counter-notices are taken: not while the ladder suspends it."""
    step = in_force(Subject(seller_id=seller.pk), now) if seller is not None else None
    if step is None or step.level != Level.SUSPENDED:
        return ALLOWED
    return denied(
        "suspended_for_misuse",
        _("Your counter-notices are not taken until %(day)s, because many were unfounded.")
        % {"day": _day(step)},
    )


def may_complain(actor: Actor, now: datetime) -> Answer:
    """Whether complaints are taken from the actor: not while the ladder suspends it.

    An agent's suspension is for one rights holder; its other clients and the rights holder's own
    people go on.
    """
    if actor.organisation is None:
        return ALLOWED
    agent = actor.member.organisation_id if actor.member and actor.acts_for_other else None
    step = in_force(Subject(actor.organisation.pk, agent), now)
    if step is None or step.level != Level.SUSPENDED:
        return ALLOWED
    return denied(
        "suspended_for_misuse",
        _("Complaints are not taken from you until %(day)s, because many were unfounded.")
        % {"day": _day(step)},
    )


def _day(step: MisuseStep) -> str:
    return date_format(step.until, "DATE_FORMAT") if step.until else ""


def steps_visible_to(actor: Actor | None) -> QuerySet[MisuseStep]:
    """Return steps: the platform sees all, a rights holder its own, an agent its part of them."""
    rows = MisuseStep.objects.select_related("organisation", "agent", "seller", "appeal")
    return rows.filter(_visible(actor)).order_by("-proposed_at", "-pk")


def _visible(actor: Actor | None) -> Q:
    """Return the condition on steps an actor may read."""
    if actor is None or actor.organisation is None:
        return Q(pk=None)
    if actor.is_platform:
        return Q()
    own = Q(organisation=actor.organisation.pk)
    if actor.acts_for_other and actor.member is not None:
        return own & Q(agent=actor.member.organisation_id)
    return own
