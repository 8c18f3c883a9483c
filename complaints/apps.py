"""The complaints room."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Complaints, decisions, statements of reasons, take-down orders, strikes."""

    name = "complaints"

    def ready(self) -> None:
        """Bind outbox handlers, fill the link page's slots and add the navigation."""
        from complaints import wiring

        wiring.connect()
