"""Pictures, logos and text in pictures: declared, but not looked at by this engine yet."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import Case
from pushes.matching.types import IMAGE_KINDS, Signal, SignalState


class Picture:
    """Says openly which declared image facts were *not* evaluated."""

    kinds = ("image", "logo", "text_in_image")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """One signal of value 0 for every declared image kind of the brand."""
        if not case.brand.characteristics:
            return
        declared = {mark.kind for mark in case.brand.characteristics if mark.kind in IMAGE_KINDS}
        for kind in sorted(declared):
            yield Signal(kind.value, value=0.0, state=SignalState.NOT_EVALUATED)
