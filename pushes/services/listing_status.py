"""Whether a listing is online, taken down or gone."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, may
from pushes.models import Listing


@transaction.atomic
def set_status(*, listing: Listing, status: str, actor: Actor, now: datetime) -> bool:
    """Set what a marketplace's answer to an order says; return whether anything changed.

    ``status`` is ``down`` after an acknowledged take-down and ``live`` after a reinstatement.
    Saying the same twice changes nothing. A listing that is down stays down whatever is observed
    of it; only this function brings it back. Journals ``listing.<status>``.
    """
    may(actor, Permission.DECIDE_COMPLAINT).require()
    if status not in {Listing.Status.DOWN, Listing.Status.LIVE}:
        raise InvalidInput.one("status", "choice", _("A listing can be set to down or live."))
    locked = Listing.objects.select_for_update(no_key=True).get(pk=listing.pk)
    listing.status = status
    if locked.status == status:
        return False
    locked.status = status
    locked.save(update_fields=["status"])
    data = {"marketplace_id": locked.marketplace_id}
    journal.record(f"listing.{status}", locked, actor=actor, now=now, data=data)
    return True
