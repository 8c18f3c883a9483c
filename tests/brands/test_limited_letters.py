"""An agent whose letter names some brands: nothing of the others is changed or shown."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from brands.models import Brand
from brands.services import catalogue, catalogue_undo, rights
from brands.services.rights import Document
from portal.core.actors import of_member
from portal.core.errors import NotAllowed
from portal.core.models import Mandate
from tests.brands.books import lines, model_rows, upload
from tests.brands.test_credentials import FACTS, PDF
from tests.brands.test_forgery import letter as letter_of
from tests.factories import BrandFactory, MemberFactory, OrganisationFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand():
    return BrandFactory()


@pytest.fixture
def other(brand):
    return BrandFactory(organisation=brand.organisation)


@pytest.fixture
def agent():
    return MemberFactory(organisation=OrganisationFactory(agent=True))


@pytest.fixture
def acting(agent, brand):
    return of_member(agent, brand.organisation, brands=[brand.pk])


@pytest.fixture
def at_work(agent, brand, signed_in):
    """The agent's browser, acting for the rights holder."""
    today = timezone.now().date()
    Mandate.objects.create(
        agent=agent.organisation,
        rights_holder=brand.organisation,
        valid_from=today - timedelta(days=2),
        valid_to=today + timedelta(days=2),
        brand_keys=[brand.pk],
    )
    client = signed_in(agent)
    client.post(reverse("core:switch"), {"organisation": brand.organisation.uuid})
    return client


def right(*brands, **fields):
    return RegistrationFactory(organisation=brands[0].organisation, brands=brands, **fields)


def test_a_right_of_another_brand_too_is_not_rewritten(acting, now, brand, other) -> None:
    row = right(brand, other, state="more_asked")
    with pytest.raises(NotAllowed) as refusal:
        rights.resubmit_registration(
            actor=acting, now=now, registration=row, facts=FACTS, brands=[brand]
        )
    assert refusal.value.code == "outside_mandate"
    assert set(row.brands.all()) == {brand, other}
    own = right(brand, state="more_asked")
    rights.resubmit_registration(
        actor=acting, now=now, registration=own, facts=FACTS, brands=[brand]
    )
    assert own.state == "submitted"


def test_a_right_of_another_brand_too_is_not_renewed(acting, now, brand, other) -> None:
    sent = {
        "actor": acting,
        "now": now,
        "organisation": brand.organisation,
        "brands": [brand],
        "document": Document(PDF, "certificate.pdf"),
    }
    with pytest.raises(NotAllowed) as refusal:
        rights.submit_registration(**sent, facts=FACTS, renews=right(brand, other))
    assert refusal.value.code == "outside_mandate"
    facts = replace(FACTS, number="87654321")
    assert rights.submit_registration(**sent, facts=facts, renews=right(brand)).renews is not None


def test_the_page_of_such_a_right_offers_neither(at_work, brand, other) -> None:
    for others, offered in (([other], False), ([], True)):
        row = right(brand, *others, state="more_asked")
        page = at_work.get(reverse("brands:credential", args=[row.uuid]))
        assert (page.context["form"] is not None) is offered
        row = right(brand, *others)
        page = at_work.get(reverse("brands:credential", args=[row.uuid]))
        assert page.context["may_renew"] is offered
        address = f"{reverse('brands:registration_new')}?renews={row.uuid}"
        assert at_work.get(address).status_code == (200 if offered else 409)


def test_an_agent_is_shown_only_the_brands_its_letter_names(
    agent, brand, other, now, signed_in
) -> None:
    named, unlimited = (
        letter_of(now, holder=brand.organisation, agent=agent.organisation, submitted_by=agent)
        for _ in range(2)
    )
    named.brands.set([brand])
    type(named).objects.update(state="more_asked")
    holder = signed_in(MemberFactory(organisation=brand.organisation))
    for letter, seen_by_agent in ((named, {brand}), (unlimited, set())):
        address = reverse("brands:credential", args=[letter.uuid])
        assert offered(signed_in(agent).get(address)) == seen_by_agent
        assert offered(holder.get(address)) == {brand, other}
    type(named).objects.update(state="approved")
    for letter, seen_by_agent in ((named, {brand}), (unlimited, set())):
        address = f"{reverse('brands:letter_new')}?renews={letter.uuid}"
        page = signed_in(agent).get(address)
        assert offered(page) == seen_by_agent
        assert other.name not in page.content.decode()


def offered(page) -> set[Brand]:
    field = page.context["form"].fields.get("brands")
    return set(field.queryset) if field else set()


def test_an_import_for_another_brand_is_not_touched(acting, agent, brand, other, now) -> None:
    member = MemberFactory(organisation=brand.organisation)
    source = upload(member, lines(model_rows(2)), now, name="m.csv", brand=other)
    mixed = upload(member, lines(model_rows(2)), now, name="m.csv")
    for theirs in (source, mixed):
        for verb, more in (
            (catalogue.read_again, {"encoding": "utf-8"}),
            (catalogue.check, {"mapping": {}}),
            (catalogue.start, {}),
            (catalogue_undo.request, {}),
        ):
            with pytest.raises(NotAllowed) as refusal:
                verb(actor=acting, now=now, source=theirs, **more)
            assert refusal.value.code == "outside_mandate", verb
    own = upload(member, lines(model_rows(2)), now, name="m.csv", brand=brand)
    catalogue.read_again(actor=acting, now=now, source=own, encoding="utf-8")
