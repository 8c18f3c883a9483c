"""Where each statement stands on its way to the EU Transparency Database."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.decision import StatementOfReasons
from complaints.states import STATEMENT_DELIVERY
from portal.core.states import govern


class StatementBatch(models.Model):
    """Up to 100 records posted in one call, all or nothing; its uuid is the outbox key."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    result = models.JSONField(_("what the database answered"), default=dict)

    class Meta:
        verbose_name = _("batch of statements")
        verbose_name_plural = _("batches of statements")

    def __str__(self) -> str:
        return str(self.uuid)


class StatementDelivery(models.Model):
    """One record's way: waiting, sent (with the database's id), or refused (with its words)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused")

    statement = models.OneToOneField(
        StatementOfReasons, on_delete=models.PROTECT, related_name="delivery"
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    batch = models.ForeignKey(
        StatementBatch, on_delete=models.PROTECT, related_name="deliveries", null=True, blank=True
    )
    database_id = models.CharField(_("id in the database"), max_length=64, blank=True)
    was_there = models.BooleanField(_("was there already"), default=False)
    errors = models.JSONField(_("refused because"), default=dict)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery of a statement")
        verbose_name_plural = _("deliveries of statements")
        indexes = [models.Index(fields=["state", "batch"], name="statement_delivery_state")]

    def __str__(self) -> str:
        return f"{self.statement_id} {self.state}"

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.statement.decision.organisation_id


govern(StatementDelivery, STATEMENT_DELIVERY)
