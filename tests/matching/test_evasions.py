"""Recall on generated evasions, per mechanism."""

from __future__ import annotations

import random

import pytest

from pushes.matching import Brand, Engine, Listing, Registry
from tests.matching.evasions import DETERMINISTIC, FUZZY, Evasion

STARTS, MIDDLES, ENDS = (
    ("Nor", "Tal", "Brio", "Cas", "Vel", "Mora"),
    ("d", "v", "st", "lin", "xa"),
    ("vik", "cano", "resse", "ipo", "wey"),
)
NAMES = [a + b + c for a in STARTS for b in MIDDLES for c in ENDS]
CHINESE = ("诺德维克", "兰朵思", "阿维达", "金欧莱")
TITLES = ("women summer {} bag cheap", "Giày {} nam cao cấp", "tas {} murah 2 pcs", "新款{}女鞋")


@pytest.fixture(scope="module")
def engine() -> Engine:
    brands = [Brand(name, name) for name in NAMES] + [Brand(name, name) for name in CHINESE]
    return Engine(Registry(tuple(brands)))


def recall(engine: Engine, evade: Evasion, suspect: bool = False) -> float:
    rng = random.Random(5)
    found = total = 0
    for name in NAMES:
        bent = evade(name, rng)
        if bent == name:
            continue
        matches = engine.scan_one(
            Listing("1", rng.choice(TITLES).format(bent)), include_below=not suspect
        )
        total += 1
        found += any(match.brand_id == name for match in matches)
    return found / total


@pytest.mark.parametrize("kind", DETERMINISTIC)
def test_it_finds_names_behind_every_deterministic_evasion(engine: Engine, kind: str) -> None:
    assert recall(engine, DETERMINISTIC[kind]) >= 0.995


@pytest.mark.parametrize(("kind", "least"), [("mask", 0.95), ("typo", 0.93), ("leet", 0.95)])
def test_it_finds_most_names_behind_fuzzy_evasions(engine: Engine, kind: str, least: float) -> None:
    assert recall(engine, FUZZY[kind]) >= least


@pytest.mark.parametrize(
    "kind", ["mathematical", "homoglyph", "zero_width", "spacing", "punctuation", "leet"]
)
def test_a_disguise_nobody_writes_by_accident_is_suspect_by_itself(
    engine: Engine, kind: str
) -> None:
    assert recall(engine, (DETERMINISTIC | FUZZY)[kind], suspect=True) >= 0.95


@pytest.mark.parametrize("bent", ["諾德維克", "诺-德-维-克", "诺丨德维克", "诺得维克", "诺德*克"])
def test_it_finds_chinese_names_in_other_characters(engine: Engine, bent: str) -> None:
    matches = engine.scan_one(Listing("1", f"新款{bent}女鞋"), include_below=True)
    assert [match.brand_id for match in matches] == ["诺德维克"]
