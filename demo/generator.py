"""The endless stream of simulated listings: (seed, position, version) always gives the same one.

About 60 % are ordinary wares of no registered brand, 16 % genuine, 9 % grey (parallel import,
second-hand, compatible part) and 15 % copies. What a listing really is stays in ``Truth``, which is
never posted.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from demo import copies, shops, wording
from demo.catalogue import Brand, Catalogue, Model, Shop
from demo.specimen import Draft, Specimen, Truth, money

KINDS = ("ordinary", "genuine", "grey", "copy")
SHARES = (60, 16, 9, 15)
SEEN_AGAIN, DELETED = 0.05, 0.01
"""Share of positions after which an earlier listing is observed again, or deleted by its seller."""
_LOOK_BACK = 200
_CATALOGUE_PICTURES = 40


class Stream:
    """The listings of one seed over one catalogue."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self.catalogue = catalogue
        self.seed = seed
        self._ordinary = shops.ordinary_shops()
        self._resellers = shops.resellers()
        self._copies = copies.CopyMaker(catalogue)
        self._makers = {
            "ordinary": self._make_ordinary,
            "genuine": self._make_genuine,
            "grey": self._make_grey,
            "copy": self._copies.make,
        }

    def at(self, position: int, version: int = 1) -> Specimen:
        """The listing at ``position`` (from 0); versions above 1 differ in price or title."""
        rng = self._rng(position, "listing")
        kind = rng.choices(KINDS, SHARES)[0]
        draft, truth = self._makers[kind](rng)
        draft = replace(draft, external_id=self.external_id(position))
        if version > 1:
            draft = _revised(draft, self._rng(position, f"version {version}"))
        return Specimen(position, version, draft, truth)

    def external_id(self, position: int) -> str:
        """The marketplace's id of the listing at ``position``."""
        return f"hm-{self.seed}-{position:08d}"

    def seen_again_after(self, position: int) -> int | None:
        """The earlier position that is observed once more after ``position``, if any."""
        return self._earlier(position, "again", SEEN_AGAIN)

    def deleted_after(self, position: int) -> int | None:
        """The earlier position whose seller deletes it after ``position``, if any."""
        return self._earlier(position, "deleted", DELETED)

    def _earlier(self, position: int, event: str, share: float) -> int | None:
        rng = self._rng(position, event)
        if position == 0 or rng.random() >= share:
            return None
        return rng.randrange(max(0, position - _LOOK_BACK), position)

    def _rng(self, position: int, purpose: str) -> random.Random:
        return random.Random(f"{self.seed}/{position}/{purpose}")

    def _make_ordinary(self, rng: random.Random) -> tuple[Draft, Truth]:
        ware = rng.choice(wording.WARES)
        shop = rng.choice(self._ordinary)
        colour = rng.choice(wording.COLOURS)
        chinese = rng.random() < 0.5
        product = ware.chinese if chinese else ware.english
        extra = rng.choice(wording.EXTRAS_CHINESE if chinese else wording.EXTRAS_ENGLISH)
        shade = wording.CHINESE_COLOURS[colour] if chinese else colour
        description = wording.PLAIN_CHINESE if chinese else wording.PLAIN_ENGLISH
        draft = Draft(
            title=" ".join(part for part in (extra, product, shade) if part),
            description=description.format(product=product, colour=shade),
            brand=rng.choice(("", "", "No Brand", "OEM", "无品牌")),
            category=ware.category,
            price=money(rng.uniform(ware.cheapest, ware.dearest)),
            currency="CNY",
            seller=shop,
            pictures=(f"plain-{ware.shape}-{rng.randrange(_CATALOGUE_PICTURES):02d}--official",),
            attributes=_attributes(shop, colour=colour, condition="new"),
            ship_from="CN",
        )
        return draft, Truth("ordinary", None, None, None, ())

    def _make_genuine(self, rng: random.Random) -> tuple[Draft, Truth]:
        brand, model = _pick(self.catalogue, rng)
        shop = rng.choice(brand.shops)
        colour = rng.choice(wording.COLOURS)
        chinese = rng.random() < 0.5
        product = model.chinese_name if chinese else model.name
        shade = wording.CHINESE_COLOURS[colour] if chinese else colour
        description = wording.GENUINE_CHINESE if chinese else wording.GENUINE_ENGLISH
        draft = _branded(brand, model, shop, rng.uniform(0.86, 1.0))
        draft = replace(
            draft,
            title=f"{_with_number(product, model)} {shade}",
            description=description.format(product=product, colour=shade),
            attributes=_attributes(shop, colour=colour, condition="new", **_marks(model)),
        )
        return draft, Truth("genuine", brand.id, model.slug, "authorised", ())

    def _make_grey(self, rng: random.Random) -> tuple[Draft, Truth]:
        brand, model = _pick(self.catalogue, rng)
        shop = rng.choice(self._resellers)
        chinese = rng.random() < 0.5
        sort = rng.choice(("parallel_import", "second_hand", "accessory"))
        if sort == "accessory":
            draft = _accessory(brand, model, shop, rng, chinese=chinese)
        else:
            draft = _resold(brand, model, shop, rng, chinese=chinese, used=sort == "second_hand")
        return draft, Truth("grey", brand.id, model.slug, "genuine", (sort,))


