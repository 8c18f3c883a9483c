"""Rollups projected from the journal."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DailyFigure(models.Model):
    """How often something happened for a brand on a UTC day.

    ``brand_id`` is a plain number: figures read the journal and import nobody.
    """

    day = models.DateField(_("day"))
    organisation_id = models.BigIntegerField(_("organisation"))
    brand_id = models.BigIntegerField(_("brand"))
    measure = models.CharField(_("measure"), max_length=32)
    count = models.PositiveBigIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("daily figure")
        verbose_name_plural = _("daily figures")
        constraints = [
            models.UniqueConstraint(
                "day", "organisation_id", "brand_id", "measure", name="daily_figure_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.measure}"
