"""Listings and every observation of them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.models import Marketplace, StoredFile
from pushes.models.seller import Seller


class Listing(models.Model):
    """An offer on a marketplace; what it said when is in its versions."""

    class Status(models.TextChoices):
        LIVE = "live", _("Online")
        DOWN = "down", _("Taken down")
        GONE = "gone", _("Gone")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="listings")
    external_id = models.CharField(_("listing id"), max_length=120)
    status = models.CharField(
        _("status"), max_length=4, choices=Status.choices, default=Status.LIVE
    )
    head = models.ForeignKey(
        "ListingVersion", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [
            models.UniqueConstraint("marketplace", "external_id", name="listing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.marketplace_id}:{self.external_id}"


class ListingVersion(models.Model):
    """What a listing said at one moment. Never changed; the same content is not stored again."""

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="versions")
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    seen_at = models.DateTimeField(_("seen"))
    content_hash = models.CharField(max_length=64)
    title = models.TextField(_("title"))
    description = models.TextField(_("description"), blank=True)
    brand = models.CharField(_("brand field"), max_length=200, blank=True)
    category = models.CharField(_("category"), max_length=200, blank=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    url = models.URLField(_("address"), max_length=1000, blank=True)
    image_urls = ArrayField(
        models.CharField(max_length=1000), verbose_name=_("pictures"), default=list, blank=True
    )
    ship_from = models.CharField(_("ships from"), max_length=120, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)

    class Meta:
        verbose_name = _("listing version")
        verbose_name_plural = _("listing versions")
        constraints = [
            models.UniqueConstraint("listing", "seen_at", name="listing_version_once"),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gte=0, currency__regex=r"^[A-Z]{3}$"),
                name="listing_version_price_form",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="listing_version_titled"),
        ]

    def __str__(self) -> str:
        return self.title[:60]


class ListingImage(models.Model):
    """A listing picture, fetched through the host allow-list and re-encoded by us."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        STORED = "stored", _("Stored")
        REFUSED = "refused", _("Refused")

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="images")
    url = models.CharField(_("address"), max_length=1000)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    refusal = models.CharField(_("refusal"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("listing picture")
        verbose_name_plural = _("listing pictures")
        constraints = [
            models.UniqueConstraint("listing", "url", name="listing_image_once"),
            models.CheckConstraint(
                condition=Q(state="stored", file__isnull=False)
                | (~Q(state="stored") & Q(file=None)),
                name="listing_image_stored_has_file",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class MatchWork(models.Model):
    """Versions waiting to be matched; taken with SKIP LOCKED and deleted with their effects."""

    version = models.OneToOneField(
        ListingVersion, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("matching work")
        verbose_name_plural = _("matching work")

    def __str__(self) -> str:
        return str(self.version_id)
