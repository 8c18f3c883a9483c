"""Rows for tests, made by factory-boy. Defaults make the smallest valid row."""

from tests.factories.brands import (
    BrandFactory,
    CharacteristicFactory,
    ProductModelFactory,
    RegistrationFactory,
)
from tests.factories.core import (
    ApiKeyFactory,
    MarketplaceFactory,
    MemberFactory,
    OrganisationFactory,
    UserFactory,
)
from tests.factories.pushes import (
    ListingFactory,
    ListingVersionFactory,
    RulesetFactory,
    SellerFactory,
    SuspectedLinkFactory,
)

__all__ = [
    "ApiKeyFactory",
    "BrandFactory",
    "CharacteristicFactory",
    "ListingFactory",
    "ListingVersionFactory",
    "MarketplaceFactory",
    "MemberFactory",
    "OrganisationFactory",
    "ProductModelFactory",
    "RegistrationFactory",
    "RulesetFactory",
    "SellerFactory",
    "SuspectedLinkFactory",
    "UserFactory",
]
