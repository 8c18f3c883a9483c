"""Taking a complaint back before it is decided, and putting it before the platform again.

Established ones are taken back in ``counter_notices.retract``: there measures have to end.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import misuse_selectors, policies
from complaints.models import Complaint
from complaints.selectors import INFRINGING
from complaints.services import filing, locks
from complaints.services.facts import facts_of
from portal.core import states
from portal.core.actors import Actor
from portal.core.errors import StaleState
from pushes.models import SuspectedLink


@transaction.atomic
def withdraw(*, actor: Actor, complaint: Complaint, now: datetime) -> None:
    """Take a filed complaint back. Raises ``NotAllowed``, or ``StaleState`` once it is decided."""
    policies.may_reply(actor, complaint).require()
    row = locks.complaint(complaint.pk)
    states.move(row, Complaint.State.WITHDRAWN, actor=actor, now=now, data=facts_of(row))
    complaint.refresh_from_db()


@transaction.atomic
def reactivate(*, actor: Actor, complaint: Complaint, now: datetime) -> None:
    """Put a withdrawn complaint before the platform again, as it was filed; its term starts anew.

    The link is locked before the complaint, as filing does, so that of a new complaint and an old
    one put back only one stands. Raises ``NotAllowed``, or ``StaleState`` when another complaint
    about the link stands, the verdict changed, or the complaint is not withdrawn.
    """
    policies.may_reply(actor, complaint).require()
    policies.may_file(actor, now).require()
    misuse_selectors.may_complain(actor, now).require()
    link = SuspectedLink.objects.select_for_update(no_key=True).get(pk=complaint.link_id)
    row = locks.complaint(complaint.pk)
    others = Complaint.objects.filter(link=link).exclude(pk=row.pk)
    if others.exclude(state__in=Complaint.CLOSED).exists():
        raise StaleState("duplicate", _("Another complaint about this link stands already."))
    if link.state not in INFRINGING:
        raise StaleState(
            "no_verdict", _("The link is no longer judged an infringement. Judge it so first.")
        )
    filing.put_before_platform(complaint=row, actor=actor, now=now)
    complaint.refresh_from_db()
