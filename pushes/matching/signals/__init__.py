"""The signals, one file each. Order is the order of evaluation, not of importance."""

from __future__ import annotations

from pushes.matching.signals.base import SignalSource
from pushes.matching.signals.brand_field import BrandField
from pushes.matching.signals.brand_text import BrandText
from pushes.matching.signals.context import HonestContext
from pushes.matching.signals.declared_text import DeclaredText
from pushes.matching.signals.facts import DeclaredFacts
from pushes.matching.signals.phrase import Phrase
from pushes.matching.signals.picture import Picture
from pushes.matching.signals.price import Price
from pushes.matching.signals.product import Product
from pushes.matching.signals.seller import Seller
from pushes.matching.signals.stacking import StackedBrands
from pushes.matching.signals.support import NameSupport

SOURCES: tuple[SignalSource, ...] = (
    BrandText(),
    BrandField(),
    Product(),
    DeclaredText(),
    Phrase(),
    HonestContext(),
    Price(),
    Seller(),
    DeclaredFacts(),
    StackedBrands(),
    Picture(),
)
SUPPORT = NameSupport()

ALL_KINDS: tuple[str, ...] = (
    *(kind for source in SOURCES for kind in source.kinds),
    *SUPPORT.kinds,
)
"""Every feature name the engine can give."""

__all__ = ["ALL_KINDS", "SOURCES", "SUPPORT", "SignalSource"]
