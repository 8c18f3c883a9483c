"""Good-faith accounts: the ledger, its daily counts, the rules in force and appeals."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.models.complaint import Complaint
from complaints.states import APPEAL
from portal.core.models import Member, Organisation
from portal.core.states import govern
from pushes.models import SuspectedLink


class CreditAccount(models.Model):
    """The good-faith account of a rights holder, through one agent or none, for one reason code.

    The account without a reason stands for all of them: thin reason codes are judged on it, and it
    holds the verdicts' timeliness. What an agent does for one rights holder is in accounts of that
    rights holder only.
    """

    class Tier(models.TextChoices):
        STANDARD = "standard", _("Standard")
        TRUSTED = "trusted", _("Trusted")
        SELF_SERVICE = "self_service", _("Self-service")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="credit_accounts"
    )
    agent = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reason = models.CharField(
        _("reason"), max_length=12, choices=Complaint.Reason.choices, blank=True
    )
    tier = models.CharField(_("tier"), max_length=12, choices=Tier.choices, default=Tier.STANDARD)
    tier_since = models.DateTimeField(_("since"))
    locked_until = models.DateField(_("cannot rise before"), null=True, blank=True)
    held_until = models.DateField(_("cannot fall before"), null=True, blank=True)
    self_service_count = models.PositiveIntegerField(_("self-service decisions"), default=0)
    assessed_on = models.DateField(_("last assessed"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("good-faith account")
        verbose_name_plural = _("good-faith accounts")
        constraints = [
            models.UniqueConstraint(
                "organisation",
                "agent",
                "reason",
                name="credit_account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(agent=None) | ~Q(agent=models.F("organisation")),
                name="credit_account_agent_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}:{self.agent_id or '-'}:{self.reason or '*'}"

    def get_absolute_url(self) -> str:
        """Return the account's page."""
        return reverse("complaints:account", args=[self.uuid])


class CreditLine(models.Model):
    """One line of the ledger. Append-only: a trigger refuses updates and deletions.

    ``day`` is the UTC day on which the case was decided, on which it counts; ``at`` is when the
    line was written. ``key`` makes a fact count once.
    """

    class Kind(models.TextChoices):
        ESTABLISHED = "established", _("Established")
        REJECTED = "rejected", _("Rejected")
        OVERTURNED = "overturned", _("Overturned")
        RETRACTED = "retracted", _("Retracted")
        IN_TIME = "in_time", pgettext_lazy("verdict", "Judged in time")
        LATE = "late", _("Judged late")
        AUDIT_PASSED = "audit_passed", _("Re-review agreed")
        AUDIT_FAILED = "audit_failed", _("Re-review disagreed")

    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    key = models.CharField(max_length=80, unique=True)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="credit_lines", null=True, blank=True
    )
    link = models.ForeignKey(
        SuspectedLink, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    day = models.DateField(_("counts on"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("ledger line")
        verbose_name_plural = _("ledger lines")
        indexes = [
            models.Index(fields=["account", "day"], name="credit_line_by_day"),
            models.Index(fields=["account", "kind", "at"], name="credit_line_by_kind"),
        ]

    def __str__(self) -> str:
        return self.key


class CreditDay(models.Model):
    """The ledger lines of an account and day, counted: what makes a score cheap.

    Rebuilt from the ledger by ``manage.py recount_credit``, which must find the same figures.
    """

    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    established = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    overturned = models.PositiveIntegerField(default=0)
    retracted = models.PositiveIntegerField(default=0)
    in_time = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    audit_passed = models.PositiveIntegerField(default=0)
    audit_failed = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("day of an account")
        verbose_name_plural = _("days of accounts")
        constraints = [
            models.UniqueConstraint("account", "day", name="credit_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"


class CreditRules(models.Model):
    """The published rules as the operator set them; the newest row is in force. Append-only."""

    content = models.JSONField(_("rules"))
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("good-faith rules")
        verbose_name_plural = _("good-faith rules")

    def __str__(self) -> str:
        return f"{self.pk}"


class TierAppeal(models.Model):
    """A rights holder disputes the tier of an account; a person of the platform answers."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="appeals")
    statement = models.TextField(_("what speaks against the decision"))
    wanted = models.CharField(
        _("tier asked for"), max_length=12, choices=CreditAccount.Tier.choices
    )
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal of a tier")
        verbose_name_plural = _("appeals of tiers")
        constraints = [
            models.UniqueConstraint(
                "account", condition=Q(state="open"), name="tier_appeal_one_open"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def organisation_id(self) -> int:
        """The tenant that appeals."""
        return self.account.organisation_id


govern(TierAppeal, APPEAL)
