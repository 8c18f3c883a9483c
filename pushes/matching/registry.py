"""The registry of declared facts and its JSON form: strict reading with path and hint.

The shape is published as ``docs/reference/registry.schema.json``; a test holds both together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from types import MappingProxyType
from typing import Any

import re2

from pushes.matching.errors import RegistryError
from pushes.matching.json_node import Node
from pushes.matching.types import (
    AuthorisedSeller,
    Brand,
    Characteristic,
    CharacteristicKind,
    ProductModel,
)

MAX_PATTERN = 500
PATTERN_MEMORY = 256 << 10
MOST_PATTERNS = 200
"""Patterns of one brand: each is run on every listing that names the brand."""
HIGHEST_AMOUNT = Decimal(10) ** 15
"""Above any price; an amount such as 1E+999999 would overflow when it is converted."""

PATTERNS = frozenset({CharacteristicKind.PHRASE_PATTERN, CharacteristicKind.SELLER_PATTERN})

REGISTRY_KEYS = frozenset({"brands", "$schema"})
BRAND_KEYS = frozenset(
    [
        "id", "name", "aliases", "logos", "authorised_sellers", "product_models",
        "characteristics", "common_word",
    ]
)  # fmt: skip
MODEL_KEYS = frozenset(
    [
        "id", "name", "model_number", "aliases", "gtin", "list_price", "lowest_price", "currency",
        "category", "images",
    ]
)  # fmt: skip
CHARACTERISTIC_KEYS = frozenset({"id", "kind", "value", "product_model", "weight"})
SELLER_KEYS = frozenset({"seller_id", "name", "marketplace"})


@dataclass(frozen=True)
class Registry:
    """All declared facts of all brands at one revision."""

    brands: tuple[Brand, ...] = ()

    @classmethod
    def from_dict(cls, document: object) -> Registry:
        """Read the JSON form; the first thing wrong raises ``RegistryError``."""
        root = Node(document, "$")
        root.known_keys(REGISTRY_KEYS)
        if root.get("brands").value is None:
            raise root.get("brands").fail("missing", 'write {"brands": […]}')
        brands = root.each("brands", _brand)
        _unique(((f"$.brands[{n}].id", brand.id) for n, brand in enumerate(brands)), "brand")
        return cls(brands)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form with every key present; ``from_dict(to_dict())`` is an equal registry."""
        return {"brands": [_brand_to_dict(brand) for brand in self.brands]}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the canonical JSON form: equal facts, equal hash."""
        return canonical_hash(self.to_dict())

    @cached_property
    def by_id(self) -> Mapping[str, Brand]:
        """Brands by id."""
        return MappingProxyType({brand.id: brand for brand in self.brands})


def canonical_hash(document: object) -> str:
    """SHA-256 (hex) of the document with sorted keys and no white space."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _unique(ids: Iterable[tuple[str, str]], what: str) -> None:
    seen: dict[str, str] = {}
    for path, identifier in ids:
        if identifier in seen:
            raise RegistryError(
                path, f"{what} id {identifier!r} occurs twice", f"first at {seen[identifier]}"
            )
        seen[identifier] = path


def _name(node: Node) -> str:
    return node.text(required=True)


def _brand(node: Node) -> Brand:
    node.known_keys(BRAND_KEYS)
    brand = Brand(
        id=node.get("id").identifier(),
        name=node.get("name").text(required=True),
        aliases=node.each("aliases", _name),
        logos=node.each("logos", _name),
        authorised_sellers=node.each("authorised_sellers", _seller),
        product_models=node.each("product_models", _product_model),
        characteristics=node.each("characteristics", _characteristic),
        common_word=node.get("common_word").flag(),
    )
    _check_ids(brand, node.path)
    patterns = sum(mark.kind in PATTERNS for mark in brand.characteristics)
    if patterns > MOST_PATTERNS:
        raise node.get("characteristics").fail(
            f"{patterns} patterns", f"at most {MOST_PATTERNS} a brand: join some with |"
        )
    return brand


def _check_ids(brand: Brand, path: str) -> None:
    models = [(f"{path}.product_models[{n}].id", m.id) for n, m in enumerate(brand.product_models)]
    marks = [(f"{path}.characteristics[{n}]", c) for n, c in enumerate(brand.characteristics)]
    _unique(models, "product model")
    _unique(((f"{where}.id", mark.id) for where, mark in marks), "characteristic")
    known = {identifier for _, identifier in models}
    for where, mark in marks:
        if mark.product_model is not None and mark.product_model not in known:
            raise RegistryError(
                f"{where}.product_model",
                f"no product model {mark.product_model!r} in this brand",
                "use an id of the same brand's product_models, or null",
            )


def _seller(node: Node) -> AuthorisedSeller:
    """Plain text means "this id or this shop name"."""
    if isinstance(node.value, str):
        text = node.text(required=True)
        return AuthorisedSeller(seller_id=text, name=text)
    node.known_keys(SELLER_KEYS)
    seller = AuthorisedSeller(
        seller_id=node.get("seller_id").text(),
        name=node.get("name").text(),
        marketplace=node.get("marketplace").text(),
    )
    if not seller.seller_id and not seller.name:
        raise node.fail("neither seller_id nor name", "give at least one of them")
    return seller


