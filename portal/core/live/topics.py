"""The registry of topics: which journal verbs browsers hear of, and who may hear them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Model

from portal.core.models import JournalEntry
from portal.core.policies import Permission

Key = Callable[[JournalEntry], int | None]


def _subject(entry: JournalEntry) -> int:
    return entry.subject_id


@dataclass(frozen=True)
class Topic:
    """One kind of event.

    ``verbs`` maps journal verbs to what browsers are told happened. ``model`` is the model of the
    row the event is about and has a ``uuid``; ``key`` finds its primary key in an entry (its
    subject unless given). Whoever holds ``permission`` in the entry's organisation hears it, the
    platform hears all; with ``member`` only the member with that primary key does.
    """

    name: str
    model: type[Model]
    permission: Permission | None
    verbs: Mapping[str, str]
    key: Key = _subject
    member: Key | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What a browser is told: ids and words of our own, nothing else.

    ``seq`` is the number of the journal's seal, 0 for an announcement that is not kept. ``id`` is
    the row's UUID, ``by`` that of the member who acted or empty. ``organisation_id``,
    ``member_id`` and ``brand_id`` say who may hear it and are not sent.
    """

    seq: int
    topic: str
    what: str
    id: str
    by: str
    organisation_id: int | None
    member_id: int | None
    brand_id: int | None = None

    def content(self) -> dict[str, str | bool]:
        """What is sent besides number and topic."""
        said: dict[str, str | bool] = {"id": self.id, "what": self.what, "by": self.by}
        # Browsers repeat the last number for an event without one, so it must say so itself.
        return said if self.seq else {**said, "kept": False}

    def encode(self) -> bytes:
        """The event as the lines of an event stream."""
        number = f"id: {self.seq}\n" if self.seq else ""
        data = json.dumps(self.content(), separators=(",", ":"))
        return f"{number}event: {self.topic}\ndata: {data}\n\n".encode()


_topics: dict[str, Topic] = {}
_by_verb: dict[str, list[Topic]] = {}
_recheck: set[str] = set()


def register(topic: Topic) -> None:
    """Add a topic; its name is unique."""
    if topic.name in _topics:
        raise ValueError(f"There is a topic {topic.name!r} already.")
    _topics[topic.name] = topic
    for verb in topic.verbs:
        _by_verb.setdefault(verb, []).append(topic)


def recheck_after(verbs: Iterable[str]) -> None:
    """Name journal verbs after which somebody may have lost the right to listen."""
    _recheck.update(verbs)


def topics() -> Iterable[Topic]:
    """Every registered topic."""
    return _topics.values()


def named(name: str) -> Topic:
    """The topic of a name; raises ``KeyError``."""
    return _topics[name]


def topics_of(verb: str) -> list[Topic]:
    """The topics a journal verb belongs to."""
    return _by_verb.get(verb, [])


def needs_recheck(verb: str) -> bool:
    """Whether somebody may have lost the right to listen."""
    return verb in _recheck


def verbs() -> list[str]:
    """Every journal verb worth reading."""
    return sorted({*_by_verb, *_recheck})
