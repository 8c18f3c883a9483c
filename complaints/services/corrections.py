"""Putting right what a blind re-review found wrong, by a second person.

The reviewer's finding is the request; somebody else confirms it. What follows is a reinstatement
like any other: the listing goes back, the strike is taken back, the seller's loss is kept, the
rules learn from it, and the complainant is told.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from complaints import policies
from complaints.models import Complaint, CounterNotice, Decision, SampledReview
from complaints.services import locks, reinstatement
from complaints.services.facts import facts_of
from portal.core import states
from portal.core.actors import Actor

# How a finding of the re-review reads as the outcome of a reinstatement.
CODES: Final = {
    Decision.Code.SELLER_AUTHORISED: CounterNotice.Code.AUTHORISED,
    Decision.Code.FIRST_SALE: CounterNotice.Code.FIRST_SALE,
    Decision.Code.WRONG_ITEM: CounterNotice.Code.WRONG_ITEM,
    Decision.Code.RIGHT_NOT_COVERING: CounterNotice.Code.NOT_INFRINGING,
    Decision.Code.EVIDENCE_MISSING: CounterNotice.Code.NOT_SHOWN,
    Decision.Code.DUPLICATE: CounterNotice.Code.NOT_SHOWN,
}


@transaction.atomic
def confirm(*, actor: Actor, sampled: SampledReview, now: datetime) -> None:
    """Overturn the decision the review disagreed with; the review moves first, so once.

    Raises ``NotAllowed`` for the reviewer, ``StaleState`` when it was settled meanwhile or the
    complaint no longer stands as established.
    """
    policies.may_settle_review(actor, sampled).require()
    complaint = locks.complaint(sampled.complaint_id)
    _settle(sampled, SampledReview.State.CORRECTED, actor, now)
    data = {**facts_of(complaint), "ground": reinstatement.Ground.CORRECTED}
    # The table knows one way from established to overturned; the reviewer is who contests.
    states.move(complaint, Complaint.State.CONTESTED, actor=actor, now=now, data=data)
    reinstatement.correct(
        complaint=complaint,
        code=CODES[Decision.Code(sampled.code)],
        note=sampled.note,
        asked_by=sampled.reviewed_by,
        asked_at=sampled.reviewed_at or now,
        actor=actor,
        now=now,
    )


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
