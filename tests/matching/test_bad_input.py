"""Nothing that a marketplace or a rights holder sends may crash or stall the engine."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushes.matching import Brand, Engine, Listing, Registry, RegistryError, Ruleset, RulesetError
from pushes.matching.__main__ import main
from pushes.matching.normalise import fold
from pushes.matching.tables import fold_all

ENGINE = Engine(Registry((Brand("n", "Nordvik", ("诺德维克", "HP")), Brand("x", "X"))))
TEXTS = st.text(st.characters(), max_size=80) | st.text(
    "Nnоordvikｎ0* \u200b\u0301诺德维克", max_size=30
)


@given(st.lists(TEXTS, max_size=8))
@settings(max_examples=150, deadline=None)
def test_the_compiled_loop_folds_exactly_like_the_readable_one(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_text_is_survived_and_every_span_lies_inside_it(
    title: str, description: str, brand: str
) -> None:
    listing = Listing("1", title, description, brand)
    for match in ENGINE.scan_one(listing, include_below=True):
        assert 0 <= match.score <= 1
        for signal in match.signals:
            if signal.field == "title" and signal.end:
                assert 0 <= signal.start < signal.end <= len(title)


@given(st.lists(TEXTS, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_batch_says_the_same_as_one_listing_at_a_time(titles: list[str]) -> None:
    listings = [Listing(str(number), title) for number, title in enumerate(titles)]
    alone = [ENGINE.scan_one(listing, include_below=True) for listing in listings]
    assert ENGINE.scan(listings, include_below=True) == alone


@pytest.mark.parametrize(
    "title",
    ["N" * 1_000_000, "🔥" * 5_000, "\ud800\udfff" * 500, "\u202eNordvik\u202c" * 300,
     "﷽" * 2_000, "*" * 50_000, "n*" * 20_000, "诺" * 100_000, "0" * 100_000],
    ids=["1 MB", "emoji", "surrogates", "rtl", "ligatures", "stars", "masks", "wide", "digits"],
)  # fmt: skip
def test_a_hostile_title_takes_bounded_time(title: str) -> None:
    started = time.process_time()
    ENGINE.scan_one(Listing("1", title, title, title, Decimal("NaN"), "USD"), include_below=True)
    assert time.process_time() - started < 3


def test_a_one_letter_alias_is_left_out_and_reported() -> None:
    assert [pattern.text for pattern in ENGINE._base.index.too_short] == ["X"]
    assert ENGINE.scan_one(Listing("1", "X x X"), include_below=True) == []


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (None, "$"),
        ({}, "$.brands"),
        ({"brands": {}}, "$.brands"),
        ({"brands": [{"id": "1"}]}, "$.brands[0].name"),
        ({"brands": [{"id": "1", "name": "A", "alias": []}]}, "$.brands[0].alias"),
        ({"brands": [{"id": "1", "name": "A"}, {"id": 1, "name": "B"}]}, "$.brands[1].id"),
        (
            {"brands": [{"id": "1", "name": "A", "product_models": [{"id": "m", "gtin": "123"}]}]},
            "$.brands[0].product_models[0].gtin",
        ),
        (
            {"brands": [{"id": "1", "name": "A", "product_models": [
                {"id": "m", "list_price": -1}]}]},
            "$.brands[0].product_models[0].list_price",
        ),
        (
            {"brands": [{"id": "1", "name": "A", "characteristics": [
                {"id": "c", "kind": "phrase_pattern", "value": "(?=a)"}]}]},
            "$.brands[0].characteristics[0].value",
        ),
        (
            {"brands": [{"id": "1", "name": "A", "characteristics": [
                {"id": "c", "kind": "smell", "value": "a"}]}]},
            "$.brands[0].characteristics[0].kind",
        ),
    ],
)  # fmt: skip
def test_a_wrong_registry_is_refused_with_the_path(document: object, path: str) -> None:
    with pytest.raises(RegistryError) as caught:
        Registry.from_dict(document)
    assert caught.value.path == path
    assert caught.value.hint


KEYS = st.sampled_from(["brands", "id", "name", "gtin", "kind", "product_models"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = st.recursive(LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part))


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_any_json_is_read_or_refused_in_words(document: object) -> None:
    try:
        problem = ""
        Registry.from_dict(document)
    except RegistryError as error:
        problem = error.path
    assert problem.startswith("$") or isinstance(document, dict)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "intercept": "a", "threshold": 0.5}']
)
def test_a_ruleset_edited_by_hand_is_refused_in_words(text: str) -> None:
    with pytest.raises(RulesetError):
        Ruleset.from_json(text)


def test_a_weight_against_its_sign_is_refused() -> None:
    document = Ruleset().to_dict()
    document["weights"]["price_low"] = -1.0
    with pytest.raises(RulesetError, match="price_low"):
        Ruleset.from_dict(document)


def test_scan_writes_bad_rows_to_an_error_file_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps({"brands": [{"id": "n", "name": "Nordvik"}]}))
    (tmp_path / "l.csv").write_bytes(
        b"listing_id,title,price,currency,colour\r\n1,N0rdvik shoe,abc,USD,red\n,No id,1,USD,red\n"
        b"3,N0rdvik \xff\x00shoe,NaN,USD,blue\n"
    )
    arguments = [
        "scan",
        "--registry",
        str(tmp_path / "r.json"),
        "--listings",
        str(tmp_path / "l.csv"),
    ]
    assert main([*arguments, "--out", str(tmp_path / "m.csv")]) == 0
    lines = (tmp_path / "m.csv").read_text().splitlines()
    assert lines[0] == "listing_id,brand_id,product_model_id,score,signals,colour"
    assert [line.split(",")[0] for line in lines[1:]] == ["3"]
    assert lines[1].endswith(",blue")
    errors = (tmp_path / "m.errors.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in errors[1:]] == [["1", "price"], ["2", "listing_id"]]


def test_scan_gives_the_same_matches_with_two_workers(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps({"brands": [{"id": "n", "name": "Nordvik"}]}))
    rows = "\n".join(json.dumps({"listing_id": n, "title": "N0rdvik shoe"}) for n in range(1_200))
    (tmp_path / "l.jsonl").write_text(rows)
    arguments = [
        "scan",
        "--registry",
        str(tmp_path / "r.json"),
        "--listings",
        str(tmp_path / "l.jsonl"),
    ]
    for workers in ("1", "2"):
        out = str(tmp_path / f"m{workers}.csv")
        assert main([*arguments, "--out", out, "--workers", workers]) == 0
    assert (tmp_path / "m1.csv").read_text() == (tmp_path / "m2.csv").read_text()
    assert len((tmp_path / "m1.csv").read_text().splitlines()) == 1_201


def test_a_missing_file_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["scan", "--registry", "/nowhere.json", "--listings", "l.csv", "--out", "m.csv"]) == 2
    )
    assert "cannot read" in capsys.readouterr().err
