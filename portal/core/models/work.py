"""Work that outlives a request: effects on the outside world, and long jobs."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core.models.files import StoredFile
from portal.core.models.organisation import Member, Organisation


class OutboxMessage(models.Model):
    """One effect outside the database, written in the transaction that wants it.

    ``key`` makes the effect unique: asking twice is asking once. A relay hands due rows to
    Celery; a row taken and not finished within its lease is handed out again, with back-off.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TAKEN = "taken", _("Taken")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    key = models.CharField(max_length=160, unique=True)
    handler = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox messages")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["waiting", "taken"]),
                name="outbox_due",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Job(models.Model):
    """Long work with progress: a file import, a dry run.

    ``checkpoint`` is written in the same transaction as the rows it stands for, so a killed
    worker resumes exactly where the last committed chunk ended.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="jobs", null=True, blank=True
    )
    created_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    params = models.JSONField(default=dict)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    total = models.PositiveIntegerField(_("total"), null=True, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(_("error"), blank=True)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("created"))
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.CheckConstraint(
                condition=Q(total=None) | Q(total__gte=F("done") + F("failed")),
                name="job_progress_within_total",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["queued", "running"]),
                name="job_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class JobError(models.Model):
    """A refused row of a job; together they are the job's error file."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="errors")
    row = models.PositiveIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=80, blank=True)
    code = models.CharField(_("code"), max_length=40)
    message = models.TextField(_("message"))
    content = models.JSONField(_("content"), default=dict)

    class Meta:
        verbose_name = _("job error")
        verbose_name_plural = _("job errors")
        indexes = [models.Index(fields=["job", "row"], name="job_error_order")]

    def __str__(self) -> str:
        return f"{self.row}: {self.message}"
