"""The stream of listings: repeatable, mixed as promised, marked, and silent about the truth."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from demo import catalogue, spelling
from demo.generator import Stream, payload
from demo.specimen import Specimen

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
COUNT = 3000


@pytest.fixture(scope="module")
def stream() -> Stream:
    return Stream(catalogue.load(), 7)


@pytest.fixture(scope="module")
def specimens(stream: Stream) -> list[Specimen]:
    return [stream.at(position) for position in range(COUNT)]


def test_the_same_place_always_holds_the_same_listing(specimens: list[Specimen]) -> None:
    again = Stream(catalogue.load(), 7)
    # Backwards: a listing must not depend on those before it.
    assert [again.at(p) for p in reversed(range(200))] == specimens[199::-1]


def test_another_seed_gives_other_listings(specimens: list[Specimen]) -> None:
    other = Stream(catalogue.load(), 8)
    same = sum(other.at(p).draft.title == specimens[p].draft.title for p in range(200))
    assert same < 20
    assert other.at(0).draft.external_id != specimens[0].draft.external_id


def test_kinds_occur_in_their_shares(specimens: list[Specimen]) -> None:
    counts = Counter(specimen.truth.kind for specimen in specimens)
    for kind, share in (("ordinary", 0.60), ("genuine", 0.16), ("grey", 0.09), ("copy", 0.15)):
        assert abs(counts[kind] / COUNT - share) < 0.025, kind


def test_every_technique_occurs(specimens: list[Specimen]) -> None:
    seen = {technique for specimen in specimens for technique in specimen.truth.techniques}
    pictures = {"crop", "blur", "mirror", "cover"}
    assert seen >= set(spelling.TRICKS) | {f"picture_{name}" for name in pictures}
    assert seen >= {"phrase", "price_low", "price_other_currency", "stacked_brands", "ring"}
    assert seen >= {"parallel_import", "second_hand", "accessory", "category_mismatch"}


def test_a_copy_always_gives_itself_away_somehow(specimens: list[Specimen]) -> None:
    for specimen in specimens:
        if specimen.truth.kind == "copy":
            shown = set(specimen.truth.techniques) - {"ring", "category_mismatch"}
            assert any(not name.startswith("picture_") for name in shown)


def test_genuine_goods_come_from_authorised_shops_at_plausible_prices(
    specimens: list[Specimen],
) -> None:
    brands = {brand.id: brand for brand in catalogue.load().brands}
    models = {model.slug: model for brand in brands.values() for model in brand.models}
    for specimen in specimens:
        if specimen.truth.kind != "genuine":
            continue
        brand = brands[specimen.truth.brand_id or ""]
        model = models[specimen.truth.product_model_id or ""]
        assert specimen.draft.seller in brand.shops
        assert model.lowest_price <= specimen.draft.price <= model.list_price


def test_shops_of_a_ring_share_phone_account_and_pictures_and_nobody_else_does(
    specimens: list[Specimen],
) -> None:
    by_phone = defaultdict(set)
    for specimen in specimens:
        shop = specimen.draft.seller
        by_phone[(shop.phone, shop.payout_account, shop.dispatch_address)].add(shop.external_id)
    shared = [shops for shops in by_phone.values() if len(shops) > 1]
    assert len(shared) == 3
    assert all(name.startswith("hm-ring-") for shops in shared for name in shops)
    ring = [s.draft for s in specimens if s.draft.seller.external_id.startswith("hm-ring-1-")]
    assert {picture.partition("--")[2] for d in ring for picture in d.pictures} == {"ring1"}
    assert len({draft.description for draft in ring}) == 2  # one text in each language


def test_a_new_version_differs_in_price_or_title_only(stream: Stream) -> None:
    changed = Counter[str]()
    for position in range(200):
        first, second = stream.at(position).draft, stream.at(position, 2).draft
        assert first.external_id == second.external_id
        assert (first.price, first.title) != (second.price, second.title)
        changed["price" if first.price != second.price else "title"] += 1
        assert first.pictures == second.pictures
    assert min(changed.values()) > 40


def test_about_one_in_twenty_is_seen_again_and_one_in_a_hundred_deleted(stream: Stream) -> None:
    again = [(p, stream.seen_again_after(p)) for p in range(COUNT)]
    deleted = [(p, stream.deleted_after(p)) for p in range(COUNT)]
    assert 0.04 < sum(earlier is not None for _, earlier in again) / COUNT < 0.06
    assert 0.005 < sum(earlier is not None for _, earlier in deleted) / COUNT < 0.015
    assert all(earlier < p for p, earlier in (*again, *deleted) if earlier is not None)


def test_what_is_posted_has_the_agreed_form(specimens: list[Specimen]) -> None:
    for specimen in specimens[:300]:
        posted = payload(specimen.draft, site="http://127.0.0.1:8900", seen_at=NOW)
        assert set(posted) == {
            "external_id", "title", "description", "brand", "category", "price", "currency",
            "seller", "url", "image_urls", "attributes", "ship_from", "seen_at",
        }  # fmt: skip
        assert posted["seen_at"] == "2026-03-04T05:06:07Z"
        assert Decimal(posted["price"]).as_tuple().exponent == -2
        assert posted["attributes"]["simulated"] is True
        assert posted["url"] == f"http://127.0.0.1:8900/items/{posted['external_id']}"
        assert all(url.endswith(".png") for url in posted["image_urls"])


def test_the_truth_is_never_posted(specimens: list[Specimen]) -> None:
    for specimen in specimens[:500]:
        text = json.dumps(payload(specimen.draft, site="http://demo", seen_at=NOW))
        for word in ("counterfeit", "techniques", "verdict", *spelling.TRICKS):
            assert f'"{word}"' not in text
