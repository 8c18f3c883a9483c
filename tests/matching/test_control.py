"""Thresholds from judged links: what push, hold and block each ask for."""

import numpy as np
import pytest

from pushes.matching.learning.control import (
    BLOCK_BOUND,
    Act,
    Change,
    Present,
    Scored,
    Targets,
    Why,
    changes,
    rate_at,
    rates,
)
from pushes.matching.score import BrandOffset, Ruleset, Weights
from pushes.matching.strategy import (
    EVERYWHERE,
    Blocked,
    Control,
    brand_key,
    category_key,
    seller_key,
)
from pushes.matching.types import Listing, Match

TARGETS = Targets()


def scored(*groups: tuple[float, int, int]) -> Scored:
    """Groups of (score, infringing, genuine)."""
    scores = [score for score, fakes, real in groups for _ in range(fakes + real)]
    labels = [label for _, fakes, real in groups for label in [1.0] * fakes + [0.0] * real]
    return Scored(np.array(scores), np.array(labels), np.ones(len(scores)))


def asked(facts: Scored, present: Present) -> dict[Act, Change]:
    return {change.act: change for change in changes(facts, TARGETS, present)}


def test_the_interval_is_wilsons() -> None:
    rate = rate_at(scored((0.9, 90, 10)), 0.5)
    assert rate.links == pytest.approx(100)
    assert rate.estimate == pytest.approx(0.9)
    # Wilson's interval of 90 of 100, as printed in textbooks.
    assert rate.low == pytest.approx(0.8256, abs=1e-4)
    assert rate.high == pytest.approx(0.9448, abs=1e-4)


def test_links_that_weigh_differently_are_worth_fewer() -> None:
    one = scored((0.9, 100, 0))
    uneven = Scored(one.scores, one.labels, np.array([1.0] * 50 + [0.1] * 50))
    # Kish: (50 + 5)² / (50 + 0.5)
    assert rate_at(uneven, 0.5).links == pytest.approx(59.9, abs=0.1)
    assert rate_at(uneven, 0.5).low < rate_at(one, 0.5).low


def test_every_threshold_of_the_grid_says_what_asking_for_it_says() -> None:
    facts = scored((0.3, 5, 30), (0.61, 20, 15), (0.9, 50, 2))
    for rate in rates(facts):
        assert rate == rate_at(facts, rate.threshold)


def test_block_is_asked_for_only_where_the_lower_bound_reaches_99_percent() -> None:
    # 380 without a mistake: 380 / (380 + 1.96²) = 0.98999; one more carries it.
    few, enough = scored((0.97, 380, 0)), scored((0.97, 381, 0))
    assert Act.BLOCK not in asked(few, Present(push=0.5))
    block = asked(enough, Present(push=0.5))[Act.BLOCK]
    # Not from 0.5 on: nothing was judged down there.
    assert (block.value, block.loosens) == (0.97, True)
    assert block.rate.low >= BLOCK_BOUND > rate_at(few, 0.5).low
    # What does not carry a block is held.
    assert asked(few, Present(push=0.5))[Act.HOLD].value == 0.97


def test_a_precision_of_99_percent_with_a_lower_bound_below_it_does_not_block() -> None:
    facts = scored((0.97, 991, 9))
    assert rate_at(facts, 0.5).estimate > 0.99
    assert Act.BLOCK not in asked(facts, Present(push=0.5))


def test_a_block_that_facts_no_longer_carry_falls_back_to_hold_by_itself() -> None:
    facts = scored((0.97, 400, 12))
    present = Present(push=0.5, hold=0.97, block=0.95, proven=True, was_proven=True)
    change = asked(facts, present)[Act.BLOCK]
    assert (change.value, change.loosens, change.why) == (0.95, False, Why.WORSE)
    assert change.rate.low < BLOCK_BOUND
    # Said once: the next night finds it unproven already.
    again = Present(push=0.5, hold=0.5, block=0.95)
    assert Act.BLOCK not in asked(facts, again)


