"""Steps against misuse, by a rights holder (through one agent or none) or by a seller."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.states import MISUSE_APPEAL, MISUSE_STEP
from portal.core.models import Member, Organisation
from portal.core.states import govern
from pushes.models import Seller


class MisuseStep(models.Model):
    """One step of the ladder, with the four factors of DSA art. 23(3) it rested on.

    ``organisation`` with ``agent`` (or none), or ``seller``: never both. ``decided_by`` is empty
    for a step taken by the published rule; a suspension is always confirmed by a person.
    """

    class Level(models.TextChoices):
        WARNING = "warning", _("Warning")
        REDUCED = "reduced", _("Reduced privileges")
        SUSPENDED = "suspended", _("Suspended")

    class Code(models.TextChoices):
        UNFOUNDED_NOTICES = "unfounded_notices", _("Unfounded complaints")
        FORGED_CREDENTIAL = "forged_credential", _("Forged credential")
        UNFOUNDED_ANSWERS = "unfounded_answers", _("Unfounded counter-notices")

    class Gravity(models.IntegerChoices):
        NOTHING_HAPPENED = 1, _("Nobody was harmed")
        HARMED = 2, _("Others were harmed")
        FORGED = 3, _("Forged evidence")

    class Intent(models.TextChoices):
        UNKNOWN = "unknown", _("Not known")
        CARELESS = "careless", _("Careless: went on after a warning")
        DELIBERATE = "deliberate", _("Deliberate")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        IN_FORCE = "in_force", _("In force")
        DISMISSED = "dismissed", _("Dismissed")
        ENDED = "ended", _("Ended")
        LIFTED = "lifted", _("Lifted on appeal")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="misuse_steps",
        null=True,
        blank=True,
    )
    agent = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="misuse_steps", null=True, blank=True
    )
    level = models.CharField(_("step"), max_length=10, choices=Level.choices)
    code = models.CharField(_("reason"), max_length=20, choices=Code.choices)
    number = models.PositiveIntegerField(_("absolute number"))
    total = models.PositiveIntegerField(_("of all"))
    gravity = models.PositiveSmallIntegerField(_("gravity"), choices=Gravity.choices)
    intent = models.CharField(_("intent"), max_length=10, choices=Intent.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PROPOSED
    )
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    note = models.TextField(_("reasons"), blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("step against misuse")
        verbose_name_plural = _("steps against misuse")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, seller=None)
                | Q(organisation=None, agent=None, seller__isnull=False),
                name="misuse_step_one_subject",
            ),
            models.CheckConstraint(
                condition=~Q(level="suspended", state="in_force") | Q(decided_by__isnull=False),
                name="misuse_suspension_by_a_person",
            ),
            models.UniqueConstraint(
                "organisation",
                "agent",
                "seller",
                condition=Q(state="proposed"),
                name="misuse_step_one_proposed",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id or self.seller_id}: {self.level}"

    @property
    def share(self) -> float:
        """The proportion: unfounded ones of all."""
        return self.number / self.total if self.total else 0.0


class MisuseAppeal(models.Model):
    """An appeal of a step; a person of the platform answers with reasons."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    step = models.OneToOneField(MisuseStep, on_delete=models.PROTECT, related_name="appeal")
    statement = models.TextField(_("what speaks against the step"))
    made_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField(_("made"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal of a step")
        verbose_name_plural = _("appeals of steps")

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def organisation_id(self) -> int | None:
        """The tenant that appeals, if one does."""
        return self.step.organisation_id


govern(MisuseStep, MISUSE_STEP)
govern(MisuseAppeal, MISUSE_APPEAL)
