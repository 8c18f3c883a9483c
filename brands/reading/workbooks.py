"""Workbooks people upload; runs in the limited process.

calamine (https://github.com/tafia/calamine) reads XLSX through pandas with ``dtype=str``, so that a
text ``0012`` stays ``0012``. A formula counts with the value saved with it; an error is empty.
"""

import io
import zipfile
from typing import Any, Final

import pandas as pd
from python_calamine import CalamineError, PasswordError

from brands.reading import limits
from brands.reading.tables import Row, Unfit, split

_MOST_MERGES: Final = 20_000


def read(content: bytes, options: dict[str, str]) -> tuple[dict[str, Any], list[Row]]:
    """Return what is known about a workbook and the rows of one sheet, the first filled one."""
    _check_archive(content)
    wanted = options.get("sheet", "")
    try:
        with pd.ExcelFile(io.BytesIO(content), engine="calamine") as book:
            sheets = [str(name) for name in book.sheet_names]
            name = wanted if wanted in sheets else _first_filled(book, sheets)
            sheet = book.book.get_sheet_by_name(name)
            if sheet.total_height > limits.MOST_ROWS + 1_000:
                raise Unfit("too_many_rows", str(sheet.total_height))
            if sheet.total_width > limits.MOST_COLUMNS:
                raise Unfit("too_many_columns", str(sheet.total_width))
            frame = book.parse(name, header=None, dtype=str, keep_default_na=False, na_filter=False)
            merges = list(sheet.merged_cell_ranges or ())[:_MOST_MERGES]
    except PasswordError:
        raise Unfit("password") from None
    except (CalamineError, ValueError, KeyError):
        # calamine's words for a workbook it cannot follow; pandas wraps some as ValueError.
        raise Unfit("damaged") from None
    cells = [[str(cell) for cell in row] for row in frame.to_numpy(dtype=object).tolist()]
    rows: list[Row] = [(n, row, "") for n, row in enumerate(cells, start=1)]
    filled = _spread(cells, merges)
    _refuse_merged_headings(rows, merges)
    return {"format": "xlsx", "sheet": name, "sheets": sheets[:50], "merged": filled}, rows


def _first_filled(book: Any, sheets: list[str]) -> str:
    for name in sheets:
        if book.book.get_sheet_by_name(name).total_height:
            return name
    raise Unfit("empty")


def _check_archive(content: bytes) -> None:
    """Refuse archives that are no workbook, or that unpack to more than a catalogue can be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise Unfit("damaged") from None
    if not any(entry.filename.lower() == "xl/workbook.xml" for entry in entries):
        raise Unfit("not_a_table")
    unpacked = sum(entry.file_size for entry in entries)
    ratio = unpacked / max(1, len(content))
    if len(entries) > limits.MOST_ENTRIES or unpacked > limits.UNPACKED_BYTES:
        raise Unfit("unpacks_too_large")
    if unpacked > limits.SMALL_ARCHIVE_BYTES and ratio > limits.HIGHEST_RATIO:
        raise Unfit("unpacks_too_large")


def _spread(cells: list[list[str]], merges: list[Any]) -> int:
    """Give every cell of a downward merge its value, as the reader of the sheet sees it."""
    spread = 0
    for (top, left), (bottom, right) in merges:
        if left != right or top == bottom or top >= len(cells):
            continue
        for row in cells[top + 1 : bottom + 1]:
            row[left] = cells[top][left]
        spread += 1
    return spread


def _refuse_merged_headings(rows: list[Row], merges: list[Any]) -> None:
    header, _body = split(rows)
    for (top, left), (bottom, right) in merges:
        if left != right and top <= header[0] - 1 <= bottom:
            raise Unfit("merged_heading", f"{_cell(top, left)}:{_cell(bottom, right)}")


def _cell(row: int, column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"
