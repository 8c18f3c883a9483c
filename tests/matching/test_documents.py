"""What the documents promise is what the code does."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pushes.matching import CharacteristicKind, Engine, Listing, Registry, RegistryError
from pushes.matching.registry import BRAND_KEYS, CHARACTERISTIC_KEYS, MODEL_KEYS, REGISTRY_KEYS
from tests.matching.signal_contract import REGISTRY

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads(
    (DOCS / "reference/registry.schema.json").read_text(encoding="utf-8")
)
PAGE = (DOCS / "how-matches-are-made.md").read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_worked_example_is_what_the_engine_says() -> None:
    registry = Registry.from_dict(
        {
            "brands": [
                {
                    "id": "n",
                    "name": "Nordvik",
                    "product_models": [
                        {"id": "m", "name": "Trail Runner 5", "model_number": "NV-TR500",
                         "lowest_price": 60, "currency": "USD"}
                    ],
                }
            ]
        }
    )  # fmt: skip
    title = re.search(r"> title `(.+?)`", PAGE)
    assert title is not None
    listing = Listing("1", title[1], brand="OEM", price=Decimal(20), currency="USD")
    match = Engine(registry).scan_one(listing)[0]
    found = {s.kind: (s.value, round(s.contribution, 2)) for s in match.signals}
    rows = re.findall(r"^\| (\w+) \| .+? \| ([\d.]+) \| [\d.]+ \| \+([\d.]+) \|$", PAGE, re.M)
    assert {kind: (float(value), float(worth)) for kind, value, worth in rows} == found
    total = sum(worth for _, worth in found.values())
    assert f"{total:.2f} = {match.intercept + total:.2f} log-odds" in PAGE
    assert f"probability {match.score:.3f}" in PAGE


@pytest.mark.parametrize(
    ("part", "keys"),
    [("brand", BRAND_KEYS), ("product_model", MODEL_KEYS), ("characteristic", CHARACTERISTIC_KEYS)],
)
def test_the_published_schema_has_exactly_the_keys_that_are_read(
    part: str, keys: frozenset[str]
) -> None:
    assert SCHEMA["$defs"][part]["properties"].keys() == keys
    assert SCHEMA["properties"].keys() == REGISTRY_KEYS


def test_the_published_schema_names_every_kind_of_characteristic() -> None:
    kinds = SCHEMA["$defs"]["characteristic"]["properties"]["kind"]["enum"]
    assert sorted(kinds) == sorted(CharacteristicKind)


def test_a_registry_that_the_code_writes_is_valid() -> None:
    VALIDATOR.validate(REGISTRY.to_dict())


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"brands": [{"id": "1"}]},
        {"brands": [{"id": "1", "name": "A", "alias": []}]},
        {"brands": [{"id": "1", "name": "A", "product_models": [{"id": "m", "list_price": -1}]}]},
        {"brands": [{"id": "1", "name": "A", "characteristics": [
            {"id": "c", "kind": "smell", "value": "a"}]}]},
    ],
)  # fmt: skip
def test_code_and_schema_refuse_the_same_mistakes(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VALIDATOR.validate(document)
    with pytest.raises(RegistryError):
        Registry.from_dict(document)
