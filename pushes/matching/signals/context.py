"""Contexts in which a brand's name is honest: accessories for it, and gifts beside another good."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import TITLE, Case
from pushes.matching.index import Hit, PatternKind
from pushes.matching.signals.declared_text import clean
from pushes.matching.signals.wording import Wording
from pushes.matching.types import Signal

# Directly before the name (a few words may stand between): the good is made *for* the brand's.
FOR = Wording(
    r"for|fits?|compatible (?:with|for)|untuk|utk|buat|khusus|cho|tương thích(?: với)?|"
    r"pour|für|para|per|для|voor",
    r"适用于?|適用|兼容|通用|専用|対応|用于",
)
NOUN = Wording(
    r"case|casing|cover|sarung|pouch|charms?|jibbitz|pins?|sticker|skin|strap|tali|"
    r"screen (?:protector|guard)|tempered glass|anti gores|charger|adapt[oe]r|cable|kabel|"
    r"battery|baterai|baterei|batre|keyboard protector|bracket|remote|toner|cartridge|tinta|"
    r"engsel|fleksibel|spare ?parts?|replacement|ốp(?: lưng)?|vỏ|bao da|miếng dán|dán|dây đeo|"
    r"khuyên|nút cài|phụ kiện|móc khóa|chìa khóa|smartkey|lót|túi đựng|giá đỡ|sạc|cáp|khung|"
    r"kính cường lực|bọc|hộp đựng|mực",
    r"手机壳|保护套|保护壳|钢化膜|贴膜|表带|挂件|配件|充电器|数据线",
)
GIFT = Wording(r"free|gratis|bonus|tặng(?: kèm)?|kèm|hadiah|gift", r"赠|送")
NEAR = 30
"""Characters before a name in which a preposition still belongs to it."""


class HonestContext:
    """Lowers the score where the name describes what the good goes with."""

    kinds = ("accessory", "gift")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """ "for BRAND" is full evidence, an accessory's noun alone a part of it."""
        title = clean(case.listing.title)
        hits = case.hits_of(PatternKind.NAME, TITLE) or case.hits_of(PatternKind.MODEL_NAME, TITLE)
        noun = NOUN.first(title)
        spoken = next((f for f in (self._before(FOR, title, hit) for hit in hits) if f), None)
        if spoken:
            yield Signal("accessory", TITLE, *spoken, title[slice(*spoken)], case.brand.name)
        elif noun is not None:
            yield Signal("accessory", TITLE, *noun, title[slice(*noun)], "", 0.6)
        if hits and all(self._before(GIFT, title, hit) for hit in hits):
            start, end = self._before(GIFT, title, hits[0]) or (0, 0)
            yield Signal("gift", TITLE, start, end, title[start:end], case.brand.name)

    def _before(self, wording: Wording, title: str, hit: Hit) -> tuple[int, int] | None:
        """The last span of the wording shortly before the hit."""
        offset = max(0, hit.start - NEAR)
        spans = list(wording.spans(title[offset : hit.start]))
        return (offset + spans[-1][0], offset + spans[-1][1]) if spans else None