def _product_model(node: Node) -> ProductModel:
    node.known_keys(MODEL_KEYS)
    model = ProductModel(
        id=node.get("id").identifier(),
        name=node.get("name").text(),
        model_number=node.get("model_number").text(),
        aliases=node.each("aliases", _name),
        gtin=_gtins(node.get("gtin")),
        list_price=node.get("list_price").price(),
        lowest_price=node.get("lowest_price").price(),
        currency=node.get("currency").currency(),
        category=node.get("category").text(),
        images=node.each("images", _name),
    )
    if (model.list_price or model.lowest_price) and not model.currency:
        raise node.get("currency").fail("a price without a currency", "such as USD")
    if model.list_price and model.lowest_price and model.lowest_price > model.list_price:
        raise node.get("lowest_price").fail("above the list price", "the lowest plausible price")
    return model


def _gtins(node: Node) -> tuple[str, ...]:
    if isinstance(node.value, list):
        return tuple(_gtin(Node(v, f"{node.path}[{n}]")) for n, v in enumerate(node.value))
    return (_gtin(node),) if node.value not in (None, "") else ()


def _gtin(node: Node) -> str:
    digits = node.identifier().replace(" ", "").replace("-", "")
    if not is_gtin(digits):
        raise node.fail(
            f"not a GTIN: {digits!r}", "8, 12, 13 or 14 digits, the last one the check digit"
        )
    return digits


def is_gtin(digits: str) -> bool:
    """Length 8, 12, 13 or 14 with a right GS1 check digit (weights 3, 1 from the right)."""
    if len(digits) not in (8, 12, 13, 14) or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits[:-1])))
    return (10 - total % 10) % 10 == int(digits[-1])


def _characteristic(node: Node) -> Characteristic:
    node.known_keys(CHARACTERISTIC_KEYS)
    kind_node, value_node = node.get("kind"), node.get("value")
    try:
        kind = CharacteristicKind(kind_node.text(required=True))
    except ValueError as error:
        if isinstance(error, RegistryError):
            raise
        raise kind_node.fail(
            f"unknown kind {kind_node.value!r}", "one of " + ", ".join(CharacteristicKind)
        ) from None
    value = value_node.text(required=True, longest=MAX_PATTERN)
    _check_value(kind, value, value_node)
    model = node.get("product_model")
    return Characteristic(
        id=node.get("id").identifier(),
        kind=kind,
        value=value,
        product_model=None if model.value is None else model.identifier(),
        weight=node.get("weight").multiplier(),
    )


def _check_value(kind: CharacteristicKind, value: str, node: Node) -> None:
    if kind in PATTERNS:
        compile_pattern(value, node.path)
    elif kind is CharacteristicKind.PRICE_BELOW and parse_price_rule(value) is None:
        raise node.fail(f"not a price rule: {value!r}", 'write "99.90 USD" or "40%"')
    elif kind is CharacteristicKind.ATTRIBUTE_MISMATCH and not all(value.partition("=")):
        raise node.fail(f"not an attribute rule: {value!r}", 'write "name=expected value"')


def compile_pattern(pattern: str, path: str = "$") -> Any:
    """Compile with RE2 (linear time, bounded memory), case-insensitive; else ``RegistryError``."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
        raise RegistryError(
            path, f"RE2 rejects this pattern: {reason}", "no look-around or back-references"
        ) from None
    if compiled.search("") is not None:
        raise RegistryError(
            path, "the pattern matches the empty text", "it would match every listing"
        )
    return compiled


def parse_price_rule(value: str) -> tuple[Decimal, str] | None:
    """Read a price rule: "40%" → (0.40, "%"); "99.90 USD" → (99.90, "USD"); else None."""
    text = value.strip()
    if text.endswith("%"):
        number, unit = text[:-1].strip(), "%"
    else:
        number, _, unit = text.rpartition(" ")
        unit = unit.upper()
        if not (len(unit) == 3 and unit.isascii() and unit.isalpha()):
            return None
    try:
        amount = Decimal(number.strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 < amount <= HIGHEST_AMOUNT:
        return None
    return (amount / 100, unit) if unit == "%" else (amount, unit)


def _brand_to_dict(brand: Brand) -> dict[str, Any]:
    return {
        "id": brand.id,
        "name": brand.name,
        "aliases": list(brand.aliases),
        "logos": list(brand.logos),
        "authorised_sellers": [
            {"seller_id": s.seller_id, "name": s.name, "marketplace": s.marketplace}
            for s in brand.authorised_sellers
        ],
        "product_models": [_model_to_dict(model) for model in brand.product_models],
        "characteristics": [
            {
                "id": c.id,
                "kind": c.kind.value,
                "value": c.value,
                "product_model": c.product_model,
                "weight": c.weight,
            }
            for c in brand.characteristics
        ],
        "common_word": brand.common_word,
    }


def _model_to_dict(model: ProductModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "model_number": model.model_number,
        "aliases": list(model.aliases),
        "gtin": list(model.gtin),
        "list_price": None if model.list_price is None else str(model.list_price),
        "lowest_price": None if model.lowest_price is None else str(model.lowest_price),
        "currency": model.currency,
        "category": model.category,
        "images": list(model.images),
    }
