"""The price below which nearly everything is a fake, mined from judged links.

The highest limit below which the infringing share is surely high (Wilson's 95 % interval) and
surely higher than above it: a brand whose fakes cost what the genuine goods cost has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from pushes.matching.learning.control import interval
from pushes.matching.learning.evidence import Vector

FEWEST_FAKES = 8
LEAST_SHARE = 0.8
"""Below the limit at least so many surely infringe."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``fakes`` and ``genuine`` cost less; ``low``: surely at least this share of them infringes.

    ``above``: the infringing share of what costs more.
    """

    limit: float
    fakes: int
    genuine: int
    low: float
    above: float


def telling_limit(prices: Vector, labels: Vector, limits: Iterable[float]) -> Limit | None:
    """The highest of the limits that tells fakes, close above them; None when none does.

    Prices that are no finite numbers above zero are left out.
    """
    usable = np.isfinite(prices) & (prices > 0)
    price, infringes = prices[usable], labels[usable] >= 0.5
    found: Limit | None = None
    for limit in sorted(set(limits), reverse=True):
        below = price < limit
        fakes, genuine = int((infringes & below).sum()), int((~infringes & below).sum())
        if found is not None:
            if (fakes, genuine) != (found.fakes, found.genuine):
                return found
            # Nothing was seen between the two: the lower one claims less.
            found = replace(found, limit=limit)
            continue
        if fakes < FEWEST_FAKES:
            return None
        low, _ = interval(fakes / (fakes + genuine), fakes + genuine)
        others = int((~below).sum())
        dear = int((infringes & ~below).sum())
        _, high = interval(dear / others, others) if others else (0.0, 1.0)
        if low >= LEAST_SHARE and high < low:
            found = Limit(limit, fakes, genuine, low, dear / others if others else 0.0)
    return found


def round_limits(prices: Vector) -> list[float]:
    """Prices a person would name, two digits long, each just above one that was seen."""
    usable = prices[np.isfinite(prices) & (prices > 0)]
    if not len(usable):
        return []
    size = 10.0 ** (np.floor(np.log10(usable)) - 1)
    above = (np.floor(usable / size + 1e-9) + 1) * size
    return sorted({float(f"{value:.10g}") for value in above})
