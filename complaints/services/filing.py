"""Filing complaints with one key, and taking them back within the first seconds.

A complaint is held until ``held_until``; the settle tick then files it. Nothing is lost when a
process dies in between: the tick finds held rows in the database, and the move from held to filed
happens once.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from complaints import misuse_selectors, policies
from complaints.models import Complaint
from complaints.services import (
    credit,
    decisions,
    freezing,
    notices,
    queueing,
    statements,
)
from complaints.services.checks import Checks, Refusal
from complaints.services.facts import facts_of
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, NotAllowed, NotFound, StaleState
from pushes.models import ListingImage, SuspectedLink, Verdict
from pushes.services import review

logger = logging.getLogger(__name__)

# Most links one call may complain about.
LIMIT = 300
# The listings' kept pictures, which the notice names by their hashes.
_PICTURES = Prefetch("listing__images", ListingImage.objects.select_related("file"))


@dataclass(frozen=True)
class FilingResult:
    """What became of each link of a call."""

    filed: list[Complaint]
    refused: list[Refusal]


@dataclass(frozen=True)
class UndoResult:
    """What became of each complaint that was to be taken back, the refused with the reason."""

    undone: list[Complaint]
    refused: list[tuple[Complaint, str]]


@transaction.atomic
def file(
    *,
    actor: Actor,
    links: Sequence[SuspectedLink],
    now: datetime,
    statement_accepted: bool,
    again: notices.Again | None = None,
) -> FilingResult:
    """Complain about up to ``LIMIT`` links; each is filed or refused with its own reason.

    A verdict that could still be undone becomes final first: a complaint is the reviewer's second
    word. ``again`` is for one link whose complaint was rejected. Raises ``NotFound`` for another
    tenant's link, ``InvalidInput`` without the declaration of good faith, and ``NotAllowed``
    without the right to complain; then nothing is written.
    """
    policies.may_file(actor, now).require()
    misuse_selectors.may_complain(actor, now).require()
    _check_call(actor, links, statement_accepted)
    locked = _lock(links, now)
    checks = Checks(actor=actor, links=locked, now=now)
    filed, refused = [], []
    for link in locked:
        found = checks.examine(link)
        if isinstance(found, Refusal):
            refused.append(found)
        else:
            filed.append(_complaint(link, found, actor, now, again))
    Complaint.objects.bulk_create(filed)
    journal.record_many(
        journal.unsaved("complaint.held", complaint, actor=actor, now=now, data=facts_of(complaint))
        for complaint in filed
    )
    return FilingResult(filed, refused)


@transaction.atomic
def undo(*, actor: Actor, complaint: Complaint, now: datetime) -> None:
    """Take a held complaint back. Raises ``NotAllowed`` when its time is over."""
    policies.may_undo(actor, complaint, now).require()
    states.move(complaint, Complaint.State.UNDONE, actor=actor, now=now, data=facts_of(complaint))


def undo_many(*, actor: Actor, complaints: Iterable[Complaint], now: datetime) -> UndoResult:
    """Take held complaints back, each by itself: one that is too late keeps no other."""
    result = UndoResult([], [])
    for complaint in complaints:
        try:
            undo(actor=actor, complaint=complaint, now=now)
        except (NotAllowed, StaleState) as refusal:
            result.refused.append((complaint, str(refusal)))
        else:
            result.undone.append(complaint)
    return result


@transaction.atomic
def settle(*, complaint: Complaint, now: datetime) -> None:
    """File a held complaint for good, and decide it at once if its account is a self-service one.

    Raises ``StaleState`` if it was undone or filed before.
    """
    put_before_platform(complaint=complaint, actor=SYSTEM, now=now)


def put_before_platform(*, complaint: Complaint, actor: Actor, now: datetime) -> None:
    """File in the caller's transaction: term and place in the queue, and what follows at once.

    One that is put back after it was withdrawn counts as filed now; the journal keeps the first.
    """
    account = credit.account_of(complaint, now)
    states.move(
        complaint,
        Complaint.State.FILED,
        actor=actor,
        now=now,
        data=facts_of(complaint),
        changes={"filed_at": now, **queueing.place(complaint, account, now)},
    )
    freezing.freeze_if_fallen(complaint, now=now)
    if complaint.state != Complaint.State.FILED:
        return
    try:
        with transaction.atomic():
            decisions.decide_at_once(complaint=complaint, now=now)
    except statements.StatementInvalid:
        # Filed it stays; a person sees it in the queue and the error in the log.
        logger.exception("complaint %s: not decided at once", complaint.uuid)
        complaint.refresh_from_db(fields=["state", "decided_at"])


def settle_due(*, now: datetime, limit: int = 500) -> int:
    """File every held complaint whose time for undoing is over; return how many."""
    due = Complaint.objects.select_related(
        "organisation",
        "registration",
        "filed_by__user",
        "filed_by_key__created_by__user",
        "link__brand",
        "link__listing__marketplace",
        "link__version__seller",
    ).filter(state=Complaint.State.HELD, held_until__lte=now)
    settled = 0
    for complaint in due.order_by("held_until")[:limit]:
        try:
            settle(complaint=complaint, now=now)
        except StaleState:  # another worker was first
            continue
        settled += 1
    return settled


def _check_call(actor: Actor, links: Sequence[SuspectedLink], statement_accepted: bool) -> None:
    if not statement_accepted:
        raise InvalidInput.one(
            "statement_accepted",
            "statement_missing",
            _("Accept the declaration of good faith to file a complaint."),
        )
    if not links:
        raise InvalidInput.one("links", "required", _("Choose at least one link."))
    if len({link.pk for link in links}) > LIMIT:
        raise InvalidInput.one(
            "links",
            "too_many",
            _("At most %(limit)s links can be complained about at once.") % {"limit": LIMIT},
        )
    own = actor.organisation.pk if actor.organisation else None
    if any(link.organisation_id != own for link in links):
        raise NotFound("link_not_found", _("There is no such link."))


def _lock(links: Sequence[SuspectedLink], now: datetime) -> list[SuspectedLink]:
    """Lock the links, make held verdicts final, and return the links as they are now.

    Everybody locks links before verdicts and in the order of their keys, so nobody waits in a
    circle; and of two calls about the same link the second finds the first one's complaint.
    """
    chosen = SuspectedLink.objects.filter(pk__in=[link.pk for link in links]).order_by("pk")
    list(chosen.select_for_update(no_key=True).values_list("pk"))
    for link in chosen.filter(verdicts__state=Verdict.State.HELD):
        review.settle_held(link=link, now=now)
    return list(
        chosen.select_related(
            "brand", "product_model", "organisation", "listing__marketplace", "version__seller"
        ).prefetch_related(_PICTURES)
    )


def _complaint(
    link: SuspectedLink,
    grounds: notices.Grounds,
    actor: Actor,
    now: datetime,
    again: notices.Again | None,
) -> Complaint:
    notice = notices.compose(link=link, grounds=grounds, actor=actor, now=now, again=again)
    return Complaint(
        organisation=link.organisation,
        link=link,
        registration=grounds.registration,
        reason=grounds.reason,
        notice=notice,
        notice_hash=notices.digest(notice),
        filed_by=actor.member,
        filed_by_key=actor.api_key,
        created_at=now,
        held_until=now + timedelta(seconds=settings.UNDO_SECONDS),
    )
