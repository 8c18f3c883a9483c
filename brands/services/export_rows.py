"""What of the registry can be exported."""

from django.utils.translation import gettext_lazy as _

from brands import selectors
from portal.core.exports import Column, Dataset, register
from portal.core.policies import Permission

_CHUNK = 2_000
_VIEW = Permission.VIEW_REGISTRY
# The names of the import, so that an export can be mended and imported again.
PRODUCT_MODELS = Dataset(
    "product_models",
    _("Product models"),
    _VIEW,
    (
        Column("brand", _("Brand")),
        Column("name", _("Name")),
        Column("model_number", _("Model number")),
        Column("aliases", _("Other names")),
        Column("gtin", _("GTIN")),
        Column("category", _("Category")),
        Column("list_price", _("List price"), "price"),
        Column("lowest_price", _("Lowest plausible price"), "price"),
        Column("currency", _("Currency")),
        Column("active", _("Active")),
        Column("registered_at", _("Registered"), "time"),
    ),
    lambda actor: selectors.product_models_visible_to(actor).count(),
    lambda actor: (
        (
            row.brand.name, row.name, row.model_number, "|".join(row.aliases), row.gtin,
            row.category, row.list_price, row.lowest_price, row.currency,
            "yes" if row.active else "no", row.created_at,
        )
        for row in selectors.product_models_visible_to(actor).order_by("pk").iterator(_CHUNK)
    ),
)  # fmt: skip
CHARACTERISTICS = Dataset(
    "characteristics",
    _("Characteristics of fakes"),
    _VIEW,
    (
        Column("brand", _("Brand")),
        Column("characteristic", _("Kind of characteristic")),
        Column("value", _("Value")),
        Column("product_model", _("Only for the product model")),
        Column("weight", _("Weight"), "number"),
        Column("state", _("State")),
        Column("refusal", _("Refusal")),
        Column("declared_at", _("Declared"), "time"),
    ),
    lambda actor: selectors.characteristics_visible_to(actor).count(),
    lambda actor: (
        (
            row.brand.name, row.kind, row.value,
            row.product_model.name if row.product_model else "", row.weight, row.state,
            row.refusal, row.created_at,
        )
        for row in selectors.characteristics_visible_to(actor).order_by("pk").iterator(_CHUNK)
    ),
)  # fmt: skip
SELLERS = Dataset(
    "authorised_sellers",
    _("Authorised sellers"),
    _VIEW,
    (
        Column("brand", _("Brand")),
        Column("name", _("Shop name")),
        Column("seller_id", _("Seller id")),
        Column("marketplace", _("Marketplace")),
        Column("authorised_at", _("Authorised"), "time"),
    ),
    lambda actor: selectors.authorised_sellers_visible_to(actor).count(),
    lambda actor: (
        (
            row.brand.name, row.name, row.external_id,
            row.marketplace.name if row.marketplace else "", row.created_at,
        )
        for row in selectors.authorised_sellers_visible_to(actor).order_by("pk").iterator(_CHUNK)
    ),
)  # fmt: skip


def register_all() -> None:
    """Offer the datasets."""
    for dataset in (PRODUCT_MODELS, CHARACTERISTICS, SELLERS):
        register(dataset)
