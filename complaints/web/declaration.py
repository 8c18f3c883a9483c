"""The declaration of good faith: accepted once a session for each rights holder acted for."""

from django.http import HttpRequest

from complaints.services.notices import GOOD_FAITH_VERSION
from portal.core.actors import Actor

KEY = "good_faith"


def is_accepted(request: HttpRequest, actor: Actor) -> bool:
    """Whether the declaration in force was accepted in this session."""
    accepted: dict[str, str] = request.session.get(KEY, {})
    return accepted.get(_name(actor)) == GOOD_FAITH_VERSION


def accept(request: HttpRequest, actor: Actor) -> None:
    """Remember the acceptance until the session ends."""
    request.session[KEY] = {**request.session.get(KEY, {}), _name(actor): GOOD_FAITH_VERSION}


def _name(actor: Actor) -> str:
    """Member and organisation: who signs in again, or acts for another one, declares again."""
    member = actor.member.pk if actor.member else ""
    organisation = actor.organisation.pk if actor.organisation else ""
    return f"{member}:{organisation}"
