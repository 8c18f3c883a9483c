"""Rights and powers: registrations, letters of authorisation, and their audits."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from brands.models.brand import Brand
from brands.states import CREDENTIAL
from portal.core.models import Mandate, Member, Organisation, StoredFile
from portal.core.states import govern


class CredentialState(models.TextChoices):
    """States of a registration or a letter of authorisation."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    UNDER_AUDIT = "under_audit", _("Under audit")
    MORE_ASKED = "more_asked", _("More asked for")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")


class Credential(models.Model):
    """What registrations and letters share: a document, a term, an audited state."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    document_name = models.CharField(_("file name"), max_length=200)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), help_text=_("The last day on which it holds."))
    state = models.CharField(
        _("state"), max_length=12, choices=CredentialState.choices, default=CredentialState.DRAFT
    )
    submitted_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"))

    class Meta:
        abstract = True


class Registration(Credential):
    """A registered right of a rights holder."""

    class Kind(models.TextChoices):
        TRADEMARK = "trademark", _("Trademark")
        COPYRIGHT = "copyright", _("Copyright")
        DESIGN = "design", _("Design")
        PATENT = "patent", _("Patent")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="registrations"
    )
    kind = models.CharField(_("kind of right"), max_length=10, choices=Kind.choices)
    jurisdiction = models.CharField(
        _("jurisdiction"), max_length=2, help_text=_("ISO 3166 code, EU or WO.")
    )
    number = models.CharField(_("registration number"), max_length=60)
    nice_classes = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("Nice classes"),
        default=list,
        blank=True,
    )
    owner_name = models.CharField(_("owner as registered"), max_length=200)
    brands = models.ManyToManyField(Brand, related_name="registrations")

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                "organisation",
                "kind",
                "jurisdiction",
                "number",
                condition=~Q(state__in=["rejected", "revoked", "expired"]),
                name="registration_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="registration_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.jurisdiction} {self.number}"


class LetterOfAuthorisation(Credential):
    """A rights holder authorises an agent. Approved, it becomes a mandate."""

    agent = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="letters_received"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="letters_given"
    )
    mandate = models.OneToOneField(
        Mandate, on_delete=models.PROTECT, related_name="letter", null=True, blank=True
    )

    class Meta:
        verbose_name = _("letter of authorisation")
        verbose_name_plural = _("letters of authorisation")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="letter_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(agent=F("organisation")), name="letter_not_to_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.agent}"


class CredentialAudit(models.Model):
    """One act of an auditor on a credential; the rows are its history."""

    class Code(models.TextChoices):
        COMPLETE = "complete", _("Complete and consistent")
        UNREADABLE = "unreadable", _("Document cannot be read")
        OWNER_MISMATCH = "owner_mismatch", _("Owner is not the organisation")
        NUMBER_NOT_FOUND = "number_not_found", _("Number not found in the register")
        EXPIRED = "expired", _("Right has expired")
        CLASS_MISSING = "class_missing", _("Classes do not cover the goods")
        NOT_SIGNED = "not_signed", _("Authorisation is not signed")
        FORGED = "forged", _("Document is forged")
        OTHER = "other", _("Other, see the note")

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="audits", null=True, blank=True
    )
    letter = models.ForeignKey(
        LetterOfAuthorisation,
        on_delete=models.PROTECT,
        related_name="audits",
        null=True,
        blank=True,
    )
    auditor = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(
        _("outcome"),
        max_length=12,
        choices=[
            (CredentialState.APPROVED, CredentialState.APPROVED.label),
            (CredentialState.REJECTED, CredentialState.REJECTED.label),
            (CredentialState.MORE_ASKED, CredentialState.MORE_ASKED.label),
        ],
    )
    code = models.CharField(_("code"), max_length=20, choices=Code.choices)
    note = models.TextField(_("note"), blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("credential audit")
        verbose_name_plural = _("credential audits")
        constraints = [
            models.CheckConstraint(
                condition=Q(registration=None, letter__isnull=False)
                | Q(registration__isnull=False, letter=None),
                name="credential_audit_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.code})"


govern(Registration, CREDENTIAL)
govern(LetterOfAuthorisation, CREDENTIAL)
