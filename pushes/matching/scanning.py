"""Scan a file of listings into a file of matches, on one or several processes."""

from __future__ import annotations

import csv
import gc
import json
import multiprocessing
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from pushes.matching.engine import Engine
from pushes.matching.errors import ListingFileError
from pushes.matching.listing_files import UTF8, BadRow, Row, read_listings
from pushes.matching.rates import Rates
from pushes.matching.score import Weights

CHUNK = 500
AHEAD = 4
"""Chunks a worker that are read ahead: a file of any length takes little memory."""
COLUMNS = ("listing_id", "brand_id", "product_model_id", "score", "signals")
SCORE = COLUMNS.index("score")

Line = tuple[list[str], dict[str, str]]

_engine: Engine | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scan did. ``errors``: where the bad rows are written down, if there are any.

    ``suspects``: matches over the threshold of the shipped ruleset. ``unknown_currencies``: for
    each currency without a rate the listings priced in it.
    """

    listings: int
    matches: int
    suspects: int
    bad_rows: int
    errors: Path | None
    unknown_currencies: Counter[str]


def scan_file(
    engine: Engine, listings: Path, out: Path, *, workers: int = 1, encoding: str = UTF8
) -> Summary:
    """Write the matches of all listings; unknown columns of the input are carried over.

    Which columns that are, the first ``CHUNK`` rows say. The files appear when they are complete.
    Raises ``ListingFileError`` when the input is unreadable or the output cannot be written;
    files of an earlier scan then stay as they are.
    """
    errors = out.with_name(out.stem + ".errors.csv")
    bad: list[BadRow] = []
    unknown: Counter[str] = Counter()
    rows = _with_rate(_good(read_listings(listings, encoding), bad), engine.rates, unknown)
    first = next(_chunks(rows), [])
    extra = list(dict.fromkeys(name for row in first for name in row.extra))
    counts = [0, 0, 0]
    with _completed(out) as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *extra])
        with tqdm(unit=" listings", disable=None, leave=False) as bar:
            for number, lines in _matched(engine, first, rows, workers):
                counts[0] += number
                counts[1] += len(lines)
                counts[2] += sum(float(cells[SCORE]) >= Weights.threshold for cells, _ in lines)
                bar.update(number)
                writer.writerows([*c, *(e.get(name, "") for name in extra)] for c, e in lines)
    errors.unlink(missing_ok=True)
    if bad:
        with _completed(errors) as file:
            _write_errors(file, bad)
    return Summary(counts[0], counts[1], counts[2], len(bad), errors if bad else None, unknown)


def check_output(listings: Path, out: Path) -> None:
    """Say before the long work what would stop it at its end. Raises ``ListingFileError``."""
    if out.is_dir():
        raise ListingFileError(f"{out}: is a folder, name a file in it")
    if not out.parent.is_dir():
        raise ListingFileError(f"{out.parent}: no such folder")
    if out.exists() and listings.exists() and out.samefile(listings):
        raise ListingFileError(f"{out}: holds the listings, name another file for the matches")


@contextmanager
def _completed(path: Path) -> Iterator[TextIO]:
    """A text file that takes its name when everything is in it, or a device such as /dev/stdout."""
    part = path if path.exists() and not path.is_file() else path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", errors="replace", newline="") as file:
            yield file
        if part != path:
            part.replace(path)
    except OSError as error:
        raise ListingFileError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        if part != path:
            part.unlink(missing_ok=True)


def _write_errors(file: TextIO, bad: list[BadRow]) -> None:
    writer = csv.writer(file)
    writer.writerow(["row", "column", "reason"])
    writer.writerows([row.number, row.column, row.reason] for row in bad)


def _good(rows: Iterator[Row | BadRow], bad: list[BadRow]) -> Iterator[Row]:
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            bad.extend(row.faults)
            yield row


def _with_rate(rows: Iterator[Row], rates: Rates, unknown: Counter[str]) -> Iterator[Row]:
    """The same rows; prices in a currency without a rate are counted."""
    for row in rows:
        currency = row.listing.currency
        if currency and row.listing.price is not None and not rates.knows(currency):
            unknown[currency] += 1
        yield row


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _matched(
    engine: Engine, first: list[Row], rows: Iterator[Row], workers: int
) -> Iterator[tuple[int, list[Line]]]:
    chunks = (chunk for source in ((c for c in [first] if c), _chunks(rows)) for chunk in source)
    if workers <= 1:
        for chunk in chunks:
            yield len(chunk), _lines(engine, chunk)
        return
    # Forked workers share the built index with this process instead of building it again.
    global _engine  # noqa: PLW0603 - the only way to hand an engine to forked workers
    _engine = engine
    gc.freeze()  # else every worker copies the pages whose counts its collector touches
    try:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            yield from _in_order(pool, chunks, AHEAD * workers)
    finally:
        gc.unfreeze()


def _in_order(
    pool: Pool, chunks: Iterator[list[Row]], most: int
) -> Iterator[tuple[int, list[Line]]]:
    """Results in the order of the chunks, of which at most ``most`` are read ahead."""
    under_way: deque[AsyncResult[tuple[int, list[Line]]]] = deque()
    for chunk in chunks:
        under_way.append(pool.apply_async(_work, (chunk,)))
        if len(under_way) >= most:
            yield under_way.popleft().get()
    while under_way:
        yield under_way.popleft().get()


def _work(chunk: list[Row]) -> tuple[int, list[Line]]:
    if _engine is None:
        raise RuntimeError("the pool was started without an engine")
    return len(chunk), _lines(_engine, chunk)


def _lines(engine: Engine, chunk: list[Row]) -> list[Line]:
    lines: list[Line] = []
    for row, matches in zip(chunk, engine.scan([row.listing for row in chunk]), strict=True):
        for match in matches:
            signals = json.dumps([signal.to_dict() for signal in match.signals])
            cells = [match.listing_id, match.brand_id, match.product_model_id or ""]
            lines.append(([*cells, f"{match.score:.6f}", signals], dict(row.extra)))
    return lines
