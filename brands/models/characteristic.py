"""What a fake looks like, and who may sell the genuine article."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from brands.models.brand import Brand
from brands.models.product_model import ProductModel
from brands.states import CHARACTERISTIC
from portal.core.models import Marketplace
from portal.core.states import govern


class Characteristic(models.Model):
    """One declared characteristic of a fake. ``value`` is text; its form depends on the kind."""

    class Kind(models.TextChoices):
        KEYWORD = "keyword", _("Keyword")
        PHRASE_PATTERN = "phrase_pattern", _("Phrase pattern (RE2)")
        EVASIVE_SPELLING = "evasive_spelling", _("Evasive spelling of the brand")
        PRICE_BELOW = "price_below", _("Price below")
        IMAGE = "image", _("Picture")
        LOGO = "logo", _("Logo")
        TEXT_IN_IMAGE = "text_in_image", _("Text in a picture")
        SELLER = "seller", _("Seller")
        SELLER_PATTERN = "seller_pattern", _("Seller name pattern (RE2)")
        SHIP_FROM = "ship_from", _("Ships from")
        CATEGORY_MISMATCH = "category_mismatch", _("Unlikely category")
        ATTRIBUTE_MISMATCH = "attribute_mismatch", _("Wrong attribute")
        MISSING_ATTRIBUTE = "missing_attribute", _("Missing attribute")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CHECKING = "checking", _("Being checked")
        LIVE = "live", _("Live")
        NEEDS_CO_SIGNAL = "needs_co_signal", _("Live with a second signal")
        REFUSED = "refused", _("Refused")
        PAUSED = "paused", _("Paused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="characteristics")
    product_model = models.ForeignKey(
        ProductModel,
        on_delete=models.PROTECT,
        related_name="characteristics",
        null=True,
        blank=True,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=500)
    weight = models.FloatField(_("weight"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    refusal = models.CharField(_("refusal"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("characteristic")
        verbose_name_plural = _("characteristics")
        constraints = [
            models.UniqueConstraint(
                "brand",
                "product_model",
                "kind",
                "value",
                nulls_distinct=False,
                condition=~models.Q(state="withdrawn"),
                name="characteristic_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"

    @property
    def organisation_id(self) -> int:
        """The tenant."""
        return self.brand.organisation_id


class AuthorisedSeller(models.Model):
    """A seller whom the brand has authorised, by its id or by its name on a marketplace."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="authorised_sellers")
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    external_id = models.CharField(_("seller id"), max_length=120, blank=True)
    name = models.CharField(_("seller name"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("authorised seller")
        verbose_name_plural = _("authorised sellers")
        constraints = [
            models.UniqueConstraint(
                "brand",
                "marketplace",
                "external_id",
                "name",
                nulls_distinct=False,
                name="authorised_seller_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(external_id="", name=""), name="authorised_seller_named"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def organisation_id(self) -> int:
        """The tenant."""
        return self.brand.organisation_id


govern(Characteristic, CHARACTERISTIC)
