"""What an actor may see of the control strategy."""

from django.db.models import QuerySet

from portal.core.actors import Actor
from portal.core.policies import Permission, permissions_of
from pushes.models import ControlThreshold


def thresholds_visible_to(actor: Actor | None) -> QuerySet[ControlThreshold]:
    """All thresholds, for those who tune rules: they tell sellers from where to stay below."""
    if actor is None or Permission.TUNE_RULES not in permissions_of(actor):
        return ControlThreshold.objects.none()
    return ControlThreshold.objects.select_related(
        "brand", "seller", "ruleset", "created_by__user", "decided_by__user"
    )
