"""Category and attributes against what the rights holder declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pushes.matching.case import Case
from pushes.matching.normalise import fold_cached as fold
from pushes.matching.types import Characteristic, CharacteristicKind, Signal


class DeclaredFacts:
    """Wrong category, wrong attribute, attribute missing."""

    kinds = ("category_agrees", "category_mismatch", "attribute_mismatch", "missing_attribute")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """A listing without category or without any attributes cannot be wrong about them."""
        if case.listing.category:
            yield from self._category(case, fold(case.listing.category))
        if not case.listing.attributes or not case.brand.characteristics:
            return
        attributes = {fold(name): text for name, text in case.listing.attributes.items()}
        yield from self._attributes(case, attributes)

    def _category(self, case: Case, category: str) -> Iterator[Signal]:
        own = {fold(model.category) for model in case.brand.product_models} - {""}
        if any(part in category or category in part for part in own):
            yield Signal("category_agrees", "category", matched=case.listing.category)
        for mark in case.characteristics(CharacteristicKind.CATEGORY_MISMATCH):
            rightful = [fold(part) for part in mark.value.split("|")]
            if not any(part and part in category for part in rightful):
                yield self._signal(mark, "category", case.listing.category)

    def _attributes(self, case: Case, attributes: Mapping[str, str]) -> Iterator[Signal]:
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
