"""The pushes room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PushesConfig(AppConfig):
    """Listings in, suspected links out, verdicts in, weights learned."""

    name = "pushes"
    verbose_name = _("Suspected links")

    def ready(self) -> None:
        """Bind outbox handlers and jobs, journal consumers and the navigation."""
        from pushes import consumers, handlers, topics

        handlers.register_all()
        consumers.register_all()
        topics.register_all()
        post_migrate.connect(_seed_rates, sender=self)


def _seed_rates(**kwargs: Any) -> None:
    """Give a new database the shipped exchange rates."""
    from pushes.services import rates

    rates.seed()
