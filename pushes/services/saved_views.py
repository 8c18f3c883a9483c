"""Views a member gave a name."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.policies import Permission, may
from pushes.models import SavedView

MOST: Final = 12
LONGEST_NAME: Final = 60


@transaction.atomic
def save(*, actor: Actor, name: str, query: str, now: datetime) -> SavedView:
    """Keep a filter under a name; the same name again replaces it.

    Raises ``InvalidInput`` for a missing or long name, or beyond ``MOST`` views.
    """
    may(actor, Permission.VIEW_LINKS).require()
    if actor.member is None or actor.organisation is None:
        raise NotAllowed("no_member", _("Only members keep views."))
    name = " ".join(name.split())
    if not name:
        raise InvalidInput.one("name", "required", _("Give the view a name."))
    if len(name) > LONGEST_NAME:
        raise InvalidInput.one("name", "too_long", _("Write at most 60 characters."))
    own = SavedView.objects.filter(member=actor.member, organisation=actor.organisation)
    if own.exclude(name=name).count() >= MOST:
        raise InvalidInput.one("name", "too_many", _("Remove a view first: twelve are kept."))
    view, _created = SavedView.objects.update_or_create(
        member=actor.member,
        organisation=actor.organisation,
        name=name,
        defaults={"query": query[:600], "created_at": now},
    )
    return view


@transaction.atomic
def remove(*, actor: Actor, view: SavedView) -> None:
    """Forget one of the actor's own views."""
    if actor.member is None or view.member_id != actor.member.pk:
        raise NotAllowed("not_own", _("This view is somebody else's."))
    view.delete()
