"""Category and attributes against what the rights holder declared."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import Case
from pushes.matching.normalise import fold
from pushes.matching.types import Characteristic, CharacteristicKind, Signal


class DeclaredFacts:
    """Wrong category, wrong attribute, attribute missing."""

    kinds = ("category_mismatch", "attribute_mismatch", "missing_attribute")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """A listing without category or without any attributes cannot be wrong about them."""
        category = fold(case.listing.category)
        for mark in case.characteristics(CharacteristicKind.CATEGORY_MISMATCH):
            rightful = [fold(part) for part in mark.value.split("|")]
            if category and not any(part and part in category for part in rightful):
                yield self._signal(mark, "category", case.listing.category)
        attributes = {fold(name): text for name, text in case.listing.attributes.items()}
        if not attributes:
            return
        for mark in case.characteristics(CharacteristicKind.ATTRIBUTE_MISMATCH):
            name, _, expected = mark.value.partition("=")
            found = attributes.get(fold(name))
            if found is not None and fold(expected) not in fold(found):
                yield self._signal(mark, "attributes", found)
        for mark in case.characteristics(CharacteristicKind.MISSING_ATTRIBUTE):
            if not fold(attributes.get(fold(mark.value), "")):
                yield self._signal(mark, "attributes", "")

    def _signal(self, mark: Characteristic, field: str, matched: str) -> Signal:
        value = 1.0 if mark.weight is None else mark.weight
        return Signal(mark.kind.value, field, 0, len(matched), matched, mark.value, value)
