"""Repeat infringers: consequences proposed from strikes, decided by people, ended in time.

Proposals follow the journal: a strike given may call for one, a strike taken back may take one
back. What was ordered ends with its term, or at once when reversed strikes no longer carry it.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import policies, strike_rules
from complaints.models import Order, ShopConsequence, Strike
from complaints.services import orders
from complaints.strike_rules import THRESHOLDS, Consequence, Given
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import JournalEntry
from pushes.linked_shops import linked_shops
from pushes.models import Seller

LONGEST_NOTE = 2000
LINKED_SHOWN = 20
State = ShopConsequence.State
# Orders that carry a consequence out, and that end it.
ORDERS = {
    ShopConsequence.Kind.CATEGORY_RESTRICTED: (Order.Kind.RESTRICT, Order.Kind.LIFT),
    ShopConsequence.Kind.SHOP_SUSPENDED: (Order.Kind.SUSPEND, Order.Kind.RESTORE),
}


def active_points(seller: Seller, now: datetime) -> float:
    """Return what is left of the seller's strikes."""
    return active_points_of([seller.pk], now)[seller.pk]


def active_points_of(sellers: Iterable[int], now: datetime) -> dict[int, float]:
    """Return what is left of the strikes of each seller (by id), in one query."""
    given: dict[int, list[Given]] = {seller: [] for seller in sellers}
    rows = Strike.objects.filter(seller__in=given)
    for seller, points, at, ended in rows.values_list("seller", "points", "at", "reversed_at"):
        given[seller].append(Given(points, at, ended is not None))
    return {seller: strike_rules.active_points(each, now) for seller, each in given.items()}


def follow(entry: JournalEntry) -> None:
    """Follow ``strike.added`` and ``strike.reversed``."""
    seller = Seller.objects.get(pk=entry.data["seller_id"])
    if entry.verb == "strike.added":
        propose(seller=seller, now=entry.at)
    else:
        reconsider(seller=seller, now=entry.at)


@transaction.atomic
def propose(*, seller: Seller, now: datetime) -> ShopConsequence | None:
    """Propose what the seller's active points call for, unless it stands or is proposed."""
    Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)
    # The journal is read behind: what was given since is for the entry that tells of it.
    given = seller.strikes.filter(at__lte=now, reversed_at=None)
    points = strike_rules.active_points(
        (Given(*each) for each in given.values_list("points", "at")), now
    )
    wanted = strike_rules.called_for(points)
    if wanted is None or wanted is Consequence.LISTING_REMOVED:
        return None  # the decision itself has taken the listing down
    kind = ShopConsequence.Kind(wanted.value)
    open_ones = seller.consequences.filter(kind=kind, state__in=[State.PROPOSED, State.ORDERED])
    if open_ones.exists():
        return None
    row = ShopConsequence.objects.create(
        seller=seller,
        kind=kind,
        category=_category(seller) if wanted is Consequence.CATEGORY_RESTRICTED else "",
        points=points,
        evidence={"strikes": strikes_left(seller, now), "linked": linked_in_words(seller)},
        proposed_at=now,
    )
    journal.record("consequence.proposed", row, actor=SYSTEM, now=now, data=_data(row))
    return row


@transaction.atomic
def order(*, actor: Actor, consequence: ShopConsequence, note: str, now: datetime) -> None:
    """Order a proposed consequence from the marketplace, with reasons, for its term."""
    _decide(actor, consequence, State.ORDERED, note, now)
    start, __ = ORDERS[ShopConsequence.Kind(consequence.kind)]
    orders.queue_for_shop(consequence=consequence, kind=start, actor=actor, now=now)


@transaction.atomic
def decline(*, actor: Actor, consequence: ShopConsequence, note: str, now: datetime) -> None:
    """Decline a proposed consequence, with reasons; a further strike may propose it again."""
    _decide(actor, consequence, State.DECLINED, note, now)


