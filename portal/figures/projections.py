"""The projection: journal entries → daily figures."""

from portal.core.models import JournalEntry

VERBS: tuple[str, ...] = ()


def project(entry: JournalEntry) -> None:
    """Count one entry."""
