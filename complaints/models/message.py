"""What complainant and platform write to each other about a complaint."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint
from portal.core.models import Member


class ComplaintMessage(models.Model):
    """One message of the thread of a complaint. It is never changed; a trigger holds it."""

    class Side(models.TextChoices):
        COMPLAINANT = "complainant", _("Complainant")
        PLATFORM = "platform", _("Platform")

    uuid = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="messages", verbose_name=_("complaint")
    )
    side = models.CharField(_("side"), max_length=11, choices=Side.choices)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("member")
    )
    text = models.TextField(_("message"))
    at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("message about a complaint")
        verbose_name_plural = _("messages about complaints")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="complaint_message_has_text"),
        ]
        indexes = [models.Index(fields=["complaint", "at"], name="complaint_thread")]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id
