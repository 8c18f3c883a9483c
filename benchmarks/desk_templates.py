"""One row of each kind, through the models: what the mass rows of the measurement copy."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Model
from django.utils import timezone

from brands.models import Brand, ProductModel
from portal.core.models import (
    JournalEntry,
    Marketplace,
    Member,
    Organisation,
    Role,
    StoredFile,
    User,
)
from pushes import matching
from pushes.models import (
    Listing,
    ListingImage,
    ListingVersion,
    Ruleset,
    Seller,
    SuspectedLink,
    Verdict,
)


def make() -> dict[type[Model], Model]:
    """One row of each kind, through the models."""
    now = timezone.now()
    holder = Organisation.objects.create(
        kind=Organisation.Kind.RIGHTS_HOLDER,
        name="Template",
        country="CN",
        zone="Asia/Shanghai",
        created_at=now,
    )
    brand = Brand.objects.create(organisation=holder, name="Template", created_at=now, vouched=True)
    model = ProductModel.objects.create(
        brand=brand,
        name="Runner",
        model_number="R-1",
        list_price=Decimal(100),
        lowest_price=Decimal(60),
        currency="CNY",
        created_at=now,
    )
    market = Marketplace.objects.create(
        slug="market", name="Market", jurisdiction="CN", zone="Asia/Shanghai", created_at=now
    )
    seller = Seller.objects.create(
        marketplace=market, external_id="shop", name="Shop", first_seen_at=now
    )
    listing = Listing.objects.create(
        marketplace=market, external_id="item", first_seen_at=now, last_seen_at=now
    )
    version = ListingVersion.objects.create(
        listing=listing,
        seller=seller,
        seen_at=now,
        content_hash="0" * 64,
        title="Shoe",
        description="Sent within two days. " * 12,
        price=Decimal(25),
        currency="CNY",
    )
    file = StoredFile.objects.create(
        sha256="0" * 64, media_type="image/jpeg", size=40_000, created_at=now
    )
    image = ListingImage.objects.create(
        listing=listing, url="https://pictures.example/0.jpg", file=file, state="stored"
    )
    link = _link(brand, model, version)
    member = Member.objects.create(
        user=User.objects.create(email="template@measured.example"),
        organisation=holder,
        role=Role.REVIEWER,
        joined_at=now,
    )
    verdict = Verdict.objects.create(
        link=link,
        outcome="counterfeit",
        member=member,
        state="final",
        given_at=now,
        held_until=now,
        final_at=now,
    )
    entry = JournalEntry.objects.create(
        at=now,
        verb="link.pushed",
        subject_type="pushes.suspectedlink",
        subject_id=link.pk,
        organisation_id=holder.pk,
        actor_kind="system",
        data={"brand_id": brand.pk, "marketplace_id": market.pk, "score": 0.9, "again": False},
    )
    facts = (holder, brand, model, market, seller, listing, version, file, image)
    rows: tuple[Model, ...] = (*facts, link, verdict, entry)
    return {type(row): row for row in rows}


def _link(brand: Brand, model: ProductModel, version: ListingVersion) -> SuspectedLink:
    now = timezone.now()
    content = matching.Ruleset().to_dict()
    ruleset = Ruleset.objects.create(
        content=content,
        content_hash=matching.Ruleset().content_hash,
        state=Ruleset.State.CHAMPION,
        created_at=now,
    )
    return SuspectedLink.objects.create(
        organisation=brand.organisation,
        brand=brand,
        product_model=model,
        listing=version.listing,
        version=version,
        snapshot=_snapshot(version),
        snapshot_hash="0" * 64,
        score=0.9,
        signals=[],
        registry_revision=1,
        ruleset=ruleset,
        pushed_at=now,
        due_at=now + timedelta(days=7),
        due_zone="Asia/Shanghai",
        due_rule="working-days:5",
        calendar_version="bench",
    )


def _snapshot(version: ListingVersion) -> dict[str, object]:
    return {
        "marketplace": {"slug": "market", "name": "Market", "jurisdiction": "CN"},
        "external_id": "item",
        "title": version.title,
        "description": version.description,
        "brand": "No Brand",
        "category": "shoes",
        "price": "25.00",
        "currency": "CNY",
        "seller": {"external_id": "shop", "name": "Shop"},
        "ship_from": "CN",
        "url": "",
        "image_urls": [],
        "image_hashes": [],
        "attributes": {"colour": "black"},
        "seen_at": version.seen_at.isoformat(),
        "content_hash": version.content_hash,
    }
