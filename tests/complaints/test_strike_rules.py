"""Points by gravity, decay, thresholds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.strike_rules import (
    EXPIRY,
    HALF_LIFE,
    Consequence,
    Given,
    active_points,
    called_for,
    points_for,
    weight,
)

NOW = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "dangerous", "points"),
    [
        ("counterfeit", True, 6),
        ("counterfeit", False, 3),
        ("patent", True, 1),
        ("trademark", False, 1),
    ],
)
def test_points_follow_gravity(reason, dangerous, points):
    assert points_for(reason, is_dangerous=dangerous) == points


def test_a_strike_halves_and_expires_and_a_reversed_one_never_counted():
    assert weight(Given(6, NOW), NOW) == 6
    assert weight(Given(6, NOW - HALF_LIFE), NOW) == pytest.approx(3)
    assert weight(Given(6, NOW - EXPIRY), NOW) == 0
    assert weight(Given(6, NOW, reversed=True), NOW) == 0
    assert weight(Given(6, NOW + timedelta(hours=1)), NOW) == 6, "clocks differ; it is no more"


@given(st.lists(st.integers(0, 800), max_size=20), st.integers(0, 400))
def test_time_alone_never_adds_points(ages, later):
    strikes = [Given(3, NOW - timedelta(days=age)) for age in ages]
    assert active_points(strikes, NOW + timedelta(days=later)) <= active_points(strikes, NOW)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (0.0, None),
        (0.99, None),
        (1.0, Consequence.LISTING_REMOVED),
        (5.99, Consequence.LISTING_REMOVED),
        (6.0, Consequence.CATEGORY_RESTRICTED),
        (12.0, Consequence.SHOP_SUSPENDED),
        (99.0, Consequence.SHOP_SUSPENDED),
    ],
)
def test_thresholds(points, expected):
    assert called_for(points) == expected
