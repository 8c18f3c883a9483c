"""The rows of an uploaded table as facts of the registry, or as rows refused with their reasons."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from brands.models import CatalogueImport, Characteristic
from brands.services import registry_files
from brands.services.product_models import ProductFacts
from brands.services.registry_facts import (
    CLEANERS,
    BadRow,
    BrandFact,
    Fact,
    Item,
    MarkFact,
    in_import_order,
)
from portal.core import files, spreadsheets

# What pandas writes for a cell that the spreadsheet made a date of.
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")
# A formula's result with the noise of binary fractions: no price is typed like this.
_NOISY: Final = re.compile(r"-?\d+\.\d{10,}")
_NUMBERS: Final = ("list_price", "lowest_price", "weight")
_NO_DATES: Final = (
    "name",
    "model_number",
    "aliases",
    "gtin",
    "list_price",
    "lowest_price",
    "value",
)
_LANGUAGES: Final = ("en", "zh-hans")


def raw_rows(source: CatalogueImport) -> Iterator[tuple[int, list[str], str]]:
    """Yield (row number, cells, what made it unreadable) of the stored table."""
    with files.path_of(source.table.sha256).open(encoding="utf-8") as lines:
        for line in lines:
            number, cells, *problem = json.loads(line)
            yield number, cells, problem[0] if problem else ""


def items_of(source: CatalogueImport) -> tuple[Item, ...]:
    """Return the facts and refused rows in import order; kept for the next chunk of the same."""
    brand = source.brand.name if source.brand is not None else ""
    mapping = tuple(sorted((int(index), name) for index, name in source.mapping.items()))
    return _items(source.pk, source.what, brand, mapping)


@lru_cache(maxsize=1)  # a job reads its table once a process, not once a chunk
def _items(
    pk: int, what: str, brand: str, mapping: tuple[tuple[int, str], ...]
) -> tuple[Item, ...]:
    source = CatalogueImport.objects.select_related("table").get(pk=pk)
    reader = _Reader(what, brand, dict(mapping), len(source.layout["columns"]))
    found = [reader.item(*row) for row in raw_rows(source)]
    return tuple(in_import_order(registry_files.without_duplicates(found)))


class _Reader:
    """Turns one row after the other into an item."""

    def __init__(self, what: str, brand: str, mapping: dict[int, str], width: int) -> None:
        self._fixed = {"kind": what} if what in CLEANERS else {}
        if brand:
            self._fixed["brand"] = brand
        self._mapping = mapping
        self._width = width
        self._kinds = kind_names()

    def item(self, row: int, cells: list[str], problem: str) -> Item:
        if problem:
            return BadRow(row, "", "csv", _("This row is not CSV: %s.") % problem)
        if any(cell.strip() for cell in cells[self._width :]):
            message = _("This row has %(cells)d cells, the header has %(columns)d.")
            figures = {"cells": len(cells), "columns": self._width}
            return BadRow(row, "", "cell_count", message % figures)
        raw = {"kind": "", "brand": "", **self._fixed}
        for index, name in self._mapping.items():
            cell = cells[index] if index < len(cells) else ""
            if bad := registry_files.bad_cell(cell) or _made_a_date(name, cell):
                return BadRow(row, name, bad[0], bad[1], {name: cell.replace("\0", "�")[:200]})
            raw[name] = self._meant(name, spreadsheets.as_typed(cell))
        return registry_files.read_fact(row, raw)

    def _meant(self, name: str, cell: str) -> str:
        if name in _NUMBERS and _NOISY.fullmatch(cell.strip()):
            return f"{float(cell):.15g}"
        if name in ("characteristic", "kind"):
            return self._kinds.get(cell.strip().casefold(), cell)
        return cell


def _made_a_date(name: str, cell: str) -> tuple[str, str] | None:
    if name in _NO_DATES and _DATE.fullmatch(cell.strip()):
        return "made_a_date", _("The spreadsheet made a date of this cell: %s.") % cell[:10]
    return None


def kind_names() -> dict[str, str]:
    """Return our code of each kind by its code and by its name in every language, casefolded."""
    names = {kind.replace("_", " "): kind for kind in CLEANERS}
    for language in _LANGUAGES:
        with override(language):
            names |= {str(label).casefold(): kind for kind, label in Characteristic.Kind.choices}
    return names | {kind: kind for kind in (*Characteristic.Kind.values, *CLEANERS)}


class Prerequisites:
    """What of the file must be there before a chunk: its brands, and the models it names.

    A dry run takes every chunk back, so a later one writes again what it leans on.
    """

    def __init__(self, items: tuple[Item, ...]) -> None:
        self._brands: dict[str, int] = {}
        self._models: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._items = items
        for index, item in enumerate(items):
            if isinstance(item, BadRow):
                continue
            if isinstance(item.payload, BrandFact):
                self._brands[item.brand.lower()] = index
            elif isinstance(item.payload, ProductFacts):
                for name in {item.payload.name, item.payload.model_number} - {""}:
                    self._models[item.brand.lower(), name].append(index)

    def of(self, chunk: Iterable[Item], before: int) -> list[Item]:
        """Return the facts the chunk leans on that stand before it, in their order."""
        wanted: set[int] = set()
        for item in chunk:
            if isinstance(item, Fact):
                wanted.update(self._for(item))
        return [self._items[index] for index in sorted(wanted) if index < before]

    def _for(self, fact: Fact) -> Iterator[int]:
        brand = fact.brand.lower()
        if brand in self._brands:
            yield self._brands[brand]
        if isinstance(fact.payload, MarkFact) and fact.payload.product_model is not None:
            yield from self._models[brand, fact.payload.product_model.name]


def headings(source: CatalogueImport) -> Mapping[str, str]:
    """Return the file's heading of each field that has a column."""
    columns = source.layout["columns"]
    return {name: columns[int(index)] for index, name in source.mapping.items()}
