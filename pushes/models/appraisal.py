"""What somebody who is neither the brand nor the seller found: a test purchase, a jury."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.models import Member
from pushes.models.suspected_link import SuspectedLink


class Appraisal(models.Model):
    """One result about one link. Never changed: a second purchase is a second result.

    ``reference`` is the order number of the purchase or the number of the jury's case; of a jury
    ``infringing_votes`` of ``votes`` said that the listing infringes.
    """

    class Kind(models.TextChoices):
        PURCHASE = "purchase", _("Test purchase")
        JURY = "jury", _("Jury")

    class Outcome(models.TextChoices):
        INFRINGING = "infringing", _("Infringing")
        GENUINE = "genuine", _("Genuine")
        INCONCLUSIVE = "inconclusive", _("Inconclusive")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="appraisals")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    reference = models.CharField(_("reference"), max_length=60)
    votes = models.PositiveSmallIntegerField(_("votes"), null=True, blank=True)
    infringing_votes = models.PositiveSmallIntegerField(
        _("votes for infringing"), null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    recorded_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("appraisal")
        verbose_name_plural = _("appraisals")
        constraints = [
            models.UniqueConstraint("link", "kind", "reference", name="appraisal_once"),
            models.CheckConstraint(
                condition=Q(kind="purchase", votes=None, infringing_votes=None)
                | Q(kind="jury", votes__gte=1, infringing_votes__lte=models.F("votes")),
                name="appraisal_votes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
