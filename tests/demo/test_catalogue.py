"""The demo's catalogue is complete, consistent and cannot be taken for real goods."""

from __future__ import annotations

import json
import random
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import re2

from demo import catalogue, spelling
from demo.drawings import Drawings

RAW: dict[str, Any] = json.loads(catalogue.DEFAULT_PATH.read_text(encoding="utf-8"))
BRANDS: list[dict[str, Any]] = RAW["brands"]
MODELS = [model for brand in BRANDS for model in brand["product_models"]]
CHARACTERISTICS = [item for brand in BRANDS for item in brand["characteristics"]]
KINDS = {
    "keyword",
    "phrase_pattern",
    "evasive_spelling",
    "price_below",
    "image",
    "logo",
    "text_in_image",
    "seller",
    "seller_pattern",
    "ship_from",
    "category_mismatch",
    "attribute_mismatch",
    "missing_attribute",
}


def test_it_has_six_brands_of_six_organisations() -> None:
    assert len(BRANDS) == 6
    assert len({brand["organisation"]["key"] for brand in BRANDS}) == 6
    assert set(RAW["association"]["members"]) == {b["organisation"]["key"] for b in BRANDS}
    assert set(RAW["agent"]["acts_for"]) < set(RAW["association"]["members"])


def test_every_id_is_used_once() -> None:
    ids = [brand["id"] for brand in BRANDS]
    ids += [item["id"] for item in (*MODELS, *CHARACTERISTICS)]
    ids += [shop["seller_id"] for brand in BRANDS for shop in brand["authorised_sellers"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model["id"]))
def test_a_gtin_is_in_store_and_its_check_digit_holds(model: dict[str, Any]) -> None:
    digits = [int(char) for char in model["gtin"]]
    assert len(digits) == 13
    assert model["gtin"].startswith("20")
    assert sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model["id"]))
def test_prices_are_plausible(model: dict[str, Any]) -> None:
    assert Decimal(0) < Decimal(model["lowest_price"]) < Decimal(model["list_price"])
    assert model["currency"] in {"CNY", "USD", "EUR"}


def test_every_kind_of_characteristic_occurs_and_no_other() -> None:
    assert {item["kind"] for item in CHARACTERISTICS} == KINDS


def test_every_brand_has_four_to_six_characteristics_about_its_own_models() -> None:
    for brand in BRANDS:
        own = {model["id"] for model in brand["product_models"]}
        assert 4 <= len(brand["characteristics"]) <= 6
        assert 2 <= len(own) <= 4
        about = {item["product_model"] for item in brand["characteristics"]} - {None}
        assert about <= own


def test_patterns_compile_and_fire_on_what_copies_say() -> None:
    patterns = {i["id"]: re2.compile(i["value"]) for i in CHARACTERISTICS if "pattern" in i["kind"]}
    assert patterns["veltrano-c2"].search("Veltrano 同款 跑鞋")
    assert patterns["veltrano-c6"].search("Stride Outlet 5")
    assert not patterns["veltrano-c2"].search("Veltrano Strider 2140 running shoe")
    assert not patterns["pendrossa-c2"].search("Pendrossa Meridian 38")


def test_registrations_are_valid_and_belong_to_the_organisation() -> None:
    for brand in BRANDS:
        for registration in brand["registrations"]:
            assert registration["owner"] == brand["organisation"]["name"]
            assert registration["number"].startswith("SIM-")
            assert date.fromisoformat(registration["valid_from"]) < date(2026, 1, 1)
            assert date.fromisoformat(registration["valid_to"]) > date(2027, 12, 31)


def test_every_brand_has_a_right_where_the_marketplace_is() -> None:
    for brand in BRANDS:
        places = {registration["jurisdiction"] for registration in brand["registrations"]}
        assert RAW["marketplace"]["jurisdiction"] in places


def test_registration_numbers_are_used_once() -> None:
    numbers = [right["number"] for brand in BRANDS for right in brand["registrations"]]
    assert len(numbers) == len(set(numbers)) == 12


def test_everything_named_a_party_says_that_it_is_simulated() -> None:
    names = [RAW["marketplace"]["name"], RAW["agent"]["name"], RAW["association"]["name"]]
    names += [brand["organisation"]["name"] for brand in BRANDS]
    assert all(name.endswith("(simulated)") for name in names)


def test_every_picture_named_in_the_catalogue_can_be_drawn() -> None:
    named = set(re.findall(r'"images/([^"]+)\.png"', json.dumps(RAW)))
    drawings = Drawings(catalogue.load())
    assert named == set(drawings.reference_names())


def test_no_disguise_leaves_the_name_as_it_is() -> None:
    for brand in catalogue.load().brands:
        for technique in spelling.techniques(brand, chinese=True):
            for seed in range(30):
                written = spelling.disguise(brand, technique, random.Random(seed))
                assert written
                assert written not in {brand.name, brand.chinese_name}
