"""The thresholds in force, as the engine room looks them up."""

from typing import Final

from django.db.models import Count, Max, Sum

from pushes.matching.learning.control import BLOCK_BOUND
from pushes.matching.strategy import (
    EVERYWHERE,
    Blocked,
    Control,
    Key,
    brand_key,
    category_key,
    seller_key,
)
from pushes.models import ControlThreshold

Level = ControlThreshold.Level
Act = ControlThreshold.Act
Stamp = tuple[int, int, int]
_FIELDS: Final = (
    *("act", "level", "value", "low", "ruleset_id", "brand__uuid", "category"),
    *("seller__marketplace__slug", "seller__external_id"),
)


def stamp() -> Stamp:
    """What changes whenever a threshold comes into force or falls; rows themselves never change."""
    rows = ControlThreshold.objects.filter(state=ControlThreshold.State.IN_FORCE)
    found = rows.aggregate(count=Count("pk"), total=Sum("pk"), newest=Max("pk"))
    return found["count"], found["total"] or 0, found["newest"] or 0


def load(ruleset_id: int) -> Control:
    """The thresholds in force; blocks are proven only for the ruleset they were measured under."""
    push: dict[Key, float] = {}
    hold: dict[Key, float | None] = {}
    block: dict[Key, Blocked] = {}
    own: dict[str, float] = {}
    rows = ControlThreshold.objects.filter(state=ControlThreshold.State.IN_FORCE)
    for act, level, value, low, measured_under, brand, *narrow in rows.values_list(*_FIELDS):
        key = _key(level, str(brand), *narrow)
        if level == Level.OWN:
            own[str(brand)] = value
        elif act == Act.PUSH:
            push[key] = value
        elif act == Act.HOLD:
            hold[key] = value
        elif value is not None:
            proven = (low or 0.0) >= BLOCK_BOUND and measured_under == ruleset_id
            block[key] = Blocked(value, proven)
    return Control(push, hold, block, own)


def _key(level: str, brand: str, category: str, marketplace: str, seller: str) -> Key:
    if level == Level.GLOBAL:
        return EVERYWHERE
    if level == Level.CATEGORY:
        return category_key(brand, category)
    if level == Level.SELLER:
        return seller_key(brand, marketplace, seller)
    return brand_key(brand)
