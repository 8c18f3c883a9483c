"""Navigation entries of the ground floor."""

from django.utils.translation import gettext_lazy as _

from portal.core.policies import Permission
from portal.core.web.navigation import Entry, add


def register_all() -> None:
    """Add the entries."""
    add(
        Entry(
            _("Organisations"), "core:organisations", "building-2", Permission.MANAGE_PLATFORM, 60
        )
    )
    add(Entry(_("Jobs"), "core:jobs", "list-checks", Permission.VIEW_REGISTRY, 75))
    add(Entry(_("Organisation"), "core:organisation", "users", Permission.MANAGE_MEMBERS, 80))
    add(
        Entry(
            _("Working days"),
            "core:calendars",
            "calendar-days",
            Permission.MANAGE_PLATFORM,
            85,
        )
    )
    add(Entry(_("Mail"), "core:mail", "mail", Permission.MANAGE_PLATFORM, 90))
