"""The good-faith ledger: one line a fact, and the tier that follows from the lines.

The ledger is fed from the journal (``credit_feed``), in the transaction that moves the journal's
cursor: a fact enters once, whoever made it happen and whatever died in between.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from complaints import credit_rules
from complaints.credit_rules import Assessment, Kind
from complaints.credit_selectors import (
    day_of,
    figures_of,
    rules_in_force,
    standing_of,
)
from complaints.misuse_selectors import cap_of
from complaints.models import Complaint, CreditAccount, CreditDay, CreditLine
from complaints.tier_rules import LADDER, Rules, Tier
from portal.core import journal, mail
from portal.core.actors import SYSTEM, Actor
from portal.core.models import Member, Role
from pushes.models import SuspectedLink


def agent_of(complaint: Complaint) -> int | None:
    """Return the organisation of the agent who filed, or ``None`` for the rights holder itself."""
    member = complaint.filed_by
    if member is None or member.organisation_id == complaint.organisation_id:
        return None
    return member.organisation_id


def account_for(
    *, organisation_id: int, agent_id: int | None, reason: str, now: datetime
) -> CreditAccount:
    """Return the account of that scope, opened when there is none yet."""
    account, __ = CreditAccount.objects.get_or_create(
        organisation_id=organisation_id,
        agent_id=agent_id,
        reason=reason,
        defaults={"created_at": now, "tier_since": now},
    )
    return account


def account_of(complaint: Complaint, now: datetime) -> CreditAccount:
    """Return the account a complaint counts on."""
    return account_for(
        organisation_id=complaint.organisation_id,
        agent_id=agent_of(complaint),
        reason=complaint.reason,
        now=now,
    )


@transaction.atomic
def add(
    *,
    account: CreditAccount,
    kind: Kind,
    key: str,
    day: date,
    now: datetime,
    complaint: Complaint | None = None,
    link: SuspectedLink | None = None,
) -> bool:
    """Write one line and count it; return whether it is new: the same key counts once.

    ``day`` is the UTC day on which the case was decided.
    """
    line = CreditLine(
        account=account,
        kind=kind.value,
        key=key,
        complaint=complaint,
        link=link,
        day=day,
        at=now,
    )
    try:
        with transaction.atomic():
            line.save(force_insert=True)
    except IntegrityError:
        if CreditLine.objects.filter(key=key).exists():
            return False
        raise
    _count(account, kind, day)
    return True


def _count(account: CreditAccount, kind: Kind, day: date) -> None:
    changed = {kind.value: F(kind.value) + 1}
    if not CreditDay.objects.filter(account=account, day=day).update(**changed):
        CreditDay.objects.create(account=account, day=day, **{kind.value: 1})


@transaction.atomic
def assess(*, account: CreditAccount, now: datetime, actor: Actor = SYSTEM) -> Assessment:
    """Apply the rules in force to the account as it is now; raise or lower its tier."""
    locked = CreditAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    rules = rules_in_force()
    # An entry of the journal can be shown late; the windows never move back.
    today = max(day_of(now), locked.assessed_on or date.min)
    standing = standing_of(locked, cap_of(locked, now))
    found = credit_rules.assess(standing, figures_of(locked, today, rules), rules, today)
    before = Tier(locked.tier)
    standing_as = (locked.assessed_on, locked.locked_until)
    locked.assessed_on, locked.locked_until = today, found.locked_until
    if found.tier is not before:
        _change_tier(locked, before, found.tier, now)
        _announce(locked, before, found, actor, now)
    if found.tier is not before or standing_as != (today, found.locked_until):
        locked.save()
    for name in ("tier", "tier_since", "locked_until", "assessed_on", "held_until"):
        setattr(account, name, getattr(locked, name))
    return found


@transaction.atomic
def grant(
    *, account: CreditAccount, tier: Tier, held_until: date, actor: Actor, now: datetime
) -> None:
    """Give an account a tier by a person's decision; its figures cannot take it before a day."""
    locked = CreditAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    before = Tier(locked.tier)
    _change_tier(locked, before, tier, now)
    locked.locked_until, locked.held_until = None, held_until
    locked.save()
    _announce(locked, before, Assessment(tier, None, (), "appeal"), actor, now)
    account.tier, account.tier_since = locked.tier, locked.tier_since
    account.locked_until, account.held_until = None, held_until


