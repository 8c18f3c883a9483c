"""What a reviewer said about a link."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.models import ApiKey, Member
from portal.core.states import govern
from pushes.models.suspected_link import SuspectedLink
from pushes.states import VERDICT


class Verdict(models.Model):
    """A verdict: held for a few seconds so that undo is real, then final."""

    class Outcome(models.TextChoices):
        COUNTERFEIT = "counterfeit", _("Counterfeit")
        OTHER_INFRINGEMENT = "other_infringement", _("Other infringement")
        GENUINE = "genuine", _("Genuine")
        AUTHORISED = "authorised", _("Authorised seller")
        APPRAISAL = "appraisal", _("Cannot tell")

    class State(models.TextChoices):
        HELD = "held", _("Can be undone")
        FINAL = "final", _("Final")
        UNDONE = "undone", _("Undone")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link = models.ForeignKey(SuspectedLink, on_delete=models.PROTECT, related_name="verdicts")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    right = models.CharField(
        _("right infringed"), max_length=10, blank=True, help_text=_("For other infringements.")
    )
    reason = models.TextField(_("reason"), blank=True)
    authorises_seller = models.BooleanField(
        _("adds the seller to the authorised sellers"), default=False
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.HELD)
    given_at = models.DateTimeField(_("given"))
    held_until = models.DateTimeField(_("can be undone until"))
    final_at = models.DateTimeField(_("final"), null=True, blank=True)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [
            models.UniqueConstraint("link", condition=Q(state="held"), name="verdict_one_held"),
            models.CheckConstraint(
                condition=Q(member__isnull=False, api_key=None)
                | Q(member=None, api_key__isnull=False),
                name="verdict_one_author",
            ),
        ]
        indexes = [
            models.Index(
                fields=["held_until"], condition=Q(state="held"), name="verdict_to_settle"
            ),
        ]

    def __str__(self) -> str:
        return self.outcome

    @property
    def organisation_id(self) -> int:
        """The tenant whose link was judged."""
        return self.link.organisation_id


govern(Verdict, VERDICT)
