"""What every page's view needs: the actor, or a sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from portal.core.actors import Actor
from portal.core.errors import NotAllowed
from portal.core.policies import Permission, may

P = ParamSpec("P")
LONGEST_SEARCH = 100
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor(request: HttpRequest) -> Actor:
    """Return the actor of a guarded view."""
    found = getattr(request, "actor", None)
    if not isinstance(found, Actor):
        raise NotAllowed("no_organisation", _("You are not a member of any organisation yet."))
    return found


def search_words(request: HttpRequest, name: str = "q") -> str:
    """Return what was searched for, in a form the database can look for: short, without NUL."""
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]


def needs(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Guard a view: sign-in, a membership and the permission, in this order."""

    def decorate(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
            may(actor(request), permission).require()
            return view(request, *args, **kwargs)

        return guarded

    return decorate
