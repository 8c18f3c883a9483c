"""Putting right what a blind re-review found wrong, by a second person.

The reviewer's finding is the request; somebody else confirms it. Then the complaint is overturned
as after an accepted counter-notice: the listing goes back, the strike is taken back, the rules
learn from it, and the complainant is told.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from complaints import policies
from complaints.models import Complaint, Order, SampledReview
from complaints.services import orders, strikes
from complaints.services.facts import facts_of
from portal.core import mail, states
from portal.core.actors import Actor
from pushes.models import FeedbackFact
from pushes.services import feedback

GROUND = "corrected"


@transaction.atomic
def confirm(*, actor: Actor, sampled: SampledReview, now: datetime) -> None:
    """Overturn the decision the review disagreed with; the review moves first, so once.

    Raises ``NotAllowed`` for the reviewer, ``StaleState`` when it was settled meanwhile or the
    complaint no longer stands as established.
    """
    policies.may_settle_review(actor, sampled).require()
    complaint = Complaint.objects.select_for_update(of=("self",)).get(pk=sampled.complaint_id)
    _settle(sampled, SampledReview.State.CORRECTED, actor, now)
    data = {**facts_of(complaint), "ground": GROUND}
    # The table knows one way from established to overturned; the reviewer is who contests.
    states.move(complaint, Complaint.State.CONTESTED, actor=actor, now=now, data=data)
    states.move(complaint, Complaint.State.OVERTURNED, actor=actor, now=now, data=data)
    orders.queue(complaint=complaint, kind=Order.Kind.REINSTATE, actor=actor, now=now)
    strikes.reverse(complaint=complaint, actor=actor, now=now)
    feedback.record_outcome(
        link=complaint.link,
        source=FeedbackFact.Source.OVERTURNED,
        actor=actor,
        now=now,
        reference=str(complaint.uuid),
    )
    _tell(complaint, now)


@transaction.atomic
def uphold(*, actor: Actor, sampled: SampledReview, now: datetime) -> None:
    """Leave the decision as it is: the second person does not share the reviewer's doubt."""
    policies.may_settle_review(actor, sampled).require()
    _settle(sampled, SampledReview.State.UPHELD, actor, now)


def _settle(sampled: SampledReview, to: str, actor: Actor, now: datetime) -> None:
    states.move(
        sampled,
        to,
        actor=actor,
        now=now,
        data={**facts_of(sampled.complaint), "complaint_id": sampled.complaint_id},
        changes={"settled_by": actor.member, "settled_at": now},
    )


def _tell(complaint: Complaint, now: datetime) -> None:
    member = complaint.filed_by
    if member is None or not member.active:
        return
    page = settings.PUBLIC_URL.rstrip("/") + reverse("complaints:complaint", args=[complaint.uuid])
    with translation.override(member.user.language):
        mail.send(
            key=f"corrected:{complaint.uuid}",
            to=[member.user.email],
            subject=_("A decision on your complaint was corrected"),
            text=_(
                "A second look at a complaint decided at once found that it does not stand. The "
                "listing is put back. Read more here:"
            )
            + f"\n\n{page}",
            now=now,
        )
