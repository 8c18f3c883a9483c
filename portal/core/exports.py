"""Exporting what an organisation owns, as a job whose file only its requester can download.

Every room registers its datasets; rows come from the room's selectors, which narrow them to the
requester. CSV and XLSX have headings in the requester's language, Parquet has the stable names.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from portal.core import files, jobs, spreadsheets
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound, PortalError, Text
from portal.core.models import Job
from portal.core.policies import Permission, may
from portal.core.spreadsheets import Cell

KIND: Final = "core.export"
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_BATCH: Final = 5_000
_TYPES: Final = {
    "text": pa.string(),
    "price": pa.decimal128(14, 2),
    "number": pa.float64(),
    "time": pa.timestamp("us", tz="UTC"),
}
Value = str | float | Decimal | datetime | None


@dataclass(frozen=True)
class Column:
    """A column: its stable name, its heading, and ``text``, ``price``, ``number`` or ``time``."""

    name: str
    label: Text
    kind: str = "text"


@dataclass(frozen=True)
class Dataset:
    """What can be exported: rows of an actor, in the order of ``columns``, and how many."""

    name: str
    label: Text
    permission: Permission
    columns: Sequence[Column]
    count: Callable[[Actor], int]
    rows: Callable[[Actor], Iterable[Sequence[Value]]]


_datasets: dict[str, Dataset] = {}


def register(dataset: Dataset) -> None:
    """Offer a dataset."""
    _datasets[dataset.name] = dataset


def offered_to(actor: Actor) -> list[Dataset]:
    """Return the datasets the actor may export."""
    return [each for each in _datasets.values() if may(actor, each.permission)]


def dataset_of(name: str) -> Dataset:
    """Return a dataset by name or raise ``NotFound``."""
    if name not in _datasets:
        raise NotFound("dataset", _("There is no such export."))
    return _datasets[name]


@transaction.atomic
def start(*, actor: Actor, now: datetime, dataset: str, suffix: str) -> Job:
    """Queue an export; ``suffix`` is one of ``MEDIA_TYPES``."""
    chosen = dataset_of(dataset)
    may(actor, chosen.permission).require()
    if actor.member is None or actor.organisation is None:
        raise PortalError("not_a_person", _("An export is asked for by a person."))
    if suffix not in MEDIA_TYPES:
        raise InvalidInput.one("suffix", "format", _("Choose CSV, XLSX or Parquet."))
    total = chosen.count(actor)
    if suffix == "xlsx" and total >= spreadsheets.MOST_SHEET_ROWS:
        message = _("A worksheet holds fewer rows than this. Choose CSV or Parquet.")
        raise InvalidInput.one("suffix", "too_many_rows", message)
    return jobs.create(
        KIND,
        actor=actor,
        now=now,
        organisation=actor.organisation,
        params={"dataset": dataset, "suffix": suffix, "language": get_language() or "en"},
        total=total,
    )


def step(job: Job, now: datetime) -> bool:
    """Write the whole file from one snapshot of the database."""
    if job.created_by is None:
        raise PortalError("not_a_person", _("An export is asked for by a person."))
    dataset, suffix = dataset_of(job.params["dataset"]), job.params["suffix"]
    with override(job.params["language"]):
        actor = jobs.actor_of(job, dataset.permission, now)
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / f"export.{suffix}"
        with override(job.params["language"]):
            rows = _Counted(dataset.rows(actor))
            _write(path, suffix, dataset, rows)
        job.file = files.store_path(path, media_type=MEDIA_TYPES[suffix], now=now)
    job.total = job.done = rows.count
    return False


class _Counted:
    """Counts the rows that pass through."""

    def __init__(self, rows: Iterable[Sequence[Value]]) -> None:
        self.count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[Sequence[Value]]:
        for row in self._rows:
            self.count += 1
            yield row


def _write(path: Path, suffix: str, dataset: Dataset, rows: Iterable[Sequence[Value]]) -> None:
    if suffix == "parquet":
        _write_parquet(path, dataset, rows)
        return
    headings = [str(column.label) for column in dataset.columns]
    cells = ([_cell(value) for value in row] for row in rows)
    if suffix == "xlsx":
        spreadsheets.write_xlsx(path, [(str(dataset.label), headings, cells)])
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(spreadsheets.csv_lines(headings, cells))


def _cell(value: Value) -> Cell:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _write_parquet(path: Path, dataset: Dataset, rows: Iterable[Sequence[Value]]) -> None:
    schema = pa.schema([(column.name, _TYPES[column.kind]) for column in dataset.columns])
    stream = iter(rows)
    with pq.ParquetWriter(path, schema) as writer:
        while batch := list(islice(stream, _BATCH)):
            columns: list[Any] = list(zip(*batch, strict=True))
            typed = zip(columns, schema, strict=True)
            arrays = [pa.array(values, type=field.type) for values, field in typed]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
