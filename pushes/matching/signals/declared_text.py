"""Words and patterns a rights holder declared as marks of a fake."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pushes.matching.case import DESCRIPTION, TITLE, Case
from pushes.matching.index import PatternKind
from pushes.matching.registry import compile_pattern
from pushes.matching.signals.base import MAX_SPANS, from_hit
from pushes.matching.types import Characteristic, CharacteristicKind, Signal

LONGEST = 20_000
"""Characters of a text that user patterns are run on."""
MOST_WORK = 10 * LONGEST
"""Characters of one field that all patterns of a brand together are run on: with many patterns each
sees less of a long description. RE2 takes at most some microseconds a character, so that this
bounds what one listing costs."""


@lru_cache(maxsize=20_000)
def compiled(pattern: str) -> Any:
    """Compiled RE2 pattern; declared patterns were checked when the registry was read."""
    return compile_pattern(pattern)


class DeclaredText:
    """Keywords, evasive spellings and RE2 phrase patterns."""

    kinds = ("keyword", "evasive_spelling", "phrase_pattern")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """The value is the declared multiplier (1 when none)."""
        for pattern_kind in (PatternKind.KEYWORD, PatternKind.EVASIVE_SPELLING):
            for hit in case.hits_of(pattern_kind)[:MAX_SPANS]:
                yield from_hit(case, hit, pattern_kind.value, hit.pattern.multiplier)
        patterns = case.characteristics(CharacteristicKind.PHRASE_PATTERN)
        longest = min(LONGEST, MOST_WORK // max(1, len(patterns)))
        for mark in patterns:
            yield from self._pattern(case, mark, longest)

    def _pattern(self, case: Case, mark: Characteristic, longest: int) -> Iterator[Signal]:
        value = 1.0 if mark.weight is None else mark.weight
        for field in (TITLE, DESCRIPTION):
            text = clean(case.text(field)[:longest])
            found = compiled(mark.value).search(text)
            if found is not None:
                start, end = found.span()
                yield Signal(
                    "phrase_pattern", field, start, end, text[start:end], mark.value, value
                )
                return


def clean(text: str) -> str:
    """Unpaired surrogates replaced one by one, so that offsets stay and RE2 can encode it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if 0xD800 <= ord(char) < 0xE000 else char for char in text)
    return text
