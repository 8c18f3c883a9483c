"""``/api/v1/links``: reading what was pushed and judging it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from portal.core.models import ApiKey, Member
from pushes.models import SuspectedLink, Verdict
from tests.factories import ApiKeyFactory, BrandFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db
BOTH = (ApiKey.Scope.LINKS_READ, ApiKey.Scope.VERDICTS_WRITE)


@pytest.fixture
def link() -> SuspectedLink:
    made: SuspectedLink = SuspectedLinkFactory()
    return made


def client_of(link: SuspectedLink, *scopes: str) -> Client:
    key = ApiKeyFactory(
        marketplace=None, organisation=link.organisation, scopes=list(scopes or BOTH)
    )
    return Client(headers={"Authorization": f"Api-Key {key.prefix}.secret"})


def judge(client: Client, link: SuspectedLink, **body: str) -> object:
    return client.post(f"/api/v1/links/{link.uuid}/verdict", body, "application/json")


def test_a_key_lists_its_own_links_only(link: SuspectedLink) -> None:
    SuspectedLinkFactory()
    answer = client_of(link).get("/api/v1/links").json()
    assert [row["id"] for row in answer["results"]] == [str(link.uuid)]
    assert answer["results"][0]["listing"]["title"] == link.snapshot["title"]


def test_links_are_filtered_by_state_and_brand(link: SuspectedLink) -> None:
    other = SuspectedLinkFactory(
        brand=BrandFactory(organisation=link.organisation), state="genuine"
    )
    client = client_of(link)
    assert len(client.get("/api/v1/links").json()["results"]) == 2
    pending = client.get("/api/v1/links", {"state": "pending"}).json()["results"]
    assert [row["id"] for row in pending] == [str(link.uuid)]
    own = client.get("/api/v1/links", {"brand": str(other.brand.uuid)}).json()["results"]
    assert [row["id"] for row in own] == [str(other.uuid)]


@pytest.mark.parametrize(("name", "value"), [("state", "odd"), ("brand", "odd")])
def test_a_wrong_filter_is_named(link: SuspectedLink, name: str, value: str) -> None:
    answer = client_of(link).get("/api/v1/links", {name: value})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name)


def test_another_tenants_link_does_not_exist(link: SuspectedLink) -> None:
    client = client_of(link)
    other = SuspectedLinkFactory()
    assert client.get(f"/api/v1/links/{other.uuid}").status_code == 404
    assert judge(client, other, outcome="counterfeit").status_code == 404  # type: ignore[attr-defined]  # a response
    assert client.get(f"/api/v1/links/{uuid4()}").status_code == 404
    assert client.get(f"/api/v1/links/{link.uuid}").json()["state"] == "pending"


def test_a_verdict_is_held_first(link: SuspectedLink) -> None:
    answer = client_of(link).post(
        f"/api/v1/links/{link.uuid}/verdict", {"outcome": "counterfeit"}, "application/json"
    )
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], body["link"]) == ("held", str(link.uuid))
    assert body["id"] == str(Verdict.objects.get().uuid)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "outcome"),
        ({"outcome": "perhaps"}, 400, "outcome"),
        ({"outcome": "other_infringement"}, 422, "right"),
    ],
)
def test_a_bad_verdict_is_refused_by_field(
    link: SuspectedLink, body: dict[str, str], status: int, field: str
) -> None:
    answer = client_of(link).post(f"/api/v1/links/{link.uuid}/verdict", body, "application/json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)


def test_a_verdict_on_a_closed_link_is_a_conflict(link: SuspectedLink) -> None:
    SuspectedLink.objects.update(state="gone")
    answer = client_of(link).post(
        f"/api/v1/links/{link.uuid}/verdict", {"outcome": "genuine"}, "application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "listing_gone")


def test_reading_does_not_allow_judging_nor_the_other_way_round(link: SuspectedLink) -> None:
    reading = client_of(link, ApiKey.Scope.LINKS_READ)
    judging = client_of(link, ApiKey.Scope.VERDICTS_WRITE)
    path = f"/api/v1/links/{link.uuid}/verdict"
    body = {"outcome": "counterfeit"}
    assert reading.post(path, body, "application/json").status_code == 403
    assert judging.get("/api/v1/links").status_code == 403
    assert judging.post(path, body, "application/json").status_code == 201


def test_strangers_are_asked_for_a_key(link: SuspectedLink) -> None:
    assert Client().get("/api/v1/links").status_code == 401


def test_a_signed_in_reviewer_may_use_it_too(
    link: SuspectedLink, signed_in: Callable[[Member], Client]
) -> None:
    client = signed_in(MemberFactory(organisation=link.organisation, role="reviewer"))
    assert client.get(f"/api/v1/links/{link.uuid}").status_code == 200


def test_the_list_takes_constant_queries(
    link: SuspectedLink, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for _ in range(10):
        SuspectedLinkFactory(brand=link.brand)
    client = client_of(link)
    client.get("/api/v1/links")
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]  # a context manager
        assert len(client.get("/api/v1/links").json()["results"]) == 11
