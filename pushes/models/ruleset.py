"""What the engine runs with: registry revisions, rulesets, exchange rates."""

import uuid

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from brands.models import Brand
from portal.core.models import Member
from portal.core.states import govern
from pushes.states import RULESET


class RegistryRevision(models.Model):
    """A number that grows with every change of declared facts. Processes poll it and reload.

    ``brand`` names the one brand that changed; without it everything is read again.
    """

    number = models.BigAutoField(primary_key=True)
    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    reason = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("registry revision")
        verbose_name_plural = _("registry revisions")

    def __str__(self) -> str:
        return str(self.number)


class Ruleset(models.Model):
    """Weights and threshold, immutable and content-hashed. One champion and one shadow a scope.

    ``twins`` are the weights learned without one fold of the facts each (``matching.Lesson``).
    """

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        SHADOW = "shadow", _("Shadow")
        CHAMPION = "champion", _("Champion")
        RETIRED = "retired", _("Retired")
        ROLLED_BACK = "rolled_back", _("Rolled back")
        REFUSED = "refused", _("Refused")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scope = models.CharField(_("scope"), max_length=40, default="global")
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.CANDIDATE
    )
    content = models.JSONField(_("content"))
    content_hash = models.CharField(max_length=64, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    evaluation = models.JSONField(_("evaluation"), default=dict)
    twins = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    facts = models.PositiveIntegerField(_("facts learned from"), default=0)
    created_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("created"))
    shadow_since = models.DateTimeField(_("in shadow since"), null=True, blank=True)
    promoted_at = models.DateTimeField(_("promoted"), null=True, blank=True)

    class Meta:
        verbose_name = _("ruleset")
        verbose_name_plural = _("rulesets")
        constraints = [
            models.UniqueConstraint(
                "scope", condition=Q(state="champion"), name="ruleset_one_champion"
            ),
            models.UniqueConstraint(
                "scope", condition=Q(state="shadow"), name="ruleset_one_shadow"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.content_hash[:8]}"


class LoopPolicy(models.Model):
    """How the loop turns: who promotes, which share of the pushes explores, how right acts must be.

    ``push_target`` and ``hold_target`` are the precision asked of what is pushed and held back.
    Blocking has a bound of its own (``pushes.matching.learning.control.BLOCK_BOUND``) that nobody
    can lower.
    """

    MOST_EXPLORATION = 0.2
    PUSH_TARGETS = (0.3, 0.95)
    HOLD_TARGETS = (0.8, 0.99)

    scope = models.CharField(_("scope"), max_length=40, unique=True)
    promotes_alone = models.BooleanField(_("promote by itself when the gate opens"), default=False)
    exploration = models.FloatField(_("share of pushes that explore"), default=0.05)
    push_target = models.FloatField(_("precision asked of pushes"), default=0.7, db_default=0.7)
    hold_target = models.FloatField(
        _("precision asked of what is held"), default=0.9, db_default=0.9
    )
    tightens_alone = models.BooleanField(
        _("tighten thresholds by itself"), default=True, db_default=True
    )
    changed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", null=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("policy of the loop")
        verbose_name_plural = _("policies of the loop")
        constraints = [
            models.CheckConstraint(
                condition=Q(exploration__gte=0, exploration__lte=0.2),
                name="loop_policy_exploration",
            ),
            models.CheckConstraint(
                condition=Q(push_target__gte=0.3, push_target__lte=0.95)
                & Q(hold_target__gte=0.8, hold_target__lte=0.99),
                name="loop_policy_targets",
            ),
        ]

    def __str__(self) -> str:
        return self.scope


class ExchangeRate(models.Model):
    """Units of ``currency`` for one euro on a day (ECB reference rates or the operator's)."""

    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("day"))
    per_euro = models.DecimalField(_("units per euro"), max_digits=18, decimal_places=6)
    source = models.CharField(_("source"), max_length=80)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint("currency", "day", name="exchange_rate_once"),
            models.CheckConstraint(condition=Q(per_euro__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"


govern(Ruleset, RULESET)
