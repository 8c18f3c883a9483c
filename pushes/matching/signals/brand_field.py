"""What the listing's own brand field says about a brand named in its title."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice

from pushes.matching.case import BRAND_FIELD, Case
from pushes.matching.normalise import fold_cached as fold
from pushes.matching.types import Signal

GENERIC = (
    "OEM", "China OEM", "No Brand", "NoBrand", "None", "No", "Unbranded", "Generic", "Other",
    "Others", "Unknown", "N/A", "null", "Not specified", "Does not apply", "Tanpa merek",
    "Tidak ada merek", "Không có thương hiệu", "Khác", "无品牌", "无", "其他", "其它", "无牌",
    "Universal", "Lainnya",
    "ไม่มีแบรนด์", "Sin marca", "Sans marque", "Ohne Marke", "Sem marca", "Без бренда",
)  # fmt: skip
"""Ways to say "no brand"."""
MOST_NAMES = 100
"""Names of a brand that are looked for inside a word of the field; all are found as words."""


@cache
def _generic() -> frozenset[str]:
    return frozenset(map(fold, GENERIC))


class BrandField:
    """Agrees, differs, or says there is no brand."""

    kinds = ("field_agrees", "field_differs", "field_generic")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """Nothing when the field is empty: missing is not a disagreement."""
        field = case.folded_brand_field
        if not field:
            return
        kind = self._kind(case, field)
        if kind:
            text = case.listing.brand
            yield Signal(kind, BRAND_FIELD, 0, len(text), text, case.brand.name)

    def _kind(self, case: Case, field: str) -> str | None:
        if any(hit.field == BRAND_FIELD for hit in case.hits):
            return "field_agrees"
        names = [fold(name) for name in islice(case.brand.names, MOST_NAMES)]
        if field in names or any(len(name) > 3 and name in field for name in names):
            return "field_agrees"
        if not case.named_in_title:
            return None
        if field in _generic():
            return "field_generic"
        # "Da Epsom" (a leather) by another maker is no Epson: half a typo proves no mention.
        return None if case.only_doubtful else "field_differs"
