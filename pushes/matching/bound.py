"""The highest score a candidate could reach, from a few cheap looks.

Most listings that name a brand are ordinary offers. Where not even the sum of all reasons that
*could* apply reaches the threshold, the signals need not be worked out at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from pushes.matching import kernel
from pushes.matching.index import Hit, PatternKind
from pushes.matching.score import Weights
from pushes.matching.signals.phrase import STRENGTHS
from pushes.matching.spelling import SURE_VALUE
from pushes.matching.types import Brand, Listing
from pushes.matching.wording import TRAITS, Wording

OF_PATTERN = {
    PatternKind.MODEL_NUMBER: "model_number",
    PatternKind.MODEL_NAME: "model_name",
    PatternKind.GTIN: "gtin",
}
OF_MARK = (
    (kernel.PLAIN, "brand_named"),
    (kernel.RUN_ON, "brand_glued"),
    (kernel.NUMBER, "model_number"),
    (kernel.MODEL, "model_name"),
    (kernel.CODE, "gtin"),
    (kernel.HAS_SELLERS, "seller_not_authorised"),
    (kernel.STACKED, "stacked_brands"),
)


class Bound:
    """The same look for a whole listing, from what the compiled loop reports about its texts.

    All evidence in a listing is added up as if it spoke for one brand, and that brand had the most
    generous offset of all. So nothing is lost, and most listings need no Python object at all.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        offsets = weights.brand_offsets.values()
        self._intercept = weights.intercept + max([0.0, *(o.intercept for o in offsets)])
        own = [o.threshold for o in offsets if o.threshold is not None]
        threshold = min([weights.threshold, *own])
        self._needed = math.log(threshold / (1 - threshold)) - 1e-9
        self._most: dict[str, float] = {}
        self._known: dict[int, bool] = {}

    def may_reach(self, marks: int, listing: Listing) -> bool:
        """Whether some brand's match in this listing could be suspect, by its kernel marks."""
        if marks & (kernel.BENT | kernel.WHOLE):
            return True
        key = marks << 3 | (listing.brand != "") << 2
        key |= (listing.price is not None) << 1 | (listing.category != "")
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._reaches(marks, listing)
        return known

    def _reaches(self, marks: int, listing: Listing) -> bool:
        values = {kind: 1.0 for mark, kind in OF_MARK if marks & mark}
        values["brand_in_description"] = 1.0
        if marks & kernel.HINTED:
            # One hint is the one or the other; two of one brand in one text are one reason more.
            values["brand_fragment"], values["brand_typo"] = self._hint()
        if listing.brand:
            values["field_generic"] = values["field_differs"] = 1.0
        if marks & kernel.HAS_MODELS:
            values["price_low"] = float(listing.price is not None)
            values["category_agrees"] = float(listing.category != "")
            values["model_name"] = 1.0  # its words may stand in another order
        spoken = [STRENGTHS[kind] for kind, trait in TRAITS.items() if marks & trait]
        values["imitation_phrase"] = max(spoken, default=0.0)
        most = self._intercept + sum(self._weight(kind) * v for kind, v in values.items())
        return most >= self._needed

    def _hint(self) -> tuple[float, float]:
        """The larger of what a hint may be: a piece of a name, or a misspelt word of one."""
        typo = SURE_VALUE * self._weight("brand_typo")
        return (1.0, 0.0) if self._weight("brand_fragment") > typo else (0.0, SURE_VALUE)

    def _weight(self, kind: str) -> float:
        """The largest weight any brand gives this kind."""
        if kind not in self._most:
            brands = ("", *self._weights.brand_offsets)
            self._most[kind] = max(0.0, *(self._weights.weight_for(b, kind) for b in brands))
        return self._most[kind]


def may_reach_threshold(
    weights: Weights,
    listing: Listing,
    brand: Brand,
    hits: Iterable[Hit],
    named_brands: int,
    wordings: Iterable[Wording],
) -> bool:
    """False only when no combination of signals could make this candidate suspect.

    Brands with declared characteristics are always worked out in full.
    """
    if brand.characteristics:
        return True
    kinds = _of_hits(hits) | _of_listing(listing, brand)
    if named_brands > 2:
        kinds["stacked_brands"] = 1.0
    for wording in wordings:
        strength = STRENGTHS.get(wording.kind, 0.0)
        kinds["imitation_phrase"] = max(kinds.get("imitation_phrase", 0.0), strength)
    most = weights.intercept_for(brand.id)
    for kind, value in kinds.items():
        most += max(0.0, weights.weight_for(brand.id, kind) * value)
    threshold = weights.threshold_for(brand.id)
    return most >= math.log(threshold / (1 - threshold)) - 1e-9


def _of_hits(hits: Iterable[Hit]) -> dict[str, float]:
    kinds = {"brand_in_description": 1.0}
    for hit in hits:
        if hit.spelling is not None:
            kind, value = hit.spelling.kind, hit.spelling.value
        else:
            kind, value = OF_PATTERN.get(hit.pattern.kind, hit.pattern.kind.value), 1.0
        kinds[kind] = max(kinds.get(kind, 0.0), value)
    return kinds


def _of_listing(listing: Listing, brand: Brand) -> dict[str, float]:
    kinds: dict[str, float] = {}
    if listing.brand:
        kinds["field_generic"] = kinds["field_differs"] = 1.0
    if brand.product_models and listing.price is not None:
        kinds["price_low"] = 1.0
    if brand.product_models:
        kinds["model_name"] = 1.0
    if brand.product_models and listing.category:
        kinds["category_agrees"] = 1.0
    if brand.authorised_sellers:
        kinds["seller_not_authorised"] = 1.0
    return kinds
