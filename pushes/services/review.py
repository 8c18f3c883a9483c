"""Verdicts: held for a few seconds so that undo is real, then final.

A link moves only when its verdict settles. Whoever changes a verdict holds the link's row first,
so a lapse, a listing that goes and a verdict on the same link come one after the other.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brands.services import sellers
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor, of_key, of_member
from portal.core.errors import InvalidInput, PortalError, StaleState
from portal.core.policies import Permission, may
from pushes import policies
from pushes.models import SuspectedLink, Verdict
from pushes.services import claims, conflicts, feedback, review_checks, second_looks
from pushes.states import LINK

SETTLE_BATCH: Final = 500


@transaction.atomic
def give_verdict(
    *,
    actor: Actor,
    link: SuspectedLink,
    outcome: str,
    now: datetime,
    right: str = "",
    reason: str = "",
    authorises_seller: bool = False,
) -> Verdict:
    """Give a verdict, held for ``settings.UNDO_SECONDS``.

    ``right`` is required for other infringements, ``reason`` for corrections. With
    ``authorises_seller`` an "authorised" verdict also puts the seller on the brand's list when it
    settles. Raises ``NotAllowed``, ``InvalidInput`` naming the field, or ``StaleState`` for a
    link that somebody else works on, is closed to this verdict or has one that can still be undone.
    """
    may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id).require()
    link = SuspectedLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    policies.judge(actor, link).require()
    right, reason = right.strip(), reason.strip()
    check_input(link, outcome, right, reason)
    is_held = Verdict.objects.filter(link=link, state=Verdict.State.HELD).exists()
    taken_by = claims.taken_by(actor=actor, link=link, now=now)
    check_open(link, outcome, is_held=is_held, taken_by=taken_by)
    authorises_seller = authorises_seller and outcome == Verdict.Outcome.AUTHORISED
    if authorises_seller:
        may(actor, Permission.EDIT_REGISTRY, link.organisation_id, link.brand_id).require()
    verdict = Verdict.objects.create(
        link=link,
        outcome=outcome,
        right=right if outcome == Verdict.Outcome.OTHER_INFRINGEMENT else "",
        reason=reason,
        authorises_seller=authorises_seller,
        member=actor.member,
        api_key=actor.api_key if actor.member is None else None,
        given_at=now,
        held_until=now + timedelta(seconds=settings.UNDO_SECONDS),
    )
    journal.record(
        "verdict.held",
        verdict,
        actor=actor,
        now=now,
        organisation_id=link.organisation_id,
        data={"brand_id": link.brand_id, "link_id": link.pk, "outcome": outcome},
    )
    return verdict


@transaction.atomic
def undo(*, actor: Actor, verdict: Verdict, now: datetime) -> None:
    """Take a held verdict back; the link stays as it was. Raises ``StaleState`` when too late."""
    link = SuspectedLink.objects.select_for_update(of=("self",)).get(pk=verdict.link_id)
    verdict = Verdict.objects.select_related("link").get(pk=verdict.pk)
    policies.undo(actor, verdict).require()
    if verdict.state == Verdict.State.HELD and now > verdict.held_until:
        raise StaleState("too_late", _("The time to undo is over; correct the verdict instead."))
    data = {"brand_id": link.brand_id, "link_id": link.pk, "outcome": verdict.outcome}
    states.move(verdict, "undone", actor=actor, now=now, data=data)


@transaction.atomic
def settle(*, verdict: Verdict, now: datetime) -> bool:
    """Make a held verdict final: link, fact and journal together. Return whether it became so.

    ``in_time`` compares the moment the verdict was given with the deadline. A verdict whose link
    was closed to it meanwhile is undone.
    """
    link = SuspectedLink.objects.select_for_update(of=("self",)).get(pk=verdict.link_id)
    verdict = Verdict.objects.select_related("member", "api_key").get(pk=verdict.pk)
    if verdict.state != Verdict.State.HELD:
        return False
    author = _author(verdict, link)
    verdict.link = link
    if not LINK.allows(link.state, verdict.outcome):
        data = {"brand_id": link.brand_id, "link_id": link.pk, "code": "link_closed"}
        states.move(verdict, "undone", actor=SYSTEM, now=now, data=data)
        return False
    data = {
        "brand_id": link.brand_id,
        "link_id": link.pk,
        "outcome": verdict.outcome,
        "in_time": _in_time(verdict, link),
        "correction": policies.is_judged(link),
        "explores": link.explores,
    }
    states.move(verdict, "final", actor=author, now=now, data=data, changes={"final_at": now})
    states.move(
        link,
        verdict.outcome,
        actor=author,
        now=now,
        data={"brand_id": link.brand_id, "verdict_id": verdict.pk},
        changes={"judged_at": verdict.given_at},
    )
    feedback.record_verdict(verdict=verdict, actor=author, now=now)
    conflicts.note_verdict(link=link, now=now)
    if not data["correction"]:
        second_looks.ask(verdict=verdict, now=now)
    if verdict.authorises_seller:
        _authorise_seller(verdict, author, now)
    return True


def _in_time(verdict: Verdict, link: SuspectedLink) -> bool:
    """Whether the verdict came within the term, whose clock stands still in appraisal.

    A clock paused in time never runs out while it stands still, so a verdict out of appraisal is
    in time when the appraisal was asked for in time.
    """
    in_appraisal = link.state == SuspectedLink.State.APPRAISAL and link.judged_at is not None
    acted_at = link.judged_at if in_appraisal else verdict.given_at
    return acted_at is not None and (link.due_at is None or acted_at <= link.due_at)


def settle_due(*, now: datetime, limit: int = SETTLE_BATCH) -> int:
    """Settle every verdict whose time to undo is over, each in its own transaction."""
    due = Verdict.objects.filter(state=Verdict.State.HELD, held_until__lte=now)
    return sum(settle(verdict=verdict, now=now) for verdict in due.order_by("held_until")[:limit])


@transaction.atomic
def settle_held(*, link: SuspectedLink, now: datetime) -> bool:
    """Settle the link's held verdict at once; return whether there was one.

    A complaint is the reviewer's second word: it needs no time to think again. ``link`` is
    brought up to date.
    """
    held = Verdict.objects.filter(link=link, state=Verdict.State.HELD).first()
    settled = held is not None and settle(verdict=held, now=now)
    link.refresh_from_db()
    return settled


def held_verdict(link: SuspectedLink) -> Verdict | None:
    """The link's verdict that can still be undone."""
    return Verdict.objects.filter(link=link, state=Verdict.State.HELD).first()


