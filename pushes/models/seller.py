"""Sellers as marketplaces name them."""

import uuid
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import Marketplace

# Starts the ``external_id`` of a shop that its marketplace names but gives no id.
NAME_ONLY: Final = "name:"


class Seller(models.Model):
    """A shop on a marketplace. One known only by its name is kept under that name."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="sellers")
    external_id = models.CharField(_("seller id"), max_length=120)
    name = models.CharField(_("name"), max_length=200, blank=True)
    strike_points = models.PositiveIntegerField(_("strike points"), default=0)
    first_seen_at = models.DateTimeField(_("first seen"))

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        constraints = [
            models.UniqueConstraint("marketplace", "external_id", name="seller_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def given_id(self) -> str:
        """The id the marketplace gave; empty for a shop known only by its name."""
        return "" if self.external_id.startswith(NAME_ONLY) else self.external_id
