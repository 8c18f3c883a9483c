"""Whether an order still holds when its turn comes, and which orders must not cross.

What is sent follows from what stands at that moment, not from what stood when the order was asked
for: a take-down holds while its complaint stands, a reinstatement while no complaint about the
listing does. So of two opposite orders about one listing at most one holds, in whatever state and
after however many attempts. What was let out before the other was asked for is waited for.
"""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from complaints.models import Complaint, Order, ShopConsequence
from portal.core.models import OutboxMessage

KEY_PREFIX: Final = "order:"
STANDING: Final = (Complaint.State.ESTABLISHED, Complaint.State.CONTESTED)
_Kind = Order.Kind
_OPPOSITE: Final = {
    _Kind.TAKE_DOWN: _Kind.REINSTATE,
    _Kind.REINSTATE: _Kind.TAKE_DOWN,
    _Kind.RESTRICT: _Kind.LIFT,
    _Kind.LIFT: _Kind.RESTRICT,
    _Kind.SUSPEND: _Kind.RESTORE,
    _Kind.RESTORE: _Kind.SUSPEND,
}


def superseded(order: Order) -> str:
    """Return in words why the order is not to be carried out any more; empty while it holds."""
    if order.consequence is not None:
        return _superseded_for_shop(order, order.consequence)
    if order.kind == _Kind.TAKE_DOWN:
        if Complaint.objects.filter(pk=order.complaint_id, state__in=STANDING).exists():
            return ""
        return _("The complaint was overturned; nothing is taken down any more.")
    standing = Complaint.objects.filter(link__listing=order.listing_id, state__in=STANDING)
    if standing.exists():
        return _("Another complaint keeps this listing down; it is not put back.")
    return ""


def _superseded_for_shop(order: Order, consequence: ShopConsequence) -> str:
    ordered = ShopConsequence.objects.filter(state=ShopConsequence.State.ORDERED)
    if order.kind in {_Kind.RESTRICT, _Kind.SUSPEND}:
        if ordered.filter(pk=consequence.pk).exists():
            return ""
        return _("The measure has ended; the shop is not restricted any more.")
    newer = ordered.filter(
        seller=consequence.seller_id, kind=consequence.kind, category=consequence.category
    )
    if newer.exists():
        return _("A newer measure restricts this shop; it is not opened.")
    return ""


def is_crossed(order: Order, now: datetime) -> bool:
    """Whether an opposite order about the same listing or shop is with a worker this moment.

    A worker that died is not waited for longer than its lease.
    """
    keys = [f"{KEY_PREFIX}{uuid}" for uuid in _opposite(order).values_list("uuid", flat=True)]
    return OutboxMessage.objects.filter(
        key__in=keys, state=OutboxMessage.State.TAKEN, due_at__gt=now
    ).exists()


def _opposite(order: Order) -> QuerySet[Order]:
    rows = Order.objects.filter(kind=_OPPOSITE[_Kind(order.kind)])
    if order.consequence is not None:
        return rows.filter(consequence__seller=order.consequence.seller_id)
    return rows.filter(listing=order.listing_id, consequence=None)
