"""Facts the rules learn from: every verdict and every outcome, with the signals as pushed.

Labels: counterfeit and other infringement are 1, genuine is 0, authorised is 0 for the signals
about the seller only, and an open appraisal or a complaint rejected on form says nothing.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from portal.core import journal
from portal.core.actors import Actor
from pushes.models import Appraisal, FeedbackFact, SuspectedLink, Verdict

LABELS: Final = {
    Verdict.Outcome.COUNTERFEIT: 1,
    Verdict.Outcome.OTHER_INFRINGEMENT: 1,
    Verdict.Outcome.GENUINE: 0,
    Verdict.Outcome.AUTHORISED: 0,
}
# What a complaint of a self-service account is established with: the brand's own word, not a check.
AT_ONCE: Final = "at_once"
APPRAISED: Final = {Appraisal.Outcome.INFRINGING: 1, Appraisal.Outcome.GENUINE: 0}
SELLER_SIGNALS: Final = frozenset(
    {"seller", "seller_pattern", "seller_authorised", "seller_not_authorised"}
)


@transaction.atomic
def record_verdict(*, verdict: Verdict, actor: Actor, now: datetime) -> FeedbackFact | None:
    """Keep a final verdict as a fact; ``None`` when it was kept before."""
    vector = dict(verdict.link.vector)
    if verdict.outcome == Verdict.Outcome.AUTHORISED:
        vector = {name: value for name, value in vector.items() if name in SELLER_SIGNALS}
    return _record(
        key=f"verdict:{verdict.uuid}",
        link=verdict.link,
        source=FeedbackFact.Source.VERDICT,
        outcome=verdict.outcome,
        label=LABELS.get(Verdict.Outcome(verdict.outcome)),
        vector=vector,
        reviewer_id=verdict.member_id,
        actor=actor,
        now=now,
    )


@transaction.atomic
def record_outcome(
    *,
    link: SuspectedLink,
    source: FeedbackFact.Source,
    actor: Actor,
    now: datetime,
    reference: str = "",
    on_the_merits: bool = False,
    says_nothing: bool = False,
    automated: bool = False,
) -> FeedbackFact | None:
    """Keep what came of a complaint as a fact; ``None`` when it was kept before.

    ``reference`` is what makes the outcome unique, such as the complaint's uuid; without it the
    link has one fact a source. A rejection counts as "not infringing" only ``on_the_merits``. An
    outcome that ``says_nothing`` about the listing, such as a term that ran out, has no label. An
    ``automated`` decision rests on what the brand says: it is kept, and checks nobody. A report is
    its reporter's word, believed as far as their verdicts are.
    """
    labels = {
        FeedbackFact.Source.ESTABLISHED: 1,
        FeedbackFact.Source.OVERTURNED: 0,
        FeedbackFact.Source.WITHSTOOD: 1,
        FeedbackFact.Source.SELF_REPORT: 1,
    }
    if on_the_merits:
        labels[FeedbackFact.Source.REJECTED] = 0
    return _record(
        key=f"{source}:{reference or link.uuid}",
        link=link,
        source=source,
        outcome=AT_ONCE if automated else str(source),
        label=None if says_nothing else labels.get(source),
        vector=dict(link.vector),
        actor=actor,
        now=now,
        reviewer_id=_reporter(actor) if source == FeedbackFact.Source.SELF_REPORT else None,
    )


def _reporter(actor: Actor) -> int | None:
    return actor.member.pk if actor.member is not None else None


@transaction.atomic
def record_appraisal(*, appraisal: Appraisal, actor: Actor, now: datetime) -> FeedbackFact | None:
    """Keep a test purchase or a jury's result as a fact; an inconclusive one has no label."""
    return _record(
        key=f"{appraisal.kind}:{appraisal.uuid}",
        link=appraisal.link,
        source=FeedbackFact.Source(appraisal.kind),
        outcome=appraisal.outcome,
        label=APPRAISED.get(Appraisal.Outcome(appraisal.outcome)),
        vector=dict(appraisal.link.vector),
        actor=actor,
        now=now,
    )


def _record(
    *,
    key: str,
    link: SuspectedLink,
    source: str,
    outcome: str,
    label: int | None,
    vector: dict[str, float],
    actor: Actor,
    now: datetime,
    reviewer_id: int | None = None,
) -> FeedbackFact | None:
    fact, is_new = FeedbackFact.objects.get_or_create(
        key=key,
        defaults={
            "link": link,
            "brand_id": link.brand_id,
            "source": source,
            "outcome": outcome,
            "label": label,
            "vector": vector,
            "score": link.score,
            "propensity": link.propensity,
            "reviewer_id": reviewer_id,
            "ruleset_id": link.ruleset_id,
            "at": now,
        },
    )
    if not is_new:
        return None
    data = {"brand_id": link.brand_id, "source": source, "outcome": outcome, "label": label}
    journal.record(
        "feedback.recorded",
        fact,
        actor=actor,
        now=now,
        organisation_id=link.organisation_id,
        data=data,
    )
    return fact
