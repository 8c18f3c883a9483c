"""What happened: the journal is the audit trail and the event stream at once.

A service inserts an entry in its own transaction. One sealer numbers committed entries, so
``JournalSeal.seq`` is the only order: numbering inside the writers' transactions would queue
them, and id order is not commit order. Neither table is ever updated; triggers see to it.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalEntry(models.Model):
    """One change to one aggregate: ids and codes only, no personal data."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("at"))
    verb = models.CharField(_("verb"), max_length=64)
    subject_type = models.CharField(_("subject type"), max_length=40)
    subject_id = models.BigIntegerField(_("subject"))
    organisation_id = models.BigIntegerField(_("organisation"), null=True)
    actor_kind = models.CharField(_("actor kind"), max_length=10)
    actor_id = models.BigIntegerField(_("actor"), null=True)
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="journal_by_subject"),
            models.Index(fields=["organisation_id", "id"], name="journal_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type}:{self.subject_id}"


class JournalSeal(models.Model):
    """The place of an entry in the chain; ``hash`` covers the entry and the previous hash."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, related_name="seal")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("journal seal")
        verbose_name_plural = _("journal seals")

    def __str__(self) -> str:
        return str(self.seq)


class JournalWaiting(models.Model):
    """Entries not sealed yet. A trigger adds each new entry, the sealer removes it, so that
    sealing costs what is new and never a look through the whole journal.
    """

    entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )

    class Meta:
        verbose_name = _("waiting journal entry")
        verbose_name_plural = _("waiting journal entries")

    def __str__(self) -> str:
        return str(self.entry_id)


class Cursor(models.Model):
    """How far a consumer of the journal has read."""

    name = models.CharField(max_length=64, primary_key=True)
    seq = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("cursor")
        verbose_name_plural = _("cursors")

    def __str__(self) -> str:
        return f"{self.name}@{self.seq}"
