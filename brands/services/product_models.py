"""Product models: what the genuine article is and costs."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Brand, ProductModel
from brands.policies import may_edit_brand
from brands.services import pictures
from brands.services.cleaning import Problems, refusing
from portal.core import journal
from portal.core.actors import Actor


@dataclass(frozen=True)
class ProductFacts:
    """A product model as declared. Prices may be text; they are in ``currency`` (ISO 4217)."""

    name: str
    model_number: str = ""
    aliases: Sequence[str] = ()
    gtin: str = ""
    category: str = ""
    list_price: Decimal | str | None = None
    lowest_price: Decimal | str | None = None
    currency: str = ""


def clean_product(problems: Problems, facts: ProductFacts, *, prefix: str = "") -> ProductFacts:
    """Return the facts as they are stored; everything wrong is noted."""
    before = len(problems.errors)
    list_price = problems.price(f"{prefix}list_price", facts.list_price)
    lowest_price = problems.price(f"{prefix}lowest_price", facts.lowest_price)
    currency = problems.currency(f"{prefix}currency", facts.currency)
    cleaned = ProductFacts(
        name=problems.text(f"{prefix}name", facts.name, longest=200, required=True),
        model_number=problems.text(f"{prefix}model_number", facts.model_number, longest=80),
        aliases=problems.texts(f"{prefix}aliases", facts.aliases, longest=200),
        gtin=problems.gtin(f"{prefix}gtin", facts.gtin),
        category=problems.text(f"{prefix}category", facts.category, longest=120),
        list_price=list_price,
        lowest_price=lowest_price,
        currency=currency,
    )
    if len(problems.errors) == before:
        _check_prices(problems, list_price, lowest_price, currency, prefix)
    return cleaned


def _check_prices(
    problems: Problems,
    list_price: Decimal | None,
    lowest_price: Decimal | None,
    currency: str,
    prefix: str,
) -> None:
    if (list_price or lowest_price) and not currency:
        problems.add(f"{prefix}currency", "required", _("A price needs its currency, such as CNY."))
    if list_price and lowest_price and lowest_price > list_price:
        problems.add(
            f"{prefix}lowest_price",
            "above_list_price",
            _("The lowest plausible price is above the list price."),
        )


@transaction.atomic
def register_product_model(
    *, actor: Actor, now: datetime, brand: Brand, facts: ProductFacts
) -> ProductModel:
    """Register a product model of the brand."""
    may_edit_brand(actor, brand).require()
    problems = Problems()
    cleaned = clean_product(problems, facts)
    problems.require_none()
    with _one_model_a_name():
        model = ProductModel.objects.create(brand=brand, created_at=now, **asdict(cleaned))
    journal.record(
        "product_model.registered", model, actor=actor, now=now, data={"brand_id": brand.pk}
    )
    return model


@transaction.atomic
def change_product_model(
    *, actor: Actor, now: datetime, product_model: ProductModel, facts: ProductFacts
) -> None:
    """Replace the declared facts of a product model."""
    may_edit_brand(actor, product_model.brand).require()
    problems = Problems()
    cleaned = clean_product(problems, facts)
    problems.require_none()
    changed = apply(product_model, cleaned)
    if not changed:
        return
    with _one_model_a_name():
        product_model.save(update_fields=changed)
    _journal_change(product_model, actor, now, changed)


@transaction.atomic
def set_active(*, actor: Actor, now: datetime, product_model: ProductModel, active: bool) -> None:
    """Take the product model out of matching, or put it back."""
    may_edit_brand(actor, product_model.brand).require()
    rows = ProductModel.objects.filter(pk=product_model.pk, active=not active)
    if rows.update(active=active):
        product_model.active = active
        _journal_change(product_model, actor, now, ["active"])


@transaction.atomic
def add_image(*, actor: Actor, now: datetime, product_model: ProductModel, content: bytes) -> None:
    """Add a reference picture (PNG or JPEG) of the genuine article."""
    may_edit_brand(actor, product_model.brand).require()
    product_model.images.add(pictures.keep(content, field="image", now=now))
    _journal_change(product_model, actor, now, ["images"])


def facts_of(product_model: ProductModel) -> dict[str, Any]:
    """Return the declared facts of a row by name, as JSON keeps them: prices are text."""
    values = {name: getattr(product_model, name) for name in ProductFacts.__dataclass_fields__}
    return {
        name: f"{value:.2f}" if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def apply(product_model: ProductModel, facts: ProductFacts) -> list[str]:
    """Set cleaned facts on the row and return the names of those that differ."""
    changed = []
    for name, value in asdict(facts).items():
        if getattr(product_model, name) != value:
            setattr(product_model, name, value)
            changed.append(name)
    return changed


def _one_model_a_name() -> AbstractContextManager[None]:
    return refusing(
        "product_model_once",
        field="name",
        code="duplicate",
        message=_("The brand has a product model of this name and number already."),
    )


def _journal_change(
    product_model: ProductModel, actor: Actor, now: datetime, changed: list[str]
) -> None:
    journal.record(
        "product_model.changed",
        product_model,
        actor=actor,
        now=now,
        data={"brand_id": product_model.brand_id, "what": changed},
    )
