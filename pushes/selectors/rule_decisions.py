"""Who put which rules in force, aside or back, as the journal has it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.core.models import JournalEntry, Member
from pushes.models import Ruleset

VERBS: Final = ("ruleset.champion", "ruleset.rolled_back", "ruleset.shadow")
SHOWN: Final = 20


@dataclass(frozen=True)
class RuleDecision:
    """``by`` is empty where the loop did it by itself; ``step``: share of the way, if promoted.

    ``is_return``: rules that were in force before came back by a rollback.
    """

    at: datetime
    verb: str
    ruleset: Ruleset | None
    by: str
    reason: str
    step: float | None
    is_return: bool


def rule_decisions(limit: int = SHOWN) -> list[RuleDecision]:
    """The newest decisions first. Three queries."""
    entries = list(JournalEntry.objects.filter(verb__in=VERBS).order_by("-id")[:limit])
    rulesets = Ruleset.objects.only("uuid", "content_hash").in_bulk(
        [entry.subject_id for entry in entries]
    )
    members = Member.objects.select_related("user").in_bulk(
        [entry.actor_id for entry in entries if entry.actor_kind == "member" and entry.actor_id]
    )
    return [
        RuleDecision(
            at=entry.at,
            verb=entry.verb,
            ruleset=rulesets.get(entry.subject_id),
            by=_name(members.get(entry.actor_id)) if entry.actor_kind == "member" else "",
            reason=entry.data.get("reason", ""),
            step=entry.data.get("step"),
            is_return=bool(entry.data.get("rollback")),
        )
        for entry in entries
    ]


def in_force_since(champion: Ruleset) -> datetime | None:
    """When the rules in force became so the last time: by promotion, or by a return to them."""
    entered = JournalEntry.objects.filter(
        verb="ruleset.champion", subject_type=Ruleset._meta.label_lower, subject_id=champion.pk
    )
    newest = entered.order_by("-id").values_list("at", flat=True).first()
    return newest or champion.promoted_at


def _name(member: Member | None) -> str:
    return member.user.name if member else ""
