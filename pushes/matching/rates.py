"""Exchange rates: a dated, editable table. A missing rate makes a signal missing, never zero."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from pushes.matching.errors import RatesError


@dataclass(frozen=True)
class Rates:
    """``per_base[currency]`` units of that currency buy one unit of ``base`` on ``date``."""

    base: str = "USD"
    date: dt.date | None = None
    per_base: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))

    def convert(self, amount: Decimal, source: str, target: str) -> Decimal | None:
        """``amount`` in ``source`` expressed in ``target``; None when a rate is missing."""
        if source == target:
            return amount
        from_rate, to_rate = self._rate(source), self._rate(target)
        if from_rate is None or to_rate is None:
            return None
        return amount / from_rate * to_rate

    def knows(self, currency: str) -> bool:
        """Whether amounts in this currency can be compared with others."""
        return self._rate(currency) is not None

    @classmethod
    def from_json(cls, text: str) -> Rates:
        """Read ``{"base": "USD", "date": "2026-11-26", "per_base": {"EUR": "0.8612"}}``.

        Raises ``RatesError`` saying what is wrong; rates may be numbers or texts.
        """
        try:
            document = json.loads(text, parse_float=str, parse_int=str)
            per_base = {str(c).upper(): Decimal(r) for c, r in document["per_base"].items()}
            base, date = str(document["base"]).upper(), dt.date.fromisoformat(document["date"])
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
            hint = '{"base": "USD", "date": "2026-11-26", "per_base": {"EUR": "0.8612"}}'
            raise RatesError(f"not a table of rates: {error!r}; write {hint}") from None
        for currency, rate in per_base.items():
            if not rate.is_finite() or rate <= 0:
                raise RatesError(f"per_base.{currency}: {rate} is not above 0")
        return cls(base, date, MappingProxyType(per_base))

    def _rate(self, currency: str) -> Decimal | None:
        if currency == self.base:
            return Decimal(1)
        rate = self.per_base.get(currency)
        return rate if rate is not None and rate > 0 else None


SHIPPED_RATES = Rates(
    base="USD",
    date=dt.date(2025, 6, 30),
    per_base=MappingProxyType(
        {
            "EUR": Decimal("0.853"),
            "GBP": Decimal("0.729"),
            "CNY": Decimal("7.164"),
            "HKD": Decimal("7.850"),
            "TWD": Decimal("29.2"),
            "JPY": Decimal("144.0"),
            "KRW": Decimal("1353"),
            "IDR": Decimal("16235"),
            "VND": Decimal("26120"),
            "THB": Decimal("32.5"),
            "MYR": Decimal("4.21"),
            "PHP": Decimal("56.3"),
            "SGD": Decimal("1.274"),
            "INR": Decimal("85.7"),
            "AUD": Decimal("1.523"),
            "CAD": Decimal("1.364"),
            "CHF": Decimal("0.794"),
            "BRL": Decimal("5.43"),
            "MXN": Decimal("18.75"),
            "PLN": Decimal("3.62"),
            "TRY": Decimal("39.8"),
        }
    ),
)
"""Rounded by hand to the level of mid-2025, from no official source: good enough to tell a tenth of
a price from the price, and for nothing else. An operator gives a table of his own (the portal's
dated table, or ``scan --rates``)."""
