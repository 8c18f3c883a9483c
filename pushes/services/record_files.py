"""Records of CSV, JSON Lines and Parquet files, a few at a time, from any place in the file.

A reader keeps only what it is about to hand out in memory, knows where it stands, and can be
opened again at that place: so an import that was killed goes on behind its last committed row.
A record that cannot be read is handed out as an error with its original text; reading goes on
behind it.

Rows are counted as spreadsheets count them: the header of a CSV file is row 1, and a cell with
line breaks is one row. JSON Lines count lines, Parquet counts records, both from 1.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from portal.core.errors import FieldError, InvalidInput
from pushes.services.byte_lines import LONGEST_LINE, Lines

# Encodings whose letters never contain the bytes of a line end, quote or delimiter.
ENCODINGS: Final = (
    *("utf-8", "gb18030", "gbk", "big5", "shift_jis", "euc_kr"),
    *("latin-1", "cp1252", "cp1258", "cp1251"),
)
FORMATS: Final[Mapping[str, str]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
# A quote that is never closed swallows the rows behind it; it is given up after this much.
LONGEST_RECORD: Final = 1 << 18
_SAMPLE: Final = 100
_DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stands: bytes (Parquet: records) and rows that lie behind it."""

    offset: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One record: ``values`` by column, or why it could not be read, with what stood there."""

    row: int
    values: Mapping[str, object] = field(default_factory=dict)
    error: FieldError | None = None


class RecordFile(Protocol):
    """What every format offers. ``columns`` may be a sample where each record names its own."""

    columns: tuple[str, ...]
    place: Place

    def read(self, limit: int) -> list[Record]:
        """Return the next records, at most ``limit``; an empty list at the end."""

    def close(self) -> None:
        """Release the file."""


class _Unreadable(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def format_of(name: str) -> str:
    """Return the format a file's ending stands for, or raise ``InvalidInput``."""
    found = FORMATS.get(Path(name).suffix.lower())
    if found is None:
        message = _("“%(name)s” ends in none of %(endings)s.")
        raise InvalidInput.one(
            "file", "format", message % {"name": name, "endings": ", ".join(FORMATS)}
        )
    return found


def open_records(
    path: Path, *, format_: str, encoding: str = "utf-8", place: Place | None = None
) -> RecordFile:
    """Open a file at a place (default: its beginning). Raises ``InvalidInput`` if it cannot be."""
    try:
        if format_ == "parquet":
            return ParquetRecords(path, place or Place())
        if format_ == "jsonl":
            return JsonRecords(path, encoding, place or Place())
        return CsvRecords(path, encoding, place or Place())
    except OSError as error:
        message = _("The file cannot be read: %(error)s.") % {"error": error.strerror or error}
        raise InvalidInput.one("file", "unreadable", message) from None


# --------------------------------------------------------------------------- text


def _decode(line: bytes, encoding: str) -> str:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        message = _("This is not %(encoding)s: byte %(byte)s at position %(position)s.")
        raise _Unreadable(
            "encoding",
            message
            % {
                "encoding": encoding.upper(),
                "byte": f"0x{line[error.start]:02x}",
                "position": error.start + 1,
            },
        ) from None


def _too_long() -> _Unreadable:
    return _Unreadable(
        "too_large", _("A row may have at most %(kb)s kB.") % {"kb": LONGEST_LINE >> 10}
    )


def _broken(row: int, error: _Unreadable, text: bytes, encoding: str) -> Record:
    shown = text.rstrip(b"\r\n").decode(encoding, "backslashreplace")
    return Record(row, {"": shown}, FieldError("", error.code, error.message, row))


