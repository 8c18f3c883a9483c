"""What keeps the engine fast: cheap looks that lose nothing, and bounds on what one text costs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import write_table
from pushes.matching import (
    Brand,
    BrandOffset,
    Engine,
    Listing,
    Match,
    ProductModel,
    Registry,
    bench,
)
from pushes.matching.engine import Batch
from pushes.matching.kernel import basis
from pushes.matching.types import AuthorisedSeller, Characteristic, CharacteristicKind

KEYS = {
    "rules", "listings_per_second", "naive_listings_per_second", "automaton_listings_per_second",
    "two_process_listings_per_second", "single_p50_us", "single_p99_us", "build_seconds",
    "memory_mb",
}  # fmt: skip

NORDVIK = Brand(
    "nordvik",
    "Nordvik",
    ("诺德维克", "Trail Craft"),
    authorised_sellers=(AuthorisedSeller("shop-1"),),
    product_models=(
        ProductModel("tr5", "Trail Runner 5", "NV-TR500", lowest_price=Decimal(60), currency="USD"),
    ),
)
MARKED = Brand(
    "marked",
    "Lumenor",
    characteristics=(Characteristic("k", CharacteristicKind.KEYWORD, "glowset"),),
)
OTHERS = tuple(Brand(f"o{n}", name) for n, name in enumerate(("Vasterholm", "Brekkstad", "Ordal")))
REGISTRY = Registry((NORDVIK, MARKED, *OTHERS))

NAMED = (
    "Nordvik shoes", "NORDVIK", "N o r d v i k bag", "Nord-vik", "Nоrdvik", "Nordvík", "Nordvlk",
    "N0rdvik", "诺德维克 鞋", "諾德維克", "trail craft", "TrailCraft", "trail-craft bag", "Trail",
    "Nordv*k", "NV TR500", "Trail Runner 5", "glowset lamp", "Lumenor lamp", "Nordvik\u0301",
    "Nordvik Vasterholm Brekkstad", "nordvik replica", "nordvik 1:1", "for Nordvik", "lamp",
)  # fmt: skip
REST: tuple[dict[str, Any], ...] = (
    {},
    {"brand": "OEM"},
    {"brand": "Nordvik", "price": Decimal(110), "currency": "USD"},
    {"price": Decimal(20), "currency": "USD", "seller_id": "x", "category": "shoes"},
    {"description": "high copy of Nordvik", "seller_id": "shop-1"},
    {"description": "Nordvik" + " and more" * 9, "brand": "Ordal"},
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(REGISTRY)


def listings() -> list[Listing]:
    return [
        Listing(f"{number}", title, **rest)
        for number, (title, rest) in enumerate(product(NAMED, REST))
    ]


def suspects(matches: list[Match]) -> list[Match]:
    return [match for match in matches if match.is_suspect]


@pytest.mark.parametrize("threshold", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("offset", [None, BrandOffset(1.5, {"brand_named": 2.0}, 0.3)])
def test_the_look_at_marks_alone_loses_no_suspect(
    engine: Engine, threshold: float, offset: BrandOffset | None
) -> None:
    weights = replace(engine.ruleset.weights, threshold=threshold)
    if offset is not None:
        weights = replace(weights, brand_offsets={"nordvik": offset})
    judge = engine.with_ruleset(engine.ruleset.with_weights(weights))
    full = [suspects(matches) for matches in judge.scan(listings(), include_below=True)]
    assert judge.scan(listings()) == full
    assert any(full)


def test_an_ordinary_offer_needs_no_closer_look(engine: Engine) -> None:
    ordinary = [
        Listing("1", "Nordvik Trail Runner 5"),
        Listing("2", "trail craft bag"),
        Listing("3", "x"),
    ]
    batch = Batch(ordinary)
    rows, marks = engine._base.index.scan(batch.points, batch.starts, batch.size)
    assert {0, 1} <= set(rows[:, 0].tolist())
    assert not (marks & basis.BENT).any()
    assert engine.scan(ordinary) == [[], [], []]


def test_a_changed_brand_is_under_the_same_look(engine: Engine) -> None:
    changed = engine.with_delta([replace(NORDVIK, aliases=("Fjellby",))])
    found = changed.scan([Listing("1", "Fjеllby"), Listing("2", "Fjellby"), Listing("3", "lamp")])
    assert [len(matches) for matches in found] == [1, 0, 0]


def test_a_name_repeated_thousands_of_times_is_looked_at_a_few_times(engine: Engine) -> None:
    hostile = Listing("1", "Nоrdvik " * 240, description="Nordvik replica " * 1_200)
    batch = Batch([hostile])
    rows, _ = engine._base.index.scan(batch.points, batch.starts, batch.size)
    assert len(rows) <= 2 * basis.MOST_REPEATS
    assert [match.brand_id for match in engine.scan_one(hostile)] == ["nordvik"]


def test_a_monstrous_listing_is_cut_before_anything_is_made_of_it(engine: Engine) -> None:
    batch = Batch([Listing("1", "ﷺ" * 1_000_000, description="n" * 1_000_000)])
    assert len(batch.points) == 2_000 + 20_000
    assert engine.scan_one(Listing("1", "ﷺ" * 1_000_000)) == []


def test_empty_fields_are_not_looked_at() -> None:
    assert len(Batch([Listing("1", "a"), Listing("2", "b")]).texts) == 2
    assert len(Batch([Listing("1", "a", brand="c"), Listing("2", "b")]).texts) == 4
    assert len(Batch([Listing("1", "a", description="c"), Listing("2", "b")]).texts) == 6


def test_the_bench_prints_every_figure_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "TITLES", 60)
    monkeypatch.setattr(bench, "SINGLE_CALLS", 20)
    monkeypatch.setattr(bench, "NAIVE_TITLES", 2)
    rows = list(bench.run([64, 128]))
    assert all(row.keys() >= KEYS for row in rows)
    assert [row["models"] for row in rows] == [64, 128]
    assert rows[0]["slow_down"] == 1
    assert all(row["rule_change_seconds"] > 0 for row in rows)


def test_a_run_is_kept_with_machine_date_and_goals(tmp_path: Path) -> None:
    row = dict.fromkeys(bench.Figures.__dataclass_fields__, 1.5)
    table = write_table([row], datetime(2026, 11, 26, 13, tzinfo=UTC), tmp_path)
    text = table.read_text(encoding="utf-8")
    assert table.name == "engine-2026-11-26.md"
    assert "≥ 0.30" in text
    assert "Python" in text
    kept = json.loads((tmp_path / "engine-2026-11-26.json").read_text(encoding="utf-8"))
    assert kept["sizes"] == [row]
    assert kept["processor"]
    assert kept["measured_at"].startswith("2026-11-26")
