"""A brand and its names in every script."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from brands.states import BRAND_NAME
from portal.core.models import Organisation, StoredFile
from portal.core.states import govern


class Brand(models.Model):
    """A brand of a rights holder."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="brands")
    name = models.CharField(_("name"), max_length=120)
    logo = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    active = models.BooleanField(_("active"), default=True)
    vouched = models.BooleanField(
        _("vouched for by the operator"),
        default=False,
        help_text=_("Its links are pushed even without an approved registration."),
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        constraints = [
            models.UniqueConstraint(Lower("name"), "organisation", name="brand_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class BrandName(models.Model):
    """Another name of a brand: in another script, an alias, a nickname buyers use."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", _("Official name")
        ALIAS = "alias", _("Alias")
        NICKNAME = "nickname", _("Nickname")

    class State(models.TextChoices):
        CLAIMED = "claimed", _("Claimed")
        IN_FORCE = "in_force", _("In force")
        REFUSED = "refused", _("Refused")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.ALIAS)
    text = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.CLAIMED
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)

    class Meta:
        verbose_name = _("brand name")
        verbose_name_plural = _("brand names")
        constraints = [
            models.UniqueConstraint(Lower("text"), "brand", name="brand_alias_once"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def organisation_id(self) -> int:
        """The tenant."""
        return self.brand.organisation_id


govern(BrandName, BRAND_NAME)
