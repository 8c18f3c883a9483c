"""Strikes: what an established complaint costs the seller."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Greatest

from complaints.harm import SAFETY_CLASSES
from complaints.models import Complaint, Strike
from complaints.services.facts import facts_of
from complaints.strike_rules import points_for
from portal.core import journal
from portal.core.actors import Actor
from pushes.models import Seller


def add(*, complaint: Complaint, actor: Actor, now: datetime) -> Strike | None:
    """Give the seller its strike in the caller's transaction; ``None`` if no seller is known."""
    seller = complaint.link.version.seller
    if seller is None:
        return None
    points = points_for(
        complaint.reason,
        is_dangerous=bool(SAFETY_CLASSES & set(complaint.registration.nice_classes)),
    )
    strike = Strike.objects.create(seller=seller, complaint=complaint, points=points, at=now)
    Seller.objects.filter(pk=seller.pk).update(strike_points=F("strike_points") + points)
    journal.record(
        "strike.added",
        strike,
        actor=actor,
        now=now,
        data={**facts_of(complaint), "seller_id": seller.pk, "points": points},
    )
    return strike


def reverse(*, complaint: Complaint, actor: Actor, now: datetime) -> Strike | None:
    """Take the complaint's strike back in the caller's transaction, once; ``None`` without one."""
    taken_back = Strike.objects.filter(complaint=complaint, reversed_at=None).update(
        reversed_at=now
    )
    if not taken_back:
        return None
    strike = Strike.objects.get(complaint=complaint)
    Seller.objects.filter(pk=strike.seller_id).update(
        strike_points=Greatest(F("strike_points") - strike.points, 0)
    )
    journal.record(
        "strike.reversed",
        strike,
        actor=actor,
        now=now,
        data={**facts_of(complaint), "seller_id": strike.seller_id, "points": strike.points},
    )
    return strike
