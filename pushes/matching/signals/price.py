"""The price against the model's plausible band and against declared limits.

An accessory or a spare part is naturally cheaper than the good it is made for, so the band of the
brand's products says nothing about it; a limit that the rights holder declared still does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

from pushes.matching.case import Case
from pushes.matching.normalise import fold_cached
from pushes.matching.registry import parse_price_rule
from pushes.matching.signals.context import is_made_for
from pushes.matching.types import CharacteristicKind, ProductModel, Signal

UNKNOWN_MODEL, SAME_CATEGORY = 0.5, 0.65
"""Share of the evidence that is left when only the brand is known, not which of its products; and
when the listing stands in the category of some of them."""


class Price:
    """Below the lowest plausible price, below a declared limit, or plausible."""

    kinds = ("price_low", "price_plausible")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """Nothing when price, currency, band or exchange rate is missing, or for other goods."""
        price = case.listing.price
        if price is None or not price.is_finite() or price <= 0 or not case.listing.currency:
            return
        if not case.is_about_brand:
            return  # the price of something else
        limits = [*self._declared(case), *(() if is_made_for(case) else self._band(case))]
        low = [(value, text) for value, text in limits if value > 0]
        shown = f"{price} {case.listing.currency}"
        for value, text in low:
            yield Signal("price_low", "price", 0, 0, shown, text, value)
        if limits and not low and case.model is not None:
            yield Signal("price_plausible", "price", 0, 0, shown, limits[0][1])

    def _declared(self, case: Case) -> Iterator[tuple[float, str]]:
        for mark in case.characteristics(CharacteristicKind.PRICE_BELOW):
            rule = parse_price_rule(mark.value)
            limit = self._limit(case, rule) if rule else None
            if limit is not None:
                multiplier = 1.0 if mark.weight is None else mark.weight
                yield (multiplier if self._price(case) < limit else 0.0), mark.value

    def _limit(self, case: Case, rule: tuple[Decimal, str]) -> Decimal | None:
        """The declared limit in the listing's currency."""
        amount, unit = rule
        if unit != "%":
            return case.context.rates.convert(amount, unit, case.listing.currency)
        model = case.model
        if model is None or model.list_price is None:
            return None
        return case.context.rates.convert(
            amount * model.list_price, model.currency, case.listing.currency
        )

    def _band(self, case: Case) -> Iterator[tuple[float, str]]:
        if case.model is not None:
            share, models = 1.0, [case.model]
        else:
            alike = [m for m in case.brand.product_models if _is_alike(case, m)]
            share = SAME_CATEGORY if alike else UNKNOWN_MODEL
            models = alike or list(case.brand.product_models)
        floors = [floor for floor in (self._floor(case, model) for model in models) if floor]
        if floors:
            lowest, text = min(floors)
            yield share * shortfall(self._price(case), lowest), text

    def _floor(self, case: Case, model: ProductModel) -> tuple[Decimal, str] | None:
        """The model's lowest plausible price in the listing's currency, and as declared."""
        if model.lowest_price is None:
            return None
        floor = case.context.rates.convert(
            model.lowest_price, model.currency, case.listing.currency
        )
        return None if floor is None else (floor, f"≥ {model.lowest_price} {model.currency}")

    def _price(self, case: Case) -> Decimal:
        price = case.listing.price
        if price is None:
            raise ValueError("evaluate() looks at priced listings only")
        return price


def _is_alike(case: Case, model: ProductModel) -> bool:
    """Whether the listing stands in the model's category."""
    own, shown = fold_cached(model.category), fold_cached(case.listing.category)
    return bool(own and shown) and (own in shown or shown in own)


def shortfall(price: Decimal, floor: Decimal) -> float:
    """0 at or above the floor, 0.4 just below it, 1 at half of it and lower."""
    if price >= floor:
        return 0.0
    if price * 2 <= floor:
        return 1.0  # before dividing: by a price such as 1E-999999 it would overflow
    return min(1.0, 0.4 + 0.6 * math.log2(float(floor / price)))
