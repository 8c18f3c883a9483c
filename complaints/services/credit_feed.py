"""From the journal to the ledger: which fact counts for whom.

Runs as a consumer of the journal: in the order of the seals, once for each entry.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from complaints.credit_rules import Kind
from complaints.credit_selectors import day_of, family_of
from complaints.models import Complaint, CreditAccount, SampledReview
from complaints.services import credit, misuse
from portal.core.models import JournalEntry
from pushes.models import SuspectedLink, Verdict

CONSUMER: Final = "good-faith"
# Ground of an overturned complaint: the term of the law ended without a word of the rights holder.
SILENCE: Final = "term_over"


def take(entry: JournalEntry) -> None:
    """Write what an entry means for an account, and assess the account."""
    HANDLERS[entry.verb](entry)


def _complaint(entry: JournalEntry) -> None:
    """A case was decided, overturned or taken back; it counts on the day it was decided."""
    kind = Kind(entry.verb.removeprefix("complaint."))
    if entry.data.get("ground") == SILENCE:
        # Nobody found the complaint wrong; the rights holder did not stand by it.
        kind = Kind.RETRACTED
    complaint = Complaint.objects.select_related("filed_by").get(pk=entry.subject_id)
    account = credit.account_of(complaint, entry.at)
    is_new = credit.add(
        account=account,
        kind=kind,
        key=f"complaint:{complaint.pk}:{kind}",
        day=day_of(complaint.decided_at or entry.at),
        complaint=complaint,
        now=entry.at,
    )
    if is_new:
        assess_family(account, entry.at, everybody=kind is not Kind.ESTABLISHED)
        _consider_misuse(account, kind, entry.at)


def _verdict(entry: JournalEntry) -> None:
    """A verdict became final; one made late, or after the deadline was noted missed, is late.

    What was pushed to explore was no help to the rights holder, so it is outside the account.
    """
    if entry.data.get("explores"):
        return
    verdict = Verdict.objects.select_related("link", "member").get(pk=entry.subject_id)
    agent = verdict.member.organisation_id if verdict.member else None
    kind = Kind.IN_TIME if entry.data.get("in_time") else Kind.LATE
    _timeliness(verdict.link, agent, kind, entry.at)


def _lapsed(entry: JournalEntry) -> None:
    """A deadline passed without a verdict: nobody acted, so it is the rights holder's own."""
    if entry.data.get("explores"):
        return
    link = SuspectedLink.objects.get(pk=entry.subject_id)
    _timeliness(link, None, Kind.LATE, entry.at)


def _timeliness(link: SuspectedLink, agent_id: int | None, kind: Kind, now: datetime) -> None:
    if agent_id == link.organisation_id:
        agent_id = None
    account = credit.account_for(
        organisation_id=link.organisation_id, agent_id=agent_id, reason="", now=now
    )
    is_new = credit.add(
        account=account,
        kind=kind,
        key=f"link:{link.pk}",
        day=day_of(now),
        link=link,
        now=now,
    )
    if is_new:
        credit.assess(account=account, now=now)


def assess_family(account: CreditAccount, now: datetime, *, everybody: bool) -> None:
    """Assess the account and the one of all reason codes, which its cases belong to as well.

    With ``everybody`` also the other reason codes of the same rights holder and agent: a thin one
    may be judged on what has just gone wrong.
    """
    credit.account_for(
        organisation_id=account.organisation_id, agent_id=account.agent_id, reason="", now=now
    )
    family = CreditAccount.objects.filter(family_of(account))
    if not everybody:
        family = family.filter(reason__in=[account.reason, ""])
    for each in family.order_by("pk"):
        credit.assess(account=each, now=now)


def _review(entry: JournalEntry) -> None:
    """A self-service decision was reviewed; it counts on the day of the decision."""
    agreed = entry.verb.endswith(".agreed")
    kind = Kind.AUDIT_PASSED if agreed else Kind.AUDIT_FAILED
    sampled = SampledReview.objects.select_related("account", "complaint").get(pk=entry.subject_id)
    is_new = credit.add(
        account=sampled.account,
        kind=kind,
        key=f"review:{sampled.pk}",
        day=day_of(sampled.complaint.decided_at or entry.at),
        complaint=sampled.complaint,
        now=entry.at,
    )
    if is_new:
        assess_family(sampled.account, entry.at, everybody=not agreed)
        _consider_misuse(sampled.account, kind, entry.at)


def _consider_misuse(account: CreditAccount, kind: Kind, now: datetime) -> None:
    if kind in {Kind.REJECTED, Kind.OVERTURNED, Kind.AUDIT_FAILED}:
        misuse.consider_notices(
            organisation_id=account.organisation_id, agent_id=account.agent_id, now=now
        )


HANDLERS: Final[Mapping[str, Callable[[JournalEntry], None]]] = {
    "complaint.established": _complaint,
    "complaint.rejected": _complaint,
    "complaint.overturned": _complaint,
    "complaint.retracted": _complaint,
    "verdict.final": _verdict,
    "link.lapsed": _lapsed,
    "sampled_review.agreed": _review,
    "sampled_review.disagreed": _review,
}
