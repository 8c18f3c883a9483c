"""POST /api/v1/listings and /api/v1/listings/gone: partial acceptance, limits, permissions."""

import json

import pytest
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from portal.core.models import ApiKey
from pushes.models import Listing, ListingVersion
from tests.factories import ApiKeyFactory, MarketplaceFactory, OrganisationFactory

pytestmark = pytest.mark.django_db
SEND, GONE = "/api/v1/listings", "/api/v1/listings/gone"


@pytest.fixture
def key():
    return ApiKeyFactory()


@pytest.fixture
def post(key):
    client = Client()

    def send(body, path=SEND, key=key):
        return client.post(
            path,
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Api-Key {key.prefix}.secret"},
        )

    return send


def entry(external_id="a", **changes):
    return {
        "external_id": external_id,
        "title": "Shoe 1:1",
        "description": "",
        "brand": "",
        "category": "shoes",
        "price": "12.90",
        "currency": "CNY",
        "seller": {"external_id": "s", "name": "Shop"},
        "url": "https://market.example/a",
        "image_urls": [],
        "attributes": {"simulated": True},
        "ship_from": "CN",
        "seen_at": timezone.now().isoformat(),
    } | changes


def test_it_takes_a_batch_and_answers_with_counts(post, key):
    response = post({"listings": [entry("a"), entry("b")]})
    assert response.status_code == 200
    assert response.json() == {"accepted": 2, "unchanged": 0, "rejected": []}
    assert Listing.objects.filter(marketplace=key.marketplace).count() == 2


def test_sending_again_is_unchanged(post):
    body = {"listings": [entry()]}
    post(body)
    assert post(body).json() == {"accepted": 0, "unchanged": 1, "rejected": []}


def test_wrong_entries_are_named_by_index_and_field_and_the_rest_is_kept(post):
    response = post(
        {
            "listings": [
                entry("good"),
                entry("a", title=""),
                "no object",
                entry("b", price="12,90"),
                entry("c", price=-1, currency="XXX"),
                entry("d", seen_at="2026-06-03T10:00:00"),
                entry("e", seller="Shop"),
                entry("f", image_urls="https://a/b.png"),
                entry("g", title=["list"], attributes="text"),
                entry("h", price=True),
                entry("i", seen_at="0001-01-01T00:00:00+14:00"),
                {"external_id": "j"},
            ]
        }
    )
    assert response.status_code == 200
    answer = response.json()
    assert answer["accepted"] == 1
    assert [(e["index"], e["field"], e["code"]) for e in answer["rejected"]] == [
        (1, "title", "required"),
        (2, "", "type"),
        (3, "price", "number"),
        (4, "currency", "unknown"),
        (4, "price", "negative"),
        (5, "seen_at", "zone"),
        (6, "seller", "type"),
        (7, "image_urls", "type"),
        (8, "title", "type"),
        (8, "attributes", "type"),
        (9, "price", "number"),
        (10, "seen_at", "time"),
        (11, "title", "required"),
    ]
    assert all(e["message"] for e in answer["rejected"])


def test_numbers_are_taken_as_prices_and_ids(post):
    assert post({"listings": [entry(7, price=12.9)]}).json()["accepted"] == 1
    assert str(ListingVersion.objects.get(listing__external_id="7").price) == "12.90"


def test_a_missing_moment_is_the_moment_of_receipt(post):
    before = timezone.now()
    post({"listings": [entry(seen_at=None)]})
    assert before <= Listing.objects.get().last_seen_at <= timezone.now()


def test_surrogates_in_json_are_replaced_and_nul_is_refused(post):
    raw = json.dumps({"listings": [entry("a", title="x"), entry("b", title="y")]})
    raw = raw.replace('"x"', '"a\\ud800"').replace('"y"', '"a\\u0000"')
    answer = post(raw.encode()).json()
    assert (answer["accepted"], answer["rejected"][0]["code"]) == (1, "nul")
    assert ListingVersion.objects.get().title == "a\ufffd"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"listings": [{"price": NaN}]}', 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b'{"listings": {}}', 422),
        (json.dumps({"listings": [{}] * 501}).encode(), 422),
        (b'{"listings": ["' + b"x" * (10 * 1024 * 1024) + b'"]}', 413),
    ],
    ids=["half", "no utf-8", "nan", "deep", "list", "object", "501", "10 MB"],
)
def test_a_body_that_makes_no_sense_is_refused_as_a_whole(post, body, status):
    response = post(body)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["title"]


def test_an_empty_list_is_nothing_to_do(post):
    assert post({"listings": []}).json() == {"accepted": 0, "unchanged": 0, "rejected": []}


def test_without_a_key_it_is_401_and_without_the_scope_403(post, key):
    body = json.dumps({"listings": []})
    assert Client().post(SEND, body, content_type="application/json").status_code in {401, 403}
    reader = ApiKeyFactory(scopes=[ApiKey.Scope.LINKS_READ])
    assert post({"listings": []}, key=reader).status_code == 403
    unknown = ApiKeyFactory.build(prefix="nobody")
    assert post({"listings": []}, key=unknown).status_code == 401


def test_a_key_of_an_organisation_cannot_send_listings(post):
    theirs = ApiKeyFactory(marketplace=None, organisation=OrganisationFactory())
    response = post({"listings": [entry()]}, key=theirs)
    assert (response.status_code, response.json()["code"]) == (403, "role")


def test_gone_listings_are_gone_only_on_their_own_marketplace(post, key):
    post({"listings": [entry("a"), entry("b")]})
    other = ApiKeyFactory(marketplace=MarketplaceFactory())
    notice = {"listings": [{"external_id": "a", "seen_at": timezone.now().isoformat()}]}
    answer = post(notice, path=GONE, key=other).json()
    assert [e["code"] for e in answer["rejected"]] == ["unknown"]
    assert post(notice, path=GONE).json() == {"accepted": 1, "unchanged": 0, "rejected": []}
    assert post(notice, path=GONE).json()["unchanged"] == 1
    assert dict(Listing.objects.values_list("external_id", "status")) == {"a": "gone", "b": "live"}


def test_wrong_notices_are_named(post):
    answer = post({"listings": [{"external_id": ""}, 7, {"external_id": 7}]}, path=GONE).json()
    assert [(e["index"], e["code"]) for e in answer["rejected"]] == [
        (0, "required"),
        (1, "type"),
        (2, "required"),
    ]


def test_the_schema_describes_both_calls():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    for path in (SEND, GONE):
        operation = schema["paths"][path]["post"]
        assert operation["summary"]
        assert {"requestBody", "responses"} <= operation.keys()
    entry_schema = schema["components"]["schemas"]["Listing"]
    assert {"external_id", "title"} == set(entry_schema["required"])
