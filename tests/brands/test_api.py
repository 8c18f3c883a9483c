"""The registry over the API: keys with scopes, problems with fields, one tenant a key."""

import pytest
from django.test import Client

from brands.models import Brand
from portal.core.models import ApiKey
from tests.factories import (
    ApiKeyFactory,
    BrandFactory,
    CharacteristicFactory,
    MarketplaceFactory,
    MemberFactory,
    OrganisationFactory,
    ProductModelFactory,
)

pytestmark = pytest.mark.django_db
READ, WRITE = ApiKey.Scope.REGISTRY_READ, ApiKey.Scope.REGISTRY_WRITE


def client_with(organisation, *scopes) -> Client:
    key = ApiKeyFactory(marketplace=None, organisation=organisation, scopes=list(scopes))
    return Client(headers={"Authorization": f"Api-Key {key.prefix}.secret"})


@pytest.fixture
def brand():
    return BrandFactory()


@pytest.fixture
def api(brand):
    return client_with(brand.organisation, READ, WRITE)


def post(client, path, **body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_a_brand_is_registered_with_its_names(api) -> None:
    names = [{"text": "维尔莫拉", "kind": "official", "language": "zh-hans"}, {"text": "velmo"}]
    answer = post(api, "brands", name="Velmora", names=names)
    assert answer.status_code == 201
    body = answer.json()
    assert [name["kind"] for name in body["names"]] == ["official", "alias"]
    assert Brand.objects.get(uuid=body["uuid"]).name == "Velmora"


def test_lists_hold_only_the_tenants_own_rows(api, brand) -> None:
    ProductModelFactory(brand=brand)
    CharacteristicFactory(brand=brand)
    ProductModelFactory()
    CharacteristicFactory()
    for path in ("brands", "product-models", "characteristics"):
        rows = api.get(f"/api/v1/{path}").json()["results"]
        assert len(rows) == 1, path
    assert api.get("/api/v1/authorised-sellers").json()["results"] == []


def test_a_list_is_narrowed_to_one_brand(api, brand) -> None:
    ProductModelFactory(brand=brand, name="Mine")
    ProductModelFactory(brand=BrandFactory(organisation=brand.organisation))
    rows = api.get(f"/api/v1/product-models?brand={brand.uuid}").json()["results"]
    assert [row["name"] for row in rows] == ["Mine"]
    assert rows[0]["list_price"] == "100.00"
    assert api.get("/api/v1/product-models?brand=x").status_code == 422


def test_wrong_fields_come_back_as_a_problem_document(api, brand) -> None:
    answer = post(
        api, "product-models", brand=str(brand.uuid), name="R", list_price="-1", currency="CNY"
    )
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [
        ("list_price", "not_positive")
    ]


def test_every_kind_of_fact_can_be_added(api, brand) -> None:
    own = {"brand": str(brand.uuid)}
    market = MarketplaceFactory()
    model = post(api, "product-models", **own, name="Runner 7", list_price="9.90", currency="CNY")
    assert model.status_code == 201
    mark = post(
        api,
        "characteristics",
        **own,
        kind="price_below",
        value="40%",
        product_model=model.json()["uuid"],
    )
    assert (mark.status_code, mark.json()["state"]) == (201, "checking")
    seller = post(api, "authorised-sellers", **own, external_id="s", marketplace=market.slug)
    assert (seller.status_code, seller.json()["marketplace"]) == (201, market.slug)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("product-models", {"name": "x"}),
        ("characteristics", {"kind": "keyword", "value": "x"}),
        ("authorised-sellers", {"name": "x"}),
    ],
)
def test_facts_cannot_be_added_to_another_tenants_brand(api, path, body) -> None:
    answer = post(api, path, brand=str(BrandFactory().uuid), **body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_brand"


def test_a_product_model_of_another_brand_is_unknown(api, brand) -> None:
    answer = post(
        api,
        "characteristics",
        brand=str(brand.uuid),
        kind="keyword",
        value="x",
        product_model=str(ProductModelFactory().uuid),
    )
    assert answer.json()["code"] == "unknown_product_model"


def test_scopes_are_kept_apart(brand) -> None:
    reader = client_with(brand.organisation, READ)
    writer = client_with(brand.organisation, WRITE)
    assert post(reader, "brands", name="x").status_code == 403
    assert writer.get("/api/v1/brands").status_code == 403
    assert post(writer, "product-models", brand=str(brand.uuid), name="R").status_code == 201


def test_strangers_and_marketplaces_are_turned_away() -> None:
    assert Client().get("/api/v1/brands").status_code == 401
    key = ApiKeyFactory(scopes=[WRITE])
    marketplace = Client(headers={"Authorization": f"Api-Key {key.prefix}.secret"})
    assert post(marketplace, "brands", name="x").status_code == 403
    agent = client_with(OrganisationFactory(agent=True), WRITE)
    assert post(agent, "brands", name="x").status_code == 403


def test_a_signed_in_member_may_call_it_too(signed_in, brand) -> None:
    client = signed_in(MemberFactory(organisation=brand.organisation))
    assert client.get("/api/v1/brands").json()["results"][0]["uuid"] == str(brand.uuid)
