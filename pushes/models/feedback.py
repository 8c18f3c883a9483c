"""Facts the rules learn from. Append-only; a trigger refuses updates."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core.models import Member
from pushes.models.ruleset import Ruleset
from pushes.models.suspected_link import SuspectedLink


class FeedbackFact(models.Model):
    """One piece of evidence about one link, with the signals as they were when pushed."""

    class Source(models.TextChoices):
        VERDICT = "verdict", _("Verdict")
        ESTABLISHED = "established", _("Complaint established")
        REJECTED = "rejected", _("Complaint rejected")
        OVERTURNED = "overturned", _("Complaint overturned")
        WITHSTOOD = "withstood", _("Counter-notice refused")
        SECOND_LOOK = "second_look", _("Second look")
        PURCHASE = "purchase", _("Test purchase")
        JURY = "jury", _("Jury")
        SELF_REPORT = "self_report", _("Reported by the brand")

    key = models.CharField(max_length=80, unique=True)
    link = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="facts")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("source"), max_length=12, choices=Source.choices)
    outcome = models.CharField(_("outcome"), max_length=20)
    label = models.SmallIntegerField(_("label"), null=True, help_text=_("1 infringing, 0 not."))
    vector = models.JSONField(_("signals"))
    score = models.FloatField(_("score"))
    propensity = models.FloatField(_("propensity"), default=1.0)
    reviewer = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    ruleset = models.ForeignKey(Ruleset, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("feedback fact")
        verbose_name_plural = _("feedback facts")
        indexes = [models.Index(fields=["brand", "at"], name="fact_by_brand")]

    def __str__(self) -> str:
        return self.key
