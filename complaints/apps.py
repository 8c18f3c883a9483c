"""The complaints room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    """Complaints, decisions, statements of reasons, take-down orders, strikes."""

    name = "complaints"
    verbose_name = _("Complaints")

    def ready(self) -> None:
        """Bind outbox handlers, fill the link page's slots and add the navigation."""
        from complaints import wiring

        wiring.connect()
