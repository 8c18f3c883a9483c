"""Nothing that a marketplace or a rights holder sends may crash or stall the engine."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushes.matching import (
    Brand,
    Engine,
    Listing,
    Registry,
    RegistryError,
    Ruleset,
    RulesetError,
    Signal,
)
from pushes.matching.__main__ import main
from pushes.matching.index import MOST_ALIKE
from pushes.matching.listing_files import BadRow, Row, listing_from_record
from pushes.matching.normalise import fold
from pushes.matching.signals.declared_text import clean
from pushes.matching.tables import fold_all
from tests.matching.signal_contract import REGISTRY as CONTRACT

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


COLUMNS = (
    "listing_id", "title", "description", "brand", "price", "currency", "seller_id", "seller",
    "category", "marketplace", "ship_from", "image_url", "attributes", "colour",
)  # fmt: skip
BITS = (
    "Nordvik", "NORD", "vik", "N0rdv1k", "Nоrdvik", "Nord-vik", "nrdvk", "NV-TR500", "NVTR", "500",
    "Trail Runner 5", "4006381333931", "factory outlet", "grade a", "高仿", "for", "free", "case",
    "Talgard", "Velmora", "HP", "OEM", "No Brand", " ", " ", "*", "\u200b", "\u202e", "\u0301",
    "🔥", "\ud800", "\x00", "㎏", "ﷺ", "９", "1:1", "s1", "bad-shop", "aaa", "NaN", "inf", "-1",
    "9.90", "1E-999999", "1E+999999", "USD", '{"material": "wool"}', "{", "shoes",
)  # fmt: skip
CELLS = st.lists(st.sampled_from(BITS), max_size=9).map("".join) | TEXTS
AS_REGISTERED = {
    "brand_named", "brand_respaced", "model_number", "model_name", "gtin", "keyword",
    "evasive_spelling",
}  # fmt: skip
FULL = Engine(CONTRACT)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, CELLS)), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_text_in_any_column_gives_a_result_or_a_row_error(
    records: list[dict[str, str]],
) -> None:
    rows = [listing_from_record(number, record) for number, record in enumerate(records, 1)]
    assert all(row.reason for row in rows if isinstance(row, BadRow))
    listings = [row.listing for row in rows if isinstance(row, Row)]
    for listing, matches in zip(listings, FULL.scan(listings, include_below=True), strict=True):
        for match in matches:
            assert 0 <= match.score <= 1
            assert json.loads(json.dumps(match.to_dict()))["listing_id"] == listing.id
            for signal in match.signals:
                check_span(signal, listing)


def check_span(signal: Signal, listing: Listing) -> None:
    """The span indexes the text as it was given; what stands there folds to what is declared."""
    text = {
        "title": listing.title, "description": listing.description, "brand": listing.brand,
    }.get(signal.field)  # fmt: skip
    if text is None or not signal.end:
        return
    assert 0 <= signal.start < signal.end <= len(text)
    span = text[signal.start : signal.end]
    assert signal.matched in (span, clean(span))
    if signal.kind in AS_REGISTERED:
        assert fold(signal.registered) in (fold(span), fold(span[::-1]))


@pytest.mark.parametrize(
    "title",
    ["N" * 1_000_000, "🔥" * 5_000, "\ud800\udfff" * 500, "\u202eNordvik\u202c" * 300,
     "﷽" * 2_000, "*" * 50_000, "n*" * 20_000, "诺" * 100_000, "0" * 100_000,
     "Nordvik " * 100_000, "Nоrdvik" * 100_000, "N0rdvik " * 3_000, "Nordv*k " * 3_000,
     "Nordvlk " * 3_000, "诺德维克" * 3_000, "𝓝𝓸𝓻𝓭 " * 1_000, "4006381333931 " * 2_000,
     "ɐ#" + "l" * 30_000, "ɐl l" * 8_000],
    ids=["1 MB", "emoji", "surrogates", "rtl", "ligatures", "stars", "masks", "wide", "digits",
         "name", "disguised", "leet", "masked", "misspelt", "Chinese", "styled", "GTIN",
         "turned", "turned pieces"],
)  # fmt: skip
def test_a_hostile_title_takes_bounded_time(title: str) -> None:
    listing = Listing("1", title, title, title, Decimal("NaN"), "USD")
    FULL.scan_one(listing, include_below=True)  # reads word lists that are kept
    started = time.process_time()
    for engine in (ENGINE, FULL):
        for match in engine.scan_one(listing, include_below=True):
            assert len(match.signals) < 100
    assert time.process_time() - started < 3


@pytest.mark.parametrize("bent", ["s****** ", "s*******", "Samlo ", "S4ml0r4 "])
def test_names_of_several_words_cost_little_beside_a_bent_word(bent: str) -> None:
    """The text around a word is folded once, not for each of the names the word may belong to."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = tuple(
        Brand(f"b{n}", f"Samlor{letters[n % 26]} {letters[n // 26 % 26]}ilvo{letters[n // 676]}")
        for n in range(3_000)
    )
    engine = Engine(Registry(names))
    title = (bent * 40 + "quiet morning by the sea " * 80)[:2_000]
    engine.scan_one(Listing("0", "s*mlora ailvoa"), include_below=True)
    started = time.process_time()
    engine.scan_one(Listing("1", title), include_below=True)
    assert time.process_time() - started < 2


