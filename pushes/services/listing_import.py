"""Listings from a file, as a job: a chunk of rows, its errors and its checkpoint commit together.

The file is copied into the store first, so any worker can go on with it, and the same bytes are
the same import: rows without a date get the moment at which the file was first given, so giving
it again changes nothing.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.core import files, jobs, journal
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import FieldError, InvalidInput
from portal.core.models import Job, JobError, Marketplace
from portal.core.policies import Permission, may
from pushes.services import columns, intake
from pushes.services.observations import Observation, parse
from pushes.services.record_files import Place, Record, RecordFile, format_of, open_records

KIND: Final = "listings.import"
# Which law holds on a marketplace made by an import is not known: ISO 3166 keeps ZZ for that.
NO_JURISDICTION: Final = "ZZ"
# More new marketplaces than this come from a column that names something else.
MOST_NEW_MARKETPLACES: Final = 20
_LONGEST_CELL_KEPT: Final = 5_000
_OPEN: Final = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to read the file.

    ``marketplace`` names the marketplace of every row; without it the file needs a column.
    ``currency`` is that of prices without one. ``jurisdiction`` is given to marketplaces the
    import makes.
    """

    marketplace: str = ""
    mapping: tuple[str, ...] = ()
    encoding: str = "utf-8"
    currency: str = ""
    jurisdiction: str = NO_JURISDICTION


@dataclass(frozen=True)
class Started:
    """The job of an import, whether it had been begun before, and what its columns are."""

    job: Job
    resumed: bool
    assigned: Mapping[str, str]
    ignored: tuple[str, ...]


@transaction.atomic
def start(*, path: Path, actor: Actor, now: datetime, options: Options | None = None) -> Started:
    """Queue the import of a file, or return the open job of the same file and options.

    Raises ``InvalidInput`` when the file cannot be read or a needed column is missing; nothing is
    stored then.
    """
    may(actor, Permission.SEND_LISTINGS).require()
    options = options or Options()
    format_ = format_of(path.name)
    found = open_records(path, format_=format_, encoding=options.encoding)
    found.close()
    choice = columns.chosen(options.mapping, found.columns)
    assigned = columns.assign(found.columns, choice)
    columns.require(assigned, found.columns, marketplace=not options.marketplace)
    stored = files.store_path(path, media_type="application/octet-stream", now=now)
    earlier = Job.objects.filter(kind=KIND, file=stored).order_by("pk")
    first = earlier.first()
    params = {
        "name": path.name,
        "format": format_,
        "encoding": options.encoding,
        "marketplace": options.marketplace,
        "jurisdiction": options.jurisdiction.upper(),
        "currency": options.currency.upper(),
        "columns": choice,
        "seen_at": first.params["seen_at"] if first else now.isoformat(),
    }
    open_job = earlier.filter(state__in=_OPEN, params=params).first()
    job = open_job or jobs.create(
        KIND,
        actor=actor,
        now=now,
        file=stored,
        params=params,
        total=getattr(found, "total", None),
    )
    ignored = tuple(name for name in found.columns if name and name not in assigned)
    return Started(job, open_job is not None, assigned, ignored)


def progress(job: Job) -> tuple[int, int]:
    """Return how much of the file is done, and the whole: bytes, or rows of a Parquet file."""
    size = job.total if job.params["format"] == "parquet" else job.file and job.file.size
    if job.state == Job.State.DONE:
        return size or 0, size or 0
    return int(job.checkpoint.get("offset", 0)), size or 0


# --------------------------------------------------------------------------- one chunk

# The reader of the job this process last worked on; opening a place anew costs a row group.
_readers: dict[int, RecordFile] = {}


def step(job: Job, now: datetime) -> bool:
    """Take in the next chunk of rows; return whether anything is left."""
    reader = _reader(job)
    records = reader.read(settings.IMPORT_CHUNK)
    if not records:
        _close_readers()
        if job.total is None:
            job.total = job.done + job.failed
        return False
    tally = _take_in(job, reader, records, now)
    job.done += tally["accepted"] + tally["unchanged"]
    job.failed += tally["refused"]
    for name, count in tally.items():
        job.result[name] = job.result.get(name, 0) + count
    job.checkpoint = {"offset": reader.place.offset, "row": reader.place.row}
    return True


def _reader(job: Job) -> RecordFile:
    place = Place(job.checkpoint.get("offset", 0), job.checkpoint.get("row", 0))
    reader = _readers.get(job.pk)
    # A chunk that was rolled back left the reader ahead of its job. A CSV reader stands behind
    # its header before the first chunk.
    if reader is not None and job.checkpoint and reader.place == place:
        return reader
    _close_readers()
    if job.file is None:
        raise InvalidInput.one("file", "missing", _("The file of this import is missing."))
    _readers[job.pk] = open_records(
        files.path_of(job.file.sha256),
        format_=job.params["format"],
        encoding=job.params["encoding"],
        place=place,
    )
    return _readers[job.pk]


def _close_readers() -> None:
    while _readers:
        _readers.popitem()[1].close()


def _take_in(job: Job, reader: RecordFile, records: list[Record], now: datetime) -> dict[str, int]:
    refused: dict[int, list[FieldError]] = defaultdict(list)
    readable = []
    for record in records:
        if record.error is None:
            readable.append(record)
        else:
            refused[record.row].append(record.error)
    accepted = unchanged = 0
    for marketplace, rows in _by_marketplace(job, reader, readable, refused, now):
        result = intake.receive(
            marketplace=marketplace, observations=[seen for _row, seen in rows], now=now
        )
        accepted, unchanged = accepted + result.accepted, unchanged + result.unchanged
        for error in result.rejected:
            row = rows[error.index][0]
            refused[row].append(FieldError(error.field, error.code, error.message, row))
    _keep_errors(job, records, refused)
    return {"accepted": accepted, "unchanged": unchanged, "refused": len(refused)}


