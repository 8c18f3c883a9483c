"""What a brand wishes for its own threshold: tighter at once, looser by the platform only."""

from dataclasses import replace
from datetime import datetime

import pytest

from brands.models import Brand
from portal.core.actors import Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import Role
from pushes.models import ControlThreshold
from pushes.services import control, control_wishes, registry
from tests.factories import BrandFactory, MemberFactory
from tests.pushes.control_rows import in_force, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Actor:
    return of_member(MemberFactory(platform_admin=True))


def test_a_brand_tightens_its_own_and_proposes_what_is_looser(brand: Brand, now: datetime) -> None:
    owner = of_member(MemberFactory(organisation=brand.organisation, role=Role.OWNER))
    assert control_wishes.wish(actor=owner, brand=brand, value=0.8, now=now) == "in_force"
    registry.poll_now()
    assert registry.current_engine().control.own == {str(brand.uuid): 0.8}
    assert control_wishes.wish(actor=owner, brand=brand, value=0.3, now=now) == "proposed"
    # The platform's stays until a person there agrees, and so does the brand's own.
    registry.poll_now()
    assert registry.current_engine().control.own == {str(brand.uuid): 0.8}
    # Back to the platform's is no loosening of the platform's.
    assert control_wishes.wish(actor=owner, brand=brand, value=0.5, now=now) == "in_force"
    registry.poll_now()
    assert registry.current_engine().control.own == {}


def test_a_wish_that_is_accepted_holds_for_the_brand(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    owner = of_member(MemberFactory(organisation=brand.organisation, role=Role.OWNER))
    control_wishes.wish(actor=owner, brand=brand, value=0.8, now=now)
    control_wishes.wish(actor=owner, brand=brand, value=0.3, now=now)
    proposal = ControlThreshold.objects.get(state="proposed", wished=True)
    control.accept(actor=admin, proposal=proposal, now=now)
    registry.poll_now()
    loaded = registry.current_engine()
    threshold = loaded.engine.ruleset.weights.threshold_for(str(brand.uuid))
    assert threshold == 0.3
    # A re-estimate ends its own proposals, not what a brand wished.
    control_wishes.wish(actor=owner, brand=brand, value=0.2, now=now)
    control.reestimate(actor=admin, now=now)
    assert ControlThreshold.objects.filter(state="proposed", wished=True).count() == 1


def test_a_newer_wish_ends_the_open_one_even_where_it_holds_at_once(
    brand: Brand, now: datetime
) -> None:
    owner = of_member(MemberFactory(organisation=brand.organisation, role=Role.OWNER))
    for value in (0.8, 0.5):
        control_wishes.wish(actor=owner, brand=brand, value=0.3, now=now)
        assert ControlThreshold.objects.filter(state="proposed").count() == 1
        assert control_wishes.wish(actor=owner, brand=brand, value=value, now=now) == "in_force"
        assert not ControlThreshold.objects.filter(state="proposed").exists()


def test_a_wish_the_platform_went_below_is_not_accepted(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    owner = of_member(MemberFactory(organisation=brand.organisation, role=Role.OWNER))
    control_wishes.wish(actor=owner, brand=brand, value=0.4, now=now)
    proposal = ControlThreshold.objects.get(state="proposed")
    row(brand, value=0.3)
    with pytest.raises(StaleState, match="has changed"):
        control.accept(actor=admin, proposal=proposal, now=now)
    assert in_force()["brand", "push"].value == 0.3


def test_who_acts_for_other_brands_only_wishes_nothing(brand: Brand, now: datetime) -> None:
    owner = of_member(MemberFactory(organisation=brand.organisation, role=Role.OWNER))
    other = BrandFactory(organisation=brand.organisation)
    limited = replace(owner, brands=frozenset({other.pk}))
    with pytest.raises(NotAllowed):
        control_wishes.wish(actor=limited, brand=brand, value=0.8, now=now)


def test_nobody_accepts_what_their_own_organisation_wished(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    owner = MemberFactory(organisation=brand.organisation, role=Role.OWNER)
    control_wishes.wish(actor=of_member(owner), brand=brand, value=0.3, now=now)
    proposal = ControlThreshold.objects.get(state="proposed")
    platform = {"role": Role.PLATFORM_ADMIN, "organisation": admin.organisation}
    both = MemberFactory(user=owner.user, **platform)
    colleague = MemberFactory(**platform)
    MemberFactory(organisation=brand.organisation, user=colleague.user)
    for member, code in ((both, "own_wish"), (colleague, "own_organisation")):
        with pytest.raises(NotAllowed) as refusal:
            control.accept(actor=of_member(member), proposal=proposal, now=now)
        assert refusal.value.code == code
    control.accept(actor=admin, proposal=proposal, now=now)
    assert in_force()["brand", "push"].value == 0.3


@pytest.mark.parametrize("value", [float("nan"), 0.0, 1.0, -3.0, float("inf")])
def test_a_threshold_that_is_none_is_refused(brand: Brand, now: datetime, value: float) -> None:
    owner = of_member(MemberFactory(organisation=brand.organisation, role=Role.OWNER))
    with pytest.raises(InvalidInput, match="from 5 to 99"):
        control_wishes.wish(actor=owner, brand=brand, value=value, now=now)
