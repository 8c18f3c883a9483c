"""Figures: projections of the journal."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """Rollups, associations' aggregates, the wall."""

    name = "portal.figures"
    label = "figures"

    def ready(self) -> None:
        """Read the journal."""
        from portal.core import events
        from portal.figures import projections

        events.subscribe("figures", projections.project, projections.VERBS)
