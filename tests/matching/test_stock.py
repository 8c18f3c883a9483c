"""What the engine learns from the platform's own titles, in each language apart."""

from __future__ import annotations

import pytest

from pushes.matching import Brand, Engine, Listing, Registry, learn_stock
from pushes.matching.words import language_group

FILL = ("red", "blue", "green", "small", "large", "light", "heavy", "round", "square", "long")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Registry((Brand("n", "Nordvik"),)))


def titles(word: str, count: int, pattern: str = "{} {} {} shop") -> list[Listing]:
    """Titles with a word between others, each time between different ones."""
    return [
        Listing(str(n), pattern.format(FILL[n % 10], word, FILL[(n // 10 + n) % 10]))
        for n in range(count)
    ]


def found(engine: Engine, title: str) -> bool:
    return bool(engine.scan_one(Listing("1", title), include_below=True))


def test_a_word_that_is_usual_in_one_language_is_no_misspelling_there(engine: Engine) -> None:
    vietnamese = titles("nordvix", 12, "giày {} {} {} đẹp")
    filler = titles("dress", 30_000) + titles("áo", 1_000, "giày {} {} {} đẹp")
    taught = engine.with_ruleset(learn_stock(engine, [*filler, *vietnamese]))
    assert found(engine, "giày nordvix đẹp")
    assert not found(taught, "giày nordvix đẹp")
    assert found(taught, "nordvix shoes for women"), "usual in another language only"


def test_a_misspelling_that_one_seller_repeats_is_not_learned(engine: Engine) -> None:
    repeated = [Listing(str(n), "women nordvix shoes 2026") for n in range(300)]
    taught = engine.with_ruleset(learn_stock(engine, [*titles("dress", 700), *repeated]))
    assert found(taught, "nordvix shoes")


def test_a_file_of_trials_teaches_nothing(engine: Engine) -> None:
    trials = titles("nordvix", 20) + titles("dress", 300)
    assert not learn_stock(engine, trials).token_frequency


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("women shoes 2 pcs", "LATIN"),
        ("giày thể thao nam", "LATIN WITH MARKS"),
        ("nike 新款女鞋运动鞋", "CJK"),
        ("スニーカー 新品", "KATAKANA"),
        ("кроссовки nike", "CYRILLIC"),
        ("12 %", "LATIN"),
    ],
)
def test_letters_tell_the_language(text: str, group: str) -> None:
    assert language_group(text) == group
