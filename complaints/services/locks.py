"""In which order rows are locked: the complaint, then its counter-notice, then the listing. So
nobody waits in a circle, whoever acts: the seller, the rights holder, an administrator or a clock.

Locks are ``FOR NO KEY UPDATE``: rows that point at a locked one can still be written. A stronger
lock would let a commit that checks such a pointer wait for whoever waits for its own rows.
"""

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from complaints.models import Complaint, CounterNotice
from portal.core.errors import StaleState
from pushes.models import Listing

_COMPLAINT = (
    "organisation",
    "registration",
    "link__brand",
    "link__version__seller",
    "link__listing__marketplace",
)


def complaint(pk: int) -> Complaint:
    """Return the complaint with what follows from it read, locked until the transaction ends."""
    rows = Complaint.objects.select_for_update(of=("self",), no_key=True).select_related(
        *_COMPLAINT
    )
    return rows.get(pk=pk)


def complaint_at_once(pk: int) -> Complaint:
    """Return the complaint as above; ``StaleState`` at once when somebody else holds it.

    For whoever comes without an account: nobody makes others wait by sending often.
    """
    rows = Complaint.objects.select_for_update(of=("self",), nowait=True, no_key=True)
    try:
        with transaction.atomic():
            return rows.select_related(*_COMPLAINT).get(pk=pk)
    except OperationalError as error:
        text = _("Somebody works on this case this moment. Send the form again in a minute.")
        raise StaleState("busy", text) from error


def counter_notice(pk: int) -> CounterNotice:
    """Return the counter-notice as it is now, locked with its complaint."""
    complaint_id = CounterNotice.objects.values_list("complaint_id", flat=True).get(pk=pk)
    locked = complaint(complaint_id)
    row = CounterNotice.objects.select_for_update(no_key=True).get(pk=pk)
    row.complaint = locked
    return row


def listing(pk: int) -> None:
    """Lock the listing until the transaction ends; rows that point at it can still be written."""
    Listing.objects.select_for_update(no_key=True).values_list("pk").get(pk=pk)
