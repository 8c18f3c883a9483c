"""Listings, suspected links, verdicts, and the rules that made them."""

from pushes.models.desk import Claim, DeskPreference, LinkNote, SavedView
from pushes.models.feedback import FeedbackFact
from pushes.models.listing import Listing, ListingImage, ListingVersion, MatchWork
from pushes.models.ruleset import ExchangeRate, RegistryRevision, Ruleset
from pushes.models.seller import Seller
from pushes.models.suspected_link import SuspectedLink
from pushes.models.verdict import Verdict

__all__ = [
    "Claim",
    "DeskPreference",
    "ExchangeRate",
    "FeedbackFact",
    "LinkNote",
    "Listing",
    "ListingImage",
    "ListingVersion",
    "MatchWork",
    "RegistryRevision",
    "Ruleset",
    "SavedView",
    "Seller",
    "SuspectedLink",
    "Verdict",
]
