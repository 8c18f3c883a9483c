"""Decisions to be looked at again because the right behind them fell."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint
from portal.core.models import JournalEntry, Member


class RightReview(models.Model):
    """One established complaint, once for each fall of a credential it rests on."""

    class Outcome(models.TextChoices):
        STANDS = "stands", _("Decision stands")
        TO_UNDO = "to_undo", _("Decision is to be undone")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="right_reviews")
    cause = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    note = models.TextField(_("note"), blank=True)
    closed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("review after the loss of a right")
        verbose_name_plural = _("reviews after the loss of a right")
        constraints = [
            models.UniqueConstraint("complaint", "cause", name="right_review_once_a_cause"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(outcome=""), name="right_review_open"),
        ]

    def __str__(self) -> str:
        return f"{self.complaint}: {self.outcome or '…'}"

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id
