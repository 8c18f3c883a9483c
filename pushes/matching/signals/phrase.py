"""Phrases that sell an imitation as one, and those that only compare ("sweep haze")."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import DESCRIPTION, TITLE, Case
from pushes.matching.index import PatternKind
from pushes.matching.types import Signal
from pushes.matching.wording import Kind

STRENGTHS = {Kind.COPY: 1.0, Kind.COMPARED: 0.6, Kind.VAGUE: 0.4}
"""1.0: says that it is a copy; 0.6: compares itself; 0.4: usual in honest trade too."""
FIELDS = ((TITLE, 1.0), (DESCRIPTION, 0.5))


class Phrase:
    """Built-in phrases in the listing's title or description."""

    kinds = ("imitation_phrase",)

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """At most one signal a field and strength; the description counts half.

        Words the brand itself declared speak through its declaration: they count once.
        """
        for field, share in FIELDS:
            seen: set[Kind] = set()
            declared = case.hits_of(PatternKind.KEYWORD, field)
            for wording in case.wordings(field):
                value = STRENGTHS.get(wording.kind)
                if value is None or wording.kind in seen:
                    continue
                if any(hit.start < wording.end and wording.start < hit.end for hit in declared):
                    continue
                seen.add(wording.kind)
                start, end = wording.start, wording.end
                span = case.text(field)[start:end]
                yield Signal("imitation_phrase", field, start, end, span, "", value * share)
