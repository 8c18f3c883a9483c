"""Files of listings with bad rows, broken files, and files of something else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pushes.matching.__main__ import main

REGISTRY = '{"brands": [{"id": "n", "name": "Nordvik"}]}'


def run(folder: Path, listings: Path) -> tuple[int, list[str]]:
    """Scan one file; returns the exit status and the lines of the error file."""
    (folder / "r.json").write_text(REGISTRY)
    files = ["--registry", str(folder / "r.json"), "--listings", str(listings)]
    status = main(["scan", *files, "--out", str(folder / "out.csv")])
    errors = folder / "out.errors.csv"
    lines = errors.read_text(encoding="utf-8").splitlines() if errors.exists() else []
    return status, [",".join(line.split(",")[:2]) for line in lines[1:]]


def test_every_line_of_json_that_is_no_record_is_reported_and_the_rest_is_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "l.jsonl"
    good = '{"listing_id": 1, "title": "Nоrdvik", "price": null, "image_url": []}'
    bad = ["{", "[1]", "7", "[" * 100_000, '{"title": "x"}', '{"listing_id": 2, "price": {"a": 1}}',
           '{"listing_id": 3, "attributes": [1]}', '{"listing_id": 4, "price": 1e999}',
           '{"listing_id": 5, "price": -1}']  # fmt: skip
    path.write_text("\n".join([good, *bad, "", good.replace("1", "6")]), encoding="utf-8")
    status, errors = run(tmp_path, path)
    assert status == 0
    columns = ["", "", "", "", "listing_id", "price", "attributes", "price", "price"]
    assert errors == [f"{number},{column}" for number, column in enumerate(columns, start=2)]
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_a_parquet_row_that_is_no_text_is_reported_and_a_broken_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "l.parquet"
    offsets = pa.py_buffer(b"".join(n.to_bytes(4, "little") for n in (0, 8, 9)))
    titles = pa.StringArray.from_buffers(2, offsets, pa.py_buffer("Nоrdvik".encode() + b"\xff"))
    pq.write_table(pa.table({"listing_id": ["1", "2"], "title": titles}), path)
    assert run(tmp_path, path) == (0, ["2,title"])

    numbers = [str(number) for number in range(6_000)]
    pq.write_table(pa.table({"listing_id": numbers}), path, row_group_size=2_000)
    at = pq.ParquetFile(path).metadata.row_group(2).column(0).dictionary_page_offset
    content = bytearray(path.read_bytes())
    content[at : at + 200] = b"\xff" * 200
    path.write_bytes(content)
    assert run(tmp_path, path)[0] == 2
    assert "l.parquet: broken after record" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "no column listing_id"), ("\ufeff\n", "no column listing_id"),
     ("id,title\n1,a\n", "no column"), ("\0\0\0", "no column listing_id")],
)  # fmt: skip
def test_a_csv_file_without_ids_is_refused_in_words(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "l.csv"
    path.write_text(text, encoding="utf-8")
    assert run(tmp_path, path)[0] == 2
    assert says in capsys.readouterr().err
    path.write_text("listing_id,title\n", encoding="utf-8")
    assert run(tmp_path, path) == (0, [])
