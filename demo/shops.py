"""Who sells on the simulated marketplace: ordinary shops, resellers, copy shops and three rings."""

from __future__ import annotations

from dataclasses import dataclass

from demo import wording
from demo.catalogue import Shop, make_shop

ORDINARY, RESELLERS, LONERS, RINGS, RING_SIZE = 80, 12, 24, 3, 4


@dataclass(frozen=True)
class Ring:
    """Shops that are one seller: they share an identity, a description and their own photos."""

    number: int
    shops: tuple[Shop, ...]
    english: str
    chinese: str


def _ordinary_name(number: int) -> str:
    chinese = number % 3 == 0
    places: tuple[str, ...] = wording.CHINESE_SHOP_PLACES if chinese else wording.SHOP_PLACES
    trades: tuple[str, ...] = wording.CHINESE_SHOP_TRADES if chinese else wording.SHOP_TRADES
    place = places[number % len(places)]
    trade = trades[number // len(places) % len(trades)]
    return f"{place}{trade}{number}" if chinese else f"{place} {trade} {number}"


def ordinary_shops() -> tuple[Shop, ...]:
    """Shops that sell wares of no registered brand."""
    ids = ((number, f"hm-shop-{number:03d}") for number in range(ORDINARY))
    return tuple(make_shop(key, _ordinary_name(number), key) for number, key in ids)


def resellers() -> tuple[Shop, ...]:
    """Shops with second-hand goods, parallel imports and compatible parts."""
    ids = ((number, f"hm-resale-{number:02d}") for number in range(RESELLERS))
    return tuple(make_shop(key, f"Second Tide Resale {number}", key) for number, key in ids)


def loners() -> tuple[Shop, ...]:
    """Copy shops that share nothing with anybody."""
    ids = ((number, f"hm-copy-{number:02d}") for number in range(LONERS))
    return tuple(make_shop(key, _copy_name(number), key) for number, key in ids)


def _copy_name(number: int) -> str:
    names = wording.COPY_SHOPS
    return names[number % len(names)].format(number)


def rings() -> tuple[Ring, ...]:
    """Three rings of four shops each."""
    return tuple(_ring(number) for number in range(1, RINGS + 1))


def _ring(number: int) -> Ring:
    shops = tuple(
        make_shop(f"hm-ring-{number}-{place}", _copy_name(number * 7 + place), f"ring {number}")
        for place in range(1, RING_SIZE + 1)
    )
    return Ring(
        number=number,
        shops=shops,
        english=wording.COPY_DESCRIPTIONS_ENGLISH[number - 1],
        chinese=wording.COPY_DESCRIPTIONS_CHINESE[number - 1],
    )
