"""A complaint: the notice as filed, and where it stands."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brands.models import Registration
from complaints.states import COMPLAINT
from portal.core.models import ApiKey, Member, Organisation
from portal.core.states import govern
from pushes.models import SuspectedLink


class Complaint(models.Model):
    """A complaint about one link.

    ``notice`` holds every field of the notice as filed (DSA art. 16(2) and the marketplace's own);
    it is immutable and ``notice_hash`` is the SHA-256 of its canonical JSON.
    """

    class State(models.TextChoices):
        HELD = "held", _("Can be undone")
        UNDONE = "undone", _("Undone")
        FILED = "filed", _("Filed")
        UNDER_AUDIT = "under_audit", _("Under audit")
        ESTABLISHED = "established", _("Established")
        REJECTED = "rejected", _("Rejected")
        FROZEN = "frozen", _("Frozen")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CONTESTED = "contested", _("Contested")
        OVERTURNED = "overturned", _("Overturned")
        RETRACTED = "retracted", _("Retracted")

    class Reason(models.TextChoices):
        COUNTERFEIT = "counterfeit", _("Counterfeit goods")
        TRADEMARK = "trademark", _("Trademark infringement")
        COPYRIGHT = "copyright", _("Copyright infringement")
        DESIGN = "design", _("Design infringement")
        PATENT = "patent", _("Patent infringement")

    # States in which a complaint does not bar another one about the same link.
    CLOSED = (
        State.UNDONE,
        State.REJECTED,
        State.WITHDRAWN,
        State.OVERTURNED,
        State.RETRACTED,
    )
    # States in which the platform can decide.
    OPEN = (State.FILED, State.UNDER_AUDIT)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="complaints"
    )
    link = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="complaints")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="complaints"
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    notice = models.JSONField(_("notice as filed"))
    notice_hash = models.CharField(max_length=64)
    filed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    filed_by_key = models.ForeignKey(
        ApiKey, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.HELD)
    created_at = models.DateTimeField(_("created"))
    held_until = models.DateTimeField(_("can be undone until"))
    filed_at = models.DateTimeField(_("filed"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    due_at = models.DateTimeField(_("to be decided until"), null=True, blank=True)
    due_zone = models.CharField(max_length=64, blank=True, db_default="")
    due_rule = models.CharField(max_length=40, blank=True, db_default="")
    calendar_version = models.CharField(max_length=64, blank=True, db_default="")
    harm = models.PositiveSmallIntegerField(_("harm"), default=0, db_default=0)
    harm_parts = models.JSONField(_("parts of the harm"), default=dict, blank=True, db_default={})

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = [
            models.UniqueConstraint(
                "link",
                condition=~Q(
                    state__in=["undone", "rejected", "withdrawn", "overturned", "retracted"]
                ),
                name="complaint_one_standing_a_link",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "state", "created_at"], name="complaint_list"),
            models.Index(
                fields=["held_until"], condition=Q(state="held"), name="complaint_to_settle"
            ),
            models.Index(
                fields=["due_at", "-harm"],
                condition=Q(state__in=["filed", "under_audit"]),
                name="complaint_queue",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def get_absolute_url(self) -> str:
        """Return the complaint's page."""
        return reverse("complaints:complaint", args=[self.uuid])


govern(Complaint, COMPLAINT)
