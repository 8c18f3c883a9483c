"""Figures: projections of the journal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FiguresConfig(AppConfig):
    """Rollups, associations' aggregates, the wall."""

    name = "portal.figures"
    label = "figures"
    verbose_name = _("Figures")

    def ready(self) -> None:
        """Read the journal and add the navigation entry."""
        from portal.core import events
        from portal.core.policies import Permission
        from portal.core.web.navigation import Entry, add
        from portal.figures import projections, transparency

        events.subscribe("figures", projections.project, projections.VERBS)
        events.subscribe(transparency.CONSUMER, transparency.project, transparency.VERBS)
        add(Entry(_("Figures"), "figures:figures", "chart-column", Permission.VIEW_FIGURES, 70))
