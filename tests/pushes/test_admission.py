"""Characteristics are tried on recent listings before they may count."""

from datetime import datetime

import pytest

from brands.models import Brand, Characteristic
from pushes.services.admission import admit_pending
from tests.factories import CharacteristicFactory, ListingVersionFactory

pytestmark = pytest.mark.django_db


def declare(brand: Brand, value: str, kind: str = "keyword") -> Characteristic:
    made: Characteristic = CharacteristicFactory(
        brand=brand, value=value, kind=kind, state=Characteristic.State.CHECKING
    )
    return made


def checked(mark: Characteristic, now: datetime) -> Characteristic:
    admit_pending(now=now)
    mark.refresh_from_db()
    return mark


def test_a_rare_mark_goes_live(brand: Brand, now: datetime) -> None:
    for number in range(60):
        ListingVersionFactory(title=f"Velmora shoe {number}")
    mark = checked(declare(brand, "grade a copy"), now)
    assert (mark.state, mark.refusal) == ("live", "")


def test_a_mark_that_fires_too_often_needs_a_second_signal(brand: Brand, now: datetime) -> None:
    for number in range(60):
        title = f"Velmora shoe {number}" + (" limited edition" if number < 2 else "")
        ListingVersionFactory(title=title)
    mark = checked(declare(brand, "limited edition"), now)
    assert mark.state == "needs_co_signal"
    assert "2 of the 60 newest listings" in mark.refusal


def test_with_few_listings_a_share_means_nothing(brand: Brand, now: datetime) -> None:
    for number in range(5):
        ListingVersionFactory(title=f"Velmora limited edition {number}")
    assert checked(declare(brand, "limited edition"), now).state == "live"


@pytest.mark.parametrize(
    ("value", "kind", "taught"),
    [
        ("ab", "keyword", "too short"),
        ("仿", "keyword", "too short"),
        ("velmora", "keyword", "own name"),
        ("(unclosed", "phrase_pattern", "RE2 rejects"),
        ("(?:a)?", "phrase_pattern", "empty text"),
        ("cheap", "price_below", "99.90 USD"),
        ("colour", "attribute_mismatch", "name=expected"),
    ],
)
def test_a_mark_that_cannot_work_is_refused_with_what_to_write(
    brand: Brand, now: datetime, value: str, kind: str, taught: str
) -> None:
    mark = checked(declare(brand, value, kind), now)
    assert mark.state == "refused"
    assert taught in mark.refusal


def test_one_tick_decides_on_many_at_once(brand: Brand, now: datetime) -> None:
    for number in range(5):
        declare(brand, f"replica {number}")
    declare(brand, "ab")
    assert admit_pending(now=now) == 6
    assert admit_pending(now=now) == 0
    assert Characteristic.objects.filter(state="live").count() == 5
