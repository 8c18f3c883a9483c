"""Twelve rounds: push, judge, learn, compare, promote. Only what is pushed gets a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from pushes.matching.learning import exploration, gate, reliability
from pushes.matching.learning.evidence import NO_BRAND, Evidence, Marks, Numbers, Vector
from pushes.matching.learning.model import Fitted, HandSet, by_hand, fit_map
from pushes.matching.learning.twins import FOLDS, Learned, learn, unlearned
from pushes.matching.pair_models import expected_best_threshold
from pushes.matching.rounds.measures import Measures, measure
from pushes.matching.rounds.reviewers import ANSWERS, CHECKED, Reviewers, reviewers_of
from pushes.matching.rounds.rules import hand_set
from pushes.matching.rounds.world import World, without_brand_rules

ROUNDS = 12
CAPACITY = 100
"""Links a round that reviewers take; at most a quarter of the round, at least 15 % of it."""
STEPS = (1.0, 0.5, 0.25)
"""A whole step towards the challenger, then shrunken ones."""
HEAVIEST_EXPLORED = 8.0
"""Inverse propensities are cut here when rules are compared (Ionides 2008)."""


@dataclass
class Judged:
    """Everything judged so far, as columns."""

    rows: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    said: Vector = field(default_factory=lambda: np.zeros(0))
    propensity: Vector = field(default_factory=lambda: np.zeros(0))
    checked: Vector = field(default_factory=lambda: np.zeros(0))
    reported: Marks = field(default_factory=lambda: np.zeros(0, np.bool_))

    def add(
        self, rows: Numbers, said: Vector, propensity: Vector, checked: Vector, *,
        reported: bool = False,
    ) -> None:  # fmt: skip
        """Append a round, or what brands ``reported`` of their own accord."""
        self.rows = np.concatenate([self.rows, rows])
        self.reported = np.concatenate([self.reported, np.full(len(rows), reported)])
        self.said = np.concatenate([self.said, said])
        self.propensity = np.concatenate([self.propensity, propensity])
        self.checked = np.concatenate([self.checked, checked])


@dataclass
class Game:
    """One run. ``seed`` decides order of the stream, who errs, what is explored.

    ``tells_calibration`` adds the calibration error to what a run says, which is otherwise fixed.
    """

    world: World
    seed: int
    bad_faith: float = 0.0
    tells_calibration: bool = False
    judged: Judged = field(default_factory=Judged)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        order = self.random.permutation(self.world.stream)
        self.batches = np.array_split(order, ROUNDS)
        self.reviewers: Reviewers = reviewers_of(self.world, self.bad_faith, self.random)
        self.fold = self.random.integers(0, FOLDS, len(self.world.truth))
        stream = self.world.rules[: self.world.stream]
        self.hand: HandSet = hand_set(stream, without_brand_rules(self.world))
        self.voices: Numbers | None = None

    def push(self, batch: Numbers, rules: Fitted, shadow: Fitted | None, explores: bool) -> Numbers:
        """Push the best-scored of a batch and a few others, and take the verdicts.

        Returns the rows that were not pushed.
        """
        scores = self._scores(rules, batch)
        count = min(max(CAPACITY, round(0.15 * len(batch))), len(batch) // 4)
        budget = max(1, round(exploration.SHARE * count)) if explores else 0
        best = np.argsort(-scores, kind="stable")
        top, rest = best[: count - budget], best[count - budget :]
        disputed = None
        if shadow is not None:
            wanted = np.argsort(-self._scores(shadow, batch), kind="stable")[: count - budget]
            disputed = np.flatnonzero(np.isin(rest, wanted))
        found = exploration.explore(scores[rest], budget, count, self.random, disputed)
        pushed = np.concatenate([batch[top], batch[rest[found.chosen]]])
        propensity = np.concatenate([np.ones(len(top)), found.propensity])
        answered = self.random.random(len(pushed)) < ANSWERS
        rows = pushed[answered]
        said = self.reviewers.judge(self.world.truth, rows, self.random)
        checked = self.random.random(len(rows)) < CHECKED
        truth = np.where(checked, self.world.truth[rows], np.nan)
        self.judged.add(rows, said, propensity[answered], truth)
        return batch[np.setdiff1d(rest, rest[found.chosen])]

    def evidence(self, champion: Learned) -> Evidence:
        """What was judged, as far as it is to be believed beside what a champion expected."""
        judged, reviewer = self.judged, self.reviewers.of[self.judged.rows]
        seen = np.flatnonzero(~np.isnan(judged.checked))
        known = reliability.reliabilities(
            (
                reliability.Check(str(reviewer[n]), bool(judged.said[n]), float(judged.checked[n]))
                for n in seen
            ),
            self._expected(champion),
        )
        each = [known.of(str(who)) for who in reviewer]
        labels = np.array(
            [one.fair_label(bool(said)) for one, said in zip(each, judged.said, strict=True)]
        )
        weights = np.array([one.weight for one in each])
        self.voices = reliability.voices(reviewer, ~np.isnan(judged.checked), weights)
        labels[seen], weights[seen] = judged.checked[seen], 1.0
        brands = len(self.world.brands)
        if brands:
            weights = reliability.capped(weights, self.world.brand[judged.rows], brands)
        return self.world.evidence(judged.rows, labels, weights)

    def _expected(self, champion: Learned) -> reliability.Expected:
        """What everybody's rules say of the links that rules pushed and nobody checked."""
        judged = self.judged
        told = np.isnan(judged.checked) & (judged.propensity == 1) & ~judged.reported
        rows = judged.rows[told]
        nobodys = replace(self.world.plain(rows), brand=np.full(len(rows), NO_BRAND))
        reviewers, who = np.unique(self.reviewers.of[rows], return_inverse=True)
        names = [str(reviewer) for reviewer in reviewers]
        odds = champion.held_out_log_odds(nobodys, self.fold[rows])
        said = judged.said[told] >= 0.5
        return reliability.Expected(names, names, who, said, _probability(odds))

    def challenger(self, evidence: Evidence) -> Learned | None:
        """Rules learned from everything judged; None when it says nothing."""
        if evidence.is_one_sided:
            return None
        folds = self.fold[self.judged.rows]
        return learn(evidence, folds, self.hand, with_brands=self.world.has_brands)

    def gated(self, champion: Learned, challenger: Learned, evidence: Evidence) -> Learned | None:
        """The challenger, or rules part of the way to it, if the gate opens; else None."""
        folds = self.fold[self.judged.rows]
        trust = evidence.weights * np.minimum(1 / self.judged.propensity, HEAVIEST_EXPLORED)
        old = champion.held_out_log_odds(evidence, folds)
        new = challenger.held_out_log_odds(evidence, folds)
        for step in STEPS:
            part = (1 - step) * old + step * new
            found = gate.compare(
                old, part, evidence.labels, trust, seed=self.seed, voices=self.voices
            )
            if found.opens:
                return champion.towards(challenger, step)
        return None

    def measured(self, rules: Fitted, threshold: float | None = None) -> Measures:
        """The three measures on the hold-out; the threshold is the best one to be expected."""
        held_out = self.world.held_out
        scores = _probability(self._scores(rules, held_out))
        if threshold is None:
            stream = np.arange(self.world.stream)
            threshold = expected_best_threshold(_probability(self._scores(rules, stream)))
        return measure(scores, self.world.truth[held_out], threshold)

    def static(self) -> Fitted:
        """The hand-set rules."""
        return by_hand(self.hand, len(self.world.brands))

    def oracle(self) -> Fitted:
        """The same signals weighed by every true label of the stream."""
        every = self.world.plain(np.arange(self.world.stream))
        return fit_map(every, self.hand, with_brands=False)

    def _scores(self, rules: Fitted, rows: Numbers) -> Vector:
        return rules.log_odds(self.world.plain(rows))


