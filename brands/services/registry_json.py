"""The JSON form of a registry: ``{"organisation": …, "brands": [{"name": …, …}]}``.

It is the form the matching engine reads, so a file tried there can be imported here. Ids in it
only connect characteristics with product models; what identifies a brand or a model is its name.
"""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from brands.models import BrandName
from brands.services.characteristics import Declared
from brands.services.cleaning import Problems
from brands.services.product_models import ProductFacts
from brands.services.registry_facts import (
    CLEANERS,
    BadRow,
    BrandFact,
    Fact,
    Item,
    MarkFact,
    ModelReference,
    Payload,
    SellerFact,
)
from portal.core.errors import InvalidInput

ROOT_KEYS = frozenset({"$schema", "organisation", "brands", "simulated"})
BRAND_KEYS = frozenset(
    {
        "id", "name", "aliases", "logos", "authorised_sellers", "product_models",
        "characteristics", "common_word",
    }
)  # fmt: skip
MODEL_KEYS = frozenset(
    {
        "id", "name", "model_number", "aliases", "gtin", "list_price", "lowest_price", "currency",
        "category", "images",
    }
)  # fmt: skip
MARK_KEYS = frozenset({"id", "kind", "value", "product_model", "weight"})
SELLER_KEYS = frozenset({"seller_id", "name", "marketplace"})
ALIAS_KEYS = frozenset({"text", "kind", "language"})


class _Wrong(Exception):
    """A value of the wrong shape: path, code, sentence."""

    def __init__(self, path: str, code: str, message: str) -> None:
        super().__init__(message)
        self.path, self.code, self.message = path, code, message


def read(text: str) -> tuple[str, str, Iterator[Item]]:
    """Return the organisation's name and country if given, and the facts; refuses non-JSON."""
    try:
        document = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=str)
    except json.JSONDecodeError as error:
        message = _("This file is not JSON: %(problem)s in line %(line)d, column %(column)d.") % {
            "problem": error.msg,
            "line": error.lineno,
            "column": error.colno,
        }
        raise InvalidInput.one("file", "json", message) from None
    except RecursionError:
        raise InvalidInput.one("file", "json", _("This file is nested too deeply.")) from None
    try:
        root = _object(document, "", ROOT_KEYS)
        brands = _list(root, "brands", "")
        name, country = _organisation(root)
    except _Wrong as wrong:
        raise InvalidInput.one("file", wrong.code, f"{wrong.path}: {wrong.message}") from None
    return name, country, _items(brands)


