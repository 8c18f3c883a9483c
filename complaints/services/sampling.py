"""Which self-service decisions a person reviews again, and what the review says.

A draw is a keyed hash of the complaint's id (HMAC-SHA-256 under the portal's secret): whoever files
cannot foresee it, whoever audits can repeat it.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from complaints import credit_rules, policies
from complaints.credit_selectors import rules_in_force
from complaints.models import Complaint, CreditAccount, Decision, SampledReview
from complaints.services import decision_codes
from complaints.services.facts import facts_of
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import NotAllowed
from pushes.services import feedback

MONTH = timedelta(days=30)


def lot_of(complaint: Complaint) -> float:
    """Return the complaint's lot, uniform in [0, 1)."""
    digest = hmac.new(
        settings.SECRET_KEY.encode(), f"review:{complaint.uuid}".encode(), hashlib.sha256
    ).digest()
    return int.from_bytes(digest[:8]) / 2**64


def consider(*, complaint: Complaint, account: CreditAccount, now: datetime) -> bool:
    """Count a self-service decision in the caller's transaction and draw it or not."""
    CreditAccount.objects.filter(pk=account.pk).update(
        self_service_count=F("self_service_count") + 1
    )
    number = CreditAccount.objects.values_list("self_service_count", flat=True).get(pk=account.pk)
    rules = rules_in_force()
    volume = _automated_of(account, now - MONTH, now).count()
    if lot_of(complaint) >= credit_rules.sampling_chance(number, volume, rules):
        return False
    is_first = number <= rules.sample_first
    why = SampledReview.Why.FIRST if is_first else SampledReview.Why.DRAWN
    _draw([complaint], account, why, now)
    return True


def _automated_of(account: CreditAccount, since: datetime, until: datetime) -> QuerySet[Complaint]:
    filer = Q(filed_by__organisation=account.agent_id)
    if account.agent_id is None:
        own = Q(filed_by__organisation=account.organisation_id)
        filer = Q(filed_by=None) | own
    return Complaint.objects.filter(
        filer,
        organisation=account.organisation_id,
        reason=account.reason,
        decision__automated=True,
        decision__at__gte=since,
        decision__at__lt=until,
    )


def _draw(complaints: Iterable[Complaint], account: CreditAccount, why: str, now: datetime) -> None:
    for complaint in complaints:
        row = SampledReview.objects.create(
            complaint=complaint, account=account, why=why, drawn_at=now
        )
        journal.record("sampled_review.drawn", row, actor=SYSTEM, now=now, data={"why": why})


def top_up_due(*, now: datetime) -> int:
    """Draw what the month before still owes each account; return how many.

    The lots fall as they fall: a month can end with fewer reviews than promised. Those with the
    lowest lots are added, so that the choice stays one by lot.
    """
    this_month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    accounts = CreditAccount.objects.filter(self_service_count__gt=0).order_by("pk")
    return sum(_top_up(account, last_month, this_month, now) for account in accounts)


@transaction.atomic
def _top_up(account: CreditAccount, since: datetime, until: datetime, now: datetime) -> int:
    CreditAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    decided = _automated_of(account, since, until)
    counts = decided.aggregate(
        all=Count("pk"), reviewed=Count("pk", filter=Q(sampled_review__isnull=False))
    )
    missing = credit_rules.owed_reviews(counts["all"], rules_in_force()) - counts["reviewed"]
    if missing <= 0:
        return 0
    chosen = sorted(decided.filter(sampled_review=None), key=lot_of)[:missing]
    _draw(chosen, account, SampledReview.Why.OWED, now)
    return len(chosen)


@transaction.atomic
def review(
    *,
    actor: Actor,
    sampled: SampledReview,
    outcome: str,
    code: str,
    note: str = "",
    now: datetime,
) -> SampledReview:
    """Say how the complaint should be decided, without having seen how it was.

    Agreement and error both enter the account's ledger; an error waits for a second person in
    ``corrections``. Raises ``StaleState`` when somebody else reviewed it first.
    """
    policies.may_review(actor, sampled).require()
    if actor.member is None:
        raise NotAllowed("not_platform", _("Only people of the platform review decisions."))
    decision_codes.check(outcome, code, note)
    agrees = outcome == sampled.complaint.decision.outcome
    states.move(
        sampled,
        SampledReview.State.AGREED if agrees else SampledReview.State.DISAGREED,
        actor=actor,
        now=now,
        data={**facts_of(sampled.complaint), "code": code, "complaint_id": sampled.complaint_id},
        changes={
            "outcome": outcome,
            "code": code,
            "note": note.strip(),
            "reviewed_by": actor.member,
            "reviewed_at": now,
        },
    )
    # Somebody who was not shown the decision has looked: that checks whose word it rested on.
    feedback.record_outcome(
        link=sampled.complaint.link,
        source=decision_codes.SOURCES[Decision.Outcome(outcome)],
        actor=actor,
        now=now,
        reference=f"review:{sampled.uuid}",
        on_the_merits=code in decision_codes.ON_THE_MERITS,
    )
    return sampled
