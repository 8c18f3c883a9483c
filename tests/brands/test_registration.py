"""Brands, their names and product models: what is kept, what is refused, who may."""

from dataclasses import replace
from decimal import Decimal

import pytest

from brands.models import BrandName, ProductModel
from brands.services import product_models, registration
from brands.services.product_models import ProductFacts
from brands.services.registration import NewName
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import JournalEntry, Role
from tests.factories import BrandFactory, MemberFactory, OrganisationFactory, ProductModelFactory

pytestmark = pytest.mark.django_db
FACTS = ProductFacts(
    name="Runner 7", model_number="VR-7", list_price="129.90", lowest_price="80", currency="CNY"
)


@pytest.fixture
def owner():
    return MemberFactory()


@pytest.fixture
def actor(owner):
    return of_member(owner)


def register(actor, now, name="Velmora", names=()):
    return registration.register_brand(
        actor=actor, now=now, organisation=actor.organisation, name=name, names=names
    )


def errors_of(refusal) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in refusal.value.errors}


def test_it_registers_a_brand_with_its_names_as_one_journal_entry(actor, now) -> None:
    names = [NewName("维尔莫拉", "official", "zh-hans"), NewName("velmo"), NewName("VELMO")]
    brand = register(actor, now, "  Velmora ", names)
    assert brand.name == "Velmora"
    assert {name.text.lower() for name in brand.names.all()} == {"维尔莫拉", "velmo"}
    entry = JournalEntry.objects.get()
    assert entry.verb == "brand.registered"
    assert entry.data == {"brand_id": brand.pk, "names": 2}
    assert entry.organisation_id == actor.organisation.pk


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "required"), ("x" * 121, "too_long"), ("Vel\x00mora", "control_character"),
     ("Vel\ud800", "control_character")],
)  # fmt: skip
def test_it_refuses_a_name_that_cannot_be_kept(actor, now, name, code) -> None:
    with pytest.raises(InvalidInput) as refusal:
        register(actor, now, name)
    assert errors_of(refusal) == {("name", code)}


def test_it_refuses_the_same_brand_twice_whatever_its_case(actor, now) -> None:
    register(actor, now, "Velmora")
    with pytest.raises(InvalidInput) as refusal:
        register(actor, now, "VELMORA")
    assert errors_of(refusal) == {("name", "duplicate")}


def test_two_rights_holders_may_each_have_a_brand_of_one_name(actor, now) -> None:
    register(actor, now)
    assert register(of_member(MemberFactory()), now).pk


def test_a_reviewer_registers_nothing(now) -> None:
    with pytest.raises(NotAllowed, match="role"):
        register(of_member(MemberFactory(role=Role.REVIEWER)), now)


def test_another_tenant_cannot_be_written_to(actor, now) -> None:
    stranger = BrandFactory()
    for change in (
        lambda: registration.rename_brand(actor=actor, now=now, brand=stranger, name="Mine"),
        lambda: registration.add_name(actor=actor, now=now, brand=stranger, name=NewName("x")),
        lambda: product_models.register_product_model(
            actor=actor, now=now, brand=stranger, facts=FACTS
        ),
    ):
        with pytest.raises(NotAllowed) as refusal:
            change()
        assert refusal.value.code == "other_organisation"
    assert not JournalEntry.objects.exists()


def test_only_a_rights_holder_has_a_registry(now) -> None:
    member = MemberFactory(organisation=OrganisationFactory(agent=True))
    with pytest.raises(NotAllowed):
        register(of_member(member), now)


def test_names_are_added_once_and_removed_once(actor, now) -> None:
    brand = register(actor, now)
    name = registration.add_name(actor=actor, now=now, brand=brand, name=NewName("Velmo"))
    with pytest.raises(InvalidInput):
        registration.add_name(actor=actor, now=now, brand=brand, name=NewName("velmo"))
    registration.remove_name(actor=actor, now=now, name=name)
    registration.remove_name(actor=actor, now=now, name=name)
    assert not BrandName.objects.exists()
    verbs = list(JournalEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["brand.registered", "brand_name.added", "brand_name.removed"]


def test_it_registers_a_product_model(actor, now) -> None:
    brand = register(actor, now)
    facts = replace(FACTS, gtin="4006381333931", aliases=["Laeufer", "", "Laeufer"])
    model = product_models.register_product_model(actor=actor, now=now, brand=brand, facts=facts)
    model.refresh_from_db()
    assert model.list_price == Decimal("129.90")
    assert model.aliases == ["Laeufer"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"currency": "XYZ"}, ("currency", "unknown_currency")),
        ({"currency": ""}, ("currency", "required")),
        ({"list_price": "-1"}, ("list_price", "not_positive")),
        ({"list_price": "0"}, ("list_price", "not_positive")),
        ({"list_price": "NaN"}, ("list_price", "not_positive")),
        ({"list_price": "1.299,00"}, ("list_price", "not_a_price")),
        ({"list_price": "1.999"}, ("list_price", "too_precise")),
        ({"list_price": "1e30"}, ("list_price", "too_high")),
        ({"lowest_price": "130"}, ("lowest_price", "above_list_price")),
        ({"gtin": "4006381333932"}, ("gtin", "gtin_check_digit")),
        ({"gtin": "12345"}, ("gtin", "not_a_gtin")),
        ({"gtin": "١٢٣٤٥٦٧٨"}, ("gtin", "not_a_gtin")),
        ({"name": " "}, ("name", "required")),
    ],
)
def test_it_names_the_field_that_is_wrong(actor, now, change, expected) -> None:
    brand = register(actor, now)
    with pytest.raises(InvalidInput) as refusal:
        product_models.register_product_model(
            actor=actor, now=now, brand=brand, facts=replace(FACTS, **change)
        )
    assert errors_of(refusal) == {expected}
    assert not ProductModel.objects.exists()


def test_every_wrong_field_is_named_at_once(actor, now) -> None:
    brand = register(actor, now)
    with pytest.raises(InvalidInput) as refusal:
        product_models.register_product_model(
            actor=actor,
            now=now,
            brand=brand,
            facts=replace(FACTS, name="", currency="zz", gtin="1"),
        )
    assert {field for field, _code in errors_of(refusal)} == {"name", "currency", "gtin"}


def test_a_change_is_journalled_with_what_changed_and_no_change_is_not(actor, now) -> None:
    model = ProductModelFactory(brand=register(actor, now), name="Runner 7", model_number="VR-7")
    facts = ProductFacts("Runner 7", "VR-7", list_price="90", lowest_price="60", currency="cny")
    for _ in range(2):
        product_models.change_product_model(actor=actor, now=now, product_model=model, facts=facts)
    entry = JournalEntry.objects.get(verb="product_model.changed")
    assert entry.data["what"] == ["list_price"]