def _number(digits: str) -> Decimal | str:
    """A number, or its own text when it is beyond all numbers: only its fact is refused then."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _organisation(root: dict[str, Any]) -> tuple[str, str]:
    value = root.get("organisation")
    if value is None or isinstance(value, str):
        return value or "", ""
    parts = _object(value, "organisation", frozenset({"name", "country"}))
    return _text(parts, "name", "organisation"), _text(parts, "country", "organisation")


def _items(brands: list[Any]) -> Iterator[Item]:
    for number, value in enumerate(brands):
        path = f"brands[{number}]"
        try:
            brand = _object(value, path, BRAND_KEYS)
            name = _text(brand, "name", path)
        except _Wrong as wrong:
            yield BadRow(number + 1, wrong.path, wrong.code, wrong.message)
            continue
        problems = Problems()
        cleaned = problems.text(f"{path}.name", name, longest=120, required=True)
        if problems.errors:
            error = problems.errors[0]
            yield BadRow(number + 1, error.field, error.code, str(error.message))
            continue
        yield Fact(number + 1, cleaned, BrandFact(), path)
        yield from _facts(number + 1, cleaned, brand, path)


def _facts(row: int, brand: str, value: dict[str, Any], path: str) -> Iterator[Item]:
    models: dict[str, ModelReference] = {}
    readers = {
        "product_models": lambda item, where: _model(item, where, models),
        "aliases": _alias,
        "characteristics": lambda item, where: _mark(item, where, models),
        "authorised_sellers": _seller,
    }
    for key, reader in readers.items():
        try:
            entries = _list(value, key, path)
        except _Wrong as wrong:
            yield BadRow(row, wrong.path, wrong.code, wrong.message, {"brand": brand})
            continue
        for number, entry in enumerate(entries):
            where = f"{path}.{key}[{number}]"
            try:
                yield Fact(row, brand, reader(entry, where), where)
            except _Wrong as wrong:
                yield BadRow(row, wrong.path, wrong.code, wrong.message, {"brand": brand})
    for where in _pictures(value, path):
        yield _not_imported(row, brand, where)


def _pictures(value: dict[str, Any], path: str) -> Iterator[str]:
    """Paths of the pictures the brand and its product models name."""
    logos, models = value.get("logos"), value.get("product_models")
    for number in range(len(logos) if isinstance(logos, list) else 0):
        yield f"{path}.logos[{number}]"
    for number, model in enumerate(models if isinstance(models, list) else ()):
        images = model.get("images") if isinstance(model, dict) else None
        for position in range(len(images) if isinstance(images, list) else 0):
            yield f"{path}.product_models[{number}].images[{position}]"


def _alias(value: Any, path: str) -> Payload:
    if isinstance(value, str):
        value = {"text": value}
    parts = _object(value, path, ALIAS_KEYS)
    raw = {
        "name": _text(parts, "text", path),
        "name_kind": _text(parts, "kind", path) or BrandName.Kind.ALIAS.value,
        "language": _text(parts, "language", path),
    }
    return _cleaned("alias", path, raw)


def _model(value: Any, path: str, models: dict[str, ModelReference]) -> Payload:
    parts = _object(value, path, MODEL_KEYS)
    aliases = _list(parts, "aliases", path)
    if not all(isinstance(alias, str) for alias in aliases):
        raise _Wrong(f"{path}.aliases", "not_text", _("Write text in quotes."))
    raw = {key: _text(parts, key, path) for key in MODEL_KEYS - {"aliases", "gtin", "images"}}
    raw["name"] = raw["name"] or raw["model_number"]
    raw["gtin"] = _gtin(parts, path)
    raw["aliases"] = "|".join(aliases)
    facts = _cleaned("product_model", path, raw)
    if isinstance(facts, ProductFacts) and raw["id"]:
        models[raw["id"]] = ModelReference(facts.name, facts.model_number)
    return facts


def _gtin(parts: dict[str, Any], path: str) -> str:
    value = parts.get("gtin")
    if not isinstance(value, list):
        return _text(parts, "gtin", path)
    if len(value) > 1:
        raise _Wrong(
            f"{path}.gtin", "several_gtins", _("Register one product model for each GTIN.")
        )
    return _text({"gtin": value[0]}, "gtin", path) if value else ""


def _mark(value: Any, path: str, models: dict[str, ModelReference]) -> Payload:
    parts = _object(value, path, MARK_KEYS)
    raw = {
        "characteristic": _text(parts, "kind", path),
        "value": _text(parts, "value", path),
        "weight": _text(parts, "weight", path),
    }
    fact = _cleaned("characteristic", path, raw)
    model = _text(parts, "product_model", path)
    if not model or not isinstance(fact, MarkFact):
        return fact
    if model not in models:
        raise _Wrong(
            f"{path}.product_model",
            "unknown_product_model",
            _("No product model of this brand has the id “%s” in this file.") % model[:80],
        )
    declared = Declared(fact.declared.kind, fact.declared.value, fact.declared.weight)
    return MarkFact(declared, models[model])


def _seller(value: Any, path: str) -> Payload:
    if isinstance(value, str):  # plain text means: this id, or this shop name
        value = {"seller_id": value, "name": value}
    parts = _object(value, path, SELLER_KEYS)
    raw = {key: _text(parts, key, path) for key in SELLER_KEYS}
    fact = _cleaned("authorised_seller", path, raw)
    if not isinstance(fact, SellerFact):
        raise TypeError("The cleaner of sellers returns sellers.")
    return fact


def _not_imported(row: int, brand: str, path: str) -> BadRow:
    message = _("Pictures are not read from registry files; upload this one on the brand's page.")
    return BadRow(row, path, "picture_not_imported", message, {"brand": brand})


def _cleaned(kind: str, path: str, raw: dict[str, str]) -> Payload:
    problems = Problems()
    payload = CLEANERS[kind](problems, f"{path}.", raw)
    if problems.errors:
        error = problems.errors[0]
        raise _Wrong(error.field, error.code, str(error.message))
    return payload


def _object(value: Any, path: str, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(path or "$", "not_an_object", _("Write an object here: {…}."))
    for key in value:
        if key not in known:
            message = _("Unknown key. Known here: %s.") % ", ".join(sorted(known))
            raise _Wrong(f"{path}.{key}".lstrip("."), "unknown_key", message)
    return value


def _list(value: dict[str, Any], key: str, path: str) -> list[Any]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise _Wrong(f"{path}.{key}".lstrip("."), "not_a_list", _("Write a list here: […]."))
    return found


def _text(value: dict[str, Any], key: str, path: str) -> str:
    found = value.get(key)
    if found is None:
        return ""
    if isinstance(found, str):
        return found
    if isinstance(found, int | Decimal) and not isinstance(found, bool):
        return str(found)
    raise _Wrong(f"{path}.{key}", "not_text", _("Write text in quotes, or a number."))
