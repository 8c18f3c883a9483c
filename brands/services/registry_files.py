"""Reading registry files: CSV (one fact a row) and JSON (the form of the matching engine).

Only a file that cannot be read at all is refused as a whole; a bad row is refused alone. Formats
are described in ``docs/howto/import-a-registry.md``.
"""

import csv
import difflib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from brands.services import registry_json
from brands.services.cleaning import Problems
from brands.services.registry_facts import (
    CLEANERS,
    BadRow,
    Fact,
    Item,
    identity,
    in_import_order,
)
from portal.core.errors import InvalidInput

MAX_BYTES = 200 * 1024 * 1024
MAX_CELL = 10_000
COLUMNS = (
    "kind", "brand", "name", "name_kind", "language", "model_number", "aliases", "gtin",
    "category", "list_price", "lowest_price", "currency", "characteristic", "value", "weight",
    "product_model", "seller_id", "marketplace",
)  # fmt: skip
REQUIRED_COLUMNS = ("kind", "brand")
# The reader must get past a monstrous cell to refuse only its row.
csv.field_size_limit(MAX_BYTES)


@dataclass(frozen=True)
class RegistryFile:
    """A file's facts in import order. ``organisation`` and ``country`` if the file names them."""

    items: tuple[Item, ...]
    organisation: str = ""
    country: str = ""


def is_json(name: str) -> bool:
    """Whether a file of this name is read as JSON; everything else is CSV."""
    return name.lower().endswith(".json")


def parse(
    content: bytes, *, name: str, encoding: str = "utf-8", columns: Mapping[str, str] | None = None
) -> RegistryFile:
    """Return what the file says; ``InvalidInput`` on ``file`` when it cannot be read at all.

    ``columns`` maps our column names to the file's where they differ.
    """
    if len(content) > MAX_BYTES:
        raise _unreadable("too_large", _("This file is too large: at most 200 MB."))
    text = _decode(content, encoding)
    organisation = country = ""
    if is_json(name):
        organisation, country, rows = registry_json.read(text)
        items = list(rows)
    else:
        items = list(_csv_items(text, dict(columns or {})))
    if not items:
        raise _unreadable("empty", _("This file holds no facts."))
    return RegistryFile(tuple(in_import_order(without_duplicates(items))), organisation, country)


def _unreadable(code: str, message: str) -> InvalidInput:
    return InvalidInput.one("file", code, message)


def _decode(content: bytes, encoding: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"  # a byte order mark is no guess
    elif encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except LookupError:
        raise _unreadable("encoding", _("There is no encoding “%s”.") % encoding) from None
    except UnicodeDecodeError as error:
        raise _unreadable(
            "encoding",
            _(
                "This file is not %(encoding)s: byte %(byte)s in line %(line)d. Save it as UTF-8,"
                " or name its encoding."
            )
            % {
                "encoding": encoding.removesuffix("-sig"),
                "byte": f"0x{content[error.start]:02x}",
                "line": content.count(b"\n", 0, error.start) + 1,
            },
        ) from None


def _csv_items(text: str, columns: dict[str, str]) -> Iterator[Item]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    while True:
        row = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(row, "", "csv", _("This row is not CSV: %s.") % error)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells, columns)
        else:
            yield _csv_item(row, header, cells)


def _header(cells: list[str], columns: dict[str, str]) -> list[str]:
    """Return our name of each column; an unknown column would silently protect nobody."""
    ours = {theirs.strip().lower(): name for name, theirs in columns.items()}
    names = []
    for cell in cells:
        written = cell.strip().lower()
        name = ours.get(written, written.replace(" ", "_").replace("-", "_"))
        if name not in COLUMNS:
            raise _unreadable("unknown_column", _unknown_column(cell.strip()[:40], name))
        if name in names:
            raise _unreadable("column_twice", _("The column “%s” is there twice.") % name)
        names.append(name)
    if missing := [name for name in REQUIRED_COLUMNS if name not in names]:
        raise _unreadable(
            "missing_column",
            _("The column “%(missing)s” is missing. Found: %(found)s.")
            % {"missing": missing[0], "found": ", ".join(names)},
        )
    return names


def _unknown_column(written: str, name: str) -> str:
    close = difflib.get_close_matches(name, COLUMNS, n=1)
    if close:
        return _("Unknown column “%(written)s”. Did you mean “%(close)s”?") % {
            "written": written,
            "close": close[0],
        }
    return _("Unknown column “%(written)s”. Known: %(known)s.") % {
        "written": written,
        "known": ", ".join(COLUMNS),
    }


def _csv_item(row: int, header: list[str], cells: list[str]) -> Item:
    content = {name: cell[:200] for name, cell in zip(header, cells, strict=False)}
    if len(cells) != len(header):
        message = _("This row has %(cells)d cells, the header has %(columns)d.") % {
            "cells": len(cells),
            "columns": len(header),
        }
        return BadRow(row, "", "cell_count", message, _storable(content))
    for name, cell in zip(header, cells, strict=True):
        if bad := bad_cell(cell):
            return BadRow(row, name, bad[0], bad[1], _storable(content))
    return read_fact(row, dict(zip(header, cells, strict=True)))


def read_fact(row: int, raw: dict[str, str]) -> Item:
    """Return the fact of a row whose cells are named as ``COLUMNS``."""
    problems = Problems()
    kind = raw["kind"].strip().lower()
    brand = problems.text("brand", raw["brand"], longest=120, required=True)
    if kind not in CLEANERS:
        known = ", ".join(CLEANERS)
        problems.add("kind", "unknown_kind", _("“%(kind)s” is not a kind of row. Known: %(known)s.")
                     % {"kind": kind[:40], "known": known})  # fmt: skip
    elif brand:
        payload = CLEANERS[kind](problems, "", raw)
        if not problems.errors:
            return Fact(row, brand, payload)
    error, *others = problems.errors
    content = {name: cell[:200] for name, cell in raw.items() if cell}
    also = tuple((other.field, other.code, str(other.message)) for other in others)
    return BadRow(row, error.field, error.code, str(error.message), content, also)


def bad_cell(cell: str) -> tuple[str, str] | None:
    """Return the code and the words for a cell that cannot be read, or ``None``."""
    if "\x00" in cell:
        return "nul_byte", _("There is a NUL byte in this cell.")
    if len(cell) > MAX_CELL:
        message = _("This cell has %(length)d characters: at most %(longest)d.")
        return "cell_too_long", message % {"length": len(cell), "longest": MAX_CELL}
    return None


def _storable(content: dict[str, str]) -> dict[str, str]:
    return {name: cell.replace("\x00", "�") for name, cell in content.items()}


def without_duplicates(items: list[Item]) -> list[Item]:
    """Return the items with every fact the file has said before refused."""
    seen: dict[tuple[object, ...], Fact] = {}
    kept: list[Item] = []
    for item in items:
        if isinstance(item, BadRow):
            kept.append(item)
            continue
        earlier = seen.setdefault(identity(item), item)
        if earlier is item:
            kept.append(item)
            continue
        where = earlier.path or _("row %d") % earlier.row
        message = _("The file says this already in %s.") % where
        kept.append(BadRow(item.row, item.path, "duplicate", message, {"brand": item.brand}))
    return kept
