"""How much harm a listing may do while a complaint waits. Plain Python; no look at the database.

Three parts, each explained on the page: the money at stake (price × sales), goods that can hurt
people (by Nice class), and a seller who was told before. The sum orders complaints that are due on
the same day; it decides nothing.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MONEY, SAFETY, REPEAT = 40, 30, 30
MOST = MONEY + SAFETY + REPEAT
# Money at stake (in euro) from which that part is full.
FULL_MONEY = 100_000
# Strike points from which that part is full.
FULL_POINTS = 12
# Nice classes whose counterfeits can injure: cosmetics, medicines, electrical goods, medical
# devices, lighting and heating, vehicles, firearms, toys, food and drink, tobacco.
SAFETY_CLASSES = frozenset({3, 5, 9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 33, 34})
# Where marketplaces say how often a listing was sold, the most telling first.
SALES_KEYS = ("sales", "sold", "sales_count", "monthly_sales", "orders", "销量", "月销量")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_TEN_THOUSAND = ("万", "w")


@dataclass(frozen=True, slots=True)
class Harm:
    """Points by part, and the figures behind them."""

    money: int
    safety: int
    repeat: int
    euro: str
    sales: int
    classes: tuple[int, ...]
    points: int

    @property
    def total(self) -> int:
        """Between 0 and ``MOST``."""
        return self.money + self.safety + self.repeat

    def to_dict(self) -> dict[str, Any]:
        """Return the parts as JSON values."""
        return {
            "money": self.money,
            "safety": self.safety,
            "repeat": self.repeat,
            "euro": self.euro,
            "sales": self.sales,
            "classes": list(self.classes),
            "points": self.points,
        }


def weigh(*, euro: Decimal | None, sales: int, classes: Iterable[int], strike_points: int) -> Harm:
    """Return the harm. ``euro`` is the price of one piece, ``None`` when it is not known."""
    at_stake = float(euro or 0) * max(1, sales)
    money = MONEY * math.log10(1 + at_stake) / math.log10(1 + FULL_MONEY)
    dangerous = tuple(sorted(SAFETY_CLASSES & set(classes)))
    repeat = REPEAT * min(1.0, strike_points / FULL_POINTS)
    return Harm(
        money=min(MONEY, round(money)),
        safety=SAFETY if dangerous else 0,
        repeat=round(repeat),
        euro=f"{at_stake:.2f}",
        sales=sales,
        classes=dangerous,
        points=strike_points,
    )


def sales_in(attributes: Mapping[str, Any]) -> int:
    """Return how often the listing says it was sold; 0 when it does not say.

    Understands figures such as ``1,200``, ``3000+`` and ``2.5万``.
    """
    known = {str(key).strip().casefold(): value for key, value in attributes.items()}
    for key in SALES_KEYS:
        if (number := _number(known.get(key))) > 0:
            return number
    return 0


def _number(value: object) -> int:
    text = str(value).strip().casefold() if value is not None else ""
    found = _NUMBER.search(text)
    if found is None:
        return 0
    number = float(found.group().replace(",", ""))
    if text[found.end() :].lstrip().startswith(_TEN_THOUSAND):
        number *= 10_000
    return int(min(number, 10**9))
