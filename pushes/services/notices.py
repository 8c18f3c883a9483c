"""Mail to reviewers: new links as often as each of them chose.

Every new link is told to a member once: ``told_until`` moves by compare-and-set in the
transaction that asks for the mail, so two ticks at once, or one that is killed, tell it once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from portal.core import letters
from portal.core.models import MailPreference, Mandate, Member, Organisation
from portal.core.policies import MATRIX, Permission
from portal.core.services.notices import NEWS, zone_of_member
from pushes.models import SuspectedLink

PENDING: Final = SuspectedLink.State.PENDING
# "As they arrive" still means no more than one mail in this time.
INSTANT_EVERY: Final = timedelta(minutes=10)
# When the day of a reviewer begins for us, in their zone; weeks begin on Monday.
MORNING: Final = time(9)
# Transactions that push are shorter than this, so what is older than it is all there is.
SETTLED_AFTER: Final = timedelta(seconds=30)
Frequency = MailPreference.Frequency


@dataclass(frozen=True)
class Holding:
    """A rights holder whose links somebody may judge; ``brands`` limits it to some, if any."""

    organisation_id: int
    brands: frozenset[int] = frozenset()

    def links(self) -> Q:
        """The condition on its links."""
        own = Q(organisation=self.organisation_id)
        return own & Q(brand__in=self.brands) if self.brands else own


@dataclass(frozen=True)
class Row:
    """Links of one rights holder with one deadline: a line of a letter."""

    organisation: str
    count: int
    due: datetime
    zone: str


def send_news(*, now: datetime) -> int:
    """Mail every reviewer whose turn it is how many links are new to them; return how many."""
    members = [m for m in judging_members() if _is_due(m, now)]
    holdings = holdings_of(members, now=now)
    return sum(_tell_news(member, holdings[member.pk], now) for member in members)


def judging_members() -> QuerySet[Member]:
    """Active members whose role may judge links: of rights holders and of their agents."""
    roles = [
        role
        for role, granted in MATRIX[Organisation.Kind.RIGHTS_HOLDER].items()
        if Permission.JUDGE_LINKS in granted
    ]
    kinds = (Organisation.Kind.RIGHTS_HOLDER, Organisation.Kind.AGENT)
    return (
        Member.objects.select_related("user", "organisation", "mail_preference")
        .filter(active=True, user__is_active=True, role__in=roles, organisation__kind__in=kinds)
        .order_by("pk")
    )


def holdings_of(members: Iterable[Member], *, now: datetime) -> dict[int, list[Holding]]:
    """Member id → what they may judge: their own, and what mandates let. One query for all."""
    today = now.date()
    asked = list(members)
    mandates = Mandate.objects.filter(
        Q(acts=[]) | Q(acts__contains=[Mandate.Act.JUDGE]),
        agent__in={member.organisation_id for member in asked},
        valid_from__lte=today,
        valid_to__gte=today,
        revoked_at=None,
    ).values_list("agent_id", "rights_holder_id", "brand_keys")
    mandated: dict[int, list[Holding]] = {}
    for agent, holder, brands in mandates:
        mandated.setdefault(agent, []).append(Holding(holder, frozenset(brands)))
    return {
        member.pk: [Holding(member.organisation_id), *mandated.get(member.organisation_id, [])]
        for member in asked
    }


def frequency_of(member: Member) -> str:
    """How often the member is told of new links."""
    preference: MailPreference | None = getattr(member, "mail_preference", None)
    return Frequency.INSTANT if preference is None else preference.news


def last_turn(frequency: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the member's last turn to be told began; ``None`` for never.

    Days and weeks begin at 09:00 by the clock on the reviewer's wall, on either side of a change
    of clocks.
    """
    if frequency == Frequency.INSTANT:
        return now - INSTANT_EVERY
    if frequency not in {Frequency.DAILY, Frequency.WEEKLY}:
        return None
    local = now.astimezone(zone)
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    if frequency == Frequency.WEEKLY:
        day -= timedelta(days=day.weekday())
    return datetime.combine(day, MORNING, tzinfo=zone)


def inbox_url() -> str:
    """Where the links are reviewed."""
    return letters.absolute(reverse("pushes:links"))


def _is_due(member: Member, now: datetime) -> bool:
    turn = last_turn(frequency_of(member), zone_of_member(member), now)
    if turn is None:
        return False
    preference: MailPreference | None = getattr(member, "mail_preference", None)
    told_at = preference.told_at if preference is not None else None
    return told_at is None or told_at < turn


@transaction.atomic
def _tell_news(member: Member, holdings: Sequence[Holding], now: datetime) -> bool:
    """Tell one member what is new. Return whether a mail was asked for."""
    preference, _made = MailPreference.objects.get_or_create(member=member)
    until = now - SETTLED_AFTER
    fresh = SuspectedLink.objects.filter(any_of(holdings), state=PENDING, pushed_at__lte=until)
    if preference.told_until is not None:
        fresh = fresh.filter(pushed_at__gt=preference.told_until)
    groups = fresh.values("organisation__name").annotate(count=Count("pk"), due=Min("due_at"))
    rows = [
        Row(group["organisation__name"], group["count"], group["due"], zone_of_member(member).key)
        for group in groups.order_by("due", "organisation__name")
    ]
    if not rows and preference.news == Frequency.INSTANT:
        return False  # the next tick asks again; nothing to remember
    claimed = MailPreference.objects.filter(
        pk=preference.pk, told_until=preference.told_until, told_at=preference.told_at
    ).update(told_until=until, told_at=now)
    if not claimed or not rows:
        return False
    letters.send(
        key=f"news:{member.pk}:{until:%Y%m%dT%H%M%S%f}",
        member=member,
        name="pushes/mail/new_links",
        context={"rows": rows, "count": sum(row.count for row in rows), "url": inbox_url()},
        unsubscribe=NEWS,
        now=now,
    )
    return True


def any_of(holdings: Iterable[Holding]) -> Q:
    """The condition on links of any of them."""
    return reduce(or_, (holding.links() for holding in holdings), Q(pk__in=()))


def near_deadlines(
    holdings: Collection[Holding], *, now: datetime, within: timedelta
) -> dict[Holding, list[tuple[datetime, str, str, str, int]]]:
    """Open links by holding: ``(due_at, due_zone, country, name, count)``, nearest first.

    A link whose verdict can still be undone is judged already; one that explores has no term that
    counts.
    """
    links = (
        SuspectedLink.objects.filter(
            any_of(holdings),
            state=PENDING,
            explores=False,
            due_at__gte=now,
            due_at__lte=now + within,
        )
        .exclude(verdicts__state="held")
        .values_list("organisation_id", "brand_id", "due_at", "due_zone")
        .annotate(count=Count("pk"))
        .order_by("due_at")
    )
    known = Organisation.objects.in_bulk({link[0] for link in links})
    return {holding: _near(holding, links, known) for holding in holdings}


def _near(
    holding: Holding,
    links: Iterable[tuple[int, int, datetime, str, int]],
    known: Mapping[int, Organisation],
) -> list[tuple[datetime, str, str, str, int]]:
    """Add up what is due at the same moment, over the holding's brands."""
    counts: dict[tuple[datetime, str], int] = {}
    for holder, brand, due_at, zone, count in links:
        if holder == holding.organisation_id and (not holding.brands or brand in holding.brands):
            counts[due_at, zone] = counts.get((due_at, zone), 0) + count
    holder_is = known.get(holding.organisation_id)
    if holder_is is None:
        return []
    return [
        (due_at, zone, holder_is.country, holder_is.name, count)
        for (due_at, zone), count in counts.items()
    ]
