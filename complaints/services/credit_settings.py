"""The published rules of good-faith accounts: changed by the operator, with a reason on record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import tier_rules
from complaints.credit_selectors import rules_in_force
from complaints.models import CreditRules
from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.policies import Permission, may

LONGEST_REASON = 2000


@transaction.atomic
def change(*, actor: Actor, content: Mapping[str, Any], reason: str, now: datetime) -> CreditRules:
    """Put new rules in force; ``content`` as ``Rules.to_dict``, figures left out keep defaults.

    Accounts follow when they are next assessed, at the latest on the next day. Raises
    ``InvalidInput`` naming the figure that cannot be.
    """
    may(actor, Permission.MANAGE_PLATFORM).require()
    if actor.member is None:
        raise NotAllowed("not_platform", _("Only people of the platform change the rules."))
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InvalidInput.one(
            "reason", "required", _("Say in up to 2,000 characters why the rules change.")
        )
    try:
        rules = tier_rules.rules_from(content)
    except tier_rules.RulesError as error:
        raise InvalidInput.one(error.field, "impossible", str(error)) from error
    except (TypeError, ValueError) as error:
        raise InvalidInput.one("content", "impossible", _("These are no rules.")) from error
    before = rules_in_force().to_dict()
    row = CreditRules.objects.create(
        content=rules.to_dict(), reason=reason.strip(), made_by=actor.member, at=now
    )
    journal.record(
        "credit.rules_changed",
        row,
        actor=actor,
        now=now,
        data={"before": before, "after": rules.to_dict()},
    )
    return row
