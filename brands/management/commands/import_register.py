"""``manage.py import_register FILE --source "Office, edition"``: takes over a register file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from brands.services.register_import import import_register
from portal.core.actors import SYSTEM
from portal.core.errors import InvalidInput


class Command(BaseCommand):
    """Imports a CSV or JSON file of a public register."""

    help = "Imports a file of a public register, against which auditors check registrations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """File and source."""
        parser.add_argument("file", type=Path, help="CSV or JSON; columns: see docs/howto")
        parser.add_argument("--source", required=True, help="which register, which edition")
        parser.add_argument("--sample", action="store_true", help="its entries are invented")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say which rows are wrong."""
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        try:
            done = import_register(
                actor=SYSTEM,
                now=timezone.now(),
                content=content,
                name=path.name,
                source=options["source"],
                is_sample=options["sample"],
            )
        except InvalidInput as refusal:
            lines = [f"{_place(e.row)}{e.field}: {e.message}" for e in refusal.errors]
            raise CommandError("\n".join(lines) + "\nNothing was imported.") from None
        self.stdout.write(f"{done.created} new, {done.updated} updated.")


def _place(row: int | None) -> str:
    return f"row {row}, " if row else ""
