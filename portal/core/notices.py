"""Kinds of notices: each room registers how its own are worded and where they lead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.core.models import Notice

Teller = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Kind:
    """How notices of one kind read. ``text`` and ``url`` get the notice's data."""

    name: str
    text: Teller
    url: Teller
    icon: str = "bell"
    tone: str = "plain"


@dataclass(frozen=True)
class Line:
    """A notice as it is shown."""

    notice: Notice
    text: str
    url: str
    icon: str
    tone: str


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; its name is unique."""
    _kinds[kind.name] = kind


def line(notice: Notice) -> Line:
    """The notice in the reader's language; one of a kind nobody knows any more has no words."""
    kind = _kinds.get(notice.kind)
    if kind is None:
        return Line(notice, "", "", "bell", "plain")
    return Line(notice, kind.text(notice.data), kind.url(notice.data), kind.icon, kind.tone)
