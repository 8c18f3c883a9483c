"""A job's error file: each refused row with its number, the reason, and the row as it was."""

import json
from collections.abc import Iterator
from pathlib import Path

from portal.core import spreadsheets
from portal.core.models import Job, JobError

COLUMNS = ("row", "field", "code", "reason", "content")


def lines(job: Job) -> Iterator[str]:
    """Yield the file line by line, in the order of the rows; the mark makes it read as UTF-8."""
    errors = job.errors.order_by("row", "pk").iterator(chunk_size=2000)
    yield from spreadsheets.csv_lines(COLUMNS, (_cells(error) for error in errors))


def _cells(error: JobError) -> tuple[int, str, str, str, str]:
    content = json.dumps(error.content, ensure_ascii=False)
    return (error.row, error.field, error.code, error.message, content)


def write(job: Job, path: Path) -> None:
    """Write the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines(job))
