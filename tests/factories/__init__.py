"""Rows for tests, made by factory-boy. Defaults make the smallest valid row."""

from tests.factories.brands import (
    BrandFactory,
    CharacteristicFactory,
    ProductModelFactory,
    RegistrationFactory,
)
from tests.factories.complaints import ComplaintFactory, InfringingLinkFactory
from tests.factories.core import (
    ApiKeyFactory,
    MarketplaceFactory,
    MemberFactory,
    OrganisationFactory,
    UserFactory,
)
from tests.factories.credit import CreditAccountFactory, give_past
from tests.factories.pushes import (
    FeedbackFactFactory,
    ListingFactory,
    ListingVersionFactory,
    MatchWorkFactory,
    RulesetFactory,
    SellerFactory,
    SuspectedLinkFactory,
)

__all__ = [
    "ApiKeyFactory",
    "BrandFactory",
    "CharacteristicFactory",
    "ComplaintFactory",
    "CreditAccountFactory",
    "FeedbackFactFactory",
    "InfringingLinkFactory",
    "ListingFactory",
    "ListingVersionFactory",
    "MarketplaceFactory",
    "MatchWorkFactory",
    "MemberFactory",
    "OrganisationFactory",
    "ProductModelFactory",
    "RegistrationFactory",
    "RulesetFactory",
    "SellerFactory",
    "SuspectedLinkFactory",
    "UserFactory",
    "give_past",
]
