"""Imports of catalogue files: the file, what its columns mean, and what it made."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from brands.models.brand import Brand
from brands.states import CATALOGUE
from portal.core.models import Job, Member, Organisation, StoredFile
from portal.core.states import govern


class CatalogueImport(models.Model):
    """One uploaded table on its way into the registry.

    ``table`` holds the rows as read once by the limited process (``brands.reading.tables``),
    ``layout`` what was found out about them, and ``mapping`` our field of each column by its index
    (as text, because JSON has no other keys). Each step is a job of its own.
    """

    class What(models.TextChoices):
        PRODUCT_MODEL = "product_model", _("Product models")
        CHARACTERISTIC = "characteristic", _("Characteristics of fakes")
        MIXED = "mixed", _("Different things: a column says what")

    class State(models.TextChoices):
        READ = "read", _("Columns to be named")
        CHECKING = "checking", _("Dry run")
        CHECKED = "checked", _("Ready to import")
        IMPORTING = "importing", _("Importing")
        IMPORTED = "imported", _("Imported")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Taken back")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="catalogue_imports"
    )
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(_("what the rows are"), max_length=16, choices=What.choices)
    brand = models.ForeignKey(
        Brand, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    name = models.CharField(_("file"), max_length=200)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    table = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    layout = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.READ)
    check_job = models.ForeignKey(
        Job, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    import_job = models.ForeignKey(
        Job, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    undo_job = models.ForeignKey(
        Job, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("catalogue import")
        verbose_name_plural = _("catalogue imports")
        indexes = [models.Index(fields=["organisation", "-created_at"], name="catalogue_newest")]

    def __str__(self) -> str:
        return self.name


class CatalogueFact(models.Model):
    """One row of the registry that an import made or changed, as it was before and after.

    ``object_id`` is the row's key: the row itself may be gone when somebody removed it since.
    """

    class Kind(models.TextChoices):
        BRAND = "brand", _("Brand")
        NAME = "name", _("Name")
        PRODUCT_MODEL = "product_model", _("Product model")
        CHARACTERISTIC = "characteristic", _("Characteristic")
        SELLER = "seller", _("Authorised seller")

    source = models.ForeignKey(CatalogueImport, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    object_id = models.BigIntegerField()
    row = models.PositiveIntegerField(_("row"), default=0)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("imported fact")
        verbose_name_plural = _("imported facts")
        constraints = [
            models.UniqueConstraint(
                "source", "kind", "object_id", name="catalogue_fact_once_an_import"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


govern(CatalogueImport, CATALOGUE)
