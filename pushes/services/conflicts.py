"""Rights holders who judge one listing differently: the platform's admin hears of it.

Nothing is decided by the machine. A conflict opens when one organisation's final verdict says
that a listing infringes and another's that it is genuine or authorised; it is kept until an admin
writes what was found.
"""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, may
from pushes.models import Conflict, SuspectedLink

State = SuspectedLink.State
INFRINGING: Final = (State.COUNTERFEIT, State.OTHER_INFRINGEMENT)
FINE: Final = (State.GENUINE, State.AUTHORISED)
LONGEST_NOTE: Final = 2000


def note_verdict(*, link: SuspectedLink, now: datetime) -> Conflict | None:
    """Open a conflict when another rights holder judged the same listing the other way.

    ``link`` has its new state; the caller is in a transaction. Returns the new conflict.
    """
    opposite = FINE if link.state in INFRINGING else INFRINGING
    if link.state not in (*INFRINGING, *FINE):
        return None
    other = (
        SuspectedLink.objects.filter(listing=link.listing_id, state__in=opposite)
        .exclude(organisation=link.organisation_id)
        .order_by("judged_at", "pk")
        .first()
    )
    if other is None:
        return None
    infringing, fine = (link, other) if link.state in INFRINGING else (other, link)
    conflict, is_new = Conflict.objects.get_or_create(
        listing_id=link.listing_id,
        state=Conflict.State.OPEN,
        defaults={"infringing": infringing, "fine": fine, "opened_at": now},
    )
    if not is_new:
        return None
    data = {"infringing_id": infringing.pk, "fine_id": fine.pk}
    journal.record("conflict.open", conflict, actor=SYSTEM, now=now, data=data)
    return conflict


@transaction.atomic
def resolve(*, actor: Actor, conflict: Conflict, note: str, now: datetime) -> None:
    """Close a conflict with what was found. Raises ``InvalidInput`` without a note."""
    may(actor, Permission.DECIDE_COMPLAINT).require()
    note = note.strip()
    if not note:
        raise InvalidInput.one("note", "required", _("Write what you found."))
    if len(note) > LONGEST_NOTE:
        raise InvalidInput.one("note", "too_long", _("Write at most 2000 characters."))
    changes = {"note": note, "resolved_at": now, "resolved_by": actor.member}
    states.move(conflict, "resolved", actor=actor, now=now, changes=changes)
