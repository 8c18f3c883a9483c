"""Lists of words → one RE2 expression with word edges that know more than ASCII."""

from __future__ import annotations

from collections.abc import Iterator

import re2

EDGE = r"[^\pL\pN\pM]"
"""What stands beside a word. RE2's own ``\\b`` takes the ế of "ế ẩm" for punctuation."""


class Wording:
    """Finds any of some expressions: ``words`` only as whole words, ``anywhere`` inside text too.

    Scripts written without spaces belong into ``anywhere``.
    """

    def __init__(self, words: str, anywhere: str = "") -> None:
        options = re2.Options()
        options.case_sensitive = False
        pattern = rf"(?:^|{EDGE})({words})(?:$|{EDGE})"
        if anywhere:
            pattern += f"|({anywhere})"
        self._pattern = re2.compile(pattern, options)
        self._groups = 2 if anywhere else 1

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Spans from left to right, without their edges."""
        position = 0
        while position <= len(text):
            found = self._pattern.search(text, position)
            if found is None:
                return
            group = 1 if found.start(1) >= 0 else self._groups
            start, end = found.span(group)
            yield start, end
            position = max(end, position + 1)

    def first(self, text: str) -> tuple[int, int] | None:
        """The first span, or None."""
        return next(self.spans(text), None)
