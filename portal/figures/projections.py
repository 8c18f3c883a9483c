"""The projection: journal entries → daily figures. A recount from zero gives the same rows."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date

from django.db import connection

from portal.core.models import JournalEntry, JournalSeal

Key = tuple[date, int, int, str]

# Journal verb → measures it counts for. Measures below "judged" split it by outcome.
MEASURES: dict[str, tuple[str, ...]] = {
    "link.pushed": ("pushed",),
    "verdict.final": ("judged",),
    "complaint.filed": ("complaints",),
    "complaint.established": ("established",),
    "complaint.rejected": ("rejected",),
    "order.acknowledged": ("taken_down",),
}
VERBS = tuple(MEASURES)
# States a complaint comes from when it is filed or established for the first time: it also comes
# back from the freezer, and from a counter-notice that was refused.
COUNTED_FROM: dict[str, set[str | None]] = {
    "complaint.filed": {None, "held"},
    "complaint.established": {None, "filed", "under_audit"},
}

# One statement a figure: a read before the write would double the time of every recount.
_ADD_ONE = """
    INSERT INTO figures_dailyfigure AS figure (day, organisation_id, brand_id, measure, count)
    VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (day, organisation_id, brand_id, measure) DO UPDATE SET count = figure.count + 1
"""


def keys_of(entry: JournalEntry) -> list[Key]:
    """Return the figures one entry counts for; none when it names no brand."""
    brand_id = entry.data.get("brand_id")
    if brand_id is None or entry.organisation_id is None:
        return []
    if entry.data.get("explores"):
        # Pushed to see what the rules miss: outside the terms, and no push of the rules' own.
        return []
    if entry.verb in COUNTED_FROM and entry.data.get("from") not in COUNTED_FROM[entry.verb]:
        return []
    if entry.verb == "order.acknowledged" and entry.data.get("kind") != "take_down":
        return []
    measures = list(MEASURES.get(entry.verb, ()))
    if entry.verb == "verdict.final":
        measures.append(f"judged_{entry.data.get('outcome', 'unknown')}")
        if entry.data.get("in_time"):
            measures.append("judged_in_time")
    day = entry.at.astimezone(UTC).date()
    return [(day, entry.organisation_id, int(brand_id), measure) for measure in measures]


def project(entry: JournalEntry) -> None:
    """Add one sealed entry to the rollups; runs once an entry (see ``portal.core.events``)."""
    if keys := keys_of(entry):
        with connection.cursor() as cursor:
            cursor.executemany(_ADD_ONE, keys)


def recount(up_to_seq: int) -> Counter[Key]:
    """Count the journal up to a seal afresh, as the rollups should have it."""
    entries: Iterable[JournalSeal] = (
        JournalSeal.objects.filter(seq__lte=up_to_seq, entry__verb__in=VERBS)
        .select_related("entry")
        .iterator(chunk_size=2000)
    )
    return Counter(key for seal in entries for key in keys_of(seal.entry))
