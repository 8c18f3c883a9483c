"""Fair use of the API."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from portal.core.api.permissions import actor_of


class ActorThrottle(SimpleRateThrottle):
    """A rate for each actor; strangers share one by address."""

    scope = "actor"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return the bucket of the caller."""
        actor = actor_of(request)
        who = f"{actor.kind}:{actor.id}" if actor else str(self.get_ident(request))
        return f"throttle:{self.scope}:{who}"
