"""Listings, suspected links, verdicts, and the rules that made them."""

from pushes.models.appraisal import Appraisal
from pushes.models.control import ControlThreshold
from pushes.models.desk import Claim, DeskPreference, LinkNote, SavedView
from pushes.models.feedback import FeedbackFact
from pushes.models.listing import Listing, ListingImage, ListingVersion, MatchWork
from pushes.models.review_policy import BrandCapacity, Conflict, ReviewPolicy
from pushes.models.ruleset import ExchangeRate, LoopPolicy, RegistryRevision, Ruleset
from pushes.models.second_look import SecondLook
from pushes.models.seller import Seller
from pushes.models.suggestion import RefusedSuggestion
from pushes.models.suspected_link import SuspectedLink
from pushes.models.verdict import Verdict

__all__ = [
    "Appraisal",
    "BrandCapacity",
    "Claim",
    "Conflict",
    "ControlThreshold",
    "DeskPreference",
    "ExchangeRate",
    "FeedbackFact",
    "LinkNote",
    "Listing",
    "ListingImage",
    "ListingVersion",
    "LoopPolicy",
    "MatchWork",
    "RefusedSuggestion",
    "RegistryRevision",
    "ReviewPolicy",
    "Ruleset",
    "SavedView",
    "SecondLook",
    "Seller",
    "SuspectedLink",
    "Verdict",
]
