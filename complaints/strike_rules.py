"""Strikes: points by gravity, their decay, and what a sum of points calls for. Plain Python.

A strike loses half its weight every 180 days and expires after two years; one that is reversed
never counted. What remains decides which consequence is *proposed*; a person decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HALF_LIFE = timedelta(days=180)
EXPIRY = timedelta(days=730)
# Points by gravity.
LIGHT, COUNTERFEIT, DANGEROUS = 1, 3, 6


class Consequence(StrEnum):
    """What repeat infringement leads to, from the mildest on."""

    LISTING_REMOVED = "listing_removed"
    CATEGORY_RESTRICTED = "category_restricted"
    SHOP_SUSPENDED = "shop_suspended"


# Active points from which a consequence is proposed. The listing of each established complaint is
# removed anyway, so the first threshold is one strike.
THRESHOLDS = {
    Consequence.LISTING_REMOVED: 1.0,
    Consequence.CATEGORY_RESTRICTED: 6.0,
    Consequence.SHOP_SUSPENDED: 12.0,
}
# How long a consequence lasts.
TERMS = {
    Consequence.CATEGORY_RESTRICTED: timedelta(days=90),
    Consequence.SHOP_SUSPENDED: timedelta(days=180),
}


@dataclass(frozen=True, slots=True)
class Given:
    """One strike as far as its weight goes."""

    points: int
    at: datetime
    reversed: bool = False


def points_for(reason: str, *, is_dangerous: bool = False) -> int:
    """Return the points of an established complaint: counterfeits weigh more than anything else,
    and most when the goods can injure.
    """
    if reason != "counterfeit":
        return LIGHT
    return DANGEROUS if is_dangerous else COUNTERFEIT


def weight(strike: Given, now: datetime) -> float:
    """Return what is left of a strike."""
    age = now - strike.at
    if strike.reversed or age >= EXPIRY:
        return 0.0
    return float(strike.points * 0.5 ** (max(age, timedelta(0)) / HALF_LIFE))


def active_points(strikes: Iterable[Given], now: datetime) -> float:
    """Return what is left of all strikes."""
    return sum(weight(strike, now) for strike in strikes)


def called_for(points: float) -> Consequence | None:
    """Return the gravest consequence so many active points call for."""
    reached = [each for each in Consequence if points >= THRESHOLDS[each]]
    return reached[-1] if reached else None
