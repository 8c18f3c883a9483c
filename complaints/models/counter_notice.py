"""A counter-notice: the seller's answer to a statement of reasons, and what came of it."""

import uuid
from typing import Final

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.models.complaint import Complaint
from complaints.states import COUNTER_NOTICE
from portal.core.models import Member, StoredFile
from portal.core.states import govern

MOST_ATTEMPTS: Final = 3


class CounterNotice(models.Model):
    """One answer of the seller, at most ``MOST_ATTEMPTS`` a complaint and one open at a time.

    ``rule`` is a copy of the jurisdiction's rule under which it is heard, so that a later change
    of the rule moves no open case. ``content_hash`` is the SHA-256 of what the seller signed,
    identity and files included. Who the seller is stands apart, in ``SellerIdentity``.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        FORWARDED = "forwarded", _("Forwarded to the rights holder")
        BRAND_REPLIED = "brand_replied", _("The rights holder replied")
        BRAND_SILENT = "brand_silent", _("The rights holder was silent")
        ACCEPTED = "accepted", pgettext_lazy("counter-notice", "Accepted")
        REFUSED = "refused", _("Refused")

    class Reason(models.TextChoices):
        OWNER = "owner", _("I own the right")
        AUTHORISED = "authorised", _("The owner of the right allowed me to sell")
        NO_RIGHT = "no_right", _("The goods do not use the right")
        FIRST_SALE = "first_sale", _("Resale of genuine goods")
        RIGHT_INVALID = "right_invalid", _("The right is invalid or has ended")
        WRONG_ITEM = "wrong_item", _("The notice is about another item")
        OTHER = "other", _("Another reason")

    class ReachedBy(models.TextChoices):
        PAGE = "page", _("Opened in the portal")
        MAIL = "mail", _("Taken by the mail server")
        PROOF = "proof", _("Delivered otherwise, with proof")

    class Proceedings(models.TextChoices):
        AUTHORITY = "authority", _("Complaint to an authority")
        COURT = "court", _("Suit before a court")

    class Code(models.TextChoices):
        AUTHORISED = "authorised", _("The seller is authorised")
        FIRST_SALE = "first_sale", _("Resale of genuine goods")
        NOT_INFRINGING = "not_infringing", _("The listing does not use the right")
        RIGHT_INVALID = "right_invalid", _("The right is invalid or has ended")
        WRONG_ITEM = "wrong_item", _("The notice was about another item")
        NO_PROCEEDINGS = "no_proceedings", _("No notice of proceedings within the term")
        RETRACTED = "retracted", _("The rights holder took the complaint back")
        NOT_SHOWN = "not_shown", _("The evidence does not show it")
        RIGHT_STANDS = "right_stands", _("The right stands and covers the goods")
        PROCEEDINGS = "proceedings", _("An authority or a court now decides")

    OPEN = (State.SUBMITTED, State.FORWARDED, State.BRAND_REPLIED, State.BRAND_SILENT)
    DECIDABLE = (State.BRAND_REPLIED, State.BRAND_SILENT)
    ACCEPTING = (
        Code.AUTHORISED,
        Code.FIRST_SALE,
        Code.NOT_INFRINGING,
        Code.RIGHT_INVALID,
        Code.WRONG_ITEM,
    )
    REFUSING = (Code.NOT_SHOWN, Code.RIGHT_STANDS, Code.PROCEEDINGS)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="counter_notices"
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    reason = models.CharField(_("reason"), max_length=14, choices=Reason.choices)
    explanation = models.TextField(_("explanation"))
    declaration = models.JSONField(_("declaration as signed"))
    content_hash = models.CharField(max_length=64)
    rule = models.JSONField(_("rule it is heard under"))
    language = models.CharField(_("language"), max_length=10)
    state = models.CharField(
        _("state"), max_length=14, choices=State.choices, default=State.SUBMITTED
    )
    submitted_at = models.DateTimeField(_("submitted"))
    forwarded_at = models.DateTimeField(_("forwarded"), null=True, blank=True)
    reached_at = models.DateTimeField(_("reached the rights holder"), null=True, blank=True)
    reached_by = models.CharField(
        _("how it reached the rights holder"), max_length=5, choices=ReachedBy.choices, blank=True
    )
    reached_proof = models.CharField(_("proof of delivery"), max_length=300, blank=True)
    reply = models.TextField(_("reply"), blank=True)
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)
    replied_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    proceedings = models.CharField(
        _("proceedings"), max_length=9, choices=Proceedings.choices, blank=True
    )
    proceedings_reference = models.CharField(_("file number"), max_length=120, blank=True)
    proceedings_on = models.DateField(_("begun on"), null=True, blank=True)
    proceedings_noted_at = models.DateTimeField(_("proceedings noted"), null=True, blank=True)
    code = models.CharField(_("outcome"), max_length=14, choices=Code.choices, blank=True)
    note = models.TextField(_("note"), blank=True)
    decided_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("counter-notice")
        verbose_name_plural = _("counter-notices")
        constraints = [
            models.UniqueConstraint("complaint", "attempt", name="counter_notice_attempt_once"),
            models.UniqueConstraint(
                "complaint",
                condition=Q(state__in=["submitted", "forwarded", "brand_replied", "brand_silent"]),
                name="counter_notice_one_open",
            ),
            models.CheckConstraint(
                condition=Q(attempt__gte=1, attempt__lte=MOST_ATTEMPTS),
                name="counter_notice_attempts",
            ),
            models.CheckConstraint(
                condition=Q(reached_at=None, reached_by="")
                | (Q(reached_at__isnull=False) & ~Q(reached_by="")),
                name="counter_notice_reached_how",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="counter_notice_queue"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.complaint.organisation_id

    def get_absolute_url(self) -> str:
        """Return the page of people of the platform and of the rights holder."""
        return reverse("complaints:counter_notice", args=[self.uuid])


govern(CounterNotice, COUNTER_NOTICE)


class SellerIdentity(models.Model):
    """Who answered: personal data, kept apart and shown only to those who need it.

    Never in the journal, in a log, in the EU record or in an order. Erased some years after the
    case ended (``complaints.services.retention``).
    """

    counter_notice = models.OneToOneField(
        CounterNotice, on_delete=models.PROTECT, related_name="identity"
    )
    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=500)
    phone = models.CharField(_("telephone"), max_length=40)
    email = models.EmailField(_("e-mail address"), blank=True)
    signature = models.CharField(_("signature"), max_length=200)
    signed_at = models.DateTimeField(_("signed"))
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    class Meta:
        verbose_name = _("seller's identity")
        verbose_name_plural = _("sellers' identities")

    def __str__(self) -> str:
        # Never the name: what is printed ends up in logs.
        return f"identity {self.counter_notice_id}"


class CounterNoticeFile(models.Model):
    """A piece of evidence the seller sent."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    counter_notice = models.ForeignKey(
        CounterNotice, on_delete=models.PROTECT, related_name="files"
    )
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=200)
    place = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        verbose_name = _("evidence of a counter-notice")
        verbose_name_plural = _("evidence of counter-notices")
        ordering = ("place",)
        constraints = [
            models.UniqueConstraint("counter_notice", "place", name="counter_notice_file_place"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
