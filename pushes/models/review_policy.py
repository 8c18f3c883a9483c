"""How an organisation reviews: what silence means, how work is shared, how much fits a week."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core.models import Member, Organisation
from portal.core.states import govern
from pushes.models.listing import Listing
from pushes.models.suspected_link import SuspectedLink
from pushes.states import CONFLICT


class ReviewPolicy(models.Model):
    """An organisation's choices; without a row the shipped ones hold."""

    class Silence(models.TextChoices):
        LAPSE = "lapsed", _("Missed: it stays open and can still be judged")
        APPRAISE = "appraisal", _("Sent to appraisal")
        PASS = "genuine", _("Let pass, until the listing changes materially")

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="review_policy"
    )
    on_silence = models.CharField(
        _("what silence means"), max_length=10, choices=Silence.choices, default=Silence.LAPSE
    )
    round_robin = models.BooleanField(_("share new links among reviewers in turn"), default=False)
    second_look_share = models.FloatField(_("share of second looks"), null=True, blank=True)
    changed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", null=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("review policy")
        verbose_name_plural = _("review policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(second_look_share=None)
                | Q(second_look_share__gte=0, second_look_share__lte=1),
                name="review_policy_share",
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)


class BrandCapacity(models.Model):
    """How many links of a brand start a clock in one week; what is over waits, ranked by score."""

    brand = models.OneToOneField(
        Brand, on_delete=models.CASCADE, primary_key=True, related_name="review_capacity"
    )
    weekly = models.PositiveIntegerField(_("links a week"))

    class Meta:
        verbose_name = _("review capacity")
        verbose_name_plural = _("review capacities")

    def __str__(self) -> str:
        return f"{self.brand_id}: {self.weekly}"


class Conflict(models.Model):
    """Rights holders judged one listing differently; the platform's admin decides what to do."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        RESOLVED = "resolved", _("Resolved")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="conflicts")
    infringing = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="+")
    fine = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    note = models.TextField(_("note"), blank=True)
    opened_at = models.DateTimeField(_("opened"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("conflict of verdicts")
        verbose_name_plural = _("conflicts of verdicts")
        constraints = [
            models.UniqueConstraint(
                "listing", condition=Q(state="open"), name="conflict_one_open_a_listing"
            ),
        ]

    def __str__(self) -> str:
        return str(self.listing_id)


govern(Conflict, CONFLICT)
