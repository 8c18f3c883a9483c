"""The navigation: every app adds its own entries in ``apps.py``; the page shows those allowed."""

from dataclasses import dataclass

from portal.core.actors import Actor
from portal.core.errors import Text
from portal.core.policies import Permission, permissions_of


@dataclass(frozen=True)
class Entry:
    """One entry. ``kinds`` limits it to kinds of organisation; ``order`` sorts."""

    label: Text
    url_name: str
    icon: str
    permission: Permission
    order: int
    kinds: frozenset[str] = frozenset()


_entries: list[Entry] = []


def add(entry: Entry) -> None:
    """Register an entry."""
    _entries.append(entry)


def entries_for(actor: Actor | None) -> list[Entry]:
    """Return the entries this actor may open, in order."""
    if actor is None or actor.organisation is None:
        return []
    granted = permissions_of(actor)
    kind = actor.organisation.kind
    allowed = [e for e in _entries if e.permission in granted and (not e.kinds or kind in e.kinds)]
    return sorted(allowed, key=lambda entry: entry.order)
