"""Thresholds as a re-estimate would write them."""

from django.utils import timezone

from brands.models import Brand
from pushes.models import ControlThreshold
from pushes.services import registry


def in_force() -> dict[tuple[str, str], ControlThreshold]:
    rows = ControlThreshold.objects.filter(state="in_force")
    return {(row.level, row.act): row for row in rows}


def row(brand: Brand | None = None, **values: object) -> ControlThreshold:
    """A threshold of a brand (or of all) as a re-estimate would write it."""
    scope = f"brand:{brand.pk}" if brand else "global"
    defaults = {
        "state": "in_force",
        "act": "push",
        "level": "brand" if brand else "global",
        "scope": scope,
        "brand": brand,
        "value": 0.8,
        "why": "worse",
        "ruleset": registry.champion(),
        "created_at": timezone.now(),
    }
    return ControlThreshold.objects.create(**{**defaults, **values})
