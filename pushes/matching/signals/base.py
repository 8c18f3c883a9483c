"""The interface of a signal: adding one is one file here plus its line in ``__init__``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pushes.matching.case import Case
from pushes.matching.index import Hit
from pushes.matching.types import Signal

MAX_SPANS = 8
"""At most this many spans of one kind are shown: a title that repeats a name needs no more."""


class SignalSource(Protocol):
    """Looks at one case and gives reasons; must not read clocks, files or the network."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind this source may give: the names of its features."""
        ...

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """Signals with values from 0 to 1 (times a declared multiplier), unexplained."""
        ...


def from_hit(case: Case, hit: Hit, kind: str, value: float) -> Signal:
    """A signal that shows the hit's span."""
    return Signal(
        kind=kind,
        field=hit.field,
        start=hit.start,
        end=hit.end,
        matched=case.text(hit.field)[hit.start : hit.end],
        registered=hit.pattern.text,
        value=value,
    )
