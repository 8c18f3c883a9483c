"""Writing, sealing and checking the journal."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from portal.core.actors import Actor
from portal.core.models import JournalEntry, JournalSeal, JournalWaiting

GENESIS = "0" * 64
# Advisory lock that makes the sealer one process, whichever worker runs it.
SEALER_LOCK = 0x5EA1


def unsaved(
    verb: str,
    subject: Model,
    *,
    actor: Actor,
    now: datetime,
    organisation_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Return one unsaved entry.

    ``verb`` is ``aggregate.what_happened``. ``data`` holds ids and codes, never personal data.
    The tenant is taken from the subject unless given.
    """
    if organisation_id is None:
        organisation_id = getattr(subject, "organisation_id", None)
    return JournalEntry(
        at=now,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        organisation_id=organisation_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        data=dict(data or {}),
    )


def record(
    verb: str,
    subject: Model,
    *,
    actor: Actor,
    now: datetime,
    organisation_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> JournalEntry:
    """Insert one entry in the caller's transaction; arguments as for ``unsaved``."""
    made = unsaved(verb, subject, actor=actor, now=now, organisation_id=organisation_id, data=data)
    made.save(force_insert=True)
    return made


def record_many(entries: Iterable[JournalEntry]) -> None:
    """Insert the entries of a bulk change in the caller's transaction, in their order."""
    JournalEntry.objects.bulk_create(entries, batch_size=1000)


def entry_hash(entry: JournalEntry, seq: int, previous_hash: str) -> str:
    """Return the SHA-256 (hex) over the entry's canonical JSON, its number and its predecessor."""
    content = {
        "seq": seq,
        "previous": previous_hash,
        "uuid": str(entry.uuid),
        "at": entry.at.astimezone(UTC).isoformat(),
        "verb": entry.verb,
        "subject": [entry.subject_type, entry.subject_id],
        "organisation": entry.organisation_id,
        "actor": [entry.actor_kind, entry.actor_id],
        "data": entry.data,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def seal(limit: int = 2000) -> int:
    """Number up to ``limit`` committed entries; return how many. Only one caller at a time works.

    An entry whose writer commits late is simply numbered later: order is the order of sealing.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
            row = cursor.fetchone()
        if row is None or not row[0]:
            return 0
        last = JournalSeal.objects.order_by("-seq").first()
        seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
        seals = []
        waiting = JournalWaiting.objects.select_related("entry").order_by("entry_id")[:limit]
        for entry in [row.entry for row in waiting]:
            seq += 1
            digest = entry_hash(entry, seq, previous)
            seals.append(JournalSeal(seq=seq, entry=entry, previous_hash=previous, hash=digest))
            previous = digest
        JournalSeal.objects.bulk_create(seals)
        JournalWaiting.objects.filter(entry_id__in=[seal.entry_id for seal in seals]).delete()
        return len(seals)


def broken_seals(after: int = 0) -> list[int]:
    """Return the numbers of seals that do not fit their entry or predecessor (empty: intact)."""
    previous = GENESIS
    if after:
        previous = JournalSeal.objects.get(seq=after).hash
    broken = []
    expected = after + 1
    seals = JournalSeal.objects.filter(seq__gt=after).select_related("entry").order_by("seq")
    for seal_ in seals.iterator(chunk_size=2000):
        fits = (
            seal_.seq == expected
            and seal_.previous_hash == previous
            and seal_.hash == entry_hash(seal_.entry, seal_.seq, previous)
        )
        if not fits:
            broken.append(seal_.seq)
        previous, expected = seal_.hash, seal_.seq + 1
    return broken
