"""One simulated listing and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from demo.catalogue import Shop

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Draft:
    """What everybody can see of a listing; ``pictures`` are names without ``.png``."""

    title: str
    description: str
    brand: str
    category: str
    price: Decimal
    currency: str
    seller: Shop
    pictures: tuple[str, ...]
    attributes: dict[str, Any]
    ship_from: str
    external_id: str = ""


@dataclass(frozen=True)
class Truth:
    """What the listing really is: known to the demo alone, never posted.

    ``kind`` is ordinary, genuine, grey or copy; ``verdict`` what a careful reviewer would say
    (counterfeit, other_infringement, genuine, authorised), None where no brand is concerned.
    """

    kind: str
    brand_id: str | None
    product_model_id: str | None
    verdict: str | None
    techniques: tuple[str, ...]


@dataclass(frozen=True)
class Specimen:
    """A listing at its place in the stream."""

    position: int
    version: int
    draft: Draft
    truth: Truth


def money(amount: float | Decimal) -> Decimal:
    """``amount`` with two decimals, at least one cent."""
    return max(Decimal(str(amount)).quantize(_CENT), _CENT)
