"""The ground app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Organisations, members, journal, outbox, jobs and clocks."""

    name = "portal.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks and the outbox handlers of this app."""
        from portal.core import checks, handlers

        checks.register_all()
        handlers.register_all()