def payload(draft: Draft, *, site: str, seen_at: datetime) -> dict[str, Any]:
    """``draft`` in the portal's posting form; ``site`` is the marketplace's own address."""
    return {
        "external_id": draft.external_id,
        "title": draft.title,
        "description": draft.description,
        "brand": draft.brand,
        "category": draft.category,
        "price": str(draft.price),
        "currency": draft.currency,
        "seller": {"external_id": draft.seller.external_id, "name": draft.seller.name},
        "url": f"{site}/items/{draft.external_id}",
        "image_urls": [f"{site}/images/{name}.png" for name in draft.pictures],
        "attributes": draft.attributes,
        "ship_from": draft.ship_from,
        "seen_at": seen_at.isoformat().replace("+00:00", "Z"),
    }


def _pick(catalogue: Catalogue, rng: random.Random) -> tuple[Brand, Model]:
    brand = rng.choice(catalogue.brands)
    return brand, rng.choice(brand.models)


def _with_number(product: str, model: Model) -> str:
    return product if model.model_number in product else f"{product} {model.model_number}"


def _attributes(shop: Shop, **extra: str) -> dict[str, Any]:
    return {
        "simulated": True,
        "seller_phone": shop.phone,
        "payout_account": shop.payout_account,
        "dispatch_address": shop.dispatch_address,
        **extra,
    }


def _marks(model: Model) -> dict[str, str]:
    marks = {"gtin": model.gtin, "model_number": model.model_number, "safety_mark": "SIM-OK"}
    if model.category.startswith("bags/"):
        marks["material"] = "leather"
    if model.category == "electronics/power":
        marks["connector"] = "usb-c"
    return marks


def _branded(brand: Brand, model: Model, shop: Shop, share: float) -> Draft:
    return Draft(
        title=model.name,
        description="",
        brand=brand.name,
        category=model.category,
        price=money(float(model.list_price) * share),
        currency=model.currency,
        seller=shop,
        pictures=(f"{model.slug}--official",),
        attributes=_attributes(shop),
        ship_from="CN",
    )


def _resold(
    brand: Brand, model: Model, shop: Shop, rng: random.Random, *, chinese: bool, used: bool
) -> Draft:
    colour = rng.choice(wording.COLOURS)
    english_title = wording.SECOND_HAND_ENGLISH if used else wording.PARALLEL_ENGLISH
    chinese_title = wording.SECOND_HAND_CHINESE if used else wording.PARALLEL_CHINESE
    product = model.chinese_name if chinese else model.name
    shade = wording.CHINESE_COLOURS[colour] if chinese else colour
    title = (chinese_title if chinese else english_title).format(product=product, colour=shade)
    description = wording.PLAIN_CHINESE if chinese else wording.PLAIN_ENGLISH
    share = rng.uniform(0.5, 0.65) if used else rng.uniform(0.75, 0.92)
    return replace(
        _branded(brand, model, shop, share),
        title=title,
        description=description.format(product=product, colour=shade),
        pictures=(f"{model.slug}--{'photo' if used else 'official'}",),
        attributes=_attributes(
            shop, colour=colour, condition="used" if used else "new", **_marks(model)
        ),
    )


def _accessory(
    brand: Brand, model: Model, shop: Shop, rng: random.Random, *, chinese: bool
) -> Draft:
    english_part, chinese_part = wording.PARTS[model.category]
    title = (wording.ACCESSORY_CHINESE if chinese else wording.ACCESSORY_ENGLISH).format(
        part=chinese_part if chinese else english_part,
        brand=brand.name,
        chinese=brand.chinese_name,
        number=model.model_number,
    )
    description = wording.PLAIN_CHINESE if chinese else wording.PLAIN_ENGLISH
    shade = wording.CHINESE_COLOURS["black"] if chinese else "black"
    return replace(
        _branded(brand, model, shop, rng.uniform(0.02, 0.06)),
        title=title,
        description=description.format(product=title, colour=shade),
        brand="No Brand",
        category=f"{model.category.split('/', maxsplit=1)[0]}/accessories",
        pictures=(f"plain-board-{rng.randrange(_CATALOGUE_PICTURES):02d}--official",),
        attributes=_attributes(shop, colour="black", condition="new"),
    )


def _revised(draft: Draft, rng: random.Random) -> Draft:
    if rng.random() < 0.6:
        factor = Decimal(str(round(rng.choice((-1, 1)) * rng.uniform(0.05, 0.25) + 1, 3)))
        price = money(draft.price * factor)
        if price != draft.price:
            return replace(draft, price=price)
    return replace(draft, title=f"{draft.title} {rng.choice(wording.REVISIONS)}")
