"""Good-faith accounts with a past."""

from datetime import UTC, date, datetime, timedelta

import factory

from complaints.credit_rules import Kind
from complaints.models import CreditAccount, CreditDay, CreditLine
from tests.factories.core import MORNING, OrganisationFactory


class CreditAccountFactory(factory.django.DjangoModelFactory[CreditAccount]):
    """An account of the standard tier for counterfeits."""

    class Meta:
        model = CreditAccount

    organisation = factory.SubFactory(OrganisationFactory)
    reason = "counterfeit"
    tier_since = MORNING
    created_at = MORNING


def give_past(
    account: CreditAccount, *, today: date, span: int = 60, **counts: int
) -> list[CreditLine]:
    """Write ``counts`` lines a kind over the last ``span`` days, in bulk: ledger and days."""
    lines = []
    days: dict[date, dict[str, int]] = {}
    for kind, number in counts.items():
        for each in range(number):
            day = today - timedelta(days=each % span)
            at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            key = f"past:{account.pk}:{kind}:{each}"
            lines.append(
                CreditLine(account=account, kind=Kind(kind).value, key=key, day=day, at=at)
            )
            of_day = days.setdefault(day, {})
            of_day[kind] = of_day.get(kind, 0) + 1
    CreditLine.objects.bulk_create(lines, batch_size=5000)
    CreditDay.objects.bulk_create(
        [CreditDay(account=account, day=day, **found) for day, found in days.items()]
    )
    return lines
