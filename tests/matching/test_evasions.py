"""Recall on generated evasions, per mechanism.

``benchmarks/evasions.py`` runs the same generator on real names.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from pushes.matching import Brand, Engine, Listing, Match, Registry
from tests.matching.evasions import CHINESE, DETERMINISTIC, FUZZY, Evasion, any_case

STARTS, MIDDLES, ENDS = (
    ("Nor", "Tal", "Brio", "Cas", "Vel", "Mora", "Quin"),
    ("d", "v", "st", "lin", "xa", "ph"),
    ("vik", "cano", "resse", "ipo", "wey", "zzo"),
)
NAMES = [a + b + c for a in STARTS for b in MIDDLES for c in ENDS]
NAMES += [f"{a} {b}" for a, b in zip(NAMES[::9], NAMES[4::7], strict=False)]
HAN = (
    "诺德维克", "兰朵思", "阿维达", "金欧莱", "迪森诺", "玛丽安", "伊诺佳", "柏莎丽", "菲诺娜",
    "塔兰朵", "洛萨基", "达芙琳", "欧格森", "诗娜美", "沃特兰", "卡琪诺", "莱娅朵", "宝诗达",
    "维娜斯顿", "佐雅兰",
)  # fmt: skip
TITLES = ("women summer {} bag cheap", "Giày {} nam cao cấp", "tas {} murah 2 pcs", "新款 {} 女鞋")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Registry(tuple(Brand(name, name) for name in (*NAMES, *HAN))))


def recall(engine: Engine, evade: Evasion, names: Sequence[str], *, suspect: bool = False) -> float:
    """Share of bent names that give a candidate (a suspect) of the right brand."""
    rng = random.Random(5)
    found = total = 0
    for name in names:
        cased = any_case(name, rng) if name.isascii() else name
        bent = evade(cased, rng)
        if bent is None or bent == cased:
            continue
        title = rng.choice(TITLES).format(bent)
        matches = engine.scan_one(Listing("1", title), include_below=not suspect)
        total += 1
        found += any(match.brand_id == name for match in matches)
    assert total >= 9
    return found / total


@pytest.mark.parametrize("kind", DETERMINISTIC)
def test_it_finds_names_behind_every_deterministic_evasion(engine: Engine, kind: str) -> None:
    assert recall(engine, DETERMINISTIC[kind], NAMES) >= 0.995


@pytest.mark.parametrize(
    ("kind", "least"),
    [("mask", 0.95), ("mask_two", 0.95), ("mask_first", 0.9), ("mask_last", 0.9), ("typo", 0.93),
     ("leet", 0.95), ("upside_down", 0.95), ("reversed_override", 0.995), ("phonetic", 0.7),
     ("homoglyph_mask", 0.95), ("homoglyph_typo", 0.9), ("fullwidth_typo", 0.93)],
)  # fmt: skip
def test_it_finds_most_names_behind_fuzzy_evasions(engine: Engine, kind: str, least: float) -> None:
    assert recall(engine, FUZZY[kind], NAMES) >= least


@pytest.mark.parametrize(
    ("kind", "least"),
    [("traditional", 0.995), ("chinese_split", 0.995), ("homophone", 0.9), ("near_homophone", 0.9),
     ("chinese_mask", 0.7), ("components", 0.9)],
)  # fmt: skip
def test_it_finds_chinese_names_behind_evasions(engine: Engine, kind: str, least: float) -> None:
    assert recall(engine, CHINESE[kind], HAN) >= least


@pytest.mark.parametrize(
    ("kind", "least"),
    [("mathematical", 0.995), ("small_caps", 0.995), ("fullwidth", 0.995), ("homoglyph", 0.995),
     ("zero_width", 0.995), ("spacing", 0.995), ("superscript", 0.995), ("emoji", 0.85),
     ("punctuation", 0.85), ("split", 0.7), ("leet", 0.95), ("mask_two", 0.9),
     ("reversed_override", 0.995), ("mask", 0.9), ("homoglyph_mask", 0.9)],
)  # fmt: skip
def test_a_disguise_nobody_writes_by_accident_is_suspect_by_itself(
    engine: Engine, kind: str, least: float
) -> None:
    assert recall(engine, (DETERMINISTIC | FUZZY)[kind], NAMES, suspect=True) >= least


def best(names: Sequence[str], title: str) -> Match:
    engine = Engine(Registry(tuple(Brand(name, name) for name in names)))
    return engine.scan_one(Listing("1", title), include_below=True)[0]


@pytest.mark.parametrize(
    "bent", ["諾德維克", "诺-德-维-克", "诺丨德维克", "诺得维克", "诺德*克", "诺德某克"]
)
def test_it_finds_chinese_names_in_other_characters(engine: Engine, bent: str) -> None:
    matches = engine.scan_one(Listing("1", f"新款{bent}女鞋"), include_below=True)
    assert [match.brand_id for match in matches] == ["诺德维克"]


@pytest.mark.parametrize(
    ("name", "bent", "kind"),
    [
        ("诺德维克", "nuodeweike", "brand_homophone"),
        ("诺德维克", "讠若德维克", "brand_disguised"),
        ("Samsonne", "sarnsonne", "brand_disguised"),
        ("Fred Perrin", "Fred Perrun", "brand_typo"),
        ("Fred Perrin", "Fr3d P3rr1n", "brand_leet"),
        ("Fred Perrin", "Fred P*rrin", "brand_masked"),
        ("Nordvik", "\u202ekivdroN\u202c", "brand_disguised"),
        ("Nordvik", "ʞᴉʌpɹou", "brand_disguised"),
        ("Nordvik", "N🔥ordvik", "brand_respaced"),
        ("Маяк", "Мaяк", "brand_disguised"),
        ("Ωραία", "Ωpαία", "brand_disguised"),
        ("รองเท้าดี", "รอง\u200bเท้าดี", "brand_disguised"),
        ("نوردفيك", "نور\u200dدفيك", "brand_disguised"),
        ("노르드빅", "노 르 드 빅", "brand_respaced"),
        ("ノルミク", "ﾉﾙﾐｸ", "brand_disguised"),
        ("Samsonne", "$ 4 m s o n n e", "brand_leet"),
        ("Nordvik", "n-0-r-d-v-1-k", "brand_leet"),
        ("诺德维克", "诺x维克", "brand_masked"),
        ("Vaqo", "vaqqo", "brand_fragment"),
        ("Nordvik", "ordvik", "brand_fragment"),
        ("Thom Brunne", "Thoom Brunne", "brand_typo"),
        ("Hollister", "Ho*lister", "brand_masked"),
        ("Nordvik", "nordv1k", "brand_leet"),
        ("Epson", "uosdǝ", "brand_disguised"),
        ("UGG", "U\u200bG\u200bG", "brand_disguised"),
        ("Adidora", "4d1d0r4", "brand_leet"),
        ("Nordvik", "Nord🇺🇸vik", "brand_respaced"),
        ("Nordvik", "🇳🇴🇷🇩🇻🇮🇰", "brand_disguised"),
        ("Christian Velor", "Christiaan Velor", "brand_typo"),
        ("Sunny Velor", "Suny Velor", "brand_typo"),
        ("Velor Best", "Velor Bst", "brand_typo"),
        ("R.T.Velorne", "R.T.Veloorne", "brand_typo"),
        ("R.T.Velorne", "R.T.Vel*rne", "brand_masked"),
        ("Q.R. Velo Assn.", "Q.R. Ve*o Assn.", "brand_masked"),
        ("Lacorste", "Lacors*e", "brand_masked"),
        ("Qazdy", "qazd", "brand_typo"),
        ("兰朵思", "x朵思", "brand_masked"),
        ("兰朵思", "兰朵某", "brand_masked"),
        ("诺德维克", "诺德维x", "brand_masked"),
        ("欧格森", "欧格*", "brand_masked"),
    ],
)
def test_it_says_how_a_name_is_bent_and_shows_the_original_span(
    name: str, bent: str, kind: str
) -> None:
    title = f"new {bent} 2 pcs"
    signal = next(s for s in best([name], title).signals if s.kind == kind)
    assert signal.registered == name
    assert signal.value > 0
    assert title[signal.start : signal.end] == signal.matched
    assert signal.matched.strip("\u202e\u202c") in bent
    assert len(signal.matched) >= len(bent) - 2


@pytest.mark.parametrize("bent", ["nordvikshoes", "newnordvik"])
def test_a_name_run_together_with_a_word_is_a_mention(bent: str) -> None:
    match = best(["Nordvik"], f"new {bent} 2 pcs")
    assert [(s.kind, s.matched) for s in match.signals] == [("brand_glued", "nordvik")]
    assert 0.02 < match.score < 0.5


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["Topshops"], "Top (s) dress"),
        (["Sprint"], "top s print dress"),
        (["Raffles"], "women ruffles dress"),
        (["ДА!"], "giày da đế cao su"),
        (["BP Shop"], "flashdisk 64GB - B_SHOP"),
        (["Modem"], "modern lamp"),
        (["明治"], "透明质感"),
        (["Watsonia"], "★watson★ tee"),
        (["Bosch"], "boscha"),
        (["Nike"], "nikeshoesale"),
        (["Seas"], "SE45 cable"),
        (["Cotton On"], "cotton in white"),
        (["Orval"], "L'ORVAL欧莱雅 shampoo"),
        (["Free"], "balo freefly"),
        (["品高"], "补水护肤品 高仿"),
        (["邮政"], "包邮*德国润唇膏 高仿"),
        (["Bosch"], "giày_ch 高仿"),
    ],
)
def test_other_words_are_no_disguise(names: Sequence[str], title: str) -> None:
    engine = Engine(Registry(tuple(Brand(name, name) for name in names)))
    assert engine.scan_one(Listing("1", title)) == []


def test_a_mere_fragment_is_a_candidate_that_counts_only_beside_something_else() -> None:
    engine = Engine(Registry((Brand("n", "Nordvik"),)))
    title = "túi 𝓝𝓸𝓻𝓭𝓿 đẹp"
    assert engine.scan_one(Listing("1", title), include_below=True)[0].score < 0.05
    assert engine.scan_one(Listing("1", title, brand="OEM")) == []
    assert engine.scan_one(Listing("1", title + " 高仿", brand="OEM")) != []
