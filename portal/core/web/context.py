"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.core.web import navigation


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the actor, the navigation, the theme and whether data is simulated."""
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "navigation": navigation.entries_for(actor),
        "theme": request.COOKIES.get("theme", "auto"),
        "demo": settings.DEMO,
    }
