"""Links as a reviewer meets them: pictures on both sides, signals with spans, a price band."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

from PIL import Image, ImageDraw

from brands.models import Brand
from portal.core import files
from portal.core.models import StoredFile
from pushes.models import ListingImage, Seller, SuspectedLink
from tests.factories import (
    BrandFactory,
    ListingVersionFactory,
    MarketplaceFactory,
    ProductModelFactory,
    SellerFactory,
    SuspectedLinkFactory,
)

COLOURS = ("#9c4a3c", "#3c6e9c", "#4f7d4f", "#8a7a3a", "#6a4f8a")
TITLES = (
    "V\u0435lm\u043era Sky Runner 2 trainers, 1:1 same style, factory outlet",
    "高仿 Velmora 同款 跑步鞋 男女情侣透气 厂家直销",
    "Vel-mora style running shoe VR-0420 size 36 to 45",
    "Velm0ra Sky Runner sneakers light grey, no box",
    "Sports shoe like Velmora, breathable mesh, free shipping",
)


def a_brand(name: str = "Velmora") -> Brand:
    """A brand with one product model that has two reference pictures."""
    brand: Brand = BrandFactory(name=name)
    model = ProductModelFactory(
        brand=brand,
        name="Sky Runner 2",
        model_number="VR-0420",
        list_price=Decimal("899.00"),
        lowest_price=Decimal("520.00"),
    )
    model.images.add(drawing(0, brand.created_at), drawing(1, brand.created_at))
    return brand


def drawing(number: int, now: datetime) -> StoredFile:
    """A stored drawing of a shoe; equal numbers give equal pictures."""
    colour = COLOURS[number % len(COLOURS)]
    picture = Image.new("RGB", (640, 480), "#f3f1ec")
    pen = ImageDraw.Draw(picture)
    pen.polygon(
        [(80, 330), (110, 190), (230, 170), (330, 250), (560, 290), (570, 340)], fill=colour
    )
    pen.rounded_rectangle([70, 330, 580, 372], 18, fill="#2b2b2b")
    for lace in range(5):
        pen.line(
            [(225 + lace * 26, 190 + lace * 14), (262 + lace * 26, 172 + lace * 16)], "#fff", 6
        )
    pen.text((40 + number * 7, 40), f"simulated {number}", fill="#777")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return files.store(content.getvalue(), media_type="image/png", now=now)


def links(brand: Brand, count: int, now: datetime, *, pictures: int = 1) -> list[SuspectedLink]:
    """Links of a brand due one after the other, the first in a day, pushed some days ago."""
    market = MarketplaceFactory(name="Market One")
    sellers = [
        SellerFactory(marketplace=market, name=name) for name in ("Sunny Shoes", "运动潮品店")
    ]
    return [
        _link(brand, number, now, sellers[number % 2], pictures=pictures) for number in range(count)
    ]


def _link(
    brand: Brand, number: int, now: datetime, seller: Seller, *, pictures: int
) -> SuspectedLink:
    title = f"{TITLES[number % len(TITLES)]} #{number + 1}"
    price = Decimal(89 + 7 * (number % 30))
    version = ListingVersionFactory(
        listing__marketplace=seller.marketplace, seller=seller, title=title, price=price
    )
    urls = [f"https://img.example/{number}-{each}.png" for each in range(pictures)]
    for each, url in enumerate(urls):
        ListingImage.objects.create(
            listing=version.listing,
            url=url,
            file=drawing(number + each, now),
            state=ListingImage.State.STORED,
        )
    made: SuspectedLink = SuspectedLinkFactory(
        brand=brand,
        version=version,
        product_model=brand.product_models.get(),
        score=max(0.99 - number * 0.004, 0.55),
        signals=_signals(title),
        snapshot={
            "title": title,
            "description": f"Light and soft. Same style as Velmora, ships today. Lot {number}.",
            "brand": "No brand",
            "category": "shoes/running",
            "price": str(price),
            "currency": "CNY",
            "seller": {"external_id": seller.external_id, "name": seller.name},
            "marketplace": {"slug": seller.marketplace.slug, "name": seller.marketplace.name},
            "ship_from": "Putian, CN",
            "external_id": version.listing.external_id,
            "url": "https://market.example/item/1",
            "image_urls": urls,
        },
        pushed_at=now - timedelta(days=6),
        due_at=now + timedelta(hours=20 + number * 3),
    )
    return made


def _signals(title: str) -> list[dict[str, object]]:
    def signal(kind: str, field: str, start: int, end: int, adds: float) -> dict[str, object]:
        return {
            "kind": kind,
            "field": field,
            "start": start,
            "end": end,
            "matched": title[start:end] if field == "title" else "",
            "registered": "Velmora" if field == "title" else "",
            "value": 1.0,
            "contribution": adds,
            "state": "fired",
        }

    return [
        signal("brand_disguised", "title", 0, 7, 2.4),
        signal("price_low", "price", 0, 0, 1.9),
        signal("imitation_phrase", "title", 8, 18, 1.2),
        signal("category_agrees", "category", 0, 0, -0.3),
    ]
