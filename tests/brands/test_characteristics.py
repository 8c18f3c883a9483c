"""Characteristics: their forms by kind, and their way to being live."""

import pytest

from brands.models import Characteristic
from brands.services import characteristics
from brands.services.characteristics import Declared
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry
from tests.factories import BrandFactory, CharacteristicFactory, MemberFactory, ProductModelFactory

pytestmark = pytest.mark.django_db
State = Characteristic.State


@pytest.fixture
def brand():
    return BrandFactory()


@pytest.fixture
def actor(brand):
    return of_member(MemberFactory(organisation=brand.organisation))


def declare(actor, now, brand, kind, value, **more):
    declared = Declared(kind, value, more.pop("weight", None))
    return characteristics.declare(actor=actor, now=now, brand=brand, declared=declared, **more)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("keyword", " same factory ", "same factory"),
        ("evasive_spelling", "Ｖelm0ra", "Ｖelm0ra"),
        ("phrase_pattern", r"高仿|1:1", r"高仿|1:1"),
        ("price_below", "40 %", "40%"),
        ("price_below", "99.90 cny", "99.90 CNY"),
        ("attribute_mismatch", "colour=black", "colour=black"),
    ],
)
def test_a_declared_characteristic_is_being_checked(actor, now, brand, kind, value, stored) -> None:
    row = declare(actor, now, brand, kind, value)
    row.refresh_from_db()
    assert (row.state, row.value) == (State.CHECKING, stored)
    entry = JournalEntry.objects.get()
    assert entry.verb == "characteristic.checking"
    assert entry.data["brand_id"] == brand.pk


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("phrase_pattern", "(?=x)y", "pattern"),
        ("seller_pattern", "shop[", "pattern"),
        ("phrase_pattern", "a*", "pattern_matches_nothing"),
        ("price_below", "cheap", "price_form"),
        ("price_below", "40 XYZ", "price_form"),
        ("price_below", "-5 CNY", "price_form"),
        ("price_below", "1E+999999 CNY", "price_form"),
        ("price_below", "1E-999999 CNY", "price_form"),
        ("price_below", "140%", "share_range"),
        ("attribute_mismatch", "=black", "attribute_form"),
        ("keyword", "", "required"),
        ("keyword", "x" * 501, "too_long"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused(actor, now, brand, kind, value, code) -> None:
    with pytest.raises(InvalidInput) as refusal:
        declare(actor, now, brand, kind, value)
    assert [(e.field, e.code) for e in refusal.value.errors] == [("value", code)]


def test_a_broken_pattern_is_refused_with_the_position(actor, now, brand) -> None:
    with pytest.raises(InvalidInput, match=r"position 4, “\(\?=”"):
        declare(actor, now, brand, "phrase_pattern", "高仿x(?=y)")


def test_an_unknown_kind_and_a_weight_out_of_range_are_refused(actor, now, brand) -> None:
    with pytest.raises(InvalidInput) as refusal:
        declare(actor, now, brand, "smell", "x", weight="11")
    assert {e.field for e in refusal.value.errors} == {"kind", "weight"}


def test_the_same_characteristic_is_declared_once_until_withdrawn(actor, now, brand) -> None:
    row = declare(actor, now, brand, "keyword", "same factory")
    with pytest.raises(InvalidInput, match="already"):
        declare(actor, now, brand, "keyword", "same factory")
    characteristics.withdraw(actor=actor, now=now, characteristic=row)
    assert declare(actor, now, brand, "keyword", "same factory").pk != row.pk


def test_a_product_model_of_another_brand_is_refused(actor, now, brand) -> None:
    with pytest.raises(InvalidInput) as refusal:
        declare(actor, now, brand, "keyword", "x", product_model=ProductModelFactory())
    assert refusal.value.field == "product_model"


def test_an_admitted_characteristic_goes_live_and_pauses(actor, now, brand) -> None:
    row = declare(actor, now, brand, "keyword", "same factory")
    characteristics.admit(characteristic=row, outcome="live", reason="", actor=SYSTEM, now=now)
    characteristics.pause(actor=actor, now=now, characteristic=row)
    characteristics.resume(actor=actor, now=now, characteristic=row)
    assert row.state == State.LIVE


def test_one_that_needs_a_second_signal_still_needs_it_after_a_pause(actor, now, brand) -> None:
    row = declare(actor, now, brand, "keyword", "shoe")
    characteristics.admit(
        characteristic=row, outcome="needs_co_signal", reason="", actor=SYSTEM, now=now
    )
    characteristics.pause(actor=actor, now=now, characteristic=row)
    characteristics.resume(actor=actor, now=now, characteristic=row)
    row.refresh_from_db()
    assert row.state == State.NEEDS_CO_SIGNAL


def test_a_brand_cannot_admit_its_own_characteristic(actor, now, brand) -> None:
    row = declare(actor, now, brand, "keyword", "same factory")
    with pytest.raises(NotAllowed):
        characteristics.admit(characteristic=row, outcome="live", reason="", actor=actor, now=now)


def test_a_withdrawn_characteristic_stays_withdrawn(actor, now, brand) -> None:
    row = CharacteristicFactory(brand=brand, state=State.WITHDRAWN)
    with pytest.raises(StaleState):
        characteristics.pause(actor=actor, now=now, characteristic=row)


def test_strangers_cannot_touch_it(now, brand) -> None:
    row = CharacteristicFactory(brand=brand)
    stranger = of_member(MemberFactory())
    for act in (characteristics.pause, characteristics.withdraw):
        with pytest.raises(NotAllowed):
            act(actor=stranger, now=now, characteristic=row)
