"""Terms proposed from confirmed fakes."""

from __future__ import annotations

import pytest

from pushes.matching import Brand, Listing
from pushes.matching.mining import log_odds, propose_terms

BRAND = Brand("n", "Nordvik", ("诺德维克",))
GENUINE = [
    Listing(f"g{n}", f"Nordvik running shoes men size {n}", seller_id=f"s{n % 9}")
    for n in range(60)
]
FAKES = [
    Listing("f1", "N家 running shoes size 40", seller_id="a"),
    Listing("f2", "big wave sneakers Nor*** top", seller_id="b"),
    Listing("f3", "BIG WAVE shoes 小浪头 women", seller_id="c"),
    Listing("f4", "big-wave trainers, 小浪头款", seller_id="a"),
    Listing("f5", "Nordvik shoes 小浪头", seller_id="b"),
    Listing("f6", "my shop special", seller_id="d"),
    Listing("f7", "my shop special", seller_id="d"),
    Listing("f8", "my shop special", seller_id="d"),
]


def test_it_proposes_nicknames_in_any_script_with_their_evidence() -> None:
    found = {proposal.term: proposal for proposal in propose_terms(BRAND, FAKES, GENUINE)}
    assert {"bigwave", "小浪头"} <= found.keys()
    nickname = found["bigwave"]
    assert nickname.evidence == ("f2", "f3", "f4")
    assert (nickname.confirmed, nickname.genuine, nickname.sellers) == (3, 0, 3)
    assert nickname.example == "big wave"
    assert nickname.score > 1.96


def test_names_usual_words_and_one_sellers_own_phrases_are_not_proposed() -> None:
    terms = {proposal.term for proposal in propose_terms(BRAND, FAKES, GENUINE)}
    assert not terms & {"nordvik", "shoes", "size", "running", "special", "myshop", "小浪", "big"}


def test_without_fakes_or_without_a_difference_nothing_is_proposed() -> None:
    assert propose_terms(BRAND, [], GENUINE) == []
    assert propose_terms(BRAND, GENUINE[:20], GENUINE[20:]) == []


def test_a_mask_is_part_of_how_a_term_is_written() -> None:
    fakes = [Listing(str(n), f"hot Gu**i bag {n}", seller_id=str(n)) for n in range(4)]
    terms = {p.term: p.example for p in propose_terms(BRAND, fakes, GENUINE)}
    assert "hotgu**i" in terms or "gu**i" in terms


@pytest.mark.parametrize(("ours", "theirs", "sign"), [(10, 0, 1), (0, 10, -1), (5, 5, 0)])
def test_the_log_odds_follow_the_difference_and_are_even_for_equal_use(
    ours: int, theirs: int, sign: int
) -> None:
    score = log_odds(ours, 50, theirs, 50)
    assert score == pytest.approx(0, abs=1e-9) if sign == 0 else score * sign > 1


def test_more_evidence_is_surer() -> None:
    assert log_odds(40, 100, 2, 100) > log_odds(4, 10, 0, 10) > log_odds(2, 10, 0, 10)