def test_a_block_that_lost_its_proof_comes_back_by_a_person_only() -> None:
    facts = scored((0.97, 600, 0))
    change = asked(facts, Present(push=0.5, hold=0.5, block=0.95))[Act.BLOCK]
    assert (change.why, change.loosens) == (Why.CONFIRMED, True)
    # New rules alone, under which the same facts carry it, need none.
    new_rules = Present(push=0.5, hold=0.5, block=0.95, was_proven=True)
    assert not asked(facts, new_rules)[Act.BLOCK].loosens


def test_thin_data_asks_for_nothing() -> None:
    assert not asked(scored((0.9, 0, 29)), Present(push=0.5))
    # Fifty links, but hardly any from the present threshold on.
    assert Act.PUSH not in asked(scored((0.2, 40, 0), (0.9, 0, 10)), Present(push=0.5))


def test_push_moves_only_when_the_interval_misses_the_target() -> None:
    right = scored((0.55, 20, 20), (0.9, 60, 5))
    assert Act.PUSH not in asked(right, Present(push=0.5))
    worse = scored((0.55, 10, 90), (0.9, 60, 5))
    change = asked(worse, Present(push=0.5))[Act.PUSH]
    assert (change.value, change.loosens, change.why) == (0.56, False, Why.WORSE)
    assert change.rate.estimate >= TARGETS.push
    better = scored((0.35, 30, 10), (0.9, 80, 2))
    change = asked(better, Present(push=0.5))[Act.PUSH]
    assert (change.value, change.loosens) == (0.35, True)
    # Nobody looked below the threshold, so nobody knows what pushing there would find.
    assert Act.PUSH not in asked(scored((0.9, 80, 2)), Present(push=0.5))


def test_an_explored_link_stands_for_as_many_as_its_propensity_says() -> None:
    """Twenty explored of four hundred: six fakes among them do not carry pushing down there."""
    facts = scored((0.1, 6, 14), (0.9, 475, 45))
    twenty = np.where(facts.scores < 0.5, 20.0, 1.0)
    cut = np.minimum(twenty, 8.0)
    assert rate_at(Scored(facts.scores, facts.labels, cut), 0.05).estimate > TARGETS.push
    whole = Scored(facts.scores, facts.labels, cut, twenty)
    assert Act.PUSH not in asked(whole, Present(push=0.5))
    more = scored((0.1, 10, 10), (0.9, 475, 45))
    change = asked(Scored(more.scores, more.labels, cut, twenty), Present(push=0.5))[Act.PUSH]
    assert change.value == 0.1
    assert change.rate.estimate == pytest.approx(675 / 920)


def test_where_no_score_is_good_enough_pushing_goes_on() -> None:
    """A reviewer who calls everything genuine must not silence the brand."""
    assert Act.PUSH not in asked(scored((0.6, 0, 500), (0.95, 0, 500)), Present(push=0.5))


def test_sure_links_do_not_carry_doubtful_ones_along() -> None:
    """A thousand sure ones make the whole 95 % right; the thirty lowest are a coin's throw."""
    facts = scored((0.6, 15, 15), (0.98, 1_000, 5))
    assert rate_at(facts, 0.6).low > TARGETS.hold
    assert asked(facts, Present(push=0.5))[Act.HOLD].value == 0.98


def test_hold_goes_up_as_soon_as_the_estimate_falls_and_off_where_nothing_carries_it() -> None:
    facts = scored((0.7, 10, 40), (0.95, 200, 3))
    change = asked(facts, Present(push=0.5, hold=0.6))[Act.HOLD]
    assert (change.value, change.loosens) == (0.95, False)
    none = scored((0.7, 30, 30), (0.95, 30, 20))
    change = asked(none, Present(push=0.5, hold=0.6))[Act.HOLD]
    assert (change.value, change.loosens) == (None, False)


def test_a_narrow_scope_contradicts_a_wider_one_only_where_its_own_facts_do() -> None:
    inherits = frozenset(Act)
    wide = Present(push=0.5, hold=0.8, block=0.95, was_proven=True, proven=True, inherited=inherits)
    assert not asked(scored((0.97, 40, 0)), wide)
    contradicts = asked(scored((0.97, 10, 40)), wide)
    assert contradicts[Act.BLOCK].rate.low < BLOCK_BOUND
    assert contradicts[Act.HOLD].value is None


