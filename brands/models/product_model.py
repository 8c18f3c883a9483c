"""A product model: what the genuine article is and costs."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from brands.models.brand import Brand
from portal.core.models import StoredFile


class ProductModel(models.Model):
    """One product model of a brand. Prices are in ``currency`` (ISO 4217)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="product_models")
    name = models.CharField(_("name"), max_length=200)
    model_number = models.CharField(_("model number"), max_length=80, blank=True)
    aliases = ArrayField(
        models.CharField(max_length=200), verbose_name=_("other names"), default=list, blank=True
    )
    gtin = models.CharField(
        _("GTIN"), max_length=14, blank=True, help_text=_("8, 12, 13 or 14 digits.")
    )
    category = models.CharField(_("category"), max_length=120, blank=True)
    list_price = models.DecimalField(
        _("list price"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    lowest_price = models.DecimalField(
        _("lowest plausible price"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    images = models.ManyToManyField(StoredFile, blank=True, related_name="+")
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("product model")
        verbose_name_plural = _("product models")
        constraints = [
            models.UniqueConstraint("brand", "name", "model_number", name="product_model_once"),
            models.CheckConstraint(
                condition=Q(gtin="") | Q(gtin__regex=r"^[0-9]{8}([0-9]{4,6})?$"),
                name="product_model_gtin_form",
            ),
            models.CheckConstraint(
                condition=(Q(list_price=None) | Q(list_price__gt=0))
                & (Q(lowest_price=None) | Q(lowest_price__gt=0)),
                name="product_model_prices_positive",
            ),
            models.CheckConstraint(
                condition=Q(list_price=None)
                | Q(lowest_price=None)
                | Q(lowest_price__lte=F("list_price")),
                name="product_model_lowest_below_list",
            ),
            models.CheckConstraint(
                condition=Q(list_price=None, lowest_price=None) | Q(currency__regex=r"^[A-Z]{3}$"),
                name="product_model_price_has_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def organisation_id(self) -> int:
        """The tenant."""
        return self.brand.organisation_id