def test_pieces_of_names_are_looked_at_a_few_times_only() -> None:
    names = tuple(
        Brand(f"b{n}", f"Sa{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}on") for n in range(676)
    )
    title = " ".join(f"s{chr(97 + n % 26)}*{chr(97 + n // 26)}" for n in range(400))
    started = time.process_time()
    Engine(Registry(names)).scan_one(Listing("1", title), include_below=True)
    assert time.process_time() - started < 5


def test_one_name_in_a_million_spellings_is_looked_at_a_few_times() -> None:
    dotted = tuple(
        "Nordvik"[:n] + "." * dots + "Nordvik"[n:] for n in range(7) for dots in range(99)
    )
    engine = Engine(Registry((Brand("n", "Nordvik", dotted), Brand("o", "Nord.vik"))))
    assert len(engine.find([Listing("1", "N.o.r.d.v.i.k")])) == MOST_ALIKE + 1


def test_a_registry_beyond_the_limit_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brand = {"id": "n", "name": "Nordvik", "aliases": [f"Nordvik {n}" for n in range(1_000)]}
    (tmp_path / "r.json").write_text(json.dumps({"brands": [brand]}))
    (tmp_path / "l.csv").write_text("listing_id,title\n1,Nоrdvik 77 shoes\n")
    files = ["--registry", str(tmp_path / "r.json"), "--listings", str(tmp_path / "l.csv")]
    scan = ["scan", *files, "--out", str(tmp_path / "m.csv")]
    assert main([*scan, "--most-texts", "1000"]) == 2
    assert "1,001 registered texts (at most 1,000" in capsys.readouterr().err
    assert main([*scan, "--most-texts", "1001"]) == 0


def test_an_empty_registry_matches_nothing() -> None:
    engine = Engine(Registry.from_dict({"brands": []}))
    assert engine.scan([Listing("1", "N0rdvik"), Listing("2", "")], include_below=True) == [[], []]
    fresh = engine.with_delta([Brand("n", "Nordvik")])
    assert [m.brand_id for m in fresh.scan_one(Listing("1", "Nоrdvik"))] == ["n"]
    assert engine.scan([]) == []


@pytest.mark.parametrize(
    ("pattern", "says"),
    [(r"(a)\1", "RE2 rejects"), ("(?=a)", "RE2 rejects"), ("a{2000}", "RE2 rejects"),
     ("(", "RE2 rejects"), ("a*", "matches the empty text"), ("\ud800", "RE2 rejects"),
     ("a" * 501, "501 characters")],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["phrase_pattern", "seller_pattern"])
def test_a_pattern_that_cannot_be_run_is_refused_with_its_place(
    kind: str, pattern: str, says: str
) -> None:
    mark = {"id": "c", "kind": kind, "value": pattern}
    brands = [{"id": "m", "name": "B"}, {"id": "n", "name": "A", "characteristics": [mark]}]
    with pytest.raises(RegistryError, match=says) as caught:
        Registry.from_dict({"brands": brands})
    assert caught.value.path == "$.brands[1].characteristics[0].value"
    assert caught.value.hint


def test_patterns_are_bounded_in_number_and_in_the_text_they_see() -> None:
    def registry(count: int) -> Registry:
        marks = [
            {"id": f"{n}", "kind": "phrase_pattern", "value": f"(x+{n}y*)+(x|y|z)*?{n}zz"}
            for n in range(count)
        ]
        return Registry.from_dict(
            {"brands": [{"id": "n", "name": "Nordvik", "characteristics": marks}]}
        )

    with pytest.raises(RegistryError, match=r"201 patterns.*at most 200 a brand"):
        registry(201)
    listing = Listing("1", "Nordvik", "x" * 900 + "77zz" + "xy" * 500_000 + "88zz")
    started = time.process_time()
    match = Engine(registry(200)).scan_one(listing, include_below=True)[0]
    assert time.process_time() - started < 10
    assert [s.matched[-3:] for s in match.signals if s.kind == "phrase_pattern"] == ["7zz"]


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
    document["weights"]["price_low"] = 10**400
    with pytest.raises(RulesetError, match="too large"):
        Ruleset.from_dict(document)


def test_a_weight_nobody_knows_is_refused_and_one_with_a_sign_is_taken() -> None:
    document = Ruleset().to_dict()
    document["weights"]["price_loww"] = 1.0
    with pytest.raises(RulesetError, match=r"weights\.price_loww: no such signal"):
        Ruleset.from_dict(document)
    document["signs"]["price_loww"] = 2
    with pytest.raises(RulesetError, match=r"signs\.price_loww"):
        Ruleset.from_dict(document)
    document["signs"]["price_loww"] = 1
    assert Ruleset.from_dict(document).weights.weights["price_loww"] == 1.0
    del document["weights"]["price_loww"]
    document["brand_offsets"] = {"b": {"weights": {"tipo": 1.0}}}
    with pytest.raises(RulesetError, match=r"brand_offsets\.b\.weights\.tipo"):
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
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "3"], "matched without its price"
    assert lines[2].endswith(",blue")
    errors = (tmp_path / "m.errors.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in errors[1:]] == [
        ["1", "price"],
        ["2", "listing_id"],
        ["3", "title"],
    ]


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
