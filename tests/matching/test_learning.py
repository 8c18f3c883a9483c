"""Learning from verdicts: what a fit keeps to, whom it believes, and how it is judged."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.sparse import csr_array

from pushes.matching import (
    Fact,
    Lesson,
    MatchingError,
    Ruleset,
    back_test,
    fit,
    judged_of,
    teach,
    towards,
    untaught,
)
from pushes.matching.learning import calibration, drift, exploration, gate, terms
from pushes.matching.learning.evidence import NO_BRAND, Evidence, evidence_of
from pushes.matching.learning.model import HandSet, Problem, by_hand, cross_entropy, fit_map
from pushes.matching.learning.twins import FOLDS, learn, unlearned
from pushes.matching.score import BrandOffset, Weights

HAND = HandSet(-1.0, np.array([1.0, 1.0, -1.0]), np.array([1.0, 1.0, -1.0]))


def made(
    facts: int, weights: tuple[float, ...], intercept: float = -0.5, seed: int = 0, brands: int = 0
) -> Evidence:
    """Facts that the given weights bring about."""
    random = np.random.default_rng(seed)
    signals = (random.random((facts, len(weights))) < 0.4).astype(float)
    chance = 1 / (1 + np.exp(-(intercept + signals @ np.array(weights))))
    owner = random.integers(0, brands, facts) if brands else np.full(facts, NO_BRAND)
    return Evidence(
        tuple("abc"), csr_array(signals), (random.random(facts) < chance).astype(float),
        np.ones(facts), owner, tuple(f"brand {n}" for n in range(brands)),
    )  # fmt: skip


def test_many_facts_are_believed_and_few_move_little() -> None:
    truth = (2.5, 0.2, -2.0)
    many = fit_map(made(4_000, truth), HAND)
    assert many.weights == pytest.approx(truth, abs=0.35)
    few = fit_map(made(12, truth), HAND)
    assert np.abs(few.weights - HAND.weights).max() < np.abs(many.weights - HAND.weights).max()


def test_no_amount_of_facts_turns_a_declared_sign() -> None:
    fitted = fit_map(made(3_000, (-3.0, 1.0, 3.0)), HAND)
    assert (fitted.weights[0], fitted.weights[2]) == (0.0, 0.0)
    assert fitted.weights[1] > 0.5


def test_the_gradient_is_that_of_the_loss() -> None:
    problem = Problem(made(60, (1.0, 0.5, -1.0), brands=3), HAND)
    problem.solve(problem.evidence.weights)
    at = np.random.default_rng(1).normal(0, 0.5, 1 + len(problem.ridge))
    numeric = approx_fprime(at, lambda p: problem._loss(p)[0], 1e-6)
    assert problem._loss(at)[1] == pytest.approx(numeric, abs=1e-3)


def test_a_brand_is_its_own_only_as_far_as_its_facts_say() -> None:
    base = made(900, (1.0, 1.0, -1.0), brands=3)
    labels = base.labels.copy()
    labels[base.brand == 1] = 1.0
    three = np.flatnonzero(base.brand == 2)[3:]
    weights = base.weights.copy()
    weights[three] = 0.0
    fitted = fit_map(
        Evidence(base.names, base.signals, labels, weights, base.brand, base.brands), HAND
    )
    assert fitted.brand_intercepts[1] > 1.0
    assert abs(fitted.brand_intercepts[2]) < abs(fitted.brand_intercepts[1]) / 2


def test_a_twin_never_saw_the_facts_it_scores() -> None:
    """A signal that only names the label of one fact is worth nothing to that fact's twin."""
    random = np.random.default_rng(3)
    labels = (random.random(80) < 0.5).astype(float)
    names = tuple(f"n{n}" for n in range(80))
    evidence = Evidence(
        names, csr_array(np.eye(80)), labels, np.ones(80), np.full(80, NO_BRAND), ()
    )
    hand = HandSet(0.0, np.zeros(80), np.zeros(80))
    folds = np.arange(80) % FOLDS
    learned = learn(evidence, folds, hand)
    seen, unseen = learned.rules.log_odds(evidence), learned.held_out_log_odds(evidence, folds)
    # To a twin all facts of its fold look alike; only the rules themselves tell them apart.
    assert np.corrcoef(seen, labels)[0, 1] > 0.99
    for fold in range(FOLDS):
        assert np.ptp(unseen[folds == fold]) == pytest.approx(0, abs=0.01)


