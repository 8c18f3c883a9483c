"""The highest score a candidate could reach, from a few cheap looks.

Most listings that name a brand are ordinary offers. Where not even the sum of all reasons that
*could* apply reaches the threshold, the signals need not be worked out at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from pushes.matching.index import Hit, PatternKind
from pushes.matching.score import Weights
from pushes.matching.signals.phrase import STRENGTHS
from pushes.matching.types import Brand, Listing
from pushes.matching.wording import Wording

OF_PATTERN = {
    PatternKind.MODEL_NUMBER: "model_number",
    PatternKind.MODEL_NAME: "model_name",
    PatternKind.GTIN: "gtin",
}


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
    if brand.product_models and listing.category:
        kinds["category_agrees"] = 1.0
    if brand.authorised_sellers:
        kinds["seller_not_authorised"] = 1.0
    return kinds
