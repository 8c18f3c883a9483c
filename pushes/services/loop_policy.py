"""How the loop turns: who promotes, and which share of the pushes explores."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, may
from pushes.models import LoopPolicy
from pushes.services.registry import SCOPE


@dataclass(frozen=True, kw_only=True)
class Choices:
    """How the loop turns. Targets are precisions that thresholds are re-estimated for."""

    promotes_alone: bool
    exploration: float
    push_target: float = 0.7
    hold_target: float = 0.9
    tightens_alone: bool = True


@transaction.atomic
def set_loop_policy(*, actor: Actor, choices: Choices, now: datetime) -> None:
    """Keep the choices; a share or target out of range is ``InvalidInput`` naming it."""
    may(actor, Permission.TUNE_RULES).require()
    _check(choices)
    policy, _created = LoopPolicy.objects.update_or_create(
        scope=SCOPE,
        defaults={**asdict(choices), "changed_by": actor.member, "changed_at": now},
    )
    journal.record("loop_policy.set", policy, actor=actor, now=now, data=asdict(choices))


def choices_in_force() -> Choices:
    """The choices in force, to change some of them."""
    policy = loop_policy()
    return Choices(**{one.name: getattr(policy, one.name) for one in fields(Choices)})


def _check(choices: Choices) -> None:
    # Written so that what is no number is out of range too.
    if not 0 <= choices.exploration <= LoopPolicy.MOST_EXPLORATION:
        raise InvalidInput.one("exploration", "range", _("Give a share from 0 to 20 percent."))
    for name, (least, most) in (
        ("push_target", LoopPolicy.PUSH_TARGETS),
        ("hold_target", LoopPolicy.HOLD_TARGETS),
    ):
        if not least <= getattr(choices, name) <= most:
            text = _("Give a precision from %(least)d to %(most)d percent.")
            limits = {"least": round(100 * least), "most": round(100 * most)}
            raise InvalidInput.one(name, "range", text % limits)


def loop_policy() -> LoopPolicy:
    """The choices in force; without a row the shipped ones."""
    return LoopPolicy.objects.filter(scope=SCOPE).first() or LoopPolicy(scope=SCOPE)