def test_a_shrunken_step_lies_between() -> None:
    evidence = made(300, (3.0, 0.5, -2.0))
    folds = np.arange(300) % FOLDS
    old, new = unlearned(HAND, 0), learn(evidence, folds, HAND)
    half = old.towards(new, 0.5).held_out_log_odds(evidence, folds)
    whole = new.held_out_log_odds(evidence, folds)
    assert half == pytest.approx((old.held_out_log_odds(evidence, folds) + whole) / 2)
    assert by_hand(HAND, 0).widened(5).weights.tolist() == [1.0, 1.0, -1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [Fact({"keyword": 1.0}, 1.0)] * 5,
        [Fact({"keyword": 1.0}, 1.0), Fact({"keyword": 1.0}, 0.0, weight=0.0)],
    ],
    ids=["none", "one class", "one class trusted"],
)
def test_facts_that_say_nothing_leave_the_champion(facts: list[Fact]) -> None:
    champion = Ruleset(Weights(threshold=0.7))
    lesson = teach(judged_of(facts, champion), Ruleset(), base=champion)
    assert lesson.ruleset.weights == champion.weights
    assert lesson.twins == (champion.weights,) * FOLDS


def test_odd_signals_do_not_break_a_fit() -> None:
    facts = [
        Fact(
            {"keyword": 1.0, "price_low": float("nan"), "unheard": 3.0}, float(n % 2), brand_id="b"
        )
        for n in range(40)
    ]
    fitted = fit(facts, Ruleset())
    assert np.isfinite(list(fitted.weights.weights.values())).all()
    assert fitted.weights.weights["price_low"] >= 0
    assert "unheard" not in fitted.weights.weights


def test_contradictory_verdicts_end_in_doubt_not_in_a_crash() -> None:
    facts = [Fact({"keyword": 1.0}, float(n % 2)) for n in range(5_000)]
    rules = fit(facts, Ruleset())
    assert rules.weights.probability("", {"keyword": 1.0}) == pytest.approx(0.5, abs=0.02)


def test_a_fit_keeps_what_it_does_not_learn() -> None:
    own = {"b": BrandOffset(threshold=0.8), "silent": BrandOffset(threshold=0.9)}
    base = Ruleset(Weights(brand_offsets=own, threshold=0.6), token_frequency={"shoe": 0.1})
    facts = [Fact({"keyword": 1.0}, float(n % 2), brand_id="b") for n in range(20)]
    rules = fit(facts, base)
    assert (rules.weights.threshold, rules.token_frequency) == (0.6, {"shoe": 0.1})
    assert rules.weights.threshold_for("b") == 0.8
    assert rules.weights.threshold_for("silent") == 0.9


@pytest.mark.parametrize(
    ("field", "value"), [("label", 1.5), ("weight", -1.0), ("weight", float("nan")),
                         ("propensity", 0.0)],
)  # fmt: skip
def test_a_fact_that_cannot_be_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(MatchingError, match=field):
        Fact({}, **{"label": 1.0, field: value})  # type: ignore[arg-type]


def test_what_is_explored_has_exactly_its_propensity() -> None:
    scores = np.linspace(0, 1, 40)
    disputed = np.array([0, 1, 2])
    times, weighed = np.zeros(40), np.zeros(40)
    for seed in range(2_000):
        found = exploration.explore(scores, 4, 5, np.random.default_rng(seed), disputed)
        assert len(set(found.chosen.tolist())) == 4
        times[found.chosen] += 1
        weighed[found.chosen] += 1 / found.propensity
    assert weighed / 2_000 == pytest.approx(np.ones(40), abs=0.45)
    assert times[:3].min() > times[3:25].max()
    assert times.min() > 0


def test_recall_is_estimated_from_what_was_explored() -> None:
    # 80 found by pushing; of the unpushed 400 one in ten was explored, and 2 of those infringe.
    labels = np.concatenate([np.ones(80), np.ones(2), np.zeros(38)])
    propensity = np.concatenate([np.ones(80), np.full(40, 0.1)])
    pushed = propensity == 1
    found = exploration.recall(labels, propensity, pushed, np.random.default_rng(0))
    assert found is not None
    assert found.value == pytest.approx(0.8)
    assert found.low < 0.8 < found.high
    assert exploration.recall(labels * 0, propensity, pushed, np.random.default_rng(0)) is None
    # 40 explored for 400, none of them infringing: up to 7.2 % of the 400 may be missed.
    luckless = exploration.recall(labels * pushed, propensity, pushed, np.random.default_rng(0))
    assert luckless is not None
    assert (luckless.value, luckless.high) == (1.0, 1.0)
    assert luckless.low == pytest.approx(80 / (80 + 0.0722 * 400), abs=1e-3)
    # Three far ones stand for most of what was missed, and tell as much as six draws do.
    uneven = np.concatenate([np.ones(100), np.full(57, 0.1), np.full(3, 0.002)])
    labels = np.repeat([1.0, 0.0], [100, 60])
    luckless = exploration.recall(labels, uneven, uneven == 1, np.random.default_rng(0))
    assert luckless is not None
    assert luckless.low == pytest.approx(0.11, abs=0.01)
    unexplored = exploration.recall(
        np.ones(5), np.ones(5), np.ones(5, bool), np.random.default_rng(0)
    )
    assert unexplored is not None
    assert unexplored.low == 0.0