def _change_tier(account: CreditAccount, before: Tier, after: Tier, now: datetime) -> None:
    account.tier, account.tier_since = after.value, now
    if after is Tier.SELF_SERVICE:
        # Whoever enters again is reviewed from the first decision on again.
        account.self_service_count = 0
    if LADDER.index(after) < LADDER.index(before):
        account.held_until = None


def _announce(
    account: CreditAccount, before: Tier, found: Assessment, actor: Actor, now: datetime
) -> None:
    is_raised = LADDER.index(found.tier) > LADDER.index(before)
    entry = journal.record(
        "credit.tier_raised" if is_raised else "credit.tier_lowered",
        account,
        actor=actor,
        now=now,
        data={
            "before": before.value,
            "after": found.tier.value,
            "cause": found.cause,
            "checks": [_check_data(check) for check in found.decided_by],
            "agent_id": account.agent_id,
            "reason": account.reason,
        },
    )
    tell_owners(
        account,
        key=f"credit-tier:{entry.uuid}",
        subject=gettext_noop("Your good-faith account is now: %(tier)s"),
        text=gettext_noop(
            "The tier of your good-faith account (%(reason)s) changed to %(tier)s. The page shows "
            "every case behind it, and how to appeal:"
        ),
        now=now,
    )


def _check_data(check: credit_rules.Check) -> Mapping[str, Any]:
    return {
        "code": check.code,
        "figure": round(check.figure, 6),
        "limit": check.limit,
        "sample": check.sample,
        "met": check.met,
    }


def tell_owners(
    account: CreditAccount, *, key: str, subject: str, text: str, now: datetime
) -> None:
    """Mail the owners of the rights holder, and of the agent whose account it is."""
    owners = Member.objects.select_related("user").filter(
        organisation__in=[account.organisation_id, account.agent_id],
        role__in=[Role.OWNER, Role.ADMIN],
        active=True,
    )
    for member in owners.order_by("pk"):
        with translation.override(member.user.language):
            words = {
                "tier": CreditAccount.Tier(account.tier).label,
                "reason": account.get_reason_display() or _("all reason codes"),
            }
            page = settings.PUBLIC_URL.rstrip("/") + account.get_absolute_url()
            mail.send(
                key=f"{key}:{member.pk}",
                to=[member.user.email],
                subject=_(subject) % words,
                text=f"{_(text) % words}\n\n{page}",
                now=now,
            )


def reassess_due(*, now: datetime, limit: int = 500) -> int:
    """Assess accounts not looked at today, each in its own transaction; return how many.

    Cases leave the windows and lock-outs end without anybody doing anything.
    """
    due = CreditAccount.objects.exclude(assessed_on__gte=day_of(now)).order_by("assessed_on", "pk")
    accounts = list(due[:limit])
    for account in accounts:
        assess(account=account, now=now)
    return len(accounts)


def recount(account: CreditAccount) -> dict[date, dict[str, int]]:
    """Return the account's days as counted afresh from the ledger."""
    days: dict[date, dict[str, int]] = {}
    lines = CreditLine.objects.filter(account=account).values_list("day", "kind")
    for day, kind in lines.iterator(chunk_size=10_000):
        counts = days.setdefault(day, dict.fromkeys(credit_rules.COUNTERS, 0))
        counts[kind] += 1
    return days


def counted(account: CreditAccount) -> dict[date, dict[str, int]]:
    """Return the account's days as counted while the lines were written."""
    rows = CreditDay.objects.filter(account=account).values("day", *credit_rules.COUNTERS)
    return {row.pop("day"): row for row in rows}


@transaction.atomic
def restore_days(*, account: CreditAccount, now: datetime) -> None:
    """Write the days anew from the ledger, after something else than this service touched them."""
    CreditAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    CreditDay.objects.filter(account=account).delete()
    CreditDay.objects.bulk_create(
        [CreditDay(account=account, day=day, **counts) for day, counts in recount(account).items()]
    )
    journal.record("credit.recounted", account, actor=SYSTEM, now=now)


def spotless_until(account: CreditAccount, tier: Tier, now: datetime, rules: Rules) -> int | None:
    """Return how many further established cases reach the tier, or ``None`` when none do."""
    return credit_rules.cases_until(tier, figures_of(account, day_of(now), rules), rules)
