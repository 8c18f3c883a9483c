"""Characteristics of fakes: declared, checked, live, paused, withdrawn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Brand, Characteristic, ProductModel
from brands.policies import may_edit_brand
from brands.services.characteristic_values import clean_value, clean_weight
from brands.services.cleaning import Problems, refusing
from portal.core import states
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, may

State = Characteristic.State
Outcome = Literal["live", "needs_co_signal", "refused"]


@dataclass(frozen=True)
class Declared:
    """A characteristic as declared. ``weight`` multiplies the learned weight of its kind."""

    kind: str
    value: str
    weight: float | str | None = None


@transaction.atomic
def declare(
    *,
    actor: Actor,
    now: datetime,
    brand: Brand,
    declared: Declared,
    product_model: ProductModel | None = None,
) -> Characteristic:
    """Declare a characteristic; it is being checked until its dry run admits it."""
    may_edit_brand(actor, brand).require()
    problems = Problems()
    value = clean_value(problems, declared.kind, declared.value)
    weight = clean_weight(problems, declared.weight)
    if product_model is not None and product_model.brand_id != brand.pk:
        problems.add("product_model", "other_brand", _("This product model is of another brand."))
    problems.require_none()
    with refusing(
        "characteristic_once",
        field="value",
        code="duplicate",
        message=_("This characteristic is declared already."),
    ):
        characteristic = Characteristic.objects.create(
            brand=brand,
            product_model=product_model,
            kind=declared.kind,
            value=value,
            weight=weight,
            created_at=now,
        )
    _move(characteristic, State.CHECKING, actor, now)
    return characteristic


@transaction.atomic
def admit(
    *, characteristic: Characteristic, outcome: Outcome, reason: str, actor: Actor, now: datetime
) -> None:
    """Write the outcome of the dry run. Any reason but that of “live” is shown."""
    may(actor, Permission.TUNE_RULES).require()
    states.move(
        characteristic,
        outcome,
        actor=actor,
        now=now,
        data=_data(characteristic),
        changes={"refusal": "" if outcome == "live" else (reason or outcome)[:200]},
    )


@transaction.atomic
def pause(*, actor: Actor, now: datetime, characteristic: Characteristic) -> None:
    """Take a live characteristic out of matching for a while."""
    may_edit_brand(actor, characteristic.brand).require()
    _move(characteristic, State.PAUSED, actor, now)


@transaction.atomic
def resume(*, actor: Actor, now: datetime, characteristic: Characteristic) -> None:
    """Put a paused characteristic back as it was: alone, or with a second signal."""
    may_edit_brand(actor, characteristic.brand).require()
    if characteristic.state != State.PAUSED:
        raise InvalidInput.one("state", "not_paused", _("This characteristic is not paused."))
    before = State.NEEDS_CO_SIGNAL if characteristic.refusal else State.LIVE
    _move(characteristic, before, actor, now)


@transaction.atomic
def withdraw(*, actor: Actor, now: datetime, characteristic: Characteristic) -> None:
    """Withdraw a characteristic for good; the same one may be declared again."""
    may_edit_brand(actor, characteristic.brand).require()
    _move(characteristic, State.WITHDRAWN, actor, now)


def _move(characteristic: Characteristic, to: str, actor: Actor, now: datetime) -> None:
    states.move(characteristic, to, actor=actor, now=now, data=_data(characteristic))


def _data(characteristic: Characteristic) -> dict[str, object]:
    return {"brand_id": characteristic.brand_id, "kind": characteristic.kind}