def test_the_gate_opens_for_the_better_and_not_for_the_worse() -> None:
    random = np.random.default_rng(5)
    labels = (random.random(400) < 0.4).astype(float)
    good, bad = labels + random.normal(0, 0.7, 400), labels + random.normal(0, 2.0, 400)
    assert gate.compare(bad, good, labels, np.ones(400)).opens
    back = gate.compare(good, bad, labels, np.ones(400))
    assert not back.opens
    assert back.loss_probability > 0.9
    same = gate.compare(good, good, labels, np.ones(400))
    assert (same.gain, same.opens) == (0.0, False)
    level = gate.compare(bad, bad + np.where(np.arange(400) == 7, 1e-9, 0), labels, np.ones(400))
    assert not level.opens
    trifle = gate.Comparison(400, 160.0, 0.9, 0.9002, 0.0, 0.0004, 0.0)
    assert not trifle.opens
    assert gate.Comparison(400, 160.0, 0.9, 0.901, 0.0, 0.002, 0.0).opens
    few = gate.compare(bad[:20], good[:20], labels[:20], np.ones(20))
    assert not few.opens
    with pytest.raises(ValueError, match="finite"):
        gate.compare(bad, good * np.nan, labels, np.ones(400))


def test_where_voices_may_be_false_a_gain_must_not_rest_on_one_of_them() -> None:
    random = np.random.default_rng(5)
    truth = (random.random(400) < 0.4).astype(float)
    voices = np.repeat(np.arange(8), 50)
    said = np.where(voices == 0, 1 - truth, truth)
    honest = truth + random.normal(0, 0.6, 400)
    # Follows one voice in everything and forgets a little of what the others said.
    misled = np.where(voices == 0, said * 3 - 1, honest + random.normal(0, 0.35, 400))
    by_link = gate.compare(honest, misled, said, np.ones(400))
    assert by_link.opens
    by_voice = gate.compare(honest, misled, said, np.ones(400), voices=voices)
    assert by_voice.loss_probability > by_link.loss_probability
    assert not by_voice.opens
    # One voice alone has no spread of its own; then the links' counts.
    alone = gate.compare(honest, misled, said, np.ones(400), voices=np.zeros(400, np.int64))
    assert alone.loss_probability == by_link.loss_probability


def test_a_fall_of_fifteen_points_is_seen_soon_and_nothing_else() -> None:
    delays = []
    for seed in range(8):
        random = np.random.default_rng(seed)
        stream = np.concatenate([random.random(1_000) < 0.75, random.random(400) < 0.60])
        found = drift.alarms(stream.astype(float))
        delays.append(next((alarm.at - 1_000 for alarm in found if alarm.at > 1_000), 400))
    assert np.mean(delays) <= 150
    quiet = (np.random.default_rng(99).random(10_000) < 0.75).astype(float)
    assert len(drift.alarms(quiet)) <= 1
    rise = np.concatenate([np.zeros(300), np.ones(300)])
    assert drift.alarms(rise) == []
    with pytest.raises(ValueError, match="between"):
        drift.Adwin().update(2.0)


def test_a_long_window_takes_few_buckets() -> None:
    detector = drift.Adwin()
    for value in np.random.default_rng(0).random(3_000) < 0.5:
        detector.update(float(value))
    assert len(detector._buckets) <= 6 * 12
    assert detector.width <= detector.seen == 3_000
    assert detector.mean == pytest.approx(0.5, abs=0.1)


def test_calibration_error_is_the_mean_distance() -> None:
    probabilities = np.array([0.95] * 10 + [0.05] * 10)
    labels = np.array([1.0] * 8 + [0.0] * 12)
    assert calibration.expected_calibration_error(probabilities, labels) == pytest.approx(0.1)
    assert calibration.expected_calibration_error(np.zeros(0), np.zeros(0)) is None


