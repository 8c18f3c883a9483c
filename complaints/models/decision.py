"""What the platform decided, and the statement of reasons it owes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.complaint import Complaint
from portal.core.models import Member


class Decision(models.Model):
    """One decision on a complaint."""

    class Outcome(models.TextChoices):
        ESTABLISHED = "established", _("Established")
        REJECTED = "rejected", _("Rejected")

    class Code(models.TextChoices):
        INFRINGEMENT_CLEAR = "infringement_clear", _("The infringement is clear")
        RIGHT_NOT_COVERING = "right_not_covering", _("The right does not cover these goods")
        EVIDENCE_MISSING = "evidence_missing", _("The evidence does not show the infringement")
        SELLER_AUTHORISED = "seller_authorised", _("The seller is authorised")
        FIRST_SALE = "first_sale", _("Resale of genuine goods")
        WRONG_ITEM = "wrong_item", _("The listing offers something else")
        DUPLICATE = "duplicate", _("Already decided")

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    code = models.CharField(_("code"), max_length=20, choices=Code.choices)
    note = models.TextField(_("note"), blank=True)
    decided_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    automated = models.BooleanField(_("decided by a program"), default=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="established", code="infringement_clear")
                | (Q(outcome="rejected") & ~Q(code="infringement_clear")),
                name="decision_code_fits_outcome",
            ),
            models.CheckConstraint(
                condition=Q(automated=True, decided_by=None)
                | Q(automated=False, decided_by__isnull=False),
                name="decision_has_an_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.code})"

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id


class StatementOfReasons(models.Model):
    """The statement of reasons (DSA art. 17) in two renderings of one decision.

    ``seller_copy`` carries the redress; ``eu_record`` is ready for the EU Transparency Database
    and holds no personal data. ``puid`` is never reused.
    """

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="statement")
    puid = models.CharField(max_length=100, unique=True)
    seller_copy = models.JSONField(_("seller's copy"))
    eu_record = models.JSONField(_("EU record"))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("statement of reasons")
        verbose_name_plural = _("statements of reasons")
        constraints = [
            models.CheckConstraint(
                condition=Q(puid__regex=r"^[a-zA-Z0-9_-]+$"), name="statement_puid_form"
            ),
        ]

    def __str__(self) -> str:
        return self.puid
