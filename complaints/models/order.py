"""Orders to marketplaces."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint
from complaints.models.consequence import ShopConsequence
from complaints.states import ORDER
from portal.core.models import Marketplace
from portal.core.states import govern
from pushes.models import Listing


class Order(models.Model):
    """A signed order to a marketplace: about a listing, or about the shop that offers it.

    An order about a shop carries out its ``consequence``; ``complaint`` is then the newest one
    behind it, and ``listing`` that complaint's.
    """

    class Kind(models.TextChoices):
        TAKE_DOWN = "take_down", _("Take down")
        REINSTATE = "reinstate", _("Reinstate")
        RESTRICT = "restrict", _("Restrict a category")
        LIFT = "lift", _("Lift the restriction")
        SUSPEND = "suspend", _("Suspend the shop")
        RESTORE = "restore", _("Restore the shop")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        FAILED = "failed", _("Failed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="orders")
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, related_name="orders")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="orders")
    consequence = models.ForeignKey(
        ShopConsequence, on_delete=models.PROTECT, related_name="orders", null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    queued_at = models.DateTimeField(_("queued"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(
                "complaint",
                "kind",
                condition=Q(consequence=None),
                name="order_once_a_complaint",
            ),
            models.UniqueConstraint(
                "consequence",
                "kind",
                condition=Q(consequence__isnull=False),
                name="order_once_a_consequence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id

    @property
    def can_be_sent_again(self) -> bool:
        """Whether a person may send it: it failed, or waits for the marketplace's address."""
        return self.state == self.State.FAILED or (
            self.state == self.State.QUEUED and self.error != ""
        )


govern(Order, ORDER)
