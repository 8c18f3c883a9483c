"""The pushes room."""

from django.apps import AppConfig


class PushesConfig(AppConfig):
    """Listings in, suspected links out, verdicts in, weights learned."""

    name = "pushes"

    def ready(self) -> None:
        """Bind outbox handlers and jobs, journal consumers and the navigation."""
        from pushes import consumers, handlers

        handlers.register_all()
        consumers.register_all()
