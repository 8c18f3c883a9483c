"""Asking a public register, behind a small interface.

There is one implementation: files the operator imported (``services/register_import.py``). An
adapter for an office's own service would be another class with the same two methods.
"""

from typing import Protocol

from brands.models import RegisterEntry
from brands.reading.comparing import number_key


class Register(Protocol):
    """A register of rights."""

    def entry(self, kind: str, jurisdiction: str, number: str) -> RegisterEntry | None:
        """Return what it says about a number; ``None`` when it has no such number."""

    def covers(self, kind: str, jurisdiction: str) -> bool:
        """Whether a number that is missing here means anything."""


class ImportedRegister:
    """Reads ``RegisterEntry`` rows."""

    def entry(self, kind: str, jurisdiction: str, number: str) -> RegisterEntry | None:
        """Compare numbers without separators."""
        rows = RegisterEntry.objects.select_related("file").filter(
            kind=kind, jurisdiction=jurisdiction, number_key=number_key(number)
        )
        return rows.first()

    def covers(self, kind: str, jurisdiction: str) -> bool:
        """Any entry of the place and kind makes the import an edition of its register."""
        rows = RegisterEntry.objects.filter(kind=kind, jurisdiction=jurisdiction)
        return rows.filter(file__is_sample=False).exists()
