"""Rights and powers: registrations, letters of authorisation, and their audits."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from brands.models.brand import Brand
from brands.states import CREDENTIAL, REVOCATION
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
    # Codes of the forgery signals that fired when the document was last looked at.
    findings = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    renews = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="renewals",
        verbose_name=_("renews"),
        null=True,
        blank=True,
    )

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
    # The number without separators: what makes two spellings the same number.
    number_key = models.CharField(max_length=60, blank=True, db_index=True)
    mark_text = models.CharField(
        _("mark as registered"),
        max_length=200,
        blank=True,
        help_text=_("The words of the mark. Brand names that say the same are covered by it."),
    )
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
                condition=Q(renews=None) & ~Q(state__in=["rejected", "revoked", "expired"]),
                name="registration_once",
            ),
            models.UniqueConstraint(
                "renews",
                condition=~Q(state__in=["rejected", "revoked", "expired"]),
                name="registration_renewed_once",
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
    scope = ArrayField(
        models.CharField(max_length=16, choices=Mandate.Act.choices),
        verbose_name=_("what the agent may do"),
        default=list,
        blank=True,
        help_text=_("Nothing ticked: everything an agent can do."),
    )
    brands = models.ManyToManyField(
        Brand,
        related_name="letters",
        verbose_name=_("brands"),
        blank=True,
        help_text=_("Nothing chosen: every brand of the rights holder."),
    )
    # The rights holder's own word for a letter its agent submitted.
    confirmed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

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

    @property
    def acts_shown(self) -> list[str]:
        """What the agent may do, in words."""
        acts = self.scope or Mandate.Act.values
        return [str(Mandate.Act(act).label) for act in acts]


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
        NUMBER_REUSED = "number_reused", _("Another organisation holds this number")
        NOT_CONFIRMED = "not_confirmed", _("Rights holder did not confirm the agent")
        RIGHT_ENDED = "right_ended", _("Right was cancelled or surrendered")
        CLEARED = "cleared", _("Doubt was cleared up")
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
            (CredentialState.SUSPENDED, CredentialState.SUSPENDED.label),
            (CredentialState.REVOKED, CredentialState.REVOKED.label),
        ],
    )
    code = models.CharField(_("code"), max_length=20, choices=Code.choices)
    note = models.TextField(_("note"), blank=True)
    at = models.DateTimeField(_("at"))
    # Codes of the signals the auditor was shown.
    findings = ArrayField(models.CharField(max_length=24), default=list, blank=True)

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


class Revocation(models.Model):
    """A request to revoke a credential, and what a second auditor said to it."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Waits for a second auditor")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")

    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, related_name="revocations", null=True, blank=True
    )
    letter = models.ForeignKey(
        LetterOfAuthorisation,
        on_delete=models.PROTECT,
        related_name="revocations",
        null=True,
        blank=True,
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.REQUESTED
    )
    code = models.CharField(_("code"), max_length=20, choices=CredentialAudit.Code.choices)
    note = models.TextField(_("note"))
    requested_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("requested"))
    closed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("revocation")
        verbose_name_plural = _("revocations")
        constraints = [
            models.CheckConstraint(
                condition=Q(registration=None, letter__isnull=False)
                | Q(registration__isnull=False, letter=None),
                name="revocation_of_one",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", closed_by=F("requested_by")),
                name="revocation_by_two",
            ),
            models.UniqueConstraint(
                "registration",
                condition=Q(state="requested"),
                name="revocation_one_open_a_registration",
            ),
            models.UniqueConstraint(
                "letter", condition=Q(state="requested"), name="revocation_one_open_a_letter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration or self.letter}: {self.state}"

    @property
    def credential(self) -> "Registration | LetterOfAuthorisation":
        """What shall be revoked."""
        found = self.registration or self.letter
        if found is None:
            raise TypeError("A constraint demands one of both.")
        return found

    @property
    def organisation_id(self) -> int:
        """The tenant."""
        return self.credential.organisation_id


govern(Revocation, REVOCATION)
govern(Registration, CREDENTIAL)
govern(LetterOfAuthorisation, CREDENTIAL)