def _refuse_utf16(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(2) in {b"\xff\xfe", b"\xfe\xff"}:
            message = _("The file is UTF-16. Save it as UTF-8.")
            raise InvalidInput.one("file", "encoding", message)


# --------------------------------------------------------------------------- CSV


class CsvRecords:
    """CSV with a header; comma, semicolon, tab or bar between cells, as the header shows."""

    def __init__(self, path: Path, encoding: str, place: Place) -> None:
        _refuse_utf16(path)
        self._encoding, self._delimiter = encoding, ","
        self._lines = Lines(path, 0)
        self.columns = self._header()
        if place.offset:
            self._lines.close()
            self._lines = Lines(path, place.offset)
        self.place = place if place.offset else Place(self._lines.offset, 1)

    def _header(self) -> tuple[str, ...]:
        first = self._lines.next()
        line = (first[0] if first else b"").removeprefix(b"\xef\xbb\xbf")
        try:
            text = _decode(line, self._encoding)
            # A header whose quoted cells span lines is too odd to be meant.
            self._delimiter = max(_DELIMITERS, key=text.count)
            names = next(csv.reader([text], strict=True, delimiter=self._delimiter), [])
        except (_Unreadable, csv.Error) as error:
            message = _("The header cannot be read: %(error)s") % {"error": error}
            raise InvalidInput.one("file", "header", message) from None
        columns = tuple(name.strip() for name in names)
        if not any(columns):
            raise InvalidInput.one("file", "header", _("The file has no header."))
        twice = {name for name in columns if columns.count(name) > 1 and name}
        if twice:
            message = _("Column “%(name)s” appears twice.") % {"name": min(twice)}
            raise InvalidInput.one("file", "column_twice", message)
        return columns

    def read(self, limit: int) -> list[Record]:
        """Return the next records."""
        records: list[Record] = []
        while len(records) < limit:
            start = self._lines.offset
            record = self._next()
            if self._lines.offset == start:
                break
            self.place = Place(self._lines.offset, self.place.row + 1)
            if record is not None:
                records.append(record)
        return records

    def _next(self) -> Record | None:
        """Read one row; ``None`` for an empty one and at the end.

        When a row is broken its first line is given up and reading goes on at the second, so that
        one stray quote costs one row and not the rest of the file.
        """
        self._lines.mark()
        taken: list[tuple[bytes, int]] = []
        row = self.place.row + 1
        try:
            reader = csv.reader(self._texts(taken), strict=True, delimiter=self._delimiter)
            cells = next(reader, [])
            if not cells:
                return None
            if len(cells) != len(self.columns):
                message = _("This row has %(found)s cells, the header has %(expected)s.")
                raise _Unreadable(
                    "cells", message % {"found": len(cells), "expected": len(self.columns)}
                )
        except csv.Error as error:
            problem = _csv_problem(error)
        except _Unreadable as error:
            problem = error
        else:
            return Record(row, dict(zip(self.columns, cells, strict=True)))
        self._lines.back_to(taken[0][1])
        return _broken(row, problem, taken[0][0], self._encoding)

    def _texts(self, taken: list[tuple[bytes, int]]) -> Iterator[str]:
        size = 0
        while (found := self._lines.next()) is not None:
            line, is_whole = found
            taken.append((line, self._lines.offset))
            size += len(line)
            if not is_whole:
                raise _too_long()
            if size > LONGEST_RECORD and len(taken) > 1:
                raise _Unreadable("quoting", _("Broken quoting: a quote is never closed."))
            yield _decode(line, self._encoding)

    def close(self) -> None:
        """Release the file."""
        self._lines.close()


def _csv_problem(error: csv.Error) -> _Unreadable:
    if "field larger than" in str(error):
        message = _("A cell may have at most %(most)s characters.")
        return _Unreadable("too_large", message % {"most": csv.field_size_limit()})
    return _Unreadable("quoting", _("Broken quoting: %(error)s.") % {"error": error})


# --------------------------------------------------------------------------- JSON Lines


class JsonRecords:
    """One JSON object a line."""

    def __init__(self, path: Path, encoding: str, place: Place) -> None:
        _refuse_utf16(path)
        self._encoding = encoding
        self._lines, self.place = Lines(path, 0), Place()
        sample = self.read(_SAMPLE)
        self.columns = tuple(dict.fromkeys(name for record in sample for name in record.values))
        self._lines.close()
        self._lines, self.place = Lines(path, place.offset), place

    def read(self, limit: int) -> list[Record]:
        """Return the next records."""
        records: list[Record] = []
        while len(records) < limit:
            self._lines.mark()
            found = self._lines.next()
            if found is None:
                break
            row = self.place.row + 1
            self.place = Place(self._lines.offset, row)
            try:
                values = self._values(found, is_first=row == 1)
            except _Unreadable as error:
                records.append(_broken(row, error, found[0][:LONGEST_RECORD], self._encoding))
            else:
                records += [] if values is None else [Record(row, values)]
        return records

    def _values(self, found: tuple[bytes, bool], *, is_first: bool) -> dict[str, object] | None:
        line, is_whole = found
        if not is_whole:
            raise _too_long()
        text = _decode(line.removeprefix(b"\xef\xbb\xbf") if is_first else line, self._encoding)
        if not text.strip():
            return None
        try:
            values = json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise _Unreadable("json", _("No JSON: %(error)s.") % {"error": error}) from None
        if not isinstance(values, dict):
            raise _Unreadable("json", _("Expected one JSON object a line."))
        return values

    def close(self) -> None:
        """Release the file."""
        self._lines.close()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(_("%(name)s is no JSON number") % {"name": name})


# --------------------------------------------------------------------------- Parquet


class ParquetRecords:
    """A Parquet file, read by row groups."""

    def __init__(self, path: Path, place: Place) -> None:
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            message = _("This is no Parquet file: %(error)s") % {"error": error}
            raise InvalidInput.one("file", "parquet", message) from None
        self.columns = tuple(self._file.schema_arrow.names)
        self.total = int(self._file.metadata.num_rows)
        self.place = place
        self._batches = self._from(place.offset)
        self._rest: list[Record] = []

    def _from(self, offset: int) -> Iterator[Any]:
        """Batches from a record on; only the row group it lies in is read again."""
        metadata, first = self._file.metadata, 0
        for group in range(metadata.num_row_groups):
            size = metadata.row_group(group).num_rows
            if first + size > offset:
                skip = max(offset - first, 0)
                for batch in self._file.iter_batches(batch_size=1_000, row_groups=[group]):
                    if skip < batch.num_rows:
                        yield batch.slice(skip)
                    skip = max(skip - batch.num_rows, 0)
            first += size

    def read(self, limit: int) -> list[Record]:
        """Return the next records."""
        while len(self._rest) < limit:
            try:
                batch = next(self._batches, None)
            except (pa.ArrowException, OSError) as error:
                message = _("The file is damaged behind row %(row)s: %(error)s")
                raise InvalidInput.one(
                    "file", "parquet", message % {"row": self.place.row, "error": error}
                ) from None
            if batch is None:
                break
            first = self.place.row + len(self._rest) + 1
            self._rest += [_from_batch(batch, i, first + i) for i in range(batch.num_rows)]
        records, self._rest = self._rest[:limit], self._rest[limit:]
        done = self.place.row + len(records)
        self.place = Place(done, done)
        return records

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def _from_batch(batch: Any, index: int, row: int) -> Record:
    values: dict[str, object] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            values[name] = column[index].as_py()
        except (ValueError, OverflowError, pa.ArrowException) as error:
            message = _("This cell cannot be read: %(error)s") % {"error": error}
            return Record(row, values, FieldError(name, "cell", message, row))
    return Record(row, values)
