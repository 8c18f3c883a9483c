"""Listings and links."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import factory

from pushes.models import Listing, ListingVersion, Ruleset, Seller, SuspectedLink
from tests.factories.brands import BrandFactory
from tests.factories.core import MORNING, MarketplaceFactory


class SellerFactory(factory.django.DjangoModelFactory[Seller]):
    """A shop."""

    class Meta:
        model = Seller

    marketplace = factory.SubFactory(MarketplaceFactory)
    external_id = factory.Sequence(lambda n: f"shop-{n}")
    name = factory.Sequence(lambda n: f"Shop {n}")
    first_seen_at = MORNING


class ListingFactory(factory.django.DjangoModelFactory[Listing]):
    """A listing without a version; use ``ListingVersionFactory`` for one with content."""

    class Meta:
        model = Listing

    marketplace = factory.SubFactory(MarketplaceFactory)
    external_id = factory.Sequence(lambda n: f"item-{n}")
    first_seen_at = MORNING
    last_seen_at = MORNING


class ListingVersionFactory(factory.django.DjangoModelFactory[ListingVersion]):
    """An observed listing at 25 CNY; becomes its listing's head."""

    class Meta:
        model = ListingVersion
        skip_postgeneration_save = True

    listing = factory.SubFactory(ListingFactory)
    seller = factory.SubFactory(
        SellerFactory, marketplace=factory.SelfAttribute("..listing.marketplace")
    )
    seen_at = MORNING
    title = factory.Sequence(lambda n: f"Shoe {n}")
    content_hash = factory.LazyAttribute(lambda row: hashlib.sha256(row.title.encode()).hexdigest())
    price = Decimal("25.00")
    currency = "CNY"

    @factory.post_generation
    def head(self, create: bool, extracted: object, **kwargs: object) -> None:
        if create:
            self.listing.head = self
            self.listing.save()


class RulesetFactory(factory.django.DjangoModelFactory[Ruleset]):
    """A champion with empty content, for tests that do not score."""

    class Meta:
        model = Ruleset
        django_get_or_create = ("content_hash",)

    state = Ruleset.State.CHAMPION
    content: dict[str, object] = {}
    content_hash = hashlib.sha256(b"empty").hexdigest()
    created_at = MORNING


class SuspectedLinkFactory(factory.django.DjangoModelFactory[SuspectedLink]):
    """A pending link, due in seven days."""

    class Meta:
        model = SuspectedLink

    brand = factory.SubFactory(BrandFactory)
    organisation = factory.SelfAttribute("brand.organisation")
    version = factory.SubFactory(ListingVersionFactory)
    listing = factory.SelfAttribute("version.listing")
    snapshot = factory.LazyAttribute(lambda row: {"title": row.version.title})
    snapshot_hash = factory.LazyAttribute(lambda row: row.version.content_hash)
    score = 0.9
    signals: list[object] = []
    vector: dict[str, float] = {}
    registry_revision = 1
    ruleset = factory.SubFactory(RulesetFactory)
    pushed_at = MORNING
    due_at = MORNING + timedelta(days=7)
    due_zone = "Asia/Shanghai"
    due_rule = "working_days:5"
    calendar_version = "test"
