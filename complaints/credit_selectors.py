"""What can be read of good-faith accounts, and by whom."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from complaints import credit_rules, tier_rules
from complaints.credit_rules import COUNTERS, Figures, Standing, Tally, Windows
from complaints.models import (
    CreditAccount,
    CreditDay,
    CreditLine,
    CreditRules,
    TierAppeal,
)
from complaints.tier_rules import Rules, Tier
from portal.core.actors import Actor
from portal.core.models import JournalEntry
from portal.core.policies import Permission
from portal.core.scope import narrow


def rules_in_force() -> Rules:
    """Return the published rules: the operator's newest, or the defaults."""
    newest = CreditRules.objects.order_by("-pk").first()
    return tier_rules.rules_from(newest.content) if newest else Rules()


def day_of(now: datetime) -> date:
    """Return the UTC day on which something counts."""
    return now.astimezone(UTC).date()


def accounts_visible_to(actor: Actor | None) -> QuerySet[CreditAccount]:
    """Return accounts: a rights holder's own, an agent's those it made there, the platform all."""
    rows = narrow(
        CreditAccount.objects.select_related("organisation", "agent"),
        actor,
        Permission.VIEW_COMPLAINTS,
        "organisation_id",
        brand=None,
    )
    if actor is not None and actor.acts_for_other and actor.member is not None:
        # What another agent did for the same client is not this one's to read.
        return rows.filter(agent=actor.member.organisation_id)
    return rows


def family_of(account: CreditAccount) -> Q:
    """Return the condition on accounts of the same rights holder and agent."""
    return Q(organisation=account.organisation_id, agent=account.agent_id)


# Both windows of each account of a family. Written out because every case asks it: making the same
# statement out of sixteen sums took Django as long as everything else an assessment does.
_SUMS: Final = ", ".join(f"coalesce(sum({name}), 0)" for name in COUNTERS)
_RECENT: Final = ", ".join(
    f"coalesce(sum({name}) FILTER (WHERE day.day >= %(short)s), 0)" for name in COUNTERS
)
_WINDOWS: Final = f"""
    SELECT account.id, {_SUMS}, {_RECENT}
    FROM {CreditAccount._meta.db_table} AS account
    JOIN {CreditDay._meta.db_table} AS day ON day.account_id = account.id
    WHERE account.organisation_id = %(organisation)s
      AND account.agent_id IS NOT DISTINCT FROM %(agent)s
      AND day.day BETWEEN %(long)s AND %(today)s
    GROUP BY account.id
"""  # noqa: S608  # names of ours


def windows_of_family(account: CreditAccount, today: date, rules: Rules) -> dict[int, Windows]:
    """Return the counts of both windows for each account of the family that has any."""
    values = {
        "organisation": account.organisation_id,
        "agent": account.agent_id,
        "today": today,
        "long": credit_rules.window_start(today, rules.window_long),
        "short": credit_rules.window_start(today, rules.window_short),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WINDOWS, values)
        rows = cursor.fetchall()
    middle = 1 + len(COUNTERS)
    return {row[0]: Windows(Tally(*row[1:middle]), Tally(*row[middle:])) for row in rows}


def figures_of(account: CreditAccount, today: date, rules: Rules) -> Figures:
    """Return what the account is judged on."""
    found = windows_of_family(account, today, rules)
    pool = Windows()
    for each in found.values():
        pool = Windows(pool.long + each.long, pool.short + each.short)
    own = found.get(account.pk, Windows())
    return credit_rules.figures(own, pool, rules, is_pool=account.reason == "")


def standing_of(account: CreditAccount, cap: Tier = Tier.SELF_SERVICE) -> Standing:
    """Return where the account stands, as the rules want to know it."""
    return Standing(
        tier=Tier(account.tier),
        locked_until=account.locked_until,
        held_until=account.held_until,
        cap=cap,
    )


def cases_of(account: CreditAccount, today: date, rules: Rules) -> QuerySet[CreditLine]:
    """Return every line that contributes to the account's figures, the newest first."""
    start = credit_rules.window_start(today, rules.window_long)
    figures = figures_of(account, today, rules)
    rows = CreditLine.objects.filter(day__gte=start, day__lte=today)
    if figures.pooled or account.reason == "":
        rows = rows.filter(
            account__organisation=account.organisation_id, account__agent=account.agent_id
        )
    else:
        # The verdicts' timeliness is in the account of all reason codes.
        conduct = Q(
            account__organisation=account.organisation_id,
            account__agent=account.agent_id,
            kind__in=[CreditLine.Kind.IN_TIME, CreditLine.Kind.LATE],
        )
        rows = rows.filter(Q(account=account) | conduct)
    return rows.select_related(
        "account", "complaint__link__version", "complaint__link__brand", "link__version"
    ).order_by("-day", "-pk")


@dataclass(frozen=True)
class TierChange:
    """One rise or fall of a tier, from the journal."""

    at: datetime
    before: str
    after: str
    cause: str


def changes_of(account: CreditAccount) -> list[TierChange]:
    """Return the history of an account's tier, the newest first."""
    entries = JournalEntry.objects.filter(
        subject_type=CreditAccount._meta.label_lower,
        subject_id=account.pk,
        verb__in=["credit.tier_raised", "credit.tier_lowered"],
    ).order_by("-id")
    labels = dict(CreditAccount.Tier.choices)
    return [
        TierChange(
            entry.at,
            str(labels[entry.data["before"]]),
            str(labels[entry.data["after"]]),
            entry.data["cause"],
        )
        for entry in entries
    ]


def appeals_visible_to(actor: Actor | None) -> QuerySet[TierAppeal]:
    """Return appeals about the accounts the actor sees."""
    return (
        TierAppeal.objects.filter(account__in=accounts_visible_to(actor))
        .select_related("account__organisation", "account__agent", "made_by__user")
        .order_by("pk")
    )
