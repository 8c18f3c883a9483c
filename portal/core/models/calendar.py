"""What operators state about working days; the base comes from the ``holidays`` package."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.working_days import FIRST_YEAR, LAST_YEAR, YearState


class CalendarOverride(models.Model):
    """One date that is a working day, or is not one, whatever the package says."""

    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166 code."))
    date = models.DateField(_("date"))
    working = models.BooleanField(_("working day"))
    source = models.CharField(
        _("source"),
        max_length=500,
        help_text=_("The notice this follows: title, number or address."),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("calendar override")
        verbose_name_plural = _("calendar overrides")
        constraints = [
            models.UniqueConstraint(fields=["country", "date"], name="calendar_override_once"),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="calendar_override_country"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="calendar_override_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.date}"


class CalendarYear(models.Model):
    """Whether the official notice for a year is known; without a row the shipped table decides."""

    class State(models.TextChoices):
        PROVISIONAL = YearState.PROVISIONAL.value, _("Provisional")
        CONFIRMED = YearState.CONFIRMED.value, _("Confirmed")

    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166 code."))
    year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(_("state"), max_length=11, choices=State.choices)
    source = models.CharField(_("source"), max_length=500)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")
        constraints = [
            models.UniqueConstraint(fields=["country", "year"], name="calendar_year_once"),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="calendar_year_country"
            ),
            models.CheckConstraint(
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                name="calendar_year_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in YearState]),
                name="calendar_year_state_known",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="calendar_year_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.year}"
