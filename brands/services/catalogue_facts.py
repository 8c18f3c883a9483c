"""What an import made or changed: kept as it was before and after, compared and put back."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Model

from brands.models import (
    AuthorisedSeller,
    Brand,
    BrandName,
    CatalogueFact,
    CatalogueImport,
    Characteristic,
    ProductModel,
)
from brands.services.import_chunk import Trace
from brands.services.product_models import facts_of

Kind = CatalogueFact.Kind
# In the order in which rows are removed: what leans on others goes first.
MODELS: Final[Mapping[str, type[Model]]] = {
    Kind.CHARACTERISTIC: Characteristic,
    Kind.SELLER: AuthorisedSeller,
    Kind.NAME: BrandName,
    Kind.PRODUCT_MODEL: ProductModel,
    Kind.BRAND: Brand,
}
_KIND_OF: Final = {model: kind for kind, model in MODELS.items()}


def fact_of(source: CatalogueImport, trace: Trace) -> CatalogueFact:
    """Return the unsaved fact of one row that a chunk wrote."""
    return CatalogueFact(
        source=source,
        kind=_KIND_OF[type(trace.subject)],
        object_id=trace.subject.pk,
        row=trace.row,
        before=trace.before,
        after=state_of(trace.subject),
    )


def state_of(row: Model) -> dict[str, Any]:
    """Return what of a row a person may have changed since it was imported."""
    if isinstance(row, ProductModel):
        return {**facts_of(row), "active": row.active}
    if isinstance(row, Characteristic):
        return {"weight": row.weight}
    if isinstance(row, BrandName):
        return {"state": row.state}
    if isinstance(row, Brand):
        return {"name": row.name, "logo": row.logo_id, "active": row.active}
    return {}
