"""The ground app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Organisations, members, journal, outbox, jobs and clocks."""

    name = "portal.core"
    label = "core"
    verbose_name = _("Organisations and work")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register system checks, outbox handlers and navigation entries."""
        from portal.core import checks, field_names, handlers
        from portal.core.web import entries, listening

        checks.register_all()
        field_names.apply()
        handlers.register_all()
        entries.register_all()
        listening.connect()
