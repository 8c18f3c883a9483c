"""What a rights holder wants of its own threshold.

It may ask for more than the platform does, at once: fewer and surer links are its own business.
It cannot ask for less by itself, since every push is looked at by the platform's rules and lands on
a seller's account in the end: that is a proposal to the platform.
"""

from datetime import datetime
from typing import Final, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from brands.policies import may_edit_brand
from portal.core import states
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from pushes import matching
from pushes.matching.learning.control import Act
from pushes.models import ControlThreshold, Ruleset
from pushes.services import control, control_table
from pushes.services.registry import champion

LEAST: Final = 0.05
MOST: Final = 0.99
Level = ControlThreshold.Level


@transaction.atomic
def wish(
    *, actor: Actor, brand: Brand, value: float, now: datetime, reason: str = ""
) -> Literal["in_force", "proposed"]:
    """Ask for a threshold of pushing (0.05 to 0.99). At or above the platform's it holds at once.

    Raises ``InvalidInput`` naming ``value``.
    """
    may_edit_brand(actor, brand).require()
    if not LEAST <= value <= MOST:
        raise InvalidInput.one("value", "range", _("Give a threshold from 5 to 99 percent."))
    value = round(value, 3)
    ruleset = champion(now=now)
    control.hold_still(ruleset)
    platform = platform_threshold(brand, ruleset)
    row = ControlThreshold(
        act=str(Act.PUSH),
        brand=brand,
        value=value,
        why=ControlThreshold.Why.WISHED,
        wished=True,
        ruleset=ruleset,
        reason=reason.strip()[: control.LONGEST_REASON],
    )
    if value < platform:
        row.level, row.scope, row.old_value = Level.BRAND, f"brand:{brand.pk}", platform
        control.propose(row, actor=actor, now=now)
        return "proposed"
    # Whoever asks for more now does not ask for less any longer.
    control.end_wishes(brand, actor=actor, now=now)
    own = _own(brand)
    row.level, row.scope = Level.OWN, f"own:{brand.pk}"
    row.old_value = own.value if own is not None else platform
    if value > platform:
        control.put_in_force(row, actor=actor, now=now)
    elif own is not None:
        states.move(own, "superseded", actor=actor, now=now, data={"brand_id": brand.pk})
    return "in_force"


def platform_threshold(brand: Brand, ruleset: Ruleset) -> float:
    """From which score on the platform pushes to a brand, whatever the brand wishes."""
    weights = matching.Ruleset.from_dict(ruleset.content).weights
    return control_table.load(ruleset.pk).platform_threshold(weights, str(brand.uuid))


def own_threshold(brand: Brand) -> float | None:
    """What the brand asks for above the platform's; None for nothing."""
    own = _own(brand)
    return None if own is None else own.value


def _own(brand: Brand) -> ControlThreshold | None:
    rows = ControlThreshold.objects.filter(state=ControlThreshold.State.IN_FORCE)
    return rows.filter(level=Level.OWN, brand=brand).first()
