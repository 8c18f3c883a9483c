"""What a signal looks at: one listing, one brand, and what the index found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from pushes.matching.index import Hit, PatternKind
from pushes.matching.normalise import fold_cached
from pushes.matching.rates import Rates
from pushes.matching.types import Brand, Characteristic, CharacteristicKind, Listing, ProductModel
from pushes.matching.wording import Wording

TITLE, DESCRIPTION, BRAND_FIELD = "title", "description", "brand"


@dataclass(frozen=True)
class Context:
    """What all cases of a scan share."""

    rates: Rates
    word_share: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Case:
    """One (listing, brand) pair with the evidence found so far.

    ``named_brands``: ids of all brands whose name stands in the title, this one included.
    """

    listing: Listing
    brand: Brand
    hits: tuple[Hit, ...]
    context: Context
    model: ProductModel | None = None
    named_brands: frozenset[str] = frozenset()
    title_wordings: tuple[Wording, ...] = ()
    description_wordings: tuple[Wording, ...] = ()

    def wordings(self, name: str) -> tuple[Wording, ...]:
        """The known phrases in that field."""
        return self.title_wordings if name == TITLE else self.description_wordings

    def text(self, name: str) -> str:
        """The listing's text of that field."""
        if name == TITLE:
            return self.listing.title
        if name == DESCRIPTION:
            return self.listing.description
        return self.listing.brand if name == BRAND_FIELD else ""

    def hits_of(self, kind: PatternKind, *fields: str) -> list[Hit]:
        """Hits of one kind, in some fields (all when none is named)."""
        return [
            h for h in self.hits if h.pattern.kind is kind and (not fields or h.field in fields)
        ]

    def characteristics(self, kind: CharacteristicKind) -> list[Characteristic]:
        """Declared marks of one kind that hold for the whole brand or for the matched model."""
        if not self.brand.characteristics:
            return []
        model_id = self.model.id if self.model else None
        return [
            mark
            for mark in self.brand.characteristics
            if mark.kind is kind and mark.product_model in (None, model_id)
        ]

    @cached_property
    def named_in_title(self) -> bool:
        """Whether any spelling of the brand stands in the title."""
        return any(
            h.field == TITLE and h.pattern.kind in (PatternKind.NAME, PatternKind.EVASIVE_SPELLING)
            for h in self.hits
        )

    @cached_property
    def is_about_brand(self) -> bool:
        """Whether anything points to the brand or one of its models.

        A declared keyword or a cheap price alone says nothing about whose good it is.
        """
        return self.model is not None or any(
            h.field == BRAND_FIELD or h.pattern.kind is not PatternKind.KEYWORD for h in self.hits
        )

    @cached_property
    def only_doubtful(self) -> bool:
        """Whether all there is are spellings that may well be another word."""
        return all(h.spelling is not None and h.spelling.value < 1 for h in self.hits)

    @cached_property
    def folded_brand_field(self) -> str:
        """The listing's brand field, squeezed."""
        return fold_cached(self.listing.brand) if self.listing.brand else ""
