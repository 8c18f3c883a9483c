"""Declared facts reach the engine, and every change of them does."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brands.models import Brand, Characteristic
from brands.services import characteristics, sellers
from portal.core import events, journal
from portal.core.actors import SYSTEM, Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed
from pushes import matching
from pushes.models import ExchangeRate, RegistryRevision, Ruleset
from pushes.services import rates, registry
from tests.factories import (
    BrandFactory,
    CharacteristicFactory,
    MemberFactory,
    OrganisationFactory,
    ProductModelFactory,
)

pytestmark = pytest.mark.django_db


def follow_the_journal() -> registry.Loaded:
    """Seal and read the journal as the ticks do, then ask for the engine."""
    journal.seal()
    for consumer in events.consumers():
        events.run(consumer)
    registry.poll_now()
    return registry.current_engine()


def facts_of(loaded: registry.Loaded, brand: Brand) -> matching.Brand:
    return loaded.engine.registry.by_id[str(brand.uuid)]


def test_the_engine_knows_what_the_brand_declared(brand: Brand) -> None:
    brand.names.create(text="薇慕拉", kind="official", state="in_force")
    brand.names.create(text="Claimed only")
    ProductModelFactory(brand=brand, name="Sky Runner", gtin="4006381333931")
    ProductModelFactory(brand=brand, name="Old Runner", active=False)
    CharacteristicFactory(brand=brand, value="grade a copy")
    CharacteristicFactory(brand=brand, value="waiting", state=Characteristic.State.CHECKING)
    known = facts_of(registry.current_engine(), brand)
    assert known.names == ("Velmora", "薇慕拉")
    assert [model.name for model in known.product_models] == ["Sky Runner"]
    assert known.product_models[0].gtin == ("4006381333931",)
    assert [mark.value for mark in known.characteristics] == ["grade a copy"]


def test_brands_that_are_paused_or_of_others_than_rights_holders_are_left_out() -> None:
    BrandFactory(active=False)
    BrandFactory(organisation=OrganisationFactory(agent=True))
    assert registry.current_engine().engine.registry.brands == ()


def test_a_change_reaches_the_engine_as_a_small_delta(brand: Brand, now: datetime) -> None:
    other = BrandFactory(name="Ostrelle")
    before = registry.current_engine()
    owner = of_member(MemberFactory(organisation=brand.organisation))
    sellers.authorise(actor=owner, now=now, brand=brand, external_id="shop-7")
    after = follow_the_journal()
    assert after.revision > before.revision
    assert after.engine.delta_size == 1
    assert facts_of(after, brand).authorised_sellers[0].seller_id == "shop-7"
    assert facts_of(after, other) is facts_of(before, other)
    assert facts_of(before, brand).authorised_sellers == ()


def test_a_paused_brand_leaves_the_engine(brand: Brand, now: datetime) -> None:
    registry.current_engine()
    Brand.objects.filter(pk=brand.pk).update(active=False)
    data = {"brand_id": brand.pk}
    journal.record("brand.changed", brand, actor=SYSTEM, now=now, data=data)
    after = follow_the_journal()
    assert str(brand.uuid) not in after.engine.registry.by_id
    assert str(brand.uuid) not in after.brands


def test_a_mark_that_needs_a_second_signal_counts_half(brand: Brand, now: datetime) -> None:
    mark = CharacteristicFactory(brand=brand, value="copy", state=Characteristic.State.CHECKING)
    registry.current_engine()
    characteristics.admit(
        characteristic=mark,
        outcome="needs_co_signal",
        reason="It fires too often.",
        actor=SYSTEM,
        now=now,
    )
    after = follow_the_journal()
    assert facts_of(after, brand).characteristics[0].weight == 0.5
    assert after.weak == {(str(brand.uuid), "keyword", "copy")}


def test_within_a_second_nobody_asks_the_database(brand: Brand) -> None:
    registry.current_engine()
    with CaptureQueriesContext(connection) as captured:
        registry.current_engine()
    assert len(captured) == 0


def test_an_unchanged_registry_costs_four_small_queries(brand: Brand) -> None:
    before = registry.current_engine()
    registry.poll_now()
    with CaptureQueriesContext(connection) as captured:
        assert registry.current_engine() is before
    # The newest revision, the ruleset in force, its thresholds, and the one in its shadow.
    assert len(captured) == 4


def test_building_takes_as_many_queries_for_one_brand_as_for_ten(brand: Brand) -> None:
    with CaptureQueriesContext(connection) as one:
        registry.current_engine()
    for _ in range(9):
        CharacteristicFactory(brand=ProductModelFactory().brand)
    registry.forget()
    with CaptureQueriesContext(connection) as ten:
        registry.current_engine()
    # The first call also installed the shipped champion.
    assert len(ten) <= len(one)


def test_a_ruleset_the_engine_refuses_leaves_the_old_one_in_force(
    brand: Brand, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    before = registry.current_engine()
    Ruleset.objects.filter(pk=before.ruleset.pk).update(state="retired")
    Ruleset.objects.create(
        state="champion", content={"format": 99}, content_hash="f" * 64, created_at=now
    )
    registry.poll_now()
    assert registry.current_engine() is before
    assert "refused" in caplog.text


def test_the_first_champion_is_the_ruleset_shipped_with_the_engine(now: datetime) -> None:
    champion = registry.champion(now=now)
    assert champion.content_hash == matching.Ruleset().content_hash
    assert registry.champion() == champion
    assert Ruleset.objects.count() == 1


def test_a_new_database_has_dated_exchange_rates() -> None:
    assert ExchangeRate.objects.count() == 32
    current = rates.current()
    assert current.convert(Decimal("7.4326"), "CNY", "EUR") == Decimal(1)
    assert current.convert(Decimal(1), "XAF", "EUR") is None
    assert rates.seed() == 0


def test_an_operators_rate_replaces_the_shipped_one(brand: Brand, now: datetime) -> None:
    admin = of_member(MemberFactory(platform_admin=True))
    registry.current_engine()
    rates.set_rate(
        currency="CNY",
        day=now.date().replace(year=2027),
        per_euro="8.00",
        source="Central bank",
        actor=admin,
        now=now,
    )
    after = follow_the_journal()
    assert after.engine.rates.convert(Decimal(8), "CNY", "EUR") == Decimal(1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"currency": "cny"}, "currency"),
        ({"per_euro": "0"}, "per_euro"),
        ({"per_euro": "NaN"}, "per_euro"),
        ({"per_euro": "seven"}, "per_euro"),
        ({"source": " "}, "source"),
    ],
)
def test_a_bad_rate_is_refused_by_field(now: datetime, given: dict[str, str], field: str) -> None:
    fine = {"currency": "CNY", "per_euro": "7.5", "source": "ECB", **given}
    with pytest.raises(InvalidInput) as refusal:
        rates.set_rate(day=now.date(), actor=_admin(), now=now, **fine)
    assert refusal.value.field == field


def test_only_the_platform_sets_rates(now: datetime) -> None:
    with pytest.raises(NotAllowed):
        rates.set_rate(
            currency="CNY",
            day=now.date(),
            per_euro="7.5",
            source="ECB",
            actor=of_member(MemberFactory()),
            now=now,
        )


def test_every_revision_has_its_reason(brand: Brand, now: datetime) -> None:
    data = {"brand_id": brand.pk}
    journal.record("brand.changed", brand, actor=SYSTEM, now=now, data=data)
    follow_the_journal()
    revision = RegistryRevision.objects.get()
    assert (revision.reason, revision.brand) == ("brand.changed", brand)


def _admin() -> Actor:
    return of_member(MemberFactory(platform_admin=True))
