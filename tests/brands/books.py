"""Real workbooks for tests, made cell by cell."""

import csv
import io
from collections.abc import Callable
from typing import Any

import xlsxwriter

from brands.services import catalogue
from portal.core import jobs
from portal.core.actors import of_member

HEADINGS = ("Brand", "Name", "Model number", "GTIN", "List price", "Currency")


def book(rows: Any, also: Callable[..., None] | None = None) -> bytes:
    """Return an XLSX file: text stays text, numbers are numbers; ``also`` gets book and sheet."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = made.add_worksheet("Models")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif cell is not None:
                sheet.write(row, column, cell)
    if also is not None:
        also(made, sheet)
    made.close()
    return out.getvalue()


def lines(rows: Any) -> bytes:
    """Return the rows as CSV, which is read sooner than XLSX."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def model_rows(count: int, bad: int = 0, brand: str = "Velmora") -> list[list[Any]]:
    """Return headings and so many product models, the first ``bad`` with a broken price."""
    rows: list[list[Any]] = [list(HEADINGS)]
    for n in range(count):
        price = "on request" if n < bad else 100 + n % 50
        rows.append([brand, f"Runner {n}", f"{n:04}", "", price, "CNY"])
    return rows


def upload(member: Any, content: bytes, now: Any, name: str = "models.xlsx", **more: Any) -> Any:
    """Upload a file as the member."""
    more = {"what": "product_model", **more}
    return catalogue.upload(
        actor=of_member(member),
        now=now,
        organisation=member.organisation,
        content=content,
        name=name,
        **more,
    )


def checked(member: Any, source: Any, now: Any, mapping: dict[int, str] | None = None) -> Any:
    """Dry run with the guessed columns, or with those given; return the finished job."""
    chosen = mapping or {int(index): name for index, name in source.mapping.items()}
    job = catalogue.check(actor=of_member(member), now=now, source=source, mapping=chosen)
    return jobs.run_to_end(job.pk)


def imported(member: Any, source: Any, now: Any) -> Any:
    """Dry run and import; return the finished job of the import."""
    checked(member, source, now)
    source.refresh_from_db()
    job = catalogue.start(actor=of_member(member), now=now, source=source)
    return jobs.run_to_end(job.pk)


def errors(job: Any) -> list[tuple[int, str, str]]:
    """Return the refused rows of a job: row, field, code."""
    return list(job.errors.order_by("row", "pk").values_list("row", "field", "code"))
