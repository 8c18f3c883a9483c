"""Second looks: a share of judged links goes blind to another reviewer of the brand.

Which ones is decided by a keyed hash of the verdict's random id: the same for ever, and independent
of what was judged, by whom and how. Until the second answer is final its reviewer sees nothing of
the first (``pushes.selectors`` hides the link from every list, page and API of theirs).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import Member
from portal.core.policies import Permission, may
from pushes.models import FeedbackFact, ReviewPolicy, SecondLook, SuspectedLink, Verdict
from pushes.services import review_checks
from pushes.services.reviewers import reviewers_of

SETTLE_BATCH = 500


def draw(*parts: object) -> float:
    """A number in [0, 1) that is always the same for the same parts: 52 bits of a keyed SHA-256.

    The key is the installation's secret: whoever could compute it would judge again until nobody
    looks twice, or word a listing so that nobody explores it.
    """
    text = ":".join(str(part) for part in parts)
    digest = salted_hmac("pushes.draw", text, algorithm="sha256").hexdigest()
    return float(int(digest[:13], 16) / 16**13)


def share_of(organisation_id: int) -> float:
    """The share of judged links looked at twice: the organisation's, or the shipped one."""
    own = ReviewPolicy.objects.filter(organisation=organisation_id).first()
    if own is None or own.second_look_share is None:
        return float(settings.SECOND_LOOK_SHARE)
    return own.second_look_share


def ask(*, verdict: Verdict, now: datetime) -> SecondLook | None:
    """Ask another reviewer about a first verdict that just became final, if the draw says so.

    The caller holds the link's row. ``None`` when it was not drawn or nobody else reviews.
    """
    link = verdict.link
    if verdict.member is None or draw("second look", verdict.uuid) >= share_of(
        link.organisation_id
    ):
        return None
    others = [
        member
        for member in reviewers_of(link.organisation_id, now=now, brand_id=link.brand_id)
        if member.user_id != verdict.member.user_id
    ]
    if not others or SecondLook.objects.filter(link=link, state__in=("open", "held")).exists():
        return None
    reviewer = min(others, key=lambda member: draw("reviewer", verdict.uuid, member.uuid))
    look = SecondLook.objects.create(link=link, first=verdict, reviewer=reviewer, asked_at=now)
    # The journal is read by people as well: it says that a look was asked for, not about what.
    journal.record("second_look.open", look, actor=SYSTEM, now=now, data=_facts(look))
    return look


def open_for(member: Member | None, link: SuspectedLink) -> SecondLook | None:
    """The look at this link that waits for the member."""
    if member is None:
        return None
    return (
        SecondLook.objects.select_related("link", "first")
        .filter(link=link, reviewer=member, state__in=("open", "held"))
        .first()
    )


@transaction.atomic
def answer(
    *,
    actor: Actor,
    look: SecondLook,
    outcome: str,
    now: datetime,
    right: str = "",
    reason: str = "",
) -> None:
    """Give the second answer; it is held like a verdict. Raises as ``review.give_verdict``."""
    _require_reviewer(actor, look)
    right, reason = right.strip(), reason.strip()
    review_checks.check_outcome(outcome, right, reason)
    changes = {
        "outcome": outcome,
        "right": right if outcome == Verdict.Outcome.OTHER_INFRINGEMENT else "",
        "reason": reason,
        "given_at": now,
        "held_until": now + timedelta(seconds=settings.UNDO_SECONDS),
    }
    states.move(look, "held", actor=actor, now=now, data=_facts(look), changes=changes)


@transaction.atomic
def undo(*, actor: Actor, look: SecondLook, now: datetime) -> None:
    """Take the second answer back within the seconds of undo."""
    _require_reviewer(actor, look)
    if look.held_until is not None and now > look.held_until:
        raise StaleState("too_late", _("The time to undo is over; correct the verdict instead."))
    states.move(look, "open", actor=actor, now=now, data=_facts(look), changes={"outcome": ""})


@transaction.atomic
def settle(*, look: SecondLook, now: datetime) -> None:
    """Make a second answer final and keep it as a fact beside the first.

    The fact has no label: the first verdict goes on teaching the weights, and the pair tells how
    far verdicts can be trusted.
    """
    agreed = look.outcome == look.first.outcome
    data = {**_facts(look), "first": look.first.outcome, "second": look.outcome}
    to = SecondLook.State.AGREED if agreed else SecondLook.State.DISAGREED
    states.move(look, to, actor=SYSTEM, now=now, data=data)
    link = look.link
    FeedbackFact.objects.get_or_create(
        key=f"second_look:{look.uuid}",
        defaults={
            "link": link,
            "brand_id": link.brand_id,
            "source": FeedbackFact.Source.SECOND_LOOK,
            "outcome": look.outcome,
            "label": None,
            "vector": dict(link.vector),
            "score": link.score,
            "ruleset_id": link.ruleset_id,
            "at": now,
        },
    )


def settle_due(*, now: datetime, limit: int = SETTLE_BATCH) -> int:
    """Settle every second answer whose time to undo is over; return how many."""
    due = SecondLook.objects.select_related("link", "first").filter(
        state=SecondLook.State.HELD, held_until__lte=now
    )
    settled = 0
    for look in due.order_by("held_until")[:limit]:
        try:
            settle(look=look, now=now)
        except StaleState:  # another worker was first
            continue
        settled += 1
    return settled


def drop(*, link: SuspectedLink, now: datetime) -> None:
    """Stop asking about a link that is pushed anew: there is a first verdict to give again."""
    for look in SecondLook.objects.filter(link=link, state__in=("open", "held")):
        states.move(look, "dropped", actor=SYSTEM, now=now, data=_facts(look))


def _require_reviewer(actor: Actor, look: SecondLook) -> None:
    may(actor, Permission.JUDGE_LINKS, look.link.organisation_id, look.link.brand_id).require()
    if actor.member is None or actor.member.pk != look.reviewer_id:
        raise NotAllowed("not_reviewer", _("Somebody else was asked about this link."))


def _facts(look: SecondLook) -> dict[str, object]:
    return {"brand_id": look.link.brand_id, "link_id": look.link_id}


__all__ = ["InvalidInput", "answer", "ask", "draw", "drop", "open_for", "settle_due", "undo"]
