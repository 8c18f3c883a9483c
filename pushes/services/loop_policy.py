"""How the loop turns: who promotes, and which share of the pushes explores."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, may
from pushes.models import LoopPolicy
from pushes.services.registry import SCOPE


@transaction.atomic
def set_loop_policy(
    *, actor: Actor, promotes_alone: bool, exploration: float, now: datetime
) -> None:
    """Who promotes, and which share of the pushes explores (0 to 0.2)."""
    may(actor, Permission.TUNE_RULES).require()
    if not 0 <= exploration <= LoopPolicy.MOST_EXPLORATION:
        raise InvalidInput.one("exploration", "range", _("Give a share from 0 to 20 percent."))
    policy, _created = LoopPolicy.objects.update_or_create(
        scope=SCOPE,
        defaults={
            "promotes_alone": promotes_alone,
            "exploration": exploration,
            "changed_by": actor.member,
            "changed_at": now,
        },
    )
    data = {"promotes_alone": promotes_alone, "exploration": exploration}
    journal.record("loop_policy.set", policy, actor=actor, now=now, data=data)


def loop_policy() -> LoopPolicy:
    """The choices in force; without a row the shipped ones."""
    return LoopPolicy.objects.filter(scope=SCOPE).first() or LoopPolicy(scope=SCOPE)
