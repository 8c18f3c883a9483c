"""Importing files of public registers: CSV or JSON, checked as a whole, taken whole or not at all.

Columns (JSON: keys of the objects in a list): kind, jurisdiction, number, owner; and, where known,
office, mark, classes (parted by spaces or commas), status, registered_on, valid_to (ISO dates). A
number that is known already gets the values of the newer file.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from brands.codes import JURISDICTIONS
from brands.models import RegisterEntry, RegisterFile, Registration
from brands.reading.comparing import number_key
from brands.services.cleaning import storable
from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import FieldError, InvalidInput, Text
from portal.core.policies import Permission, may

MAX_BYTES: Final = 50 * 1024 * 1024
MOST_ERRORS: Final = 50
MOST_ROWS: Final = 1_000_000
_BATCH: Final = 2000
_LONGEST: Final = {"number": 60, "owner": 200, "mark": 200, "office": 120}
_REQUIRED: Final = ("kind", "jurisdiction", "number", "owner")
COLUMNS: Final = (*_REQUIRED, "office", "mark", "classes", "status", "registered_on", "valid_to")
Raw = Mapping[str, str]


@dataclass(frozen=True)
class Imported:
    """What became of a file: entries that are new, and those that were known."""

    file: RegisterFile
    created: int
    updated: int


@transaction.atomic
def import_register(
    *,
    actor: Actor,
    now: datetime,
    content: bytes,
    name: str,
    source: str,
    is_sample: bool = False,
) -> Imported:
    """Take a register file over; ``InvalidInput`` names rows and fields and writes nothing."""
    may(actor, Permission.AUDIT_CREDENTIAL).require()
    if not source.strip():
        raise InvalidInput.one("source", "required", _("Say which register this is."))
    rows = _rows(content, name)
    entries = _clean(rows)
    file = RegisterFile.objects.create(
        source=source.strip()[:120],
        name=name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        is_sample=is_sample,
        rows=len(entries),
        imported_by=actor.member,
        imported_at=now,
    )
    before = RegisterEntry.objects.count()
    for entry in entries:
        entry.file = file
    RegisterEntry.objects.bulk_create(
        entries,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["kind", "jurisdiction", "number_key"],
        update_fields=[
            "file", "office", "number", "mark", "owner_name", "nice_classes", "status",
            "registered_on", "valid_to",
        ],
    )  # fmt: skip
    created = RegisterEntry.objects.count() - before
    data = {"entries": len(entries), "created": created, "sample": is_sample}
    journal.record("register.imported", file, actor=actor, now=now, data=data)
    return Imported(file, created, len(entries) - created)


# --------------------------------------------------------------------------- rows


def _rows(content: bytes, name: str) -> list[Raw]:
    if len(content) > MAX_BYTES:
        raise _unreadable("too_large", _("This file is too large: at most 50 MB."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("This file is not UTF-8: byte %(place)d cannot be read.")
        raise _unreadable("encoding", message % {"place": error.start}) from None
    rows = list(_json_rows(text) if name.lower().endswith(".json") else _csv_rows(text))
    if not rows:
        raise _unreadable("empty", _("This file has no entries."))
    if len(rows) > MOST_ROWS:
        raise _unreadable("too_many", _("At most a million entries a file: split it."))
    return rows


def _csv_rows(text: str) -> Iterator[Raw]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    missing = [column for column in _REQUIRED if column not in (reader.fieldnames or ())]
    if missing:
        message = _("The first line must name the columns; missing: %(columns)s.")
        raise _unreadable("columns", message % {"columns": ", ".join(missing)})
    try:
        for row in reader:
            yield {key: value or "" for key, value in row.items() if key in COLUMNS}
    except csv.Error as error:
        message = _("Line %(line)d cannot be read: %(error)s.")
        raise _unreadable("csv", message % {"line": reader.line_num, "error": error}) from None


def _json_rows(text: str) -> Iterator[Raw]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = _("The body is no JSON: %(error)s") % {"error": error}
        raise _unreadable("json", message) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _unreadable("json", _("The file must be a list of objects."))
    for row in rows:
        yield {column: _plain(row.get(column)) for column in COLUMNS}


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _unreadable(code: str, message: Text) -> InvalidInput:
    return InvalidInput.one("file", code, message)


# --------------------------------------------------------------------------- cleaning


class _Row:
    """One row while it is cleaned; collects what is wrong with it."""

    def __init__(self, place: int, raw: Raw) -> None:
        self.place, self._raw = place, raw
        self.errors: list[FieldError] = []

    def text(self, field: str) -> str:
        value = storable(self._raw.get(field, "").strip())
        if not value and field in _REQUIRED:
            self.fail(field, "required", _("Fill this in."))
        if len(value) > _LONGEST.get(field, 40):
            self.fail(field, "too_long", _("This is too long."))
        return value

    def choice(self, field: str, known: frozenset[str], default: str = "") -> str:
        value = self.text(field) or default
        folded = value.upper() if field == "jurisdiction" else value.lower()
        if value and folded not in known:
            message = _("“%(value)s” is not known. Known: %(known)s.")
            shown = ", ".join(sorted(known)[:12])
            self.fail(field, "unknown", message % {"value": value[:40], "known": shown})
        return folded

    def day(self, field: str) -> date | None:
        value = self.text(field)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            message = _("“%(value)s” is no date. Write 2030-12-31.")
            self.fail(field, "not_a_date", message % {"value": value[:40]})
            return None

    def classes(self) -> list[int]:
        parts = self._raw.get("classes", "").replace(",", " ").replace(";", " ").split()
        numbers = {int(part) for part in parts if part.isascii() and part.isdigit()}
        if len(numbers) != len(set(parts)) or any(not 1 <= n <= 45 for n in numbers):
            self.fail("classes", "unknown_class", _("Nice classes are numbers from 1 to 45."))
        return sorted(numbers)

    def fail(self, field: str, code: str, message: Text) -> None:
        self.errors.append(FieldError(field, code, message, row=self.place))


def _clean(rows: list[Raw]) -> list[RegisterEntry]:
    """Return the entries, of two with one number the later; ``InvalidInput`` if a row is wrong."""
    entries: dict[tuple[str, str, str], RegisterEntry] = {}
    errors: list[FieldError] = []
    kinds = frozenset(Registration.Kind.values)
    statuses = frozenset(RegisterEntry.Status.values)
    for place, raw in enumerate(rows, start=1):
        row = _Row(place, raw)
        number = row.text("number")
        entry = RegisterEntry(
            kind=row.choice("kind", kinds),
            jurisdiction=row.choice("jurisdiction", JURISDICTIONS),
            office=row.text("office"),
            number=number,
            number_key=number_key(number)[:60],
            mark=row.text("mark"),
            owner_name=row.text("owner"),
            nice_classes=row.classes(),
            status=row.choice("status", statuses, RegisterEntry.Status.REGISTERED),
            registered_on=row.day("registered_on"),
            valid_to=row.day("valid_to"),
        )
        errors += row.errors
        if len(errors) >= MOST_ERRORS:
            break
        entries[(entry.kind, entry.jurisdiction, entry.number_key)] = entry
    if errors:
        raise InvalidInput(errors[:MOST_ERRORS])
    return list(entries.values())
