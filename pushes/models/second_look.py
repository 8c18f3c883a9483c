"""A judged link shown blind to another reviewer, to learn how often reviewers are wrong."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.models import Member
from portal.core.states import govern
from pushes.models.suspected_link import SuspectedLink
from pushes.models.verdict import Verdict
from pushes.states import SECOND_LOOK


class SecondLook(models.Model):
    """One reviewer is asked about a link another one judged, and sees nothing of that verdict.

    ``outcome``, ``right`` and ``reason`` are the second answer; it changes nothing on the link.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waiting")
        HELD = "held", _("Can be undone")
        AGREED = "agreed", _("Agreed")
        DISAGREED = "disagreed", _("Disagreed")
        DROPPED = "dropped", _("Dropped")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="second_looks")
    first = models.OneToOneField(Verdict, on_delete=models.PROTECT, related_name="second_look")
    reviewer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(
        _("outcome"), max_length=20, choices=Verdict.Outcome.choices, blank=True
    )
    right = models.CharField(_("right infringed"), max_length=10, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    asked_at = models.DateTimeField(_("asked"))
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    held_until = models.DateTimeField(_("can be undone until"), null=True, blank=True)

    class Meta:
        verbose_name = _("second look")
        verbose_name_plural = _("second looks")
        constraints = [
            models.UniqueConstraint(
                "link",
                condition=Q(state__in=["open", "held"]),
                name="second_look_one_open_a_link",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reviewer", "link"],
                condition=Q(state__in=["open", "held"]),
                name="second_look_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} → {self.reviewer_id}"

    @property
    def organisation_id(self) -> int:
        """The tenant whose link it is."""
        return self.link.organisation_id


govern(SecondLook, SECOND_LOOK)
