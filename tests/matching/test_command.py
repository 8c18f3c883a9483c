"""``python -m pushes.matching scan`` as somebody with two files uses it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pushes.matching.__main__ import main

REGISTRY = {
    "brands": [
        {
            "id": "n",
            "name": "Nordvik",
            "product_models": [
                {"id": "m", "name": "Trail Runner 5", "lowest_price": 60, "currency": "USD"}
            ],
        }
    ]
}
ROWS = [
    {"listing_id": "1", "title": "Giày Nоrdvik đẹp", "description": "inspired by Nordvik",
     "price": "", "currency": "USD", "colour": "đỏ"},
    {"listing_id": "2", "title": "Nordvik Trail Runner 5", "description": "", "price": "1.5",
     "currency": "EUR", "colour": ""},
    {"listing_id": "3", "title": "Nordvik", "description": "", "price": "abc", "currency": "USD",
     "colour": "x"},
]  # fmt: skip


def write(folder: Path, ending: str) -> Path:
    path = folder / f"l.{ending}"
    if ending == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(ROWS[0]))
            writer.writeheader()
            writer.writerows(ROWS)
    elif ending == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


def scan(folder: Path, ending: str, *options: str) -> list[dict[str, Any]]:
    (folder / "r.json").write_text(json.dumps(REGISTRY))
    out = folder / f"{ending}.csv"
    files = ["--listings", str(write(folder, ending)), "--out", str(out)]
    assert main(["scan", "--registry", str(folder / "r.json"), *files, *options]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def test_all_three_kinds_of_file_give_the_same_matches(tmp_path: Path) -> None:
    found = [scan(tmp_path, ending, "--threshold", "0") for ending in ("csv", "jsonl", "parquet")]
    assert found[0] == found[1] == found[2]
    assert [row["listing_id"] for row in found[0]] == ["1", "2", "3"]


def test_the_default_writes_mentions_with_their_score_and_half_only_suspects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rates.json").write_text('{"base": "USD", "date": "2026-11-26", "per_base": {}}')
    rates = ("--rates", str(tmp_path / "rates.json"))
    every = scan(tmp_path, "csv", *rates)
    assert {row["listing_id"]: float(row["score"]) >= 0.5 for row in every} == {
        "1": True,
        "2": False,
        "3": False,
    }
    assert "3 matches (1 with a score of 0.5 or more)" in capsys.readouterr().out
    suspects = scan(tmp_path, "csv", "--threshold", "0.5", *rates)
    assert {row["listing_id"] for row in suspects} == {"1"}


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Nordvik shoes", True),
        ("新款诺德維克女鞋", True),
        ("case for Nordvik watch", False),
        ("U_GG", False),
        ("𝓝𝓸𝓻𝓭𝓿 shoes", False),
        ("mordvik shoes", False),
    ],
)
def test_what_is_more_likely_something_else_is_no_mention(
    title: str, written: bool, tmp_path: Path
) -> None:
    brands = [{"id": "n", "name": "Nordvik", "aliases": ["诺德维克"]}, {"id": "u", "name": "UGG"}]
    (tmp_path / "r.json").write_text(json.dumps({"brands": brands}))
    (tmp_path / "l.csv").write_text(f"listing_id,title\n1,{title}\n", encoding="utf-8")
    files = ["--listings", str(tmp_path / "l.csv"), "--out", str(tmp_path / "m.csv")]
    assert main(["scan", "--registry", str(tmp_path / "r.json"), *files]) == 0
    assert len((tmp_path / "m.csv").read_text(encoding="utf-8").splitlines()) == 1 + written


def test_spans_point_into_the_original_text_and_other_columns_pass_through(tmp_path: Path) -> None:
    row = next(r for r in scan(tmp_path, "csv") if r["listing_id"] == "1")
    assert row["colour"] == "đỏ"
    signals = json.loads(row["signals"])
    assert {signal["field"] for signal in signals} == {"title", "description"}
    for signal in signals:
        text = ROWS[0][signal["field"]]
        assert text[signal["start"] : signal["end"]] == signal["matched"]
        assert {"kind", "registered", "contribution"} <= signal.keys()
    assert "price" not in {signal["field"] for signal in signals}, "a missing price is no price"


def test_a_bad_row_goes_to_the_error_file_with_its_number_column_and_reason(tmp_path: Path) -> None:
    scan(tmp_path, "csv")
    lines = (tmp_path / "csv.errors.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["row,column,reason", "3,price,not a number: 'abc'"]


def test_rates_of_the_operator_decide_what_is_cheap(tmp_path: Path) -> None:
    def kinds(per_base: dict[str, object]) -> set[str]:
        table = {"base": "USD", "date": "2026-11-26", "per_base": per_base}
        (tmp_path / "rates.json").write_text(json.dumps(table))
        options = ("--threshold", "0", "--rates", str(tmp_path / "rates.json"))
        row = next(r for r in scan(tmp_path, "csv", *options) if r["listing_id"] == "2")
        return {signal["kind"] for signal in json.loads(row["signals"])}

    assert "price_low" in kinds({"EUR": 0.9})
    assert "price_plausible" in kinds({"EUR": "0.02"})
    assert not kinds({}) & {"price_low", "price_plausible"}, "no rate, no signal"


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"base": "USD", "date": "x", "per_base": {}}',
             '{"base": "USD", "date": "2026-11-26", "per_base": {"EUR": 0}}',
             '{"base": "USD", "date": "2026-11-26", "per_base": {"EUR": "NaN"}}']
)  # fmt: skip
def test_a_wrong_table_of_rates_is_refused_in_words(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.json").write_text(json.dumps(REGISTRY))
    (tmp_path / "rates.json").write_text(text)
    arguments = ["--registry", str(tmp_path / "r.json"), "--out", str(tmp_path / "o.csv")]
    arguments += ["--listings", str(write(tmp_path, "csv"))]
    assert main(["scan", *arguments, "--rates", str(tmp_path / "rates.json")]) == 2
    assert "per_base" in capsys.readouterr().err


def test_help_says_what_each_option_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["scan", "--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--registry", "--listings", "--out", "--workers", "--threshold", "--rates"):
        assert option in shown
    assert "errors.csv" in shown


def test_it_says_which_names_and_currencies_it_cannot_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.json").write_text(json.dumps({"brands": [{"id": "n", "name": "N"}]}))
    (tmp_path / "l.csv").write_text("listing_id,title,price,currency\n1,N,5,XQX\n2,N,5,USD\n")
    files = ["--listings", str(tmp_path / "l.csv"), "--out", str(tmp_path / "m.csv")]
    assert main(["scan", "--registry", str(tmp_path / "r.json"), *files]) == 0
    said = capsys.readouterr().err
    assert "1 registered texts have fewer than two letters or digits" in said
    assert "'N' of brand n" in said
    assert "no exchange rate, prices not compared: XQX (1); give a table with --rates" in said
