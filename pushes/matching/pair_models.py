"""Models over the signals of a pair, and what they reach on a test file.

Trained: the mean of gradient boosting and randomised trees, threshold from cross-validation on the
training file together with the validation file. Zero-shot: shipped logistic weights; the threshold
is the one with the best F1 *expected* from the predicted probabilities themselves.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier

from pushes.matching.pairs import NAMES, Matrix, Pair, signals, without_known

SHIPPED = Path(__file__).parent / "data" / "pair_weights.json"
FOLDS = 4
ABSENT = -1.0
COUNTS = ("number_differs", "all_code_shared", "code_shared", "left_rank", "right_rank")
OPTIONAL = ("brand", "code_shared", "price_gap", "left_gap", "right_gap")
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures on a test file; ``pairs_per_second`` of CPU time from texts to decisions."""

    precision: float
    recall: float
    f1: float
    pairs_per_second: float
    pairs: int
    dropped_duplicates: int


def train_and_test(train: list[Pair], valid: list[Pair], test: list[Pair]) -> Quality:
    """Fit on train and valid, judge the test pairs that neither of them holds."""
    known = [*train, *without_known(valid, train)]
    fresh = without_known(test, known)
    started = time.process_time()
    # Together, since word weights and rivals of a pair must mean the same in both.
    matrix = signals([*known, *fresh])
    seconds = (time.process_time() - started) * len(fresh) / len(matrix)
    model = TrainedModel(matrix[: len(known)], labels_of(known))
    started = time.process_time()
    decisions = model.decide(matrix[len(known) :])
    seconds += time.process_time() - started
    return _quality(fresh, decisions, seconds, len(test) - len(fresh))


def zero_shot(test: list[Pair]) -> Quality:
    """Judge pairs with the shipped weights; pairs that occur twice count once."""
    fresh = without_known(test, [])
    started = time.process_time()
    probabilities = _logistic(signals(fresh))
    decisions = probabilities >= expected_best_threshold(probabilities)
    seconds = time.process_time() - started
    return _quality(fresh, decisions, seconds, len(test) - len(fresh))


def labels_of(pairs: Sequence[Pair]) -> Labels:
    """Labels as an array."""
    return np.array([pair.label for pair in pairs], np.int64)


class TrainedModel:
    """Two kinds of tree ensembles, averaged; they err on different pairs."""

    def __init__(self, matrix: Matrix, labels: Labels) -> None:
        usable = _without_gaps(matrix)
        folds = np.random.default_rng(0).integers(0, FOLDS, len(labels))
        held_out = np.zeros(len(labels))
        for fold in range(FOLDS):
            inside = folds != fold
            models = _fit(usable[inside], labels[inside])
            held_out[~inside] = _mean(models, usable[~inside])
        self.threshold = best_threshold(held_out, labels)
        self._models = _fit(usable, labels)

    def decide(self, matrix: Matrix) -> NDArray[np.bool_]:
        """True for "the same product"."""
        decisions: NDArray[np.bool_] = _mean(self._models, _without_gaps(matrix)) >= self.threshold
        return decisions


def _without_gaps(matrix: Matrix) -> Matrix:
    return np.nan_to_num(matrix, nan=ABSENT)


def _fit(matrix: Matrix, labels: Labels) -> list[HistGradientBoostingClassifier]:
    boosted = HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=1.0, random_state=0
    )
    trees = ExtraTreesClassifier(
        n_estimators=300, min_samples_leaf=2, max_features=0.5, random_state=0
    )
    return [boosted.fit(matrix, labels), trees.fit(matrix, labels)]


def _mean(models: Sequence[HistGradientBoostingClassifier], matrix: Matrix) -> Matrix:
    mean: Matrix = np.mean([model.predict_proba(matrix)[:, 1] for model in models], axis=0)
    return mean


def best_threshold(scores: Matrix, labels: Labels) -> float:
    """Score from which on F1 is highest on known labels."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + labels.sum())
    return float(scores[order][f1.argmax()])


def expected_best_threshold(probabilities: Matrix) -> float:
    """Threshold with the highest F1 to be expected if the probabilities were right."""
    if not len(probabilities):
        return 0.5
    ranked = np.sort(probabilities)[::-1]
    f1 = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
    return float(ranked[f1.argmax()])


def readable(matrix: Matrix) -> Matrix:
    """The signals as the shipped logistic weights take them: no gaps, clipped, some squared."""
    column = {name: matrix[:, number] for number, name in enumerate(NAMES)}
    plain = np.nan_to_num(matrix, nan=0.0)
    for name in COUNTS:
        plain[:, NAMES.index(name)] = np.minimum(plain[:, NAMES.index(name)], 3)
    plain[:, NAMES.index("price_gap")] = np.clip(plain[:, NAMES.index("price_gap")], 0, 1)
    plain[:, [NAMES.index("left_pairs"), NAMES.index("right_pairs")]] = 0
    code = (column["code_shared"] > 0) | (column["code_inside"] > 0)
    extra = [
        code,
        column["word_cosine"] ** 2,
        column["char_cosine"] ** 2,
        column["text_cosine"] ** 2,
        column["word_cosine"] * ~code,
        (column["code_differs"] > 0) & ~code,
        column["price_gap"] < 0.15,
        column["price_gap"] > 0.5,
        column["brand"] > 0.9,
        *(~np.isnan(column[name]) for name in OPTIONAL),
    ]
    return np.column_stack([plain, *extra])


@cache
def _shipped() -> tuple[Matrix, float]:
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return np.array(document["weights"]), float(document["intercept"])


def _logistic(matrix: Matrix) -> Matrix:
    weights, intercept = _shipped()
    probabilities: Matrix = 1 / (1 + np.exp(-(readable(matrix) @ weights + intercept)))
    return probabilities


def _quality(
    pairs: Sequence[Pair], decisions: NDArray[np.bool_], seconds: float, dropped: int
) -> Quality:
    labels = labels_of(pairs) == 1
    hits = int((decisions & labels).sum())
    said, true = int(decisions.sum()), int(labels.sum())
    return Quality(
        precision=round(hits / said, 4) if said else 0.0,
        recall=round(hits / true, 4) if true else 0.0,
        f1=round(2 * hits / (said + true), 4) if said + true else 0.0,
        pairs_per_second=round(len(pairs) / max(seconds, 1e-9), 1),
        pairs=len(pairs),
        dropped_duplicates=dropped,
    )