def test_soft_labels_of_unchecked_reviewers_never_block() -> None:
    """A verdict nobody checked is believed at 95 %: a brand cannot vote listings off by itself."""
    many = Scored(np.full(100_000, 0.97), np.full(100_000, 0.95), np.full(100_000, 0.9))
    assert Act.BLOCK not in asked(many, Present(push=0.5))
    assert Act.HOLD in asked(many, Present(push=0.5))


# --------------------------------------------------------------------------- in force

LISTING = Listing(
    id="1", title="x", seller_id="s1", marketplace="market", category="Shoes", seller="Shop"
)
MATCH = Match("1", "b", None, 0.9, ())


def test_the_narrowest_scope_decides() -> None:
    weights = Weights(threshold=0.4)
    table = {
        EVERYWHERE: 0.5,
        brand_key("b"): 0.6,
        category_key("b", "SHOES"): 0.7,
        seller_key("b", "market", "s1"): 0.8,
    }
    expected = (0.8, 0.7, 0.6, 0.5)
    for key, threshold in zip(reversed(list(table)), expected, strict=True):
        left = {k: v for k, v in table.items() if v <= threshold}
        assert Control(push=left).push_threshold(weights, "b", LISTING) == table[key]
    assert Control().push_threshold(weights, "b", LISTING) == 0.4
    other = Listing(id="2", title="x", seller_id="s2", marketplace="market", category="Bags")
    assert Control(push=table).push_threshold(weights, "b", other) == 0.6


def test_a_brand_asks_for_more_than_the_platform_never_for_less() -> None:
    weights = Weights(threshold=0.5)
    assert Control(own={"b": 0.8}).push_threshold(weights, "b", LISTING) == 0.8
    assert Control(own={"b": 0.3}).push_threshold(weights, "b", LISTING) == 0.5
    assert Control(own={"b": 0.8}).push_threshold(weights, "c", LISTING) == 0.5


def test_everybodys_threshold_is_never_looser_than_what_the_rules_ask_of_a_brand() -> None:
    weights = Weights(threshold=0.5, brand_offsets={"b": BrandOffset(threshold=0.9)})
    everywhere = Control(push={EVERYWHERE: 0.4})
    found = [everywhere.push_threshold(weights, brand, LISTING) for brand in ("b", "c")]
    assert found == [0.9, 0.4]
    applied = everywhere.applied(Ruleset(weights)).weights
    assert [applied.threshold_for(brand) for brand in ("b", "c")] == [0.9, 0.4]
    # A person may still loosen the brand's own.
    own = Control(push={EVERYWHERE: 0.4, brand_key("b"): 0.6})
    assert own.push_threshold(weights, "b", LISTING) == 0.6


def test_what_is_not_proven_is_held_and_not_blocked() -> None:
    block = {brand_key("b"): Blocked(0.85, proven=True)}
    assert Control(block=block).screened(MATCH, LISTING).act == "block"
    unproven = {brand_key("b"): Blocked(0.85, proven=False)}
    found = Control(block=unproven).screened(MATCH, LISTING)
    assert (found.act, found.threshold, found.level) == ("hold", 0.85, "brand")
    off = {brand_key("b"): 0.5, seller_key("b", "market", "s1"): None}
    assert Control(hold=off).screened(MATCH, LISTING).act == "allow"


def test_an_engine_scans_with_each_brands_lowest_threshold() -> None:
    rules = Ruleset(
        Weights(threshold=0.5, brand_offsets={"o": BrandOffset(threshold=0.9, intercept=0.3)})
    )
    table = Control(
        push={brand_key("b"): 0.7, seller_key("b", "market", "s1"): 0.4, brand_key("c"): 0.6},
        own={"c": 0.8},
    )
    weights = table.applied(rules).weights
    found = [weights.threshold_for(brand) for brand in ("b", "c", "o", "x")]
    assert found == [0.4, 0.8, 0.9, 0.5]
    everywhere = Control(push={EVERYWHERE: 0.6}).applied(rules).weights
    assert [everywhere.threshold_for(b) for b in ("o", "x")] == [0.9, 0.6]
    assert everywhere.intercept_for("o") == rules.weights.intercept_for("o")
    assert Control(hold={EVERYWHERE: 0.9}).applied(rules) is rules
