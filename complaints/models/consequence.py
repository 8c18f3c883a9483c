"""What repeat infringement leads to: proposed from strikes, decided by a person, then ordered."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.states import CONSEQUENCE
from portal.core.models import Member
from portal.core.states import govern
from pushes.models import Seller


class ShopConsequence(models.Model):
    """A measure against a shop. ``evidence`` is what the proposal rested on: strikes with their
    remaining weight, and linked shops with what they share.
    """

    class Kind(models.TextChoices):
        CATEGORY_RESTRICTED = "category_restricted", _("Category restricted")
        SHOP_SUSPENDED = "shop_suspended", _("Shop suspended")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ORDERED = "ordered", _("Ordered")
        DECLINED = "declined", _("Declined")
        DROPPED = "dropped", _("No longer called for")
        ENDED = "ended", _("Ended")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="consequences")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    category = models.CharField(_("category"), max_length=200, blank=True)
    points = models.FloatField(_("active points"))
    evidence = models.JSONField(_("evidence"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PROPOSED
    )
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    note = models.TextField(_("reasons"), blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("consequence for a shop")
        verbose_name_plural = _("consequences for shops")
        constraints = [
            models.UniqueConstraint(
                "seller",
                "kind",
                condition=Q(state__in=["proposed", "ordered"]),
                name="shop_consequence_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"], condition=Q(state="ordered"), name="shop_consequence_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id}: {self.kind}"

    @property
    def organisation_id(self) -> None:
        """A shop belongs to no tenant."""
        return


govern(ShopConsequence, CONSEQUENCE)
