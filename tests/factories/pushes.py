"""Listings and links."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import factory

from pushes import matching as engine
from pushes.models import (
    FeedbackFact,
    Listing,
    ListingVersion,
    MatchWork,
    Ruleset,
    Seller,
    SuspectedLink,
    Verdict,
)
from pushes.services.near_text import bands_of
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
    """The champion shipped with the engine."""

    class Meta:
        model = Ruleset
        django_get_or_create = ("content_hash",)

    state = Ruleset.State.CHAMPION
    content = factory.LazyFunction(lambda: engine.Ruleset().to_dict())
    content_hash = factory.LazyFunction(lambda: engine.Ruleset().content_hash)
    created_at = MORNING
    promoted_at = MORNING


class SuspectedLinkFactory(factory.django.DjangoModelFactory[SuspectedLink]):
    """A pending link, due in seven days."""

    class Meta:
        model = SuspectedLink

    brand = factory.SubFactory(BrandFactory)
    organisation = factory.SelfAttribute("brand.organisation")
    version = factory.SubFactory(ListingVersionFactory)
    listing = factory.SelfAttribute("version.listing")
    snapshot = factory.LazyAttribute(lambda row: {"title": row.version.title})
    title = factory.LazyAttribute(lambda row: row.snapshot.get("title", ""))
    marketplace = factory.SelfAttribute("listing.marketplace")
    seller = factory.SelfAttribute("version.seller")
    signal_kinds = factory.LazyAttribute(
        lambda row: sorted({s["kind"] for s in row.signals if s["contribution"] > 0})
    )
    text_bands = factory.LazyAttribute(lambda row: bands_of(row.title))
    snapshot_hash = factory.LazyAttribute(lambda row: row.version.content_hash)
    score = 0.9
    signals: list[object] = []
    vector: dict[str, float] = {}
    registry_revision = 1
    ruleset = factory.SubFactory(RulesetFactory)
    pushed_at = MORNING
    due_at = MORNING + timedelta(days=7)
    due_zone = "Asia/Shanghai"
    due_rule = "working-days:5"
    calendar_version = "test"


class MatchWorkFactory(factory.django.DjangoModelFactory[MatchWork]):
    """A version waiting to be matched."""

    class Meta:
        model = MatchWork

    version = factory.SubFactory(ListingVersionFactory)
    created_at = MORNING


class FeedbackFactFactory(factory.django.DjangoModelFactory[FeedbackFact]):
    """A counterfeit verdict on a disguised brand name."""

    class Meta:
        model = FeedbackFact

    key = factory.Sequence(lambda n: f"verdict:{n}")
    link = factory.SubFactory(SuspectedLinkFactory)
    brand = factory.SelfAttribute("link.brand")
    source = FeedbackFact.Source.VERDICT
    outcome = Verdict.Outcome.COUNTERFEIT
    label = 1
    vector = {"brand_disguised": 1.0}
    score = 0.9
    ruleset = factory.SelfAttribute("link.ruleset")
    at = MORNING
