"""Files kept by content."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """A file in the store, named by the SHA-256 of its bytes. Who may read it is its user's say."""

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(_("media type"), max_length=80)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="stored_file_hash_form"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
