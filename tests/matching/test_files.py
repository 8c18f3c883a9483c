"""Files of listings with bad rows, broken files, and files of something else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pushes.matching import scanning
from pushes.matching.__main__ import main

REGISTRY = '{"brands": [{"id": "n", "name": "Nordvik"}]}'


def run(folder: Path, listings: Path, *options: str) -> tuple[int, list[str]]:
    """Scan one file; returns the exit status and the lines of the error file."""
    (folder / "r.json").write_text(REGISTRY)
    files = ["--registry", str(folder / "r.json"), "--listings", str(listings)]
    status = main(["scan", *files, "--out", str(folder / "out.csv"), *options])
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


GOOD = "listing_id,title\n1,Nоrdvik shoe\n"


@pytest.mark.parametrize("row", ["1,Nоrdvik shoe,abc", "1,Nоrdvik shoe,-5", "1,Nоrdvik shoe,inf"])
def test_a_nonsensical_price_hides_no_listing(row: str, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(f"listing_id,title,price\n{row}\n", encoding="utf-8")
    assert run(tmp_path, path) == (0, ["1,price"])
    assert "\n1,n," in (tmp_path / "out.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_signs_between_columns_are_seen(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(GOOD.replace(",", sign), encoding="utf-8")
    assert run(tmp_path, path) == (0, [])
    assert "\n1,n," in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_a_file_in_another_encoding_is_noticed_and_read_when_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes("listing_id,title\n1,诺德维克 Nordvik\n".encode("gb18030"))
    assert run(tmp_path, path) == (0, ["1,title"])
    assert run(tmp_path, path, "--encoding", "gb18030") == (0, [])
    assert run(tmp_path, path, "--encoding", "klingon")[0] == 2


def test_what_cannot_be_written_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "l.csv"
    path.write_text(GOOD, encoding="utf-8")
    (tmp_path / "r.json").write_text(REGISTRY)
    files = ["scan", "--registry", str(tmp_path / "r.json"), "--listings", str(path), "--out"]
    for out, says in (
        (tmp_path, "folder"),
        (tmp_path / "no" / "o.csv", "no such"),
        (path, "holds"),
    ):
        assert main([*files, str(out)]) == 2
        assert says in capsys.readouterr().err
    assert main([*files, "/dev/full"]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == GOOD


def test_a_scan_that_is_broken_off_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "l.csv"
    path.write_text(GOOD, encoding="utf-8")
    run(tmp_path, path)
    before = (tmp_path / "out.csv").read_bytes()

    def interrupted(*_arguments: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(scanning, "_lines", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, path)
    assert (tmp_path / "out.csv").read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


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
