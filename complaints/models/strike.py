"""Strikes against sellers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint
from pushes.models import Seller


class Strike(models.Model):
    """Points against a seller for one established complaint; reversed when it is overturned."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="strikes")
    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="strike")
    points = models.PositiveSmallIntegerField(_("points"))
    at = models.DateTimeField(_("at"))
    reversed_at = models.DateTimeField(_("reversed"), null=True, blank=True)

    class Meta:
        verbose_name = _("strike")
        verbose_name_plural = _("strikes")
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="strike_points_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id}: {self.points}"

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id
