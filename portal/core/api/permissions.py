"""Who may call an endpoint."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portal.core.actors import Actor
from portal.core.policies import Permission, may


def actor_of(request: Request) -> Actor | None:
    """Return the actor behind an API request: an API key, or the signed-in member."""
    if isinstance(request.auth, Actor):
        return request.auth
    found = getattr(request._request, "actor", None)
    return found if isinstance(found, Actor) else None


class HasActor(BasePermission):
    """The caller is known, and holds the permission the view declares for the method.

    Views declare ``permissions = {"GET": Permission.VIEW_LINKS, …}``; a method that is not
    declared is refused, so that a forgotten line closes a door and never opens one.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the call may go on; raise ``NotAllowed`` with the reason if not."""
        actor = actor_of(request)
        if actor is None:
            return False
        if request.method == "OPTIONS":
            return True
        method = "GET" if request.method == "HEAD" else str(request.method)
        permission: Permission | None = getattr(view, "permissions", {}).get(method)
        if permission is None:
            return False
        may(actor, permission).require()
        return True
