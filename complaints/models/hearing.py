"""How a counter-notice is heard: the rules of each jurisdiction, and the clocks of each case."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.counter_notice import CounterNotice


class HearingRule(models.Model):
    """What an operator states for a jurisdiction instead of the shipped rule, with its source.

    ``jurisdiction`` "*" is everywhere without a rule of its own; an empty ``right`` is any right.
    """

    class Term(models.TextChoices):
        CALENDAR = "calendar", _("Calendar days")
        WORKING = "working", _("Working days")

    class Start(models.TextChoices):
        REACHED = "reached", _("The declaration reached the rights holder")
        SUBMITTED = "submitted", _("The counter-notice was submitted")

    class StoppedBy(models.TextChoices):
        PROCEEDINGS = "proceedings", _("Notice of proceedings")
        REPLY = "reply", _("Any reply")

    class OnSilence(models.TextChoices):
        MEASURES_END = "measures_end", _("The measures end")
        DECIDE = "decide", _("The platform decides without a reply")

    jurisdiction = models.CharField(_("jurisdiction"), max_length=2)
    right = models.CharField(_("right"), max_length=10, blank=True)
    term_kind = models.CharField(_("term counts"), max_length=8, choices=Term.choices)
    term_days = models.PositiveSmallIntegerField(_("days of the term"))
    term_from = models.CharField(_("term starts when"), max_length=9, choices=Start.choices)
    rolls = models.BooleanField(_("a last day that is closed moves to the next working day"))
    stopped_by = models.CharField(_("stopped by"), max_length=11, choices=StoppedBy.choices)
    on_silence = models.CharField(_("on silence"), max_length=13, choices=OnSilence.choices)
    reply_days = models.PositiveSmallIntegerField(_("working days to reply"))
    decision_days = models.PositiveSmallIntegerField(_("working days to decide"))
    evidence_required = models.BooleanField(_("evidence is required"))
    identity_to_brand = models.BooleanField(_("the rights holder may see who answers"))
    source = models.CharField(_("source"), max_length=500)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("rule of hearing")
        verbose_name_plural = _("rules of hearing")
        constraints = [
            models.UniqueConstraint("jurisdiction", "right", name="hearing_rule_once"),
            models.CheckConstraint(
                condition=Q(jurisdiction__regex=r"^([A-Z]{2}|\*)$"),
                name="hearing_rule_jurisdiction",
            ),
            models.CheckConstraint(
                condition=Q(term_days__gte=1, term_days__lte=366), name="hearing_rule_term"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="hearing_rule_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.right}".strip()


class HearingClock(models.Model):
    """One clock of a counter-notice; several run side by side.

    ``rule`` is that of ``portal.core.clock``: ``calendar-days:15:rolled``, ``working-days:5``.
    ``pauses`` are the finished ones, ``[[start, end, code], …]`` in ISO 8601; while ``paused_at``
    is set the clock stands still and ``due_at`` means nothing.
    """

    class Kind(models.TextChoices):
        SILENCE = "silence", _("Term of the law")
        REPLY = "reply", _("Reply of the rights holder")
        DECISION = "decision", _("Decision of the platform")

    class EndedBy(models.TextChoices):
        ACTED = "acted", _("In time")
        ELAPSED = "elapsed", _("Term is over")
        DROPPED = "dropped", _("No longer needed")

    counter_notice = models.ForeignKey(
        CounterNotice, on_delete=models.PROTECT, related_name="clocks"
    )
    kind = models.CharField(_("clock"), max_length=8, choices=Kind.choices)
    country = models.CharField(_("country"), max_length=2)
    zone = models.CharField(_("time zone"), max_length=64)
    rule = models.CharField(_("rule"), max_length=40)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"))
    calendar_version = models.CharField(max_length=64, blank=True)
    provisional = models.BooleanField(_("provisional"), default=False)
    pauses = models.JSONField(_("pauses"), default=list)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    pause_code = models.CharField(_("reason of the pause"), max_length=20, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(
        _("how it ended"), max_length=8, choices=EndedBy.choices, blank=True
    )

    class Meta:
        verbose_name = _("clock of a counter-notice")
        verbose_name_plural = _("clocks of counter-notices")
        constraints = [
            models.UniqueConstraint("counter_notice", "kind", name="hearing_clock_once"),
            models.CheckConstraint(
                condition=Q(due_at__gte=models.F("started_at")), name="hearing_clock_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(ended_at=None, paused_at=None),
                name="hearing_clock_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.counter_notice_id}"

    @property
    def organisation_id(self) -> int:
        """The tenant that complained."""
        return self.counter_notice.organisation_id