def play(
    world: World, *, seed: int, method: str = "map", bad_faith: float = 0.0,
    tells_calibration: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """One run as JSON: ``{"static", "oracle", "rounds"}``; see ``METHODS``."""
    game = Game(world, seed, bad_faith, tells_calibration)
    return {
        "static": _told(game, game.static(), 0.5),
        "oracle": _told(game, game.oracle(), None),
        "rounds": METHODS[method](game),
    }


def _map(game: Game) -> list[dict[str, Any]]:
    """The product's own way: gated steps of a fit that fades out the hand-set weights."""
    champion = unlearned(game.hand, len(game.world.brands))
    shadow: Learned | None = None
    rows, learned = [], False
    for number, batch in enumerate(game.batches, start=1):
        game.push(batch, champion.rules, shadow.rules if shadow else None, explores=True)
        evidence = game.evidence(champion)
        challenger = game.challenger(evidence)
        promoted = challenger and game.gated(champion, challenger, evidence)
        champion, shadow = promoted or champion, challenger
        learned = learned or promoted is not None
        rows.append(
            _row(game, number, champion.rules, promoted is not None, None if learned else 0.5)
        )
    return rows


def _naive(game: Game) -> list[dict[str, Any]]:
    """Retrain a logistic regression on the raw verdicts of what was pushed, and use it at once."""
    rules, rows, learned = game.static(), [], False
    for number, batch in enumerate(game.batches, start=1):
        game.push(batch, rules, None, explores=False)
        said = game.judged.said
        if 0 < said.sum() < len(said):
            signals = game.world.rules[game.judged.rows]
            model = LogisticRegression(C=1.0, max_iter=400).fit(signals, said)
            plain = by_hand(game.hand, len(game.world.brands))
            rules = Fitted(
                float(model.intercept_[0]), model.coef_[0], 1.0, plain.brand_intercepts,
                plain.brand_weights,
            )  # fmt: skip
            learned = True
        rows.append(_row(game, number, rules, learned, None if learned else 0.5))
    return rows


def _static(game: Game) -> list[dict[str, Any]]:
    """The hand-set rules stay."""
    rows = []
    for number, batch in enumerate(game.batches, start=1):
        game.push(batch, game.static(), None, explores=False)
        rows.append(_row(game, number, game.static(), False, 0.5))
    return rows


METHODS: dict[str, Callable[[Game], list[dict[str, Any]]]] = {
    "map": _map,
    "naive": _naive,
    "static": _static,
}


def _row(
    game: Game, number: int, rules: Fitted, promoted: bool, threshold: float | None
) -> dict[str, Any]:
    return {
        "round": number,
        "verdicts": len(game.judged.said),
        **_told(game, rules, threshold),
        "promoted": promoted,
    }


def _told(game: Game, rules: Fitted, threshold: float | None) -> dict[str, float]:
    """The measures that a run says of rules."""
    measures = asdict(game.measured(rules, threshold))
    if not game.tells_calibration:
        del measures["calibration_error"]
    return measures


def _probability(log_odds: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -60, 60))), np.float64)
