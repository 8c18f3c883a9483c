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


class TransparencyFigure(models.Model):
    """How often something happened in a half-year, by rights holder (0: nobody's)."""

    half = models.CharField(_("half-year"), max_length=7)
    organisation_id = models.BigIntegerField(_("organisation"))
    measure = models.CharField(_("measure"), max_length=40)
    count = models.PositiveBigIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("transparency figure")
        verbose_name_plural = _("transparency figures")
        constraints = [
            models.UniqueConstraint(
                "half", "organisation_id", "measure", name="transparency_figure_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.half} {self.measure}"


class CaseTime(models.Model):
    """When a case was filed and when decided; ``half`` is that of the decision."""

    complaint_id = models.BigIntegerField(_("complaint"), unique=True)
    organisation_id = models.BigIntegerField(_("organisation"))
    filed_at = models.DateTimeField(_("filed"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    half = models.CharField(_("half-year"), max_length=7, blank=True)

    class Meta:
        verbose_name = _("time of a case")
        verbose_name_plural = _("times of cases")
        indexes = [models.Index(fields=["half"], name="case_time_half")]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.half}"
