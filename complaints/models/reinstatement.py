"""Putting a listing back: asked for by one administrator, confirmed by another."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint
from complaints.models.counter_notice import CounterNotice
from complaints.states import REINSTATEMENT
from portal.core.models import Member
from portal.core.states import govern


class Reinstatement(models.Model):
    """The repair of a take-down. What the seller lost is the time from ``down_from`` to
    ``down_until``: from the take-down carried out to the listing back online.

    ``asked_by`` is empty when the law or the rights holder ends the measures: then nobody has
    anything to confirm.
    """

    class Ground(models.TextChoices):
        ACCEPTED = "accepted", _("Counter-notice accepted")
        TERM_OVER = "term_over", _("The term of the law is over")
        RETRACTED = "retracted", _("The rights holder took the complaint back")
        CORRECTED = "corrected", _("A blind re-review disagreed")
        NO_RIGHT = "no_right", _("The right behind it fell")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Waiting for a second person")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="reinstatements"
    )
    counter_notice = models.ForeignKey(
        CounterNotice,
        on_delete=models.PROTECT,
        related_name="reinstatements",
        null=True,
        blank=True,
    )
    ground = models.CharField(_("ground"), max_length=9, choices=Ground.choices)
    code = models.CharField(_("outcome"), max_length=14, choices=CounterNotice.Code.choices)
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=State.choices, default=State.REQUESTED
    )
    asked_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    asked_at = models.DateTimeField(_("asked for"))
    settled_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_note = models.TextField(_("why declined"), blank=True)
    kept_down_by = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    down_from = models.DateTimeField(_("down from"), null=True, blank=True)
    down_until = models.DateTimeField(_("down until"), null=True, blank=True)

    class Meta:
        verbose_name = _("reinstatement")
        verbose_name_plural = _("reinstatements")
        constraints = [
            models.UniqueConstraint(
                "complaint", condition=~Q(state="declined"), name="reinstatement_once"
            ),
            models.CheckConstraint(
                condition=Q(asked_by=None) | Q(settled_by=None) | ~Q(asked_by=F("settled_by")),
                name="reinstatement_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id


govern(Reinstatement, REINSTATEMENT)