def _by_marketplace(
    job: Job,
    reader: RecordFile,
    records: Iterable[Record],
    refused: dict[int, list[FieldError]],
    now: datetime,
) -> list[tuple[Marketplace, list[tuple[int, Observation]]]]:
    """Read the rows and sort them by marketplace, always in the same order of marketplaces."""
    named: dict[str, list[tuple[int, dict[str, object]]]] = defaultdict(list)
    for record in records:
        try:
            raw = _raw(job, reader, record)
        except InvalidInput as error:
            refused[record.row] += error.errors
            continue
        named[_marketplace_name(job, raw)].append((record.row, raw))
    marketplaces = _marketplaces(job, named, now)
    groups = []
    for name, rows in named.items():
        marketplace = marketplaces.get(name.casefold())
        if marketplace is None:
            for row, _raw_row in rows:
                refused[row].append(_no_marketplace(name, row))
            continue
        groups.append((marketplace, _observations(job, marketplace, rows, refused)))
    return sorted(groups, key=lambda group: group[0].pk)


def _raw(job: Job, reader: RecordFile, record: Record) -> dict[str, object]:
    names = tuple(record.values) if job.params["format"] == "jsonl" else reader.columns
    raw = columns.to_record(record.values, columns.assign(names, job.params["columns"]))
    raw.setdefault("seen_at", datetime.fromisoformat(job.params["seen_at"]))
    if job.params["currency"] and raw.get("price") is not None:
        raw.setdefault("currency", job.params["currency"])
    return raw


def _marketplace_name(job: Job, raw: Mapping[str, object]) -> str:
    return str(job.params["marketplace"] or raw.get("marketplace") or "").strip()


def _observations(
    job: Job,
    marketplace: Marketplace,
    rows: Iterable[tuple[int, dict[str, object]]],
    refused: dict[int, list[FieldError]],
) -> list[tuple[int, Observation]]:
    read, zone = [], ZoneInfo(marketplace.zone)
    for row, raw in rows:
        try:
            read.append((row, parse(raw, zone=zone)))
        except InvalidInput as error:
            refused[row] += error.errors
    return read


# --------------------------------------------------------------------------- marketplaces


def _no_marketplace(name: str, row: int) -> FieldError:
    if not name:
        return FieldError("marketplace", "required", _("This must not be empty."), row)
    if len(name) > 120 or not name.isprintable():
        return FieldError("marketplace", "form", _("This is no name of a marketplace."), row)
    message = _("This would be the %(count)sth new marketplace. Is the column the right one?")
    count = MOST_NEW_MARKETPLACES + 1
    return FieldError("marketplace", "too_many", message % {"count": count}, row)


def _marketplaces(job: Job, names: Iterable[str], now: datetime) -> dict[str, Marketplace]:
    """Return the marketplaces by name in lower case; make those that do not exist yet."""
    wanted = {
        name.casefold(): name for name in names if 0 < len(name) <= 120 and name.isprintable()
    }
    found = _existing(wanted)
    made = job.result.setdefault("marketplaces_made", [])
    for key, name in wanted.items():
        if key not in found and len(made) < MOST_NEW_MARKETPLACES:
            found[key] = _make(name, job, now)
            made.append(name)
    return found


def _existing(wanted: Iterable[str]) -> dict[str, Marketplace]:
    keys = list(wanted)
    by_name = Marketplace.objects.annotate(key=Lower("name")).filter(key__in=keys)
    by_slug = Marketplace.objects.filter(slug__in=keys)
    return {row.slug: row for row in by_slug} | {row.name.casefold(): row for row in by_name}


def _make(name: str, job: Job, now: datetime) -> Marketplace:
    slug = slugify(name)[:40]
    if not slug or Marketplace.objects.filter(slug=slug).exists():
        slug = f"{slug or 'marketplace'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    made = Marketplace.objects.create(
        slug=slug, name=name, jurisdiction=job.params["jurisdiction"], created_at=now
    )
    data = {"job_id": job.pk, "jurisdiction": made.jurisdiction}
    journal.record("marketplace.created", made, actor=SYSTEM, now=now, data=data)
    return made


# --------------------------------------------------------------------------- refused rows


def _keep_errors(
    job: Job, records: Iterable[Record], refused: Mapping[int, list[FieldError]]
) -> None:
    if not refused:
        return
    contents = {r.row: _storable(r.values) for r in records if r.row in refused}
    jobs.add_errors(
        job,
        [
            JobError(
                job=job,
                row=row,
                field=error.field[:80],
                code=error.code[:40],
                message=str(error.message),
                content=contents[row],
            )
            for row in sorted(refused)
            for error in refused[row]
        ],
    )


def _storable(values: Mapping[str, object]) -> dict[str, str]:
    """Return what stood in the row as text PostgreSQL can hold; giant cells only in part."""
    content = {}
    for name, value in values.items():
        text = value if isinstance(value, str) else _as_text(value)
        if len(text) > _LONGEST_CELL_KEPT:
            left_out = len(text) - _LONGEST_CELL_KEPT
            text = text[:_LONGEST_CELL_KEPT] + _(" … (%(count)s more)") % {"count": left_out}
        content[_visible(str(name))] = _visible(text)
    return content


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _visible(text: str) -> str:
    r"""Write NUL and unpaired surrogates as ``\x00`` and ``\ud800``."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
