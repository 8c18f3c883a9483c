"""Stacked brand names: one title that claims many brands to be found under all of them."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import Case
from pushes.matching.types import Signal

BRANDS = "brands"
"""Where it was found: in no text of its own, so there is no span; ``matched`` is the number."""
MANY = 3
"""From this many brands in one title on; two are an ordinary cooperation or comparison."""


class StackedBrands:
    """Three brands in a title: half evidence; four and more: full."""

    kinds = ("stacked_brands",)

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """Only for a brand that is itself named in the title."""
        count = len(case.named_brands)
        if case.named_in_title and count >= MANY:
            value = 0.5 if count == MANY else 1.0
            yield Signal("stacked_brands", BRANDS, 0, 0, str(count), "", value)
