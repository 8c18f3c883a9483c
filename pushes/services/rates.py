"""Exchange rates: the shipped table, and the one the engine converts with."""

import csv
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, may
from pushes.matching import Rates
from pushes.models import ExchangeRate

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "exchange_rates.csv"


def seed() -> int:
    """Load the shipped table into an empty one; return how many rates were added.

    Rates an operator entered are never touched.
    """
    if ExchangeRate.objects.exists():
        return 0
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rates = [
            ExchangeRate(
                currency=row["currency"],
                day=date.fromisoformat(row["day"]),
                per_euro=Decimal(row["per_euro"]),
                source=row["source"],
            )
            for row in csv.DictReader(file)
        ]
    ExchangeRate.objects.bulk_create(rates, ignore_conflicts=True)
    return len(rates)


def current() -> Rates:
    """The newest rate of every currency. A currency without one stays unknown, never zero."""
    newest = ExchangeRate.objects.order_by("currency", "-day").distinct("currency")
    rates = {rate.currency: rate for rate in newest}
    day = max((rate.day for rate in rates.values()), default=None)
    return Rates(
        base="EUR", date=day, per_base={name: rate.per_euro for name, rate in rates.items()}
    )


@transaction.atomic
def set_rate(
    *, currency: str, day: date, per_euro: Decimal | str, source: str, actor: Actor, now: datetime
) -> ExchangeRate:
    """State what one euro buys on a day. Stating the same day again replaces its figure.

    Every process converts with it once the journal's reader has made it a registry revision.
    Raises ``InvalidInput`` naming ``currency``, ``per_euro`` or ``source``.
    """
    may(actor, Permission.MANAGE_PLATFORM).require()
    amount = _checked(currency, per_euro, source)
    rate, _created = ExchangeRate.objects.update_or_create(
        currency=currency, day=day, defaults={"per_euro": amount, "source": source.strip()}
    )
    data = {"currency": currency, "day": str(day), "per_euro": str(amount)}
    journal.record("exchange_rate.set", rate, actor=actor, now=now, data=data)
    return rate


def _checked(currency: str, per_euro: Decimal | str, source: str) -> Decimal:
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise InvalidInput.one("currency", "currency", _("Give an ISO 4217 code such as CNY."))
    if not source.strip():
        raise InvalidInput.one("source", "required", _("Say where the rate comes from."))
    try:
        amount = Decimal(per_euro)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0:
        raise InvalidInput.one("per_euro", "not_positive", _("Give a number above zero."))
    return amount
