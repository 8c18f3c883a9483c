"""Harm orders the queue, and every point of it has a figure behind it."""

from decimal import Decimal

import pytest

from complaints.harm import MOST, sales_in, weigh


@pytest.mark.parametrize(
    ("attributes", "sales"),
    [
        ({"sales": 120}, 120),
        ({"Sales": "1,200+"}, 1200),
        ({"月销量": "2.5万"}, 25_000),
        ({"sold": "3000+ sold"}, 3000),
        ({"sales": "none", "orders": "7"}, 7),
        ({"colour": "red 7"}, 0),
        ({"sales": None}, 0),
        ({"sales": "9" * 40}, 10**9),
    ],
)
def test_sales_are_read_as_marketplaces_write_them(attributes, sales):
    assert sales_in(attributes) == sales


def test_money_safety_and_the_seller_each_have_their_part():
    nothing = weigh(euro=None, sales=0, classes=[25], strike_points=0)
    assert nothing.total == 0
    full = weigh(euro=Decimal(100), sales=10_000, classes=[25, 5], strike_points=40)
    assert (full.money, full.safety, full.repeat, full.total) == (40, 30, 30, MOST)
    assert full.classes == (5,)


def test_more_money_never_weighs_less():
    found = [
        weigh(euro=Decimal(price), sales=5, classes=[], strike_points=0).money
        for price in (0, 1, 10, 100, 1_000, 100_000, 10**9)
    ]
    assert found == sorted(found)
    assert found[-1] == 40