def check_input(link: SuspectedLink, outcome: str, right: str, reason: str) -> None:
    """Raise ``InvalidInput`` naming the field of a verdict that is wrong."""
    review_checks.check_outcome(outcome, right, reason)
    if policies.is_judged(link) and not reason:
        raise InvalidInput.one("reason", "required", _("A correction needs a reason."))


def check_open(link: SuspectedLink, outcome: str, *, is_held: bool, taken_by: str | None) -> None:
    """Raise ``StaleState`` for a link that this verdict cannot be given on now.

    The caller holds the link's row, and says whether a verdict on it is held and who else has
    its lease.
    """
    if taken_by:
        raise StaleState(
            "claimed", _("%(name)s is looking at this link right now.") % {"name": taken_by}
        )
    if is_held:
        raise StaleState(
            "verdict_held", _("This link has a verdict that can still be undone. Undo it first.")
        )
    if link.state == SuspectedLink.State.GONE:
        raise StaleState(
            "listing_gone", _("The listing is gone, so there is nothing to judge any more.")
        )
    if link.state == outcome:
        raise StaleState("same_verdict", _("This is the verdict the link already has."))
    if not LINK.allows(link.state, outcome):
        raise StaleState("link_closed", _("This link is closed to that verdict."))


def _authorise_seller(verdict: Verdict, actor: Actor, now: datetime) -> None:
    """Put the seller of the pushed listing on the brand's list, for its marketplace only.

    The verdict stands even if that is refused (the author's role may have changed meanwhile);
    the journal then says why.
    """
    link = verdict.link
    seller, marketplace = link.version.seller, link.listing.marketplace
    if seller is None:
        return
    known = link.brand.authorised_sellers.filter(
        external_id=seller.given_id, name=seller.name, marketplace=marketplace
    )
    if known.exists():
        return
    try:
        with transaction.atomic():
            sellers.authorise(
                actor=actor,
                now=now,
                brand=link.brand,
                external_id=seller.given_id,
                name=seller.name,
                marketplace=marketplace,
            )
    except PortalError as refusal:
        data = {"brand_id": link.brand_id, "link_id": link.pk, "code": refusal.code}
        journal.record(
            "verdict.seller_not_added",
            verdict,
            actor=actor,
            now=now,
            organisation_id=link.organisation_id,
            data=data,
        )


def _author(verdict: Verdict, link: SuspectedLink) -> Actor:
    if verdict.member is not None:
        return of_member(verdict.member, link.organisation)
    return of_key(verdict.api_key) if verdict.api_key is not None else SYSTEM
