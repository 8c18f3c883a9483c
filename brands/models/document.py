"""What was read in an uploaded document: its pages as pictures, their text, its metadata."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import StoredFile


class DocumentReading(models.Model):
    """One file, read once whoever uploaded it; ``facts`` holds what ``brands.reading`` says."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being read")
        READ = "read", _("Read")
        FAILED = "failed", _("Could not be read")

    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="reading")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    facts = models.JSONField(_("facts"), default=dict)
    error = models.CharField(_("error"), max_length=40, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("document reading")
        verbose_name_plural = _("document readings")

    def __str__(self) -> str:
        return str(self.file)


class DocumentPage(models.Model):
    """One page: a picture of it, its text, and what it looks like (``brands.reading.likeness``)."""

    reading = models.ForeignKey(DocumentReading, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveSmallIntegerField(_("page"))
    picture = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    text = models.TextField(_("text"), blank=True)
    # 64 bits as a signed integer, so that PostgreSQL counts differing bits.
    likeness = models.BigIntegerField(_("likeness"))

    class Meta:
        verbose_name = _("document page")
        verbose_name_plural = _("document pages")
        constraints = [
            models.UniqueConstraint("reading", "number", name="document_page_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reading}, {self.number}"
