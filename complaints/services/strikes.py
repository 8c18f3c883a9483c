"""Strikes: what an established complaint costs the seller."""

from datetime import datetime

from django.db.models import F

from complaints.models import Complaint, Strike
from complaints.services.facts import facts_of
from portal.core import journal
from portal.core.actors import Actor
from pushes.models import Seller

# Points by gravity: selling counterfeits weighs as much as three other infringements.
POINTS = {Complaint.Reason.COUNTERFEIT: 3}
LIGHTEST = 1


def points_for(reason: str) -> int:
    """Return the points an established complaint of this reason gives."""
    return POINTS.get(Complaint.Reason(reason), LIGHTEST)


def add(*, complaint: Complaint, actor: Actor, now: datetime) -> Strike | None:
    """Give the seller its strike in the caller's transaction; ``None`` if no seller is known."""
    seller = complaint.link.version.seller
    if seller is None:
        return None
    points = points_for(complaint.reason)
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
