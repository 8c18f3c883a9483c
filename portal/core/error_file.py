"""A job's error file: each refused row with its number, the reason, and the row as it was."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from portal.core.models import Job

COLUMNS = ("row", "field", "code", "reason", "content")
# A cell that starts like this runs as a formula when a spreadsheet opens the file (OWASP,
# "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """Gives ``csv.writer`` something to write to, a line at a time."""

    def write(self, text: str) -> str:
        """Return what was written."""
        return text


def harmless(value: object) -> str:
    """Return a cell no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(job: Job) -> Iterator[str]:
    """Yield the file line by line, in the order of the rows; the mark makes it read as UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for error in job.errors.order_by("row", "pk").iterator(chunk_size=2000):
        content = json.dumps(error.content, ensure_ascii=False)
        cells = (error.field, error.code, error.message, content)
        yield writer.writerow([error.row, *(harmless(cell) for cell in cells)])


def write(job: Job, path: Path) -> None:
    """Write the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines(job))
