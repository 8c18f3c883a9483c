"""POST /api/v1/screenings: allow, hold or block, with reasons, and nothing written."""

import json
import statistics
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from brands.models import Brand
from portal.core.models import ApiKey
from pushes.models import ControlThreshold, Listing, SuspectedLink
from pushes.services import registry
from pushes.services.matching import resolved
from pushes.services.observations import checked, parse
from pushes.services.screening import _engine_listing, screen
from tests.factories import (
    ApiKeyFactory,
    BrandFactory,
    CharacteristicFactory,
    OrganisationFactory,
    SellerFactory,
)

pytestmark = pytest.mark.django_db
FAKE = {"title": "高仿 V\u0435lm\u043er\u0430 shoes 1:1", "price": "9.00", "currency": "CNY"}


@pytest.fixture
def key() -> ApiKey:
    made: ApiKey = ApiKeyFactory()
    return made


def ask(key: ApiKey, body: object) -> Any:
    return Client().post(
        "/api/v1/screenings",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Api-Key {key.prefix}.secret"},
    )


def threshold(act: str, value: float | None, **changes: object) -> ControlThreshold:
    fields = {
        "state": "in_force",
        "act": act,
        "level": "global",
        "scope": "global",
        "value": value,
        "low": 0.995,
        "why": "better",
        "ruleset": registry.champion(),
        "created_at": timezone.now(),
    }
    return ControlThreshold.objects.create(**{**fields, **changes})


def test_an_ordinary_listing_may_be_published(key: ApiKey, brand: Brand) -> None:
    answer = ask(key, {"title": "Garden chair"})
    assert (answer.status_code, answer.json()) == (200, {"decision": "allow", "reasons": []})


def test_without_a_threshold_in_force_a_fake_is_only_pushed_later(
    key: ApiKey, brand: Brand
) -> None:
    answer = ask(key, FAKE).json()
    assert answer["decision"] == "allow"
    reason = answer["reasons"][0]
    assert (reason["brand_id"], reason["act"], reason["level"]) == (str(brand.uuid), "push", "")
    assert reason["score"] > reason["threshold"] == 0.5
    assert reason["signals"][0]["contribution"] > 0


def test_what_reaches_a_threshold_is_held_or_blocked_with_the_words_that_did_it(
    key: ApiKey, brand: Brand
) -> None:
    threshold("hold", 0.8)
    held = ask(key, FAKE).json()
    assert (held["decision"], held["reasons"][0]["level"]) == ("hold", "global")
    threshold("block", 0.9, level="brand", scope=f"brand:{brand.pk}", brand=brand)
    registry.poll_now()
    blocked = ask(key, FAKE).json()
    assert (blocked["decision"], blocked["reasons"][0]["level"]) == ("block", "brand")
    matched = {signal["matched"] for signal in blocked["reasons"][0]["signals"]}
    assert any("m\u043er" in text for text in matched)


@pytest.mark.parametrize("why", ["low", "rules"])
def test_a_block_without_proof_under_these_rules_is_a_hold(
    key: ApiKey, brand: Brand, why: str
) -> None:
    other = registry.champion()
    if why == "rules":
        other.pk, other.uuid, other.state, other.content_hash = None, "", "retired", "e" * 64
        other.uuid = BrandFactory().uuid
        other.save(force_insert=True)
    threshold("block", 0.9, low=0.98 if why == "low" else 0.995, ruleset=other)
    assert ask(key, FAKE).json()["decision"] == "hold"


def test_a_sellers_own_threshold_goes_before_everybodys(key: ApiKey, brand: Brand) -> None:
    seller = SellerFactory(marketplace=key.marketplace, external_id="trusted")
    threshold("hold", 0.8)
    threshold(
        "hold", None, level="seller", scope=f"seller:{brand.pk}:{seller.pk}", brand=brand,
        seller=seller,
    )  # fmt: skip
    assert ask(key, FAKE).json()["decision"] == "hold"
    trusted = {**FAKE, "seller": {"external_id": "trusted", "name": "T"}}
    assert ask(key, trusted).json()["decision"] == "allow"


def test_a_brand_that_wants_fewer_links_holds_back_no_fewer_listings(
    key: ApiKey, brand: Brand
) -> None:
    threshold("hold", 0.8)
    threshold("push", 0.99, level="own", scope=f"own:{brand.pk}", brand=brand, wished=True)
    answer = ask(key, FAKE).json()
    assert (answer["decision"], answer["reasons"][0]["act"]) == ("hold", "hold")


def test_a_mark_that_needs_a_second_signal_holds_nothing_alone(key: ApiKey, brand: Brand) -> None:
    CharacteristicFactory(brand=brand, value="outlet", state="needs_co_signal")
    threshold("hold", 0.1)
    assert ask(key, {"title": "Velmora outlet"}).json()["decision"] == "allow"


def test_nothing_is_written(key: ApiKey, brand: Brand) -> None:
    threshold("hold", 0.5)
    ask(key, {**FAKE, "external_id": "x-1"})
    assert not Listing.objects.exists()
    assert not SuspectedLink.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "x\0"}, "title"),
        ({"title": "x", "price": "cheap"}, "price"),
        ({"title": "x", "price": "1"}, "currency"),
        ({"title": "x", "seller": "Shop"}, "seller"),
        ([], ""),
    ],
)
def test_what_cannot_be_read_is_named(key: ApiKey, body: object, field: str) -> None:
    answer = ask(key, body)
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_only_a_marketplaces_key_with_its_scope_asks(key: ApiKey) -> None:
    reader = ApiKeyFactory(scopes=[ApiKey.Scope.LINKS_READ])
    assert ask(reader, FAKE).status_code == 403
    brands = ApiKeyFactory(
        marketplace=None, organisation=OrganisationFactory(), scopes=[ApiKey.Scope.VERDICTS_WRITE]
    )
    assert ask(brands, FAKE).status_code == 403
    assert Client().post("/api/v1/screenings").status_code in {401, 403}


def test_the_schema_names_it() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    assert "post" in schema["paths"]["/api/v1/screenings"]


def test_the_strategy_costs_little_beside_the_engine(key: ApiKey, brand: Brand) -> None:
    """The median of what comes on top of the scan: reading, checking, looking up, deciding."""
    for number in range(200):
        BrandFactory(name=f"Brandname{number}x")
    threshold("hold", 0.8)
    marketplace = key.marketplace
    assert marketplace is not None
    registry.poll_now()
    loaded, now = registry.current_engine(), timezone.now()
    whole, alone = [], []
    for _ in range(200):
        start = time.perf_counter()
        screen(marketplace=marketplace, observation=parse(FAKE), now=now)
        whole.append(time.perf_counter() - start)
        listing = _engine_listing(marketplace, checked(parse({**FAKE, "external_id": "-"}), now))
        start = time.perf_counter()
        found = loaded.engine.scan_one(listing, include_below=True)
        alone.append(time.perf_counter() - start)
        assert resolved(found, listing, loaded)
    assert statistics.median(whole) - statistics.median(alone) < 0.003
