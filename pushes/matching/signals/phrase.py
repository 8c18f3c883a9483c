"""Phrases that sell an imitation as one, and those that only compare ("sweep haze")."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import DESCRIPTION, TITLE, Case
from pushes.matching.signals.declared_text import LONGEST, clean
from pushes.matching.signals.wording import Wording
from pushes.matching.types import Signal

COPY = Wording(
    r"replicas?|knock[- ]?offs?|counterfeit|imitation|imitasi|mirror (?:quality|copy)|super ?fake|"
    r"fake|tiruan|kw ?(?:super|premium|\d)|\pL[\pL\pN]* \(?kw|"
    r"grade ori(?:ginal)?|hàng (?:fake|nhái|rep)|"
    r"(?:super|like) rep|rep ?1[:.]?1|nhái|réplique|replika|high copy|factory (?:overrun|extras)|"
    r"1[:：]1",
    r"高仿|精仿|超仿|仿品|仿制|复刻|復刻|a货|超a|一比一",
)
COMPARED = Wording(
    r"same style as|in the style of|inspired by|comparable (?:to|with)|dupes?|compare[ds]? to|"
    r"\w+[- ]inspired|mirip|giống (?:hệt|y)|tương tự|similar to|model ala|a la",
    r"同款|平替|大牌同|风格同",
)
VAGUE = Wording(
    r"grade aaa|aaa\+*|original quality|super (?:premium|copy)|ori ?99", r"尾单|外贸原单|原单"
)
STRENGTHS = ((1.0, COPY), (0.6, COMPARED), (0.4, VAGUE))
"""1.0: says that it is a copy; 0.6: compares itself; 0.4: usual in honest trade too."""


class Phrase:
    """Built-in phrases in the listing's title or description."""

    kinds = ("imitation_phrase",)

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """At most one signal a field and strength; the description counts half."""
        for field, share in ((TITLE, 1.0), (DESCRIPTION, 0.5)):
            text = clean(case.text(field)[:LONGEST])
            for value, wording in STRENGTHS:
                span = wording.first(text)
                if span is not None:
                    found = text[slice(*span)]
                    yield Signal("imitation_phrase", field, *span, found, "", value * share)