def _decide(actor: Actor, consequence: ShopConsequence, to: str, note: str, now: datetime) -> None:
    policies.may_decide(actor).require()
    if actor.member is None:
        raise NotAllowed("not_platform", _("Only people of the platform decide this."))
    if not note.strip() or len(note) > LONGEST_NOTE:
        raise InvalidInput.one("note", "required", _("Give your reasons, in 2,000 characters."))
    term = strike_rules.TERMS[Consequence(consequence.kind)]
    states.move(
        consequence,
        to,
        actor=actor,
        now=now,
        data=_data(consequence),
        changes={
            "decided_by": actor.member,
            "decided_at": now,
            "note": note.strip(),
            "until": now + term if to == State.ORDERED else None,
        },
    )


@transaction.atomic
def reconsider(*, seller: Seller, now: datetime) -> None:
    """Take back what reversed strikes no longer carry: the others would not have called for it.

    What was ordered is measured as of the day it was ordered, so that decay alone ends nothing.
    """
    Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)
    for row in seller.consequences.filter(state__in=[State.PROPOSED, State.ORDERED]):
        as_of = row.decided_at or now
        if active_points(seller, as_of) >= THRESHOLDS[Consequence(row.kind)]:
            continue
        if row.state == State.PROPOSED:
            states.move(row, State.DROPPED, actor=SYSTEM, now=now, data=_data(row))
        else:
            _end(row, now, because="strikes_reversed")
    # What is left may still call for the milder one.
    propose(seller=seller, now=now)


def end_due(*, now: datetime) -> int:
    """End what has run its term, each in its own transaction; return how many."""
    due = ShopConsequence.objects.filter(state=State.ORDERED, until__lte=now).order_by("until")
    rows = list(due.select_related("seller"))
    for row in rows:
        with transaction.atomic():
            _end(row, now, because="term_over")
    return len(rows)


def _end(row: ShopConsequence, now: datetime, *, because: str) -> None:
    states.move(
        row,
        State.ENDED,
        actor=SYSTEM,
        now=now,
        data={**_data(row), "because": because},
        changes={"ended_at": now},
    )
    __, end = ORDERS[ShopConsequence.Kind(row.kind)]
    orders.queue_for_shop(consequence=row, kind=end, actor=SYSTEM, now=now)


def _category(seller: Seller) -> str:
    """Return the category most of the standing strikes are about."""
    rows = Strike.objects.filter(seller=seller, reversed_at=None).order_by("pk")
    named = rows.values_list("complaint__link__version__category", flat=True)
    counted = Counter(category for category in named if category)
    return counted.most_common(1)[0][0] if counted else ""


def strikes_left(seller: Seller, now: datetime) -> list[dict[str, Any]]:
    """Return the strikes given by ``now`` that stand, with what is left of each, the newest first.

    As JSON values: ``complaint`` (uuid), ``reason``, ``points``, ``left``, ``at``.
    """
    strikes = seller.strikes.filter(at__lte=now, reversed_at=None).select_related("complaint")
    return [
        {
            "complaint": str(strike.complaint.uuid),
            "reason": strike.complaint.reason,
            "points": strike.points,
            "left": round(strike_rules.weight(Given(strike.points, strike.at), now), 2),
            "at": strike.at.isoformat(),
        }
        for strike in strikes.order_by("-at", "-pk")
    ]


def linked_in_words(seller: Seller) -> list[dict[str, Any]]:
    """Return the strongest linked shops with what they share, as JSON values."""
    return [
        {
            "seller": str(shop.seller.uuid),
            "name": str(shop.seller),
            "strength": round(shop.strength, 2),
            "points": shop.seller.strike_points,
            "shared": sorted({each.kind for each in shop.evidence}),
        }
        for shop in linked_shops(seller)[:LINKED_SHOWN]
    ]


def _data(row: ShopConsequence) -> dict[str, Any]:
    return {
        "seller_id": row.seller_id,
        "kind": row.kind,
        "points": round(row.points, 2),
        "marketplace_id": row.seller.marketplace_id,
    }
