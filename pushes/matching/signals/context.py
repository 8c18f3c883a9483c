"""Contexts in which a brand's name is honest: accessories for it, and gifts beside another good."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pushes.matching.case import TITLE, Case
from pushes.matching.index import Hit, PatternKind
from pushes.matching.types import Signal
from pushes.matching.wording import Kind, Wording

NEAR = 30
"""Characters before a name in which a preposition still belongs to it."""
NEAR_AFTER = 8
FOLLOWING = frozenset({"适配", "适用", "通用", "兼容", "専用", "対応", "용", "호환"})
"""Words for "for" that may stand so many characters behind the name."""
LISTED = 120
"""The same where a list stands between: "for A, B, C and BRAND"."""
AUDIENCE = re.compile(
    r"\b(?:men|man|women|woman|mens|womens|kids?|child|children|boys?|girls?|baby|babies|ladies"
    r"|him|her|adults?|everyone|nam|nữ|bé|trẻ em|người lớn|pria|wanita|anak|cewek|cowok|bayi|dewasa"
    r"|hommes?|femmes?|enfants?|herren|damen|kinder|hombres?|mujer(?:es)?|niños?)\b|[男女]|儿童|宝宝"
    r"|学生",
    re.IGNORECASE,
)
"""Who a good is for: "giày cho nam Nike" is no shoe made for Nike."""
LIST_SIGNS, ENDS = ",/、，", frozenset(".;!|()[]（）【】。；！")
NOUN_ALONE = 0.6
"""What is left of the evidence when the title has an accessory's noun, but no "for BRAND"."""


class HonestContext:
    """Lowers the score where the name describes what the good goes with."""

    kinds = ("accessory", "gift")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """ "for BRAND" is full evidence, an accessory's noun alone a part of it."""
        wordings = case.wordings(TITLE)
        if not wordings:
            return
        hits = case.hits_of(PatternKind.NAME, TITLE) or case.hits_of(PatternKind.MODEL_NAME, TITLE)
        title = case.listing.title
        spoken = next((w for hit in hits if (w := _meant_for(title, wordings, hit))), None)
        noun = next((w for w in wordings if w.kind is Kind.ACCESSORY), None)
        if spoken is not None:
            yield _signal(case, "accessory", spoken, 1.0)
        elif noun is not None:
            yield _signal(case, "accessory", noun, NOUN_ALONE)
        gifts = [_before(Kind.GIFT, wordings, hit) for hit in hits]
        if gifts and gifts[0] is not None and all(gifts):
            yield _signal(case, "gift", gifts[0], 1.0)


def _meant_for(title: str, wordings: tuple[Wording, ...], hit: Hit) -> Wording | None:
    """The "for" that the hit belongs to, directly or as part of a list."""
    wordings = tuple(
        w
        for w in wordings
        if w.kind is not Kind.FOR or not AUDIENCE.match(title[w.end : hit.start].strip())
    )
    near = _before(Kind.FOR, wordings, hit)
    if near is not None:
        return near
    after = _after(title, wordings, hit)
    if after is not None:
        return after
    for wording in wordings:
        if wording.kind is Kind.FOR and 0 <= hit.start - wording.end <= LISTED:
            between = title[wording.end : hit.start]
            if any(sign in between for sign in LIST_SIGNS) and not set(between) & ENDS:
                return wording
    return None


def _after(title: str, wordings: tuple[Wording, ...], hit: Hit) -> Wording | None:
    """In Chinese the "for" may follow the name: "戴森吸尘器适配滤芯"."""
    for wording in wordings:
        near = wording.kind is Kind.FOR and 0 <= wording.start - hit.end <= NEAR_AFTER
        spoken = title[wording.start : wording.end]
        if near and spoken in FOLLOWING and not AUDIENCE.match(title[wording.end :].strip()):
            return wording
    return None


def _before(kind: Kind, wordings: tuple[Wording, ...], hit: Hit) -> Wording | None:
    """The last wording of a kind shortly before the hit."""
    found = [w for w in wordings if w.kind is kind and hit.start - NEAR <= w.start < hit.start]
    return found[-1] if found and found[-1].end <= hit.start else None


def is_made_for(case: Case) -> bool:
    """Whether the good is an accessory of the brand's good or given beside another one.

    An accessory's noun alone is not enough where a registered number or name of that very product
    shows that the accessory itself is meant.
    """
    return any(s.value >= 1 or case.model is None for s in HonestContext().evaluate(case))


def _signal(case: Case, kind: str, wording: Wording, value: float) -> Signal:
    start, end = wording.start, wording.end
    return Signal(kind, TITLE, start, end, case.listing.title[start:end], case.brand.name, value)
