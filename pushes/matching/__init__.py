"""The matching engine: a library without Django, and a command line.

Only the names below are its interface.
"""

from pushes.matching.backtest import BackTest, Flip, WeightChange, back_test, towards
from pushes.matching.batching import batches
from pushes.matching.engine import Engine
from pushes.matching.errors import ListingFileError, MatchingError, RegistryError, RulesetError
from pushes.matching.learn import Fact, Lesson, fit, judged_of, teach, untaught
from pushes.matching.rates import SHIPPED_RATES, Rates
from pushes.matching.registry import Registry
from pushes.matching.score import BrandOffset, Ruleset, Weights, explain, features
from pushes.matching.signals import ALL_KINDS
from pushes.matching.stock import learn_stock
from pushes.matching.types import (
    AuthorisedSeller,
    Brand,
    Characteristic,
    CharacteristicKind,
    Listing,
    Match,
    ProductModel,
    Signal,
    SignalState,
)

__all__ = [
    "ALL_KINDS",
    "SHIPPED_RATES",
    "AuthorisedSeller",
    "BackTest",
    "Brand",
    "BrandOffset",
    "Characteristic",
    "CharacteristicKind",
    "Engine",
    "Fact",
    "Flip",
    "Lesson",
    "Listing",
    "ListingFileError",
    "Match",
    "MatchingError",
    "ProductModel",
    "Rates",
    "Registry",
    "RegistryError",
    "Ruleset",
    "RulesetError",
    "Signal",
    "SignalState",
    "WeightChange",
    "Weights",
    "back_test",
    "batches",
    "explain",
    "features",
    "fit",
    "judged_of",
    "learn_stock",
    "teach",
    "towards",
    "untaught",
]
