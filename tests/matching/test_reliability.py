"""Who is believed: checks decide, what the rules expected helps a little."""

from dataclasses import replace

import numpy as np
import pytest

from pushes.matching.learning import reliability


def test_only_independent_evidence_makes_a_reviewer_reliable() -> None:
    liar = [reliability.Check("liar", False, 1.0)] * 10 + [
        reliability.Check("liar", True, 0.0)
    ] * 10
    checked = [reliability.Check("honest", True, 1.0)] * 10 + [
        reliability.Check("honest", False, 0.0)
    ] * 10
    found = reliability.reliabilities([*liar, *checked])
    assert found.of("liar").weight == 0.0
    # Within the sincere the prior is worth four verdicts: (0.95 * 4 + 10) / (4 + 10).
    assert found.of("honest").sensitivity == pytest.approx(13.8 / 14, abs=1e-5)
    # One organisation of two was contrary, beside the twenty that the shares are worth.
    assert found.unknown.weight == pytest.approx(0.9 * ((18 + 1) - (0.8 + 1)) / 22, abs=1e-3)
    nobody = reliability.reliabilities([]).of("nobody")
    assert nobody == reliability.UNCHECKED
    assert nobody.weight == pytest.approx(0.9 * (0.90 - 0.04))


def test_whose_word_a_label_is_matters_where_verdicts_are_hardly_believed() -> None:
    reviewer, checked = np.array([7, 7, 9]), np.array([True, False, False])
    assert reliability.voices(reviewer, checked, np.array([1.0, 0.9, 0.8])) is None
    voices = reliability.voices(reviewer, checked, np.array([1.0, 0.1, 0.8]))
    assert voices is not None
    assert voices[1:].tolist() == [7, 9]
    assert voices[0] not in {7, 9}
    assert reliability.voices(reviewer[:1], checked[:1], np.ones(1)) is None


def expected(said: dict[float, list[bool]]) -> reliability.Expected:
    """One reviewer's verdicts on links, by what the rules thought of them."""
    rows = [(answer, chance) for chance, answers in said.items() for answer in answers]
    answers, chances = zip(*rows, strict=True)
    who = np.zeros(len(rows), np.int64)
    return reliability.Expected(["r"], ["t"], who, np.array(answers), np.array(chances))


def test_what_the_rules_expected_tells_who_is_contrary_and_makes_nobody_reliable() -> None:
    unknown = reliability.UNCHECKED.weight
    agrees = expected({0.9: [True] * 400 + [False] * 40, 0.2: [False] * 400 + [True] * 100})
    assert unknown < reliability.reliabilities([], agrees).of("r").weight < 0.9
    contrary = expected({0.9: [False] * 20 + [True] * 2, 0.2: [True] * 20 + [False] * 5})
    assert reliability.reliabilities([], contrary).of("r").weight < 0.3
    # Where the rules do not know either, they say nothing.
    torn = expected({0.5: [True, False] * 20})
    assert reliability.reliabilities([], torn).of("r").weight > unknown - 0.05


def test_a_brand_whose_links_differ_from_the_rules_keeps_its_voice() -> None:
    # A brand named like a word: most of what the rules find of it is genuine.
    rare = expected({0.8: [True] * 22 + [False] * 38, 0.6: [True] * 10 + [False] * 50})
    assert reliability.reliabilities([], rare).of("r").weight > 0.75
    # Where all is genuine the rules have no order to go by, and two checks give the voice back.
    never = expected({0.9: [False] * 60, 0.5: [False] * 60})
    checked = [reliability.Check("r", False, 0.0)] * 2
    assert reliability.reliabilities(checked, never).of("r").weight > 0.6


