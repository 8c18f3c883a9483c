"""The fictional brands of the demo, read from ``catalogue.json`` (its shape: README.md)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

DEFAULT_PATH = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True)
class Shop:
    """A seller of the marketplace. The last three are what linked shops share."""

    external_id: str
    name: str
    phone: str
    payout_account: str
    dispatch_address: str


@dataclass(frozen=True)
class Model:
    """One product of a brand; prices in ``currency``, ``slug`` names its pictures."""

    slug: str
    name: str
    chinese_name: str
    model_number: str
    gtin: str
    list_price: Decimal
    lowest_price: Decimal
    currency: str
    category: str


@dataclass(frozen=True)
class Registration:
    """What the drawn certificate of a right shows."""

    number: str
    jurisdiction: str
    nice_classes: tuple[int, ...]
    owner: str
    valid_from: str
    valid_to: str


@dataclass(frozen=True)
class Brand:
    """A fictional brand. ``traditional`` is empty where it would equal ``chinese_name``."""

    id: str
    name: str
    chinese_name: str
    pinyin: str
    traditional: str
    shops: tuple[Shop, ...]
    models: tuple[Model, ...]
    registrations: tuple[Registration, ...]


@dataclass(frozen=True)
class Letter:
    """What the drawn letter of authorisation of one brand's owner shows."""

    agent: str
    owner: str
    scope: str
    valid_from: str
    valid_to: str


@dataclass(frozen=True)
class Catalogue:
    """All brands, the marketplace's own name, and the agent's letters by brand id."""

    marketplace: str
    brands: tuple[Brand, ...]
    letters: dict[str, Letter]


def make_shop(external_id: str, name: str, identity: str) -> Shop:
    """A shop whose phone, payout account and address follow from ``identity``.

    Two shops made with one identity share all three. +999 is a country code never assigned, so the
    number can belong to nobody.
    """
    digits = f"{int(hashlib.sha256(identity.encode()).hexdigest(), 16) % 10**8:08d}"
    return Shop(
        external_id=external_id,
        name=name,
        phone=f"+999{digits}",
        payout_account=f"SIM-PAYOUT-{digits}",
        dispatch_address=f"Simulated Quay {int(digits) % 400 + 1}",
    )


def load(path: Path = DEFAULT_PATH) -> Catalogue:
    """Read the catalogue; raises ``KeyError`` or ``ValueError`` where its shape is wrong."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Catalogue(
        marketplace=raw["marketplace"]["name"],
        brands=tuple(_brand(item, raw["spellings"][item["id"]]) for item in raw["brands"]),
        letters=_letters(raw),
    )


def _letters(raw: dict[str, Any]) -> dict[str, Letter]:
    agent = raw["agent"]
    terms = agent["letter"]
    return {
        item["id"]: Letter(
            agent=agent["name"],
            owner=item["organisation"]["name"],
            scope=terms["scope"],
            valid_from=terms["valid_from"],
            valid_to=terms["valid_to"],
        )
        for item in raw["brands"]
        if item["organisation"]["key"] in agent["acts_for"]
    }


def _brand(raw: dict[str, Any], spellings: dict[str, str]) -> Brand:
    return Brand(
        id=raw["id"],
        name=raw["name"],
        chinese_name=raw["aliases"][0],
        pinyin=spellings["pinyin"],
        traditional=spellings["traditional"],
        shops=tuple(
            make_shop(shop["seller_id"], shop["name"], shop["seller_id"])
            for shop in raw["authorised_sellers"]
        ),
        models=tuple(_model(item) for item in raw["product_models"]),
        registrations=tuple(
            Registration(
                number=right["number"],
                jurisdiction=right["jurisdiction"],
                nice_classes=tuple(right["nice_classes"]),
                owner=right["owner"],
                valid_from=right["valid_from"],
                valid_to=right["valid_to"],
            )
            for right in raw["registrations"]
        ),
    )


def _model(raw: dict[str, Any]) -> Model:
    return Model(
        slug=raw["id"],
        name=raw["name"],
        chinese_name=raw["aliases"][0],
        model_number=raw["model_number"],
        gtin=raw["gtin"],
        list_price=Decimal(raw["list_price"]),
        lowest_price=Decimal(raw["lowest_price"]),
        currency=raw["currency"],
        category=raw["category"],
    )
