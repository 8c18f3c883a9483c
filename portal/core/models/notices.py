"""What a member is told: how often by mail, and in the page."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.models.organisation import Member


class MailPreference(models.Model):
    """How a member wants to be told by mail. ``told_until`` is the moment up to which new rows
    were told, so that each is told once.
    """

    class Frequency(models.TextChoices):
        INSTANT = "instant", _("As they arrive")
        DAILY = "daily", _("Once a day")
        WEEKLY = "weekly", _("Once a week")
        OFF = "off", _("Never")

    member = models.OneToOneField(
        Member,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="mail_preference",
        verbose_name=_("member"),
    )
    news = models.CharField(
        _("new suspected links"),
        max_length=7,
        choices=Frequency.choices,
        default=Frequency.INSTANT,
    )
    reminders = models.BooleanField(_("reminders before deadlines"), default=True)
    told_at = models.DateTimeField(_("last told"), null=True, blank=True)
    told_until = models.DateTimeField(_("told up to"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")

    def __str__(self) -> str:
        return f"{self.member_id}: {self.news}"


class Notice(models.Model):
    """One line in a member's list of notices. ``kind`` and ``data`` (numbers, codes, ids) make its
    text when it is read, in the reader's language; ``key`` makes it once.
    """

    uuid = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, related_name="notices", verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=120)
    data = models.JSONField(_("data"), default=dict)
    created_at = models.DateTimeField(_("created"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint("member", "key", name="notice_once")]
        indexes = [
            models.Index(fields=["member", "-created_at"], name="notice_newest_first"),
            models.Index(fields=["member"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.kind}"