def test_a_few_checks_outweigh_all_that_the_rules_expected() -> None:
    contrary = expected({0.9: [False] * 200, 0.2: [True] * 200})
    checks = [reliability.Check("r", False, 0.0), reliability.Check("r", True, 1.0)] * 2
    assert reliability.reliabilities([], contrary).of("r").weight < 0.3
    assert reliability.reliabilities(checks, contrary).of("r").weight > 0.7


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_a_fair_label_is_the_truth_on_average_whatever_share_infringes(share: float) -> None:
    one = reliability.Reliability(0.8, 0.9)
    said_so = share * 0.8 + (1 - share) * 0.1
    mean = said_so * one.fair_label(True) + (1 - said_so) * one.fair_label(False)
    assert mean == pytest.approx(share)
    assert reliability.Reliability(0.3, 0.4).fair_label(True) == 0.5
    assert 0 < one.soft_label(False) < one.soft_label(True) < 1


def test_who_is_hardly_believed_hardly_pulls() -> None:
    for trust in (0.3, 0.1, 0.01):
        one = reliability.Reliability(0.5 + trust / 2, 0.5 + trust / 2)
        for said in (True, False):
            # The slope of the loss at even odds: the weight times the distance of the label.
            assert one.weight * abs(one.fair_label(said) - 0.5) <= one.weight + 1e-9


def test_two_colluding_colleagues_neither_ruin_nor_make_reviewers() -> None:
    def looks(agree: bool) -> list[reliability.Check]:
        return [
            reliability.Check(name, said, float(said is agree), 0.5, "evil", is_opinion=True)
            for name in ("a", "b")
            for said in (True, False)
            for _ in range(500)
        ]

    honest = [
        reliability.Check(f"r{tenant}", said, float(said), tenant=f"t{tenant}")
        for tenant in range(20)
        for said in (True, False)
    ]
    ruined = reliability.reliabilities([*honest, *looks(agree=False)])
    assert ruined.unknown.weight > 0.75
    # Even where nobody else was ever checked, the others keep a voice.
    assert reliability.reliabilities(looks(agree=False)).unknown.weight > 0.6
    # Nor is anybody silenced by a colleague alone, or cleared of what the rules see in them.
    assert ruined.of("a").weight > 0.1
    twice = [
        reliability.Check("c", said, float(not said), 0.5, "evil", is_opinion=True)
        for said in (True, False)
    ]
    assert reliability.reliabilities([*honest, *twice]).of("c").weight > 0.35
    links = {0.9: [False] * 15, 0.1: [True] * 15}
    contrary = reliability.reliabilities(
        looks(agree=True), replace(expected(links), reviewers=["a"])
    )
    assert contrary.of("a").weight < 0.3
    # A thousand agreements are worth what three facts are.
    praised = reliability.reliabilities(looks(agree=True))
    assert praised.of("a").checks == pytest.approx(reliability.MOST_OPINIONS)
    assert praised.of("a").weight < 0.97


def test_one_organisation_does_not_say_what_all_reviewers_are_like() -> None:
    honest = [
        reliability.Check(f"r{tenant}", True, 1.0, tenant=f"t{tenant}")
        for tenant in range(19)
        for _ in range(10)
    ]
    wrong = [
        reliability.Check(f"w{account}", True, 0.0, tenant="loud")
        for account in range(500)
        for _ in range(10)
    ]
    found = reliability.reliabilities([*honest, *wrong]).unknown
    assert found.specificity > 0.8
    assert found.weight > 0.7


@pytest.mark.parametrize(("brands", "share"), [(3, 2 / 3), (10, 0.2), (40, 0.1)])
def test_no_brand_has_more_than_its_share(brands: int, share: float) -> None:
    brand = np.concatenate([np.zeros(1_000, np.int64), np.arange(brands)])
    weights = reliability.capped(np.ones(len(brand)), brand, brands)
    totals = np.bincount(brand, weights)
    assert totals[0] / totals.sum() == pytest.approx(share)
    assert totals[1:] == pytest.approx(np.ones(brands - 1))


def test_two_loud_brands_are_both_cut() -> None:
    brand = np.concatenate([np.repeat([0, 1], 500), np.arange(2, 30)])
    totals = np.bincount(brand, reliability.capped(np.ones(len(brand)), brand, 30))
    assert totals[:2] / totals.sum() == pytest.approx([0.1, 0.1])


def test_old_facts_count_less() -> None:
    assert reliability.aged(np.ones(3), np.array([0.0, 365.0, -3.0])).tolist() == [1.0, 0.5, 1.0]
