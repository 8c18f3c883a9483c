"""The navigation: every app adds its own entries in ``apps.py``; the page shows those allowed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

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
# Asked before the entries: the address of a page that comes first for this actor, or ``None``.
Leader = Callable[[Actor | None], str | None]
_leaders: list[Leader] = []


def add(entry: Entry) -> None:
    """Register an entry."""
    _entries.append(entry)


def lead_first(leader: Leader) -> None:
    """Let an upper room name the page an actor lands on while something is to be done first."""
    _leaders.append(leader)


def first_page(actor: Actor | None) -> str | None:
    """Return the address an actor lands on; ``None`` for whoever belongs nowhere yet."""
    for leader in _leaders:
        if address := leader(actor):
            return address
    entries = entries_for(actor)
    return reverse(entries[0].url_name) if entries else None


def entries_for(actor: Actor | None) -> list[Entry]:
    """Return the entries this actor may open, in order."""
    if actor is None or actor.organisation is None:
        return []
    granted = permissions_of(actor)
    kind = actor.organisation.kind
    allowed = [e for e in _entries if e.permission in granted and (not e.kinds or kind in e.kinds)]
    return sorted(allowed, key=lambda entry: entry.order)
