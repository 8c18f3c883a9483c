"""Listings, suspected links, verdicts, and the rules that made them."""

from pushes.models.feedback import FeedbackFact
from pushes.models.listing import Listing, ListingImage, ListingVersion, MatchWork
from pushes.models.ruleset import ExchangeRate, RegistryRevision, Ruleset
from pushes.models.seller import Seller
from pushes.models.suspected_link import SuspectedLink
from pushes.models.verdict import Verdict

__all__ = [
    "ExchangeRate",
    "FeedbackFact",
    "Listing",
    "ListingImage",
    "ListingVersion",
    "MatchWork",
    "RegistryRevision",
    "Ruleset",
    "Seller",
    "SuspectedLink",
    "Verdict",
]
