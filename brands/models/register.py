"""Public registers, as far as the operator imported their files."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from brands.models.right import Registration
from portal.core.models import Member


class RegisterFile(models.Model):
    """One imported file of a register. ``source`` names the register and edition."""

    source = models.CharField(_("source"), max_length=120)
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    is_sample = models.BooleanField(
        _("invented sample"), default=False, help_text=_("Its entries are made up.")
    )
    rows = models.PositiveIntegerField(_("entries"))
    imported_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    imported_at = models.DateTimeField(_("imported"))

    class Meta:
        verbose_name = _("register file")
        verbose_name_plural = _("register files")

    def __str__(self) -> str:
        return f"{self.source} ({self.name})"


class RegisterEntry(models.Model):
    """One right as a register states it. ``number_key`` is the number without separators."""

    class Status(models.TextChoices):
        REGISTERED = "registered", _("Registered")
        PENDING = "pending", _("Pending")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    file = models.ForeignKey(RegisterFile, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("kind of right"), max_length=10, choices=Registration.Kind.choices)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    office = models.CharField(_("office"), max_length=120, blank=True)
    number = models.CharField(_("registration number"), max_length=60)
    number_key = models.CharField(max_length=60)
    mark = models.CharField(_("mark"), max_length=200, blank=True)
    owner_name = models.CharField(_("owner"), max_length=200)
    nice_classes = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("Nice classes"), default=list, blank=True
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.REGISTERED
    )
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("register entry")
        verbose_name_plural = _("register entries")
        constraints = [
            models.UniqueConstraint(
                "kind", "jurisdiction", "number_key", name="register_entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.number}"
