"""When a complaint is to be decided, and how urgent it is among those due on the same day."""

from datetime import datetime
from typing import Any

from django.conf import settings

from complaints import harm
from complaints.models import Complaint, CreditAccount
from complaints.services.facts import facts_of
from portal.core import journal
from portal.core.actors import SYSTEM
from portal.core.calendars import calendar_for
from portal.core.clock import Deadline, working_deadline
from portal.core.models import Organisation
from pushes.services import rates


def place(complaint: Complaint, account: CreditAccount, now: datetime) -> dict[str, Any]:
    """Return the columns that order the queue: deadline and harm.

    The term runs in working days of the platform's own calendar and zone, which has to act; trusted
    accounts are decided sooner.
    """
    days = (
        settings.DECISION_WORKING_DAYS
        if account.tier == CreditAccount.Tier.STANDARD
        else settings.DECISION_WORKING_DAYS_TRUSTED
    )
    country, zone = _where()
    deadline = _deadline(now, zone, country, days)
    found = harm_of(complaint)
    return {
        "due_at": deadline.due_at,
        "due_zone": deadline.zone,
        "due_rule": deadline.rule,
        "calendar_version": deadline.calendar_version,
        "harm": found.total,
        "harm_parts": found.to_dict(),
    }


def recompute(*, country: str, now: datetime) -> int:
    """Follow a corrected calendar: move the days to decide by; return how many moved."""
    own, _zone = _where()
    if country != own:
        return 0
    calendar, moved = calendar_for(country), 0
    rows = Complaint.objects.select_for_update(of=("self",), no_key=True).select_related(
        "link__listing"
    )
    waiting = rows.filter(
        state__in=[*Complaint.OPEN, Complaint.State.FROZEN], filed_at__isnull=False
    ).exclude(due_rule="")
    for row in waiting.exclude(calendar_version=calendar.version).order_by("pk"):
        _counted, days = row.due_rule.split(":")
        before = (row.due_at, row.calendar_version)
        deadline = working_deadline(row.filed_at or now, row.due_zone, calendar, int(days))
        row.due_at, row.calendar_version = deadline.due_at, deadline.calendar_version
        row.save(update_fields=["due_at", "calendar_version"])
        if row.due_at != before[0]:
            moved += 1
            _record_move(row, before, now)
    return moved


def _record_move(row: Complaint, before: tuple[datetime | None, str], now: datetime) -> None:
    old, version = before
    data = {
        **facts_of(row),
        "old_due_at": old.isoformat() if old else None,
        "new_due_at": row.due_at.isoformat() if row.due_at else None,
        "old_calendar": version,
        "new_calendar": row.calendar_version,
    }
    journal.record("complaint.deadline_moved", row, actor=SYSTEM, now=now, data=data)


def explained(complaint: Complaint) -> Deadline | None:
    """Return the platform's term with every day it counts; ``None`` while no term runs."""
    kind, _colon, days = complaint.due_rule.partition(":")
    if complaint.filed_at is None or kind != "working-days" or not days.isdigit():
        return None
    country, _zone = _where()
    return _deadline(complaint.filed_at, complaint.due_zone, country, int(days))


def _deadline(started: datetime, zone: str, country: str, days: int) -> Deadline:
    return working_deadline(started, zone, calendar_for(country), days)


def harm_of(complaint: Complaint) -> harm.Harm:
    """Weigh the harm of the listing complained about, as it was seen."""
    version = complaint.link.version
    euro = None
    if version.price is not None:
        euro = rates.current().convert(version.price, version.currency, "EUR")
    seller = version.seller
    return harm.weigh(
        euro=euro,
        sales=harm.sales_in(version.attributes),
        classes=complaint.registration.nice_classes,
        strike_points=seller.strike_points if seller else 0,
    )


def _where() -> tuple[str, str]:
    platform = Organisation.objects.filter(kind=Organisation.Kind.PLATFORM).order_by("pk").first()
    return (platform.country, platform.zone) if platform else ("CN", "Asia/Shanghai")
