"""Transparency figures by half-year, projected from the journal (DSA articles 15, 23 and 24).

Two tables: counts by half-year and rights holder, and for each case when it was filed and decided,
from which the median follows exactly. A recount from the journal gives the same.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from django.db import connection

from portal.core.models import JournalEntry, JournalSeal
from portal.figures.models import CaseTime

Key = tuple[str, int, str]
CONSUMER = "figures.transparency"

_ADD_ONE = """
    INSERT INTO figures_transparencyfigure AS figure (half, organisation_id, measure, count)
    VALUES (%s, %s, %s, 1)
    ON CONFLICT (half, organisation_id, measure) DO UPDATE SET count = figure.count + 1
"""


def half_of(moment: datetime) -> str:
    """Return the half-year (UTC) of a moment, such as ``2026-H1``."""
    day = moment.astimezone(UTC).date()
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def last_day(half: str) -> date:
    """Return the last day of a half-year."""
    year, number = int(half[:4]), half[-1]
    return date(year, 6, 30) if number == "1" else date(year, 12, 31)


def _filed(entry: JournalEntry) -> list[str]:
    if entry.data.get("from") != "held":
        return []  # back from an audit, or filed anew after a withdrawal: the same notice
    return ["notices", f"notices_{entry.data.get('reason', 'unknown')}"]


def _established(entry: JournalEntry) -> list[str]:
    if entry.data.get("from") == "contested":
        return []  # it stands again after a refused counter-notice
    return ["decisions", "decisions_established"]


def _made(entry: JournalEntry) -> list[str]:
    return ["automated"] if entry.data.get("automated") else []


def _step(entry: JournalEntry) -> list[str]:
    return ["suspensions"] if entry.data.get("level") == "suspended" else []


_Measures = Callable[[JournalEntry], list[str]]


def _always(*measures: str) -> _Measures:
    return lambda _entry: list(measures)


# Journal verb → the measures it counts for.
MEASURES: dict[str, _Measures] = {
    "complaint.filed": _filed,
    "complaint.established": _established,
    "complaint.rejected": _always("decisions", "decisions_rejected"),
    "decision.made": _made,
    "counter_notice.submitted": _always("counter_notices"),
    "counter_notice.accepted": _always("counter_notices_accepted"),
    "counter_notice.refused": _always("counter_notices_refused"),
    "complaint.overturned": _always("overturned"),
    "complaint.retracted": _always("retracted"),
    "reinstatement.confirmed": _always("reinstatements"),
    "misuse_step.in_force": _step,
}
VERBS = tuple(MEASURES)


def keys_of(entry: JournalEntry) -> list[Key]:
    """Return the counts one entry stands for; nobody's entries count for organisation 0."""
    if entry.verb not in MEASURES:
        return []
    half, owner = half_of(entry.at), entry.organisation_id or 0
    return [(half, owner, measure) for measure in MEASURES[entry.verb](entry)]


def project(entry: JournalEntry) -> None:
    """Add one sealed entry; runs once an entry (see ``portal.core.events``)."""
    keys = keys_of(entry)
    if keys:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD_ONE, keys)
    measures = {measure for _half, _owner, measure in keys}
    if "notices" in measures:
        CaseTime.objects.get_or_create(
            complaint_id=entry.subject_id,
            defaults={"organisation_id": entry.organisation_id or 0, "filed_at": entry.at},
        )
    if "decisions" in measures:
        CaseTime.objects.filter(complaint_id=entry.subject_id, decided_at=None).update(
            decided_at=entry.at, half=half_of(entry.at)
        )


def recount(up_to_seq: int) -> Counter[Key]:
    """Count the journal up to a seal afresh, as the table should have it."""
    seals: Iterable[JournalSeal] = (
        JournalSeal.objects.filter(seq__lte=up_to_seq, entry__verb__in=VERBS)
        .select_related("entry")
        .iterator(chunk_size=2000)
    )
    return Counter(key for seal in seals for key in keys_of(seal.entry))
