"""Tables for spreadsheets: CSV line by line, XLSX row by row, neither of which runs anything.

A cell that starts like a formula gets an apostrophe in CSV (OWASP, "CSV injection"); XLSX says of
every cell that it is text or a number, so nothing there is taken for a formula.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import xlsxwriter

# The full-width ones are read as the plain ones by spreadsheets in Chinese and Japanese.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTED: Final = "'"
# What a worksheet can hold, headings included.
MOST_SHEET_ROWS: Final = 1_048_576
_LONGEST_CELL: Final = 32_767
Cell = str | int | float | Decimal | None


class _Line:
    """Gives ``csv.writer`` something to write to, a line at a time."""

    def write(self, text: str) -> str:
        """Return what was written."""
        return text


def harmless(value: object) -> str:
    """Return a cell no spreadsheet takes for a formula."""
    text = str(value)
    return f"{_QUOTED}{text}" if text.startswith(FORMULA) else text


def as_typed(cell: str) -> str:
    """Return a cell without the apostrophe that ``harmless`` put before it."""
    return cell[1:] if cell.startswith(_QUOTED) and cell[1:].startswith(FORMULA) else cell


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield a CSV file line by line; the mark at its start makes it read as UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + str(writer.writerow([harmless(cell) for cell in headings]))
    for row in rows:
        yield str(writer.writerow(["" if cell is None else _csv_cell(cell) for cell in row]))


def _csv_cell(cell: Cell) -> str:
    return str(cell) if isinstance(cell, int | float | Decimal) else harmless(cell)


def write_xlsx(
    target: Path | io.BytesIO,
    sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]],
) -> None:
    """Write a workbook of (name, headings, rows) sheets, holding one row in memory at a time."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        plain = book.add_format()
        for name, headings, rows in sheets:
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            # Text columns: what somebody types there, 0012 for one, stays as typed.
            sheet.set_column(0, max(0, len(headings) - 1), 18, text)
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, bold)
            for number, row in enumerate(rows, start=1):
                _write_row(sheet, number, row, text, plain)


def _write_row(
    sheet: "xlsxwriter.worksheet.Worksheet",
    number: int,
    row: Sequence[Cell],
    text: "xlsxwriter.format.Format",
    plain: "xlsxwriter.format.Format",
) -> None:
    for column, cell in enumerate(row):
        if cell is None or cell == "":
            continue
        if isinstance(cell, int | float | Decimal):
            sheet.write_number(number, column, cell, plain)
        else:
            sheet.write_string(number, column, cell[:_LONGEST_CELL], text)
