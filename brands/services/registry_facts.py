"""What a registry file says, in one form whatever the file's: a list of facts and refused rows."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brands.models import BrandName
from brands.services.characteristic_values import clean_value, clean_weight
from brands.services.characteristics import Declared
from brands.services.cleaning import Problems
from brands.services.product_models import ProductFacts, clean_product
from brands.services.registration import NewName, clean_brand_name, clean_other_name
from brands.services.sellers import clean_seller


@dataclass(frozen=True)
class ModelReference:
    """Which product model is meant: by name and number, or (``number is None``) by either."""

    name: str
    number: str | None = None


@dataclass(frozen=True)
class BrandFact:
    """A brand exists."""


@dataclass(frozen=True)
class MarkFact:
    """A characteristic, of one product model or of the whole brand."""

    declared: Declared
    product_model: ModelReference | None = None


@dataclass(frozen=True)
class SellerFact:
    """An authorised seller; ``marketplace`` is a short name or a name, empty for all."""

    external_id: str = ""
    name: str = ""
    marketplace: str = ""


Payload = BrandFact | NewName | ProductFacts | MarkFact | SellerFact


@dataclass(frozen=True)
class Fact:
    """One clean fact about a brand. ``path`` leads to it in a JSON file."""

    row: int
    brand: str
    payload: Payload
    path: str = ""


@dataclass(frozen=True)
class BadRow:
    """A row that is not imported, and why. ``also`` holds further problems: field, code, words."""

    row: int
    field: str
    code: str
    message: str
    content: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    also: tuple[tuple[str, str, str], ...] = ()


Item = Fact | BadRow
Raw = Mapping[str, str]

# Facts of a brand are imported after it, whatever their order in the file.
_RANK: dict[type, int] = {BrandFact: 0, ProductFacts: 1, NewName: 2, MarkFact: 3, SellerFact: 4}


def clean_brand(problems: Problems, prefix: str, raw: Raw) -> Payload:
    """Return the fact that the brand exists."""
    clean_brand_name(problems, raw.get("brand", ""), field=f"{prefix}brand")
    return BrandFact()


def clean_alias(problems: Problems, prefix: str, raw: Raw) -> Payload:
    """Return another name of the brand."""
    inner = Problems()
    name = NewName(
        text=raw.get("name", ""),
        kind=raw.get("name_kind", "").strip().lower() or BrandName.Kind.ALIAS,
        language=raw.get("language", ""),
    )
    cleaned = clean_other_name(inner, name)
    columns = {"text": "name", "kind": "name_kind"}
    for error in inner.errors:
        problems.add(prefix + columns.get(error.field, error.field), error.code, error.message)
    return cleaned


def clean_model(problems: Problems, prefix: str, raw: Raw) -> Payload:
    """Return a product model; its other names are parted by ``|``."""
    facts = ProductFacts(
        name=raw.get("name", ""),
        model_number=raw.get("model_number", ""),
        aliases=raw.get("aliases", "").split("|"),
        gtin=raw.get("gtin", ""),
        category=raw.get("category", ""),
        list_price=raw.get("list_price", ""),
        lowest_price=raw.get("lowest_price", ""),
        currency=raw.get("currency", ""),
    )
    return clean_product(problems, facts, prefix=prefix)


def clean_mark(problems: Problems, prefix: str, raw: Raw) -> Payload:
    """Return a characteristic."""
    inner = Problems()
    kind = raw.get("characteristic", "").strip().lower()
    value = clean_value(inner, kind, raw.get("value", ""))
    weight = clean_weight(inner, raw.get("weight", "").strip())
    for error in inner.errors:
        column = "characteristic" if error.field == "kind" else error.field
        problems.add(prefix + column, error.code, error.message)
    model = raw.get("product_model", "").strip()
    return MarkFact(Declared(kind, value, weight), ModelReference(model) if model else None)


def clean_authorised_seller(problems: Problems, prefix: str, raw: Raw) -> Payload:
    """Return an authorised seller."""
    external_id, name = clean_seller(
        problems, raw.get("seller_id", ""), raw.get("name", ""), prefix=prefix
    )
    marketplace = problems.text(f"{prefix}marketplace", raw.get("marketplace", ""), longest=120)
    return SellerFact(external_id, name, marketplace)


CLEANERS = {
    "brand": clean_brand,
    "alias": clean_alias,
    "product_model": clean_model,
    "characteristic": clean_mark,
    "authorised_seller": clean_authorised_seller,
}


def identity(fact: Fact) -> tuple[object, ...]:
    """Return what makes two facts of a file the same one."""
    payload = fact.payload
    own: tuple[object, ...] = ()
    if isinstance(payload, NewName):
        own = (payload.text.lower(),)
    elif isinstance(payload, ProductFacts):
        own = (payload.name, payload.model_number)
    elif isinstance(payload, MarkFact):
        own = (payload.product_model, payload.declared.kind, payload.declared.value)
    elif isinstance(payload, SellerFact):
        own = (payload.marketplace, payload.external_id, payload.name)
    return (type(payload), fact.brand.lower(), *own)


def in_import_order(items: list[Item]) -> list[Item]:
    """Return the items brand by brand in order of first mention, each brand before its facts."""
    first: dict[str, int] = {}
    keys = []
    for position, item in enumerate(items):
        if isinstance(item, BadRow):
            keys.append((position, 0, position))
            continue
        start = first.setdefault(item.brand.lower(), position)
        keys.append((start, _RANK[type(item.payload)], position))
    return [items[position] for _start, _rank, position in sorted(keys)]
