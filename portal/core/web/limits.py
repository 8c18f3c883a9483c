"""How often a stranger may ask for a page that needs no account."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.throttling import SimpleRateThrottle

from portal.core.errors import TooMany


class _Throttle(SimpleRateThrottle):
    """Counts one kind of request of one caller."""

    def __init__(self, scope: str, rate: str, ident: str) -> None:
        self.scope, self.rate, self.ident = scope, rate, ident
        super().__init__()

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Return the bucket of the caller."""
        return f"throttle:{self.scope}:{self.ident}"


def limit(request: HttpRequest, scope: str, rate: str, *, ident: str = "") -> None:
    """Raise ``TooMany`` when ``ident`` (by default the address) asked more often than ``rate``.

    ``rate`` is ``"20/hour"`` or the like; refused requests count for nothing.
    """
    throttle = _Throttle(scope, rate, ident or address_of(request))
    # Only the cache key is asked of these two, and ours needs neither.
    if throttle.allow_request(request, None):  # type: ignore[arg-type]
        return
    seconds = int(throttle.wait() or 60)
    minutes = max(1, -(-seconds // 60))
    raise TooMany(
        "too_often",
        _("That was too often. Please come back in %(minutes)s minutes.") % {"minutes": minutes},
    )


def address_of(request: HttpRequest) -> str:
    """Return the caller's address: the one the trusted proxy saw, never one the caller claims."""
    proxies = int(settings.ALLAUTH_TRUSTED_PROXY_COUNT)
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(hops) >= proxies and hops[-proxies].strip():
        return hops[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
