"""Listings from CSV, Parquet and JSON Lines files; a bad row is reported, never fatal.

A price, attributes or bytes that cannot be read are reported too, and the listing is matched
without them: otherwise a seller could hide a listing behind a nonsensical price.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pushes.matching.errors import ListingFileError
from pushes.matching.types import Listing

KNOWN = frozenset(
    [
        "listing_id", "title", "description", "brand", "price", "currency", "seller_id", "seller",
        "category", "marketplace", "ship_from", "image_url", "attributes",
    ]
)  # fmt: skip
LARGEST_CELL = 16 << 20
DELIMITERS = ",;\t|"
UTF8 = "utf-8-sig"
_UNDECODABLE = re.compile("[\udc80-\udcff]")
MISSING = frozenset({"", "nan", "none", "null", "na", "n/a"})


@dataclass(frozen=True, slots=True)
class BadRow:
    """What could not be read: 1-based number of the record, column ('' for all), and why."""

    number: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row that could be read. ``extra``: columns this engine does not know, as given.

    ``faults``: fields that could not be read and count as missing.
    """

    number: int
    listing: Listing
    extra: Mapping[str, str]
    faults: tuple[BadRow, ...] = ()


def read_listings(path: Path, encoding: str = UTF8) -> Iterator[Row | BadRow]:
    """Rows of a file by its ending (.csv, .parquet, .jsonl, .ndjson).

    ``encoding``: of the text files. Raises ``ListingFileError`` when the file as a whole cannot be
    read.
    """
    readers = {
        ".csv": _csv_records,
        ".parquet": _parquet_records,
        ".jsonl": _json_records,
        ".ndjson": _json_records,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ListingFileError(f"{path.name}: unknown ending, use .csv, .parquet or .jsonl")
    if not path.is_file():
        raise ListingFileError(f"{path}: no such file")
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ListingFileError(f"{encoding}: no such encoding, try utf-8 or gb18030") from None
    for number, record in enumerate(reader(path, encoding), start=1):
        yield record if isinstance(record, BadRow) else listing_from_record(number, record)


def listing_from_record(number: int, record: Mapping[str, object]) -> Row | BadRow:
    """One record by column name; what is missing stays missing."""
    text = {name: _text(value) for name, value in record.items() if name}
    identifier = text.get("listing_id", "")
    if not identifier:
        return BadRow(number, "listing_id", "missing")
    faults = _undecodable(number, text)
    price = None
    try:
        price = parse_price(text.get("price", ""))
    except ValueError as error:
        faults.append(BadRow(number, "price", str(error)))
    attributes = _attributes(record.get("attributes"))
    if attributes is None:
        faults.append(BadRow(number, "attributes", "expected a JSON object of texts"))
    listing = Listing(
        id=identifier,
        title=text.get("title", ""),
        description=text.get("description", ""),
        brand=text.get("brand", ""),
        price=price,
        currency=text.get("currency", "").upper(),
        seller_id=text.get("seller_id", ""),
        seller=text.get("seller", ""),
        category=text.get("category", ""),
        marketplace=text.get("marketplace", ""),
        ship_from=text.get("ship_from", ""),
        image_urls=tuple(
            value for name, value in text.items() if name.startswith("image_url") and value
        ),
        attributes=attributes or {},
    )
    extra = {
        name: value
        for name, value in text.items()
        if name not in KNOWN and not name.startswith("image_url")
    }
    return Row(number, listing, extra, tuple(faults))


def _undecodable(number: int, text: dict[str, str]) -> list[BadRow]:
    """Faults for bytes that are no text; in ``text`` a replacement character stands for each."""
    faults = []
    for name, value in text.items():
        if _UNDECODABLE.search(value):
            faults.append(
                BadRow(number, name, "not in the file's encoding; say it with --encoding")
            )
            text[name] = _UNDECODABLE.sub("\ufffd", value)
    return faults


def parse_price(text: str) -> Decimal | None:
    """A price; None when missing or not a number such as NaN. Raises ValueError on nonsense."""
    if text.strip().casefold() in MISSING:
        return None
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"not a number: {text[:40]!r}") from None
    if price.is_nan():
        return None
    if not price.is_finite() or price < 0:
        raise ValueError(f"not a price: {text[:40]!r}")
    return price


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return ""
    return value if isinstance(value, str) else str(value)


def _attributes(value: object) -> dict[str, str] | None:
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        return None
    return {str(name): _text(part) for name, part in value.items()}


def _csv_records(path: Path, encoding: str) -> Iterator[Mapping[str, object] | BadRow]:
    csv.field_size_limit(LARGEST_CELL)
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        lines = (line.replace("\0", "") for line in file)
        head = next(lines, "")
        reader = csv.DictReader(chain([head], lines), delimiter=_delimiter(head))
        if reader.fieldnames is None or "listing_id" not in reader.fieldnames:
            raise ListingFileError(
                f"{path.name}: no column listing_id in the first row, which is {head[:80]!r}; "
                "write column names there, in UTF-8 or in what --encoding says"
            )
        number = 0
        while True:
            number += 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(number, "", str(error))
                continue
            yield record


def _delimiter(head: str) -> str:
    """The sign that parts the first row so that one part is ``listing_id``; else a comma."""
    for sign in DELIMITERS:
        if "listing_id" in next(csv.reader([head], delimiter=sign), []):
            return sign
    return ","


def _json_records(path: Path, encoding: str) -> Iterator[Mapping[str, object] | BadRow]:
    with path.open(encoding=encoding, errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield BadRow(number, "", f"not JSON: {error}")
                continue
            yield record if isinstance(record, dict) else BadRow(number, "", "not a JSON object")


def _parquet_records(path: Path, _encoding: str) -> Iterator[Mapping[str, object] | BadRow]:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ListingFileError(f"{path.name}: not a Parquet file: {error}") from None
    if "listing_id" not in file.schema_arrow.names:
        raise ListingFileError(f"{path.name}: no column listing_id")
    number = 0
    try:
        for batch in file.iter_batches(batch_size=2_000):
            for row in range(batch.num_rows):
                number += 1
                yield _parquet_record(batch, row, number)
    except (pa.ArrowException, OSError) as error:
        raise ListingFileError(f"{path.name}: broken after record {number}: {error}") from None


def _parquet_record(batch: pa.RecordBatch, row: int, number: int) -> Mapping[str, object] | BadRow:
    """One record; a value that Python cannot hold (text that is no UTF-8) makes a bad row."""
    record: dict[str, object] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            record[name] = column[row].as_py()
        except (pa.ArrowException, ValueError, OverflowError) as error:
            return BadRow(number, name, f"cannot be read: {error}")
    return record
