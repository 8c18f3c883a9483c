"""How copies are offered: evasive names, phrases, stacked brands, prices, pictures, rings."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from demo import shops, spelling, wording
from demo.catalogue import Brand, Catalogue, Model, Shop
from demo.specimen import Draft, Truth, money

TREATMENTS = ("official", "crop", "blur", "mirror", "cover")
"""What is done to the maker's own picture before it is reused (see ``drawings``)."""
_HAZE = frozenset({"phrase", "stacked_brands"})
_OTHER_CURRENCY = {"CNY": ("USD", 0.012), "EUR": ("CNY", 1.0), "USD": ("CNY", 1.0)}
"""Currency a low price hides in, and the share of the list price's *figure* that is asked."""


@dataclass
class _Offer:
    """A copy while it is being put together."""

    brand: Brand
    model: Model
    rng: random.Random
    chinese: bool
    shop: Shop
    ring: shops.Ring | None
    name: str
    techniques: list[str] = field(default_factory=list)


class CopyMaker:
    """Makes copies of the catalogue's products; at least one technique shows in each."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._loners = shops.loners()
        self._rings = shops.rings()

    def make(self, rng: random.Random) -> tuple[Draft, Truth]:
        """One copy. Its verdict is other_infringement where only the name is misused."""
        offer = self._start(rng)
        _disguise_name(offer)
        title = _title(offer, self.catalogue)
        price, currency = _price(offer)
        category = _category(offer)
        draft = Draft(
            title=title,
            description=_description(offer),
            brand=rng.choice(("", "OEM", "No Brand", offer.name)),
            category=category,
            price=price,
            currency=currency,
            seller=offer.shop,
            pictures=_pictures(offer),
            attributes=_attributes(offer),
            ship_from=rng.choice(("CN", "CN", "Free Zone 9")),
        )
        return draft, _truth(offer)

    def _start(self, rng: random.Random) -> _Offer:
        brand = rng.choice(self.catalogue.brands)
        model = rng.choice(brand.models)
        chinese = rng.random() < 0.5
        ring = rng.choice(self._rings) if rng.random() < 0.45 else None
        shop = rng.choice(ring.shops if ring else self._loners)
        name = brand.chinese_name if chinese and rng.random() < 0.5 else brand.name
        techniques = ["ring"] if ring else []
        return _Offer(brand, model, rng, chinese, shop, ring, name, techniques)


def _truth(offer: _Offer) -> Truth:
    shown = {item for item in offer.techniques if not item.startswith("picture_")}
    verdict = "other_infringement" if shown <= _HAZE else "counterfeit"
    return Truth("copy", offer.brand.id, offer.model.slug, verdict, tuple(offer.techniques))


def _disguise_name(offer: _Offer) -> None:
    if offer.rng.random() >= 0.7:
        return
    technique = offer.rng.choice(spelling.techniques(offer.brand, chinese=offer.chinese))
    offer.name = spelling.disguise(offer.brand, technique, offer.rng)
    offer.techniques.append(technique)


def _title(offer: _Offer, catalogue: Catalogue) -> str:
    rng, model, brand = offer.rng, offer.model, offer.brand
    product = model.chinese_name.removeprefix(brand.chinese_name)
    if not offer.chinese:
        product = model.name.removeprefix(brand.name).strip()
    name = offer.name
    if rng.random() < 0.4:
        phrases = wording.COPY_PHRASES_CHINESE if offer.chinese else wording.COPY_PHRASES_ENGLISH
        name = rng.choice(phrases).format(name=name)
        offer.techniques.append("phrase")
    parts = [name, product]
    if rng.random() < 0.5 and model.model_number not in product:
        parts.append(model.model_number)
    if rng.random() < 0.15:
        others = [other.name for other in catalogue.brands if other is not brand]
        parts.append("/".join(rng.sample(others, 2)))
        offer.techniques.append("stacked_brands")
    extras = wording.EXTRAS_CHINESE if offer.chinese else wording.EXTRAS_ENGLISH
    return " ".join(part for part in (*parts, rng.choice(extras)) if part)


def _price(offer: _Offer) -> tuple[Decimal, str]:
    rng, model = offer.rng, offer.model
    draw = rng.random()
    visible = set(offer.techniques) - {"ring"}
    if draw < 0.12:
        currency, share = _OTHER_CURRENCY[model.currency]
        offer.techniques.append("price_other_currency")
        return money(float(model.list_price) * share * rng.uniform(0.8, 1.2)), currency
    if draw < 0.65 or not visible:
        offer.techniques.append("price_low")
        return money(float(model.list_price) * rng.uniform(0.12, 0.33)), model.currency
    return money(float(model.list_price) * rng.uniform(0.72, 0.95)), model.currency


def _category(offer: _Offer) -> str:
    if offer.rng.random() < 0.1:
        offer.techniques.append("category_mismatch")
        return "home/kitchen"
    return offer.model.category


def _description(offer: _Offer) -> str:
    """A ring's shops share one text; others choose among all of them."""
    if offer.ring:
        return offer.ring.chinese if offer.chinese else offer.ring.english
    texts = wording.COPY_DESCRIPTIONS_ENGLISH
    if offer.chinese:
        texts = wording.COPY_DESCRIPTIONS_CHINESE
    return f"{offer.rng.choice(texts)} {offer.rng.choice(wording.COLOURS)}"


def _pictures(offer: _Offer) -> tuple[str, ...]:
    if offer.ring:
        return (f"{offer.model.slug}--ring{offer.ring.number}",)
    if offer.rng.random() < 0.7:
        treatment = offer.rng.choice(TREATMENTS)
        offer.techniques.append(f"picture_{treatment}")
        return (f"{offer.model.slug}--{treatment}",)
    return (f"{offer.model.slug}--photo",)


def _attributes(offer: _Offer) -> dict[str, Any]:
    shop, rng = offer.shop, offer.rng
    attributes: dict[str, Any] = {
        "simulated": True,
        "seller_phone": shop.phone,
        "payout_account": shop.payout_account,
        "dispatch_address": shop.dispatch_address,
        "colour": rng.choice(wording.COLOURS),
        "condition": "new",
    }
    top = offer.model.category.split("/", maxsplit=1)[0]
    if top == "bags":
        attributes["material"] = "pu leather"
    if offer.model.category == "electronics/power":
        attributes["connector"] = "micro-usb"
    if rng.random() < 0.3:
        attributes["gtin"] = offer.model.gtin
    return attributes