def test_planted_words_are_told_from_common_ones() -> None:
    random = np.random.default_rng(2)
    common = [f"word{n}" for n in range(200)]

    def listing(planted: float) -> set[str]:
        words = set(random.choice(common, 8).tolist())
        return words | ({"1to1"} if random.random() < planted else set())

    found = terms.telling_terms(
        [listing(0.4) for _ in range(60)], [listing(0.01) for _ in range(300)]
    )
    assert [term.word for term in found] == ["1to1"]
    assert found[0].fakes > found[0].others
    again = terms.telling_terms([{"1to1"}] * 60, [{"other"}] * 300, known={"1to1"})
    assert again == []


def test_words_of_the_newest_fakes_do_not_drown_in_the_old_ones() -> None:
    old = [{f"word{number % 50}", "shoe"} for number in range(2_000)]
    new = [{f"word{number % 50}", "oemline"} for number in range(10)]
    others = [{f"word{number % 50}", "shoe" if number % 2 else "bag"} for number in range(600)]
    assert "oemline" in [term.word for term in terms.telling_terms([*new, *old], others)]
    # The same ten among the oldest say nothing of what sellers write now.
    assert "oemline" not in [term.word for term in terms.telling_terms([*old, *new], others)]


def test_evidence_knows_names_and_brands_only() -> None:
    evidence = evidence_of(
        [{"a": 1.0, "x": 2.0}, {"b": float("inf")}], [1, 0], [1, 1], ["k", ""], ["a", "b"]
    )
    assert evidence.signals.toarray().tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert evidence.brand.tolist() == [0, NO_BRAND]


def facts_where_respaced_is_genuine(count: int) -> list[Fact]:
    return [
        Fact({"brand_respaced": 1.0, "brand_named": 1.0}, 0.0, brand_id=f"b{n % 4}", key=f"g{n}")
        for n in range(count)
    ] + [
        Fact({"brand_disguised": 1.0}, 1.0, brand_id=f"b{n % 4}", key=f"f{n}") for n in range(count)
    ]


def test_a_back_test_shows_changes_flips_and_the_gate() -> None:
    champion = Ruleset()
    judged = judged_of(facts_where_respaced_is_genuine(60), champion)
    lesson = teach(judged, champion, base=champion)
    found = back_test(untaught(champion), lesson, judged)
    assert {change.name for change in found.changes} >= {"brand_respaced", "brand_disguised"}
    assert len(found.flips) == 60
    assert all(flip.pushed_before and not flip.pushed_after for flip in found.flips)
    assert (found.step, found.gate.opens) == (1.0, True)
    assert found.gate.challenger > found.gate.champion
    assert found.new_calibration is not None
    assert found.old_calibration is not None
    assert found.new_calibration < found.old_calibration
    assert [row.links for row in found.brands] == [30] * 4
    quarter = towards(untaught(champion), lesson, 0.25)
    way = lesson.ruleset.weights.weights["brand_respaced"] - 3.3
    assert quarter.ruleset.weights.weights["brand_respaced"] == pytest.approx(3.3 + way / 4)


def test_a_lesson_is_stored_and_read_again() -> None:
    judged = judged_of(facts_where_respaced_is_genuine(20), Ruleset())
    lesson = teach(judged, Ruleset(), base=Ruleset())
    again = Lesson.from_stored(Ruleset.from_json(lesson.ruleset.to_json()), lesson.twins_to_list())
    assert again.twins == lesson.twins
    assert again.ruleset.content_hash == lesson.ruleset.content_hash
    assert Lesson.from_stored(Ruleset(), "edited by hand") == untaught(Ruleset())


def test_no_logit_overflows() -> None:
    logits = np.array([-900.0, 0.0, 900.0])
    value, slope = cross_entropy(logits, np.array([1.0, 0.0, 0.0]), np.ones(3))
    assert value == pytest.approx(1800 + math.log(2))
    assert slope == pytest.approx([-1.0, 0.5, 1.0])


def test_many_links_are_compared_as_a_part_of_them_would_be() -> None:
    """The interval of a resampled part, narrowed, is that of all links."""
    random = np.random.default_rng(4)
    size = gate.MOST_RESAMPLED + 10_000
    labels = (random.random(size) < 0.3).astype(float)
    before = random.normal(0, 1, size) + labels
    after = before + random.normal(0, 0.3, size) + 0.05 * labels
    parted = gate.compare(before, after, labels, np.ones(size))
    whole = gate._gains(before, after, labels, np.ones(size), np.arange(size), random)
    assert parted.gain == pytest.approx(parted.challenger - parted.champion)
    low, high = np.quantile(whole, (0.05, 0.95))
    assert parted.high - parted.low == pytest.approx(high - low, rel=0.2)
    assert (parted.low + parted.high) / 2 == pytest.approx(parted.gain, abs=1e-3)
