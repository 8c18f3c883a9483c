"""One word on many links: a selection, or links that look alike folded into one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.core import journal, states
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound, PortalError, Text
from portal.core.policies import Permission, may
from pushes import policies
from pushes.models import Claim, SuspectedLink, Verdict
from pushes.services import review

MOST: Final = 300
CONFIRM_ABOVE: Final = 20


@dataclass(frozen=True)
class Refusal:
    """A link that got no verdict, and why."""

    link: SuspectedLink
    message: Text


@dataclass(frozen=True)
class BulkResult:
    """What became of each link of a call."""

    given: Sequence[Verdict]
    refused: Sequence[Refusal]


@transaction.atomic
def give_verdicts(
    *,
    actor: Actor,
    links: Sequence[SuspectedLink],
    outcome: str,
    reason: str,
    now: datetime,
    right: str = "",
    confirmed: int = 0,
) -> BulkResult:
    """Give one verdict, with one reason, on up to ``MOST`` links; each is held like any other.

    Above ``CONFIRM_ABOVE`` links ``confirmed`` must be their number, so that nobody judges more
    than they saw. A link that is closed to the verdict, held, or worked on by somebody else is
    refused alone. Raises ``NotFound`` for another tenant's link and ``InvalidInput`` naming the
    field; then nothing is written.
    """
    may(actor, Permission.JUDGE_LINKS).require()
    _check_call(actor, links, reason, confirmed)
    locked = list(
        SuspectedLink.objects.select_for_update(of=("self",))
        .filter(pk__in=[link.pk for link in links])
        .order_by("pk")
    )
    taken = _taken(actor, locked, now)
    held = set(
        Verdict.objects.filter(link__in=locked, state=Verdict.State.HELD).values_list(
            "link_id", flat=True
        )
    )
    given, refused = [], []
    for link in locked:
        try:
            policies.judge(actor, link).require()
            review.check_input(link, outcome, right, reason)
            review.check_open(link, outcome, is_held=link.pk in held, taken_by=taken.get(link.pk))
        except InvalidInput:
            raise
        except PortalError as refusal:
            refused.append(Refusal(link, refusal.message))
        else:
            given.append(_verdict(actor, link, outcome, right, reason, now))
    Verdict.objects.bulk_create(given)
    journal.record_many(
        journal.unsaved(
            "verdict.held",
            verdict,
            actor=actor,
            now=now,
            organisation_id=verdict.link.organisation_id,
            data={
                "brand_id": verdict.link.brand_id,
                "link_id": verdict.link_id,
                "outcome": outcome,
                "together": len(given),
            },
        )
        for verdict in given
    )
    return BulkResult(given, refused)


@transaction.atomic
def undo(*, actor: Actor, links: Sequence[SuspectedLink], now: datetime) -> BulkResult:
    """Take back the actor's held verdicts on the links; each alone is undone or refused."""
    may(actor, Permission.JUDGE_LINKS).require()
    ids = [link.pk for link in links]
    list(SuspectedLink.objects.select_for_update().filter(pk__in=ids).order_by("pk").values("pk"))
    held = Verdict.objects.select_related("link").filter(link__in=ids, state=Verdict.State.HELD)
    undone, refused = [], []
    for verdict in held:
        answer = policies.undo(actor, verdict)
        if not answer or now > verdict.held_until:
            late = _("The time to undo is over; correct the verdict instead.")
            refused.append(Refusal(verdict.link, answer.reason or late))
            continue
        data = {
            "brand_id": verdict.link.brand_id,
            "link_id": verdict.link_id,
            "outcome": verdict.outcome,
        }
        states.move(verdict, "undone", actor=actor, now=now, data=data)
        undone.append(verdict)
    return BulkResult(undone, refused)


def _check_call(actor: Actor, links: Sequence[SuspectedLink], reason: str, confirmed: int) -> None:
    if not links:
        raise InvalidInput.one("links", "required", _("Choose at least one link."))
    number = len({link.pk for link in links})
    if number > MOST:
        raise InvalidInput.one(
            "links",
            "too_many",
            _("At most %(limit)s links can be judged at once.") % {"limit": MOST},
        )
    if not reason.strip():
        raise InvalidInput.one("reason", "required", _("Say why, once for all of them."))
    if number > CONFIRM_ABOVE and confirmed != number:
        raise InvalidInput.one(
            "confirmed",
            "not_confirmed",
            _("Confirm that you mean all %(number)s links.") % {"number": number},
        )
    own = actor.organisation.pk if actor.organisation else None
    if any(link.organisation_id != own for link in links):
        raise NotFound("link", _("There is no such link."))


def _taken(actor: Actor, links: Sequence[SuspectedLink], now: datetime) -> dict[int, str]:
    claims = Claim.objects.filter(link__in=links, until__gte=now).select_related("member__user")
    if actor.member is not None:
        claims = claims.exclude(member=actor.member)
    return {claim.link_id: str(claim.member.user) for claim in claims}


def _verdict(
    actor: Actor, link: SuspectedLink, outcome: str, right: str, reason: str, now: datetime
) -> Verdict:
    return Verdict(
        link=link,
        outcome=outcome,
        right=right if outcome == Verdict.Outcome.OTHER_INFRINGEMENT else "",
        reason=reason.strip(),
        member=actor.member,
        api_key=actor.api_key if actor.member is None else None,
        given_at=now,
        held_until=now + timedelta(seconds=settings.UNDO_SECONDS),
    )
