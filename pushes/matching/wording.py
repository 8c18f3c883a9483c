"""Phrases and words the engine itself knows: imitation talk, accessories, gifts.

They are looked up like registered texts, but only in listings that name a brand. Unlike names they
must be spelt with their accents where the text writes accents: Vietnamese "dán" is not "dân".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np

from pushes.matching import kernel
from pushes.matching.kernel import I64, U32
from pushes.matching.spelling import writes_accents
from pushes.matching.tables import fold_all, folding, points_of, slots_for, text_table


class Kind(StrEnum):
    """What a wording says about the brand named beside it."""

    COPY = "copy"  # it is a copy
    COMPARED = "compared"  # it is compared with the brand
    VAGUE = "vague"  # usual in honest trade too
    FOR = "for"  # directly before the name: made for it
    ACCESSORY = "accessory"  # the good is an accessory
    GIFT = "gift"  # directly before the name: given beside another good


WORDS: dict[Kind, tuple[str, ...]] = {
    Kind.COPY: (
        "replica", "replicas", "réplica", "replika", "réplique", "knock off", "knockoff",
        "knockoffs", "counterfeit", "imitation", "imitasi", "imitación", "mirror quality",
        "mirror copy", "super fake", "superfake", "fake", "tiruan", "kw", "kw super",
        "kw premium", "grade ori", "grade original", "hàng fake", "hàng nhái", "hàng rep",
        "super rep", "like auth", "like rep", "rep 11", "nhái", "high copy", "factory overrun",
        "super clone", "superclone", "1to1", "1 to 1", "top copy", "quality copy", "ua batch",
        "ljr batch", "og batch", "same as original", "logo covered", "no logo photo", "mirror ori",
        "顶级复刻", "纯原", "公司级", "剪标", "厚码", "打码发货", "懂的来", "顶仿", "a级复刻",
        "高仿", "精仿", "超仿", "仿品", "仿制", "复刻", "a货", "超a", "一比一", "ของปลอม", "ก๊อป",
        "подделка", "реплика", "копия 11", "コピー品", "レプリカ", "짝퉁", "레플리카",
    ),
    Kind.COMPARED: (
        "same style as", "in the style of", "style of", "inspired by", "inspired", "dupe", "dupes",
        "comparable to", "comparable with", "compare to", "compared to", "similar to", "mirip",
        "giống hệt", "giống y", "tương tự", "model ala", "kiểu dáng giống", "estilo", "simile a",
        "莆田", "同款", "平替", "大牌同", "风格同", "風", "스타일",
    ),
    Kind.VAGUE: (
        "grade aaa", "aaa", "original quality", "super premium", "super copy", "ori 99",
        "尾单", "外贸原单", "原单", "专柜品质", "工厂直供", "siêu cấp", "hàng quảng châu",
    ),
    Kind.FOR: (
        "for", "fit", "fits", "fit for", "suitable for", "works with", "compatible with",
        "compatible for", "replacement for", "untuk", "utk", "buat", "khusus", "cocok untuk",
        "kompatibel dengan", "cho", "dùng cho", "dành cho", "phù hợp với", "thay thế cho",
        "tương thích", "tương thích với", "pour", "compatible avec", "für", "passend für",
        "kompatibel mit", "para", "compatible con", "compatível com", "per", "compatibile con",
        "для", "подходит для", "voor", "geschikt voor", "dla", "pasuje do", "için", "uyumlu",
        "สำหรับ", "适用", "适用于", "兼容", "通用", "用于", "适配", "専用", "対応", "용", "호환",
    ),
    Kind.ACCESSORY: (
        "case", "casing", "cover", "sarung", "pouch", "charm", "charms", "jibbitz", "sticker",
        "skin", "strap", "tali", "screen protector", "screen guard", "tempered glass",
        "anti gores", "charger", "adapter", "adaptor", "cable", "kabel", "battery", "baterai",
        "baterei", "batre", "keyboard protector", "bracket", "remote", "toner", "cartridge",
        "tinta", "engsel", "fleksibel", "spare part", "spare parts", "sparepart", "replacement",
        "ốp", "ốp lưng", "vỏ", "bao da", "miếng dán", "dán", "dây đeo", "khuyên", "nút cài",
        "phụ kiện", "móc khóa", "chìa khóa", "smartkey", "lót", "túi đựng", "giá đỡ", "sạc",
        "cáp", "khung", "kính cường lực", "bọc", "hộp đựng", "mực", "hülle", "coque", "funda",
        "capa", "чехол", "เคส", "手机壳", "保护套", "保护壳", "钢化膜", "贴膜", "表带", "挂件",
        "配件", "充电器", "数据线", "滤网", "滤芯", "刷头", "鞋带", "硅胶套", "转接头", "支架",
        "替换头", "耗材", "电池", "ケース", "케이스",
    ),
    Kind.GIFT: (
        "free", "gratis", "bonus", "tặng", "tặng kèm", "kèm", "hadiah", "gift", "赠", "赠送", "送",
    ),
}  # fmt: skip

TRAITS = {
    Kind.COPY: kernel.COPY,
    Kind.COMPARED: kernel.COMPARED,
    Kind.VAGUE: kernel.VAGUE,
}
"""How ``phrase_marks`` says that a phrase may stand in a text."""


ACCENTLESS = 5
"""Letters from which a word is known without its accents."""
EVERYBODY = ("男女", "老少", "四季", "中性", "左右", "여성", "남성", "남녀", "아동")
"""Before 通用 or 용: "for men and women" says nothing of another good."""
ONE_TO_ONE = re.compile(r"(?<![\d:：])1 ?[:：] ?1(?![\d:：])")
"""Keeps its sign: 1:18 is a scale, 11 a number."""
COLONS = (":", "：")


@dataclass(frozen=True, slots=True)
class Wording:
    """A known phrase at text[start:end] of the original."""

    kind: Kind
    start: int
    end: int


@cache
def _registered() -> tuple[tuple[str, ...], tuple[Kind, ...], kernel.TextTable]:
    spelt = [(word, kind) for kind, words in WORDS.items() for word in words]
    folded = fold_all([word for word, _ in spelt])
    known = {key: pair for key, pair in zip(folded, spelt, strict=True) if key}
    words, kinds = zip(*known.values(), strict=True)
    traits = np.array([TRAITS.get(kind, 0) for kind in kinds], np.uint32)
    return words, kinds, text_table(list(known), traits)


@cache
def _nothing() -> tuple[kernel.NameTable, kernel.NearTable, kernel.Words]:
    """Empty side channels: phrases are not looked for in bent spellings."""
    slots = slots_for(0)
    empty64, empty32 = np.zeros(slots, np.uint64), np.zeros(slots, np.int32)
    return (
        kernel.NameTable(empty64, empty32, empty64),
        kernel.NearTable(
            empty64,
            empty32,
            empty32,
            empty64,
            empty32,
            np.zeros(0, np.uint32),
            np.zeros(1, np.int64),
            empty64,
        ),
        kernel.Words(empty64, empty64),
    )


def phrase_marks(texts: Sequence[str], points: U32, starts: I64, chosen: Sequence[int]) -> U32:
    """Traits of the imitation talk that *may* stand in the chosen texts: accents are not looked at.

    ``points`` and ``starts`` are the texts as ``tables.points_of`` gives them.
    """
    _, _, table = _registered()
    marks = kernel.phrase_marks(points, starts, np.array(chosen, np.int64), folding(), table)
    for at, number in enumerate(chosen):
        if _one_to_one(texts[number]):
            marks[at] |= kernel.COPY
    return marks


def _one_to_one(text: str) -> re.Match[str] | None:
    """Where "1:1" stands. Few titles hold a colon, and looking for one costs a fiftieth."""
    colon, wide = COLONS
    return ONE_TO_ONE.search(text) if colon in text or wide in text else None


def find_wordings(texts: Sequence[str]) -> list[list[Wording]]:
    """The known phrases in each text, from left to right."""
    words, kinds, table = _registered()
    names, near, no_words = _nothing()
    points, starts = points_of(texts)
    hits, used, _ = kernel.scan_texts(
        points, starts, 0, folding(), table, names, names, near, no_words
    )
    found: list[list[Wording]] = [[] for _ in texts]
    for number, _, key, start, end in hits[:used].tolist():
        if _is_spelt(words[key], texts[number], start, end):
            found[number].append(Wording(kinds[key], start, end))
    for number, text in enumerate(texts):
        spoken = _one_to_one(text)
        if spoken is not None:
            found[number].append(Wording(Kind.COPY, *spoken.span()))
    return found


def _is_spelt(word: str, text: str, start: int, end: int) -> bool:
    """Whether the span is the word as it is written, or without accents in a text without any."""
    span = unicodedata.normalize("NFC", text[start:end]).casefold()
    if span == word:
        if word == "kw":
            return not text[:start].rstrip()[-1:].isdigit()  # 5 kW is power
        return word not in ("通用", "용") or not text[:start].rstrip().endswith(EVERYBODY)
    if span.isascii() and not word.isascii():
        # Without its accents a short word is another one: "dan" is Indonesian for "and".
        return len(_letters(word)) >= ACCENTLESS and not writes_accents(text)
    return _letters(span) == _letters(word)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
