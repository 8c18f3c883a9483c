"""Model number, GTIN and model name: which product is meant."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import Case
from pushes.matching.index import PatternKind
from pushes.matching.signals.base import MAX_SPANS, from_hit
from pushes.matching.types import Signal

KINDS = {
    PatternKind.MODEL_NUMBER: "model_number",
    PatternKind.MODEL_NAME: "model_name",
    PatternKind.GTIN: "gtin",
}


class Product:
    """Spans that name the matched product model."""

    kinds = tuple(KINDS.values())

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """Only spans of the model the match is about; other models are other matches' business."""
        for pattern_kind, kind in KINDS.items():
            hits = [
                hit
                for hit in case.hits_of(pattern_kind)
                if case.model is not None and hit.pattern.model_id == case.model.id
            ]
            for hit in hits[:MAX_SPANS]:
                yield from_hit(case, hit, kind, 1.0)
