"""The first steps of a rights holder, and the editor's form of each kind of characteristic."""

import re

import pytest
from django.urls import reverse

from brands.models import Characteristic
from portal.core.models import Job
from tests.factories import (
    BrandFactory,
    CharacteristicFactory,
    MemberFactory,
    ProductModelFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand():
    return BrandFactory(name="Velmora")


@pytest.fixture
def owner(brand, signed_in):
    return signed_in(MemberFactory(organisation=brand.organisation))


@pytest.mark.parametrize(
    ("kind", "fields", "value"),
    [
        ("keyword", {"value": "same factory"}, "same factory"),
        ("price_below", {"measure": "share", "number": "40 %"}, "40%"),
        ("price_below", {"measure": "amount", "number": "9.90", "currency": "cny"}, "9.90 CNY"),
        ("category_mismatch", {"value": "Shoes\n Sports \n"}, "Shoes|Sports"),
        ("attribute_mismatch", {"name": "colour", "rightful": "black"}, "colour=black"),
        ("missing_attribute", {"value": "serial number"}, "serial number"),
        ("seller_pattern", {"value": "outlet\\d+"}, "outlet\\d+"),
    ],
)
def test_each_kind_of_characteristic_is_declared_in_its_own_form(
    owner, brand, kind, fields, value
) -> None:
    answer = owner.post(reverse("brands:mark_new", args=[brand.uuid, kind]), fields)
    assert answer["Location"] == reverse("brands:brand_tab", args=[brand.uuid, "marks"])
    row = Characteristic.objects.get()
    assert (row.kind, row.value, row.state) == (kind, value, "checking")


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("price_below", {"measure": "amount", "number": "9", "currency": "XYZ"}, "number"),
        ("attribute_mismatch", {"name": " ", "rightful": "black"}, "name"),
        ("phrase_pattern", {"value": "(?=x)y"}, "value"),
        ("keyword", {"value": "fake", "weight": "11"}, "weight"),
    ],
)
def test_what_the_rules_refuse_stands_at_the_field_that_asked(
    owner, brand, kind, fields, field
) -> None:
    page = owner.post(reverse("brands:mark_new", args=[brand.uuid, kind]), fields)
    assert list(page.context["form"].errors) == [field]
    assert not Characteristic.objects.exists()


def test_the_bar_is_as_long_as_there_are_steps(owner, brand) -> None:
    page = owner.get(reverse("brands:start")).content.decode()
    steps = page.count('class="card first-step')
    assert re.search(rf'<progress value="\d"\s+max="{steps}"', page)


def test_the_first_steps_are_what_exists(owner, brand) -> None:
    def done() -> list[str]:
        page = owner.get(reverse("brands:start"))
        return [step.name for step in page.context["steps"] if step.is_done]

    brand.vouched = False
    brand.save()
    assert owner.get(reverse("home"))["Location"] == reverse("brands:start")
    assert done() == ["organisation", "brand"]
    RegistrationFactory(organisation=brand.organisation, brands=[brand], state="submitted")
    ProductModelFactory(brand=brand)
    CharacteristicFactory(brand=brand)
    assert done() == ["organisation", "brand", "registration", "product_model", "characteristic"]
    now = brand.created_at
    Job.objects.create(
        kind="pushes.dry_run", organisation=brand.organisation, params={"brand": brand.pk},
        state="done", created_at=now,
    )  # fmt: skip
    assert done()[-1] == "dry_run"
    assert owner.get(reverse("home"))["Location"] != reverse("brands:start")
