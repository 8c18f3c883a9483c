"""Suggestions a brand did not want: they are not made again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core.models import Member


class RefusedSuggestion(models.Model):
    """A characteristic that was mined for a brand and refused by it."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=20)
    value = models.CharField(_("value"), max_length=300)
    refused_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", null=True)
    refused_at = models.DateTimeField(_("refused"))

    class Meta:
        verbose_name = _("refused suggestion")
        verbose_name_plural = _("refused suggestions")
        constraints = [
            models.UniqueConstraint("brand", "kind", "value", name="suggestion_refused_once"),
        ]

    def __str__(self) -> str:
        return f"{self.brand_id} {self.kind} {self.value}"
