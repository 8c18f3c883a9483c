"""Consumers of the journal: how an upper room reacts to a lower one without being imported.

A consumer registers in its app's ``apps.py``. Its handler runs once for each sealed entry, in the
order of the seals, in the same transaction that advances its cursor: effects in the database
happen exactly once. Effects outside it go through the outbox.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction

from portal.core.models import Cursor, JournalEntry, JournalSeal

Handler = Callable[[JournalEntry], None]


@dataclass(frozen=True)
class Consumer:
    """A named reader. ``verbs`` limits what it is shown; empty means everything."""

    name: str
    handler: Handler
    verbs: frozenset[str] = frozenset()


_consumers: dict[str, Consumer] = {}


def subscribe(name: str, handler: Handler, verbs: Iterable[str] = ()) -> None:
    """Register a consumer under a unique name."""
    _consumers[name] = Consumer(name, handler, frozenset(verbs))


def consumers() -> list[Consumer]:
    """Return every registered consumer."""
    return list(_consumers.values())


def run(consumer: Consumer, limit: int = 1000) -> int:
    """Show the consumer up to ``limit`` new entries; return how many seals its cursor moved."""
    Cursor.objects.get_or_create(name=consumer.name)
    with transaction.atomic():
        cursor = (
            Cursor.objects.select_for_update(skip_locked=True).filter(name=consumer.name).first()
        )
        if cursor is None:  # another worker runs it right now
            return 0
        seals = list(
            JournalSeal.objects.filter(seq__gt=cursor.seq)
            .select_related("entry")
            .order_by("seq")[:limit]
        )
        for seal in seals:
            if not consumer.verbs or seal.entry.verb in consumer.verbs:
                consumer.handler(seal.entry)
        if seals:
            cursor.seq = seals[-1].seq
            cursor.save(update_fields=["seq"])
        return len(seals)
