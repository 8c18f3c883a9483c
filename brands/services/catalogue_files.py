"""Files an import gives out: templates to fill in, and the refused rows to mend and send again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brands.models import CatalogueImport, Characteristic
from brands.services import catalogue_columns, catalogue_rows
from portal.core import spreadsheets
from portal.core.models import Job
from portal.core.spreadsheets import Cell

What = CatalogueImport.What
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]

# What to do about each code; a message of its own says what is wrong.
HINTS: Final[dict[str, Promise]] = {
    "required": gettext_lazy("Fill in this cell, or delete the row."),
    "too_long": gettext_lazy("Shorten it."),
    "control_character": gettext_lazy("Type the cell again instead of pasting it."),
    "not_a_price": gettext_lazy("Write digits with a point: 129.90, without a currency sign."),
    "not_positive": gettext_lazy("Leave the cell empty when the price is not known."),
    "too_precise": gettext_lazy("Round it to two decimals."),
    "unknown_currency": gettext_lazy("Use the three letters of ISO 4217: CNY, EUR, USD."),
    "not_a_gtin": gettext_lazy(
        "Copy the number under the bar code. Format the column as text first: spreadsheets cut"
        " leading zeros and write long numbers as 4.0E+12."
    ),
    "gtin_check_digit": gettext_lazy("Compare it with the number under the bar code."),
    "above_list_price": gettext_lazy("Check whether the two prices were exchanged."),
    "duplicate": gettext_lazy("Delete one of the two rows."),
    "unknown_brand": gettext_lazy(
        "Register the brand first, or write its name as it is registered."
    ),
    "unknown_product_model": gettext_lazy(
        "Import the product model first, or write its name or number as it is registered."
    ),
    "unclear_product_model": gettext_lazy("Write the model number instead of the name."),
    "unknown_kind": gettext_lazy("Use one of the kinds listed in the template."),
    "pattern": gettext_lazy("Mend the pattern at that position; RE2 has no look-around."),
    "pattern_matches_nothing": gettext_lazy("Write at least one letter that must be there."),
    "cell_count": gettext_lazy("Put a cell that holds the delimiter in quotes."),
    "csv": gettext_lazy("Look for a quote that is not closed in this row or before it."),
    "cell_too_long": gettext_lazy("Shorten it."),
    "made_a_date": gettext_lazy("Format the column as text, then type the cell again."),
    "unknown_marketplace": gettext_lazy("Leave the cell empty, or use a name listed here."),
    "in_use": gettext_lazy("Change or withdraw this one by hand."),
}


def hint(code: str) -> str:
    """Return what to do about a refused row; empty where its message says it all."""
    return str(HINTS.get(code, ""))


def column_titles(source: CatalogueImport) -> Mapping[str, str]:
    """Return what the file calls each field; our label where it has no such column."""
    theirs = catalogue_rows.headings(source)
    return {
        name: theirs.get(name) or str(field.label)
        for name, field in catalogue_columns.FIELDS.items()
    }


# --------------------------------------------------------------------------- templates


def template_sheets(what: str) -> list[Sheet]:
    """Return the sheets of a template: empty columns to fill in, and what belongs in each."""
    fields = catalogue_columns.fields_of(what)
    needed = catalogue_columns.needed(what, one_brand=False)
    notes: list[Sequence[Cell]] = [
        (str(f.label), _("yes") if f.name in needed else _("no"), f.example) for f in fields
    ]
    sheets: list[Sheet] = [
        (_("Rows"), [str(field.label) for field in fields], []),
        (_("How to fill it in"), [_("Column"), _("Needed"), _("Example")], notes),
    ]
    if what != What.PRODUCT_MODEL:
        kinds = [(str(label), kind) for kind, label in Characteristic.Kind.choices]
        sheets.append((_("Kinds"), [_("Kind of characteristic"), _("Code")], kinds))
    return sheets


def template_lines(what: str) -> Iterator[str]:
    """Yield a template as CSV: the headings and one example to write over."""
    fields = catalogue_columns.fields_of(what)
    return spreadsheets.csv_lines(
        [str(field.label) for field in fields], [[field.example for field in fields]]
    )


# --------------------------------------------------------------------------- refused rows


def error_table(source: CatalogueImport, job: Job) -> tuple[list[str], Iterator[list[Cell]]]:
    """Return the headings and rows of the error file: each refused row as it was, with reasons."""
    columns = source.layout["columns"]
    headings = [*columns, _("Row"), _("Column"), _("What is wrong"), _("What to do")]
    return headings, _refused_rows(source, job, len(columns))


def _refused_rows(source: CatalogueImport, job: Job, width: int) -> Iterator[list[Cell]]:
    titles = column_titles(source)
    problems: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    errors = job.errors.order_by("row", "pk").values_list("row", "field", "code", "message")
    for row, field, code, message in errors.iterator(chunk_size=2000):
        problems[row].append((titles.get(field, field), message, hint(code)))
    for number, cells, _problem in catalogue_rows.raw_rows(source):
        found = problems.get(number)
        if found is None:
            continue
        kept: list[Cell] = [*cells[:width], *[""] * (width - len(cells))]
        reasons = [_joined(parts) for parts in zip(*found, strict=True)]
        yield [*kept, number, *reasons]


def _joined(parts: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(part for part in parts if part))
