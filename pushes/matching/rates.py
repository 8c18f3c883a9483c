"""Exchange rates: a dated, editable table. A missing rate makes a signal missing, never zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType


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
"""Rounded mid-2025 rates, good enough for a price band; an operator replaces them."""
