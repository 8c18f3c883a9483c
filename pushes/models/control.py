"""Thresholds for pushing, holding and blocking: proposed, in force, refused, superseded."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core.models import Member
from portal.core.states import govern
from pushes.models.ruleset import Ruleset
from pushes.models.seller import Seller
from pushes.states import CONTROL


class ControlThreshold(models.Model):
    """One step of one threshold. A scope has at most one in force for each act.

    ``scope`` is what makes it unique (``pushes.services.control_scope``); ``value`` is a
    probability, empty for an act that is off. ``links``, ``estimate``, ``low`` and ``high`` are
    what the facts said of ``value`` (95 % interval) on scores of ``ruleset``; ``wished`` marks what
    a rights holder asked for. A proposal would act on more listings and waits for a person.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        IN_FORCE = "in_force", _("In force")
        REFUSED = "refused", _("Refused")
        SUPERSEDED = "superseded", _("Superseded")

    class Act(models.TextChoices):
        PUSH = "push", _("Push to the brand")
        HOLD = "hold", _("Hold back for a person")
        BLOCK = "block", _("Block")

    class Level(models.TextChoices):
        GLOBAL = "global", _("Everywhere")
        BRAND = "brand", _("Brand")
        CATEGORY = "category", _("Category")
        SELLER = "seller", _("Seller")
        OWN = "own", _("The brand's own")

    class Why(models.TextChoices):
        BETTER = "better", _("More right than asked for")
        WORSE = "worse", _("Less right than asked for")
        CONFIRMED = "confirmed", _("Confirmed by the newest facts")
        WISHED = "wished", _("Asked for by the brand")
        WITHDRAWN = "withdrawn", _("Withdrawn by a person")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.PROPOSED
    )
    act = models.CharField(_("act"), max_length=6, choices=Act.choices)
    level = models.CharField(_("scope"), max_length=8, choices=Level.choices)
    scope = models.CharField(_("name of the scope"), max_length=300)
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    category = models.CharField(_("category"), max_length=200, blank=True)
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    old_value = models.FloatField(_("threshold before"), null=True, blank=True)
    value = models.FloatField(_("threshold"), null=True, blank=True)
    links = models.FloatField(_("judged links"), default=0.0)
    estimate = models.FloatField(_("precision"), null=True, blank=True)
    low = models.FloatField(_("lower bound"), null=True, blank=True)
    high = models.FloatField(_("upper bound"), null=True, blank=True)
    why = models.CharField(_("why"), max_length=10, choices=Why.choices)
    wished = models.BooleanField(_("asked for by the brand"), default=False)
    ruleset = models.ForeignKey(Ruleset, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("made"))
    decided_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("control threshold")
        verbose_name_plural = _("control thresholds")
        constraints = [
            models.UniqueConstraint(
                "scope", "act", condition=Q(state="in_force"), name="control_one_in_force"
            ),
            models.UniqueConstraint(
                "scope",
                "act",
                "wished",
                condition=Q(state="proposed"),
                name="control_one_proposed",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0, value__lt=1) | Q(value=None), name="control_value"
            ),
            models.CheckConstraint(
                condition=~Q(act="push", value=None), name="control_push_is_never_off"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-created_at"], name="control_by_state"),
            models.Index(fields=["brand", "state"], name="control_by_brand"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.scope} {self.value}"


govern(ControlThreshold, CONTROL)
