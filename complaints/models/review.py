"""Blind re-reviews of self-service decisions."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint
from complaints.models.credit import CreditAccount
from complaints.models.decision import Decision
from complaints.states import SAMPLED_REVIEW
from portal.core.models import Member
from portal.core.states import govern


class SampledReview(models.Model):
    """A self-service decision drawn for review by a person who is not shown the decision."""

    class Why(models.TextChoices):
        FIRST = "first", _("One of the first")
        DRAWN = "drawn", _("Drawn by lot")
        OWED = "owed", _("Owed at the end of the month")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        AGREED = "agreed", _("Agreed")
        DISAGREED = "disagreed", _("Disagreed")
        CORRECTED = "corrected", _("Corrected")
        UPHELD = "upheld", _("Decision upheld")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.OneToOneField(
        Complaint, on_delete=models.PROTECT, related_name="sampled_review"
    )
    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="reviews")
    why = models.CharField(_("why"), max_length=6, choices=Why.choices)
    drawn_at = models.DateTimeField(_("drawn"))
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=Decision.Outcome.choices, blank=True
    )
    code = models.CharField(_("code"), max_length=20, choices=Decision.Code.choices, blank=True)
    note = models.TextField(_("note"), blank=True)
    reviewed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    settled_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("re-review")
        verbose_name_plural = _("re-reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_by=None) | ~Q(settled_by=models.F("reviewed_by")),
                name="sampled_review_two_persons",
            ),
        ]
        indexes = [
            models.Index(
                fields=["drawn_at"], condition=Q(state="waiting"), name="sampled_review_waiting"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id


govern(SampledReview, SAMPLED_REVIEW)
