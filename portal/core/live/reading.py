"""Events from the journal. The seal's number is the only order there is."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from portal.core.live.hearers import Hearer
from portal.core.live.topics import Event, Topic, needs_recheck, topics_of, verbs
from portal.core.models import JournalEntry, JournalSeal, Member

# More than this is not worth counting row by row: the page is told to load its list anew.
MOST_MISSED = 500
# A page that slept through this many seals loads anew as well; reading them all would be slow.
LONGEST_GAP = 50_000


@dataclass(frozen=True)
class Batch:
    """Events in their order. ``head`` is the last number read, which may have had no event."""

    events: Sequence[Event]
    head: int
    full: bool = False
    recheck: bool = False


@dataclass(frozen=True)
class Missed:
    """What a hearer missed up to ``head``; ``reset`` when it is too much to tell."""

    events: Sequence[Event]
    head: int
    reset: bool = False


def head() -> int:
    """The newest seal's number. A page reads it *before* its rows, so nothing falls between."""
    last = JournalSeal.objects.order_by("-seq").values_list("seq", flat=True).first()
    return last or 0


def read(after: int, *, organisations: Collection[int] | None, limit: int = MOST_MISSED) -> Batch:
    """Events after a number. ``organisations`` narrows to tenants, ``None`` reads them all."""
    newest = head()
    if newest <= after:
        return Batch((), after)
    seals = _seals(after, newest, organisations)[: limit + 1]
    full = len(seals) > limit
    kept = seals[:limit]
    return Batch(
        events=events_of(kept),
        head=kept[-1].seq if full else newest,
        full=full,
        recheck=any(needs_recheck(seal.entry.verb) for seal in kept),
    )


def missed(hearer: Hearer, *, after: int, through: int) -> Missed:
    """What the hearer has not heard between two numbers (first not included)."""
    if through - after > LONGEST_GAP:
        return Missed((), through, reset=True)
    organisations = None if hearer.everywhere else {hearer.organisation_id}
    seals = _seals(after, through, organisations)[: MOST_MISSED + 1]
    if len(seals) > MOST_MISSED:
        return Missed((), through, reset=True)
    return Missed([event for event in events_of(seals) if hearer.hears(event)], through)


def _seals(after: int, through: int, organisations: Collection[int] | None) -> Any:
    seals = JournalSeal.objects.filter(seq__gt=after, seq__lte=through, entry__verb__in=verbs())
    if organisations is not None:
        seals = seals.filter(entry__organisation_id__in=organisations)
    return seals.select_related("entry").order_by("seq")


def events_of(seals: Iterable[JournalSeal]) -> list[Event]:
    """Sealed entries as events, in the same order. One query a model, one for the members."""
    told = [(seal, topic) for seal in seals for topic in topics_of(seal.entry.verb)]
    keys: dict[type[Model], set[int]] = defaultdict(set)
    for seal, topic in told:
        if (key := topic.key(seal.entry)) is not None:
            keys[topic.model].add(key)
    uuids = {model: _uuids(model, wanted) for model, wanted in keys.items()}
    actors = {s.entry.actor_id for s, _topic in told if s.entry.actor_kind == "member"}
    members = _uuids(Member, {actor for actor in actors if actor is not None})
    made = (_event(seal, topic, uuids.get(topic.model, {}), members) for seal, topic in told)
    return [event for event in made if event is not None]


def _event(
    seal: JournalSeal, topic: Topic, uuids: dict[int, str], members: dict[int, str]
) -> Event | None:
    entry = seal.entry
    uuid = uuids.get(topic.key(entry) or 0)
    if uuid is None:
        return None
    return Event(
        seq=seal.seq,
        topic=topic.name,
        what=topic.verbs[entry.verb],
        id=uuid,
        by=_author(entry, members),
        organisation_id=entry.organisation_id,
        member_id=None if topic.member is None else topic.member(entry) or 0,
        brand_id=entry.data.get("brand_id"),
    )


def _author(entry: JournalEntry, members: dict[int, str]) -> str:
    return members.get(entry.actor_id or 0, "") if entry.actor_kind == "member" else ""


def _uuids(model: type[Model], keys: set[int]) -> dict[int, str]:
    if not keys:
        return {}
    rows = model._default_manager.filter(pk__in=keys).values_list("pk", "uuid")
    return {key: str(uuid) for key, uuid in rows}
