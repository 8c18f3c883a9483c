"""Tables people upload turned into lines of JSON, and CSV; runs in the limited process.

Rows are counted as spreadsheets count them: from 1, the headings and empty rows included, a cell
with line breaks being one row.

``rows.jsonl`` holds one line a filled row: ``[row, [cell, …]]``, or ``[row, [cell, …], problem]``
when the row cannot be read. Line breaks and quotes inside a cell are kept.
"""

import codecs
import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from brands.reading import limits
from brands.reading.apply import apply

Row = tuple[int, list[str], str]

Read = Callable[[bytes, dict[str, str]], tuple[dict[str, Any], list[Row]]]

_OLE: Final = b"\xd0\xcf\x11\xe0"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# GB18030 refuses most texts of one-byte encodings, so it is asked before them.
_GUESSES: Final = ("utf-8", "gb18030", "cp1252")
_DELIMITERS: Final = ",;\t|"
_SAMPLE_LINES: Final = 60
SAMPLES: Final = 4


class Unfit(Exception):
    """The file is not taken; ``detail`` goes into the sentence."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def main(read: Read, file: str, folder: str, options: str) -> int:
    """Limit this process, read the file, and print one line of JSON: the facts or a refusal.

    ``options`` is JSON: ``{"encoding": "…", "sheet": "…"}``.
    """
    apply(seconds=limits.TABLE_SECONDS, memory=limits.TABLE_MEMORY_BYTES)
    try:
        facts, rows = read(Path(file).read_bytes(), json.loads(options))
        answer = facts | written(rows, Path(folder))
    except Unfit as refusal:
        answer = {"refused": refusal.code, "detail": refusal.detail}
    except (MemoryError, OSError):
        answer = {"refused": "too_heavy"}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def written(rows: list[Row], folder: Path) -> dict[str, Any]:
    """Write ``rows.jsonl`` into the folder; return what is known about the table."""
    header, body = split(rows)
    if len(body) > limits.MOST_ROWS:
        raise Unfit("too_many_rows", str(len(body)))
    columns = _columns(header, body)
    with (folder / "rows.jsonl").open("w", encoding="utf-8", errors="backslashreplace") as out:
        for number, cells, problem in body:
            line = [number, cells, problem] if problem else [number, cells]
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    samples = [cells[: len(columns)] for _n, cells, problem in body if not problem][:SAMPLES]
    return {
        "header_row": header[0],
        "columns": columns,
        "rows": len(body),
        "samples": [[cell[:80] for cell in cells] for cells in samples],
    }


def split(rows: list[Row]) -> tuple[Row, list[Row]]:
    """Return the headings and the filled rows below them; titles above them are passed over."""
    filled = [row for row in rows if row[2] or any(cell.strip() for cell in row[1])]
    if not filled:
        raise Unfit("empty")
    wide = (n for n, row in enumerate(filled) if sum(bool(c.strip()) for c in row[1]) > 1)
    at = next(wide, 0)
    if len(filled) == at + 1:
        raise Unfit("headers_only")
    return filled[at], filled[at + 1 :]


def _columns(header: Row, body: list[Row]) -> list[str]:
    titles = [" ".join(cell.split())[:120] for cell in header[1]]
    while titles and not titles[-1]:
        at = len(titles) - 1
        if any(len(cells) > at and cells[at].strip() for _n, cells, _p in body):
            break
        titles.pop()
    if len(titles) > limits.MOST_COLUMNS:
        raise Unfit("too_many_columns", str(len(titles)))
    return titles


# --------------------------------------------------------------------------- CSV


def read(content: bytes, options: dict[str, str]) -> tuple[dict[str, Any], list[Row]]:
    """Return what is known about a CSV file and its rows; its letters and delimiter are guessed."""
    if content.startswith(_OLE):
        raise Unfit("old_excel")
    text, encoding = _decoded(content, options.get("encoding", ""))
    if "\0" in text:
        raise Unfit("not_a_table")
    delimiter = _delimiter(text)
    rows = list(_csv_rows(text, delimiter))
    return {"format": "csv", "encoding": encoding, "delimiter": delimiter}, rows


def _decoded(content: bytes, wanted: str) -> tuple[str, str]:
    for mark, name in _BOMS:
        if content.startswith(mark):
            guesses: tuple[str, ...] = (name,)
            break
    else:
        guesses = (wanted,) if wanted else _GUESSES
    for guess in guesses:
        try:
            return content.decode(guess), guess.removesuffix("-sig")
        except (UnicodeDecodeError, LookupError):
            continue
    raise Unfit("encoding", guesses[0])


def _delimiter(text: str) -> str:
    lines = io.StringIO(text, newline="")
    sample = [line for line, _n in zip(lines, range(_SAMPLE_LINES), strict=False)]
    return max(_DELIMITERS, key=lambda mark: _fit(sample, mark))


def _fit(sample: list[str], mark: str) -> tuple[float, int]:
    """How well a delimiter cuts the sample into rows of one width, and that width."""
    try:
        rows = [row for row in csv.reader(sample, delimiter=mark) if row]
    except csv.Error:
        return (0.0, 0)
    if not rows:
        return (0.0, 0)
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    return (count / len(rows), width) if width > 1 else (0.0, 0)


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(limits.LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        if number > limits.MOST_ROWS + 1_000:
            raise Unfit("too_many_rows", str(text.count("\n")))
        try:
            yield number, next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            yield number, [], str(error)
