"""Models over the signals of a pair, and what they reach on a test file.

Trained: the mean of gradient boosting and randomised trees, threshold from cross-validation on the
training file together with the validation file. Zero-shot: two shipped boosted ensembles, one over
the signals, one over how far they stand out from the middle of their own file; the threshold is the
one with the best F1 *expected* from the predicted probabilities themselves, so it needs no label.
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
from sklearn.model_selection import StratifiedKFold

from pushes.matching.errors import ListingFileError
from pushes.matching.pair_signals import MIRRORED, NAMES, RELATIVE, Matrix, signals
from pushes.matching.pair_trees import Forest, from_boosting, from_random_trees
from pushes.matching.pairs import Pair, without_known

SHIPPED = Path(__file__).parent / "data" / "pair_weights.json"
FOLDS = 4
ABSENT = -9.0
"""Stands for a signal that a pair lacks; below every real value."""
PARTS = 3
"""A training file is cut so that word weights and rivals are like those of a file to be judged."""
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


def train_and_test(train: Sequence[Pair], valid: Sequence[Pair], test: Sequence[Pair]) -> Quality:
    """Fit on train and valid, judge the test pairs that neither of them holds.

    Raises ``ListingFileError`` when there is too little of one label to learn from.
    """
    known = without_known([*train, *valid], [])
    fresh = without_known(test, known)
    labels = labels_of(known)
    rarer = min((labels == 1).sum(), (labels == 0).sum())
    if rarer < FOLDS:
        raise ListingFileError(
            f"training pairs: needs at least {FOLDS} of each label, has {(labels == 1).sum()} of "
            f"label 1 and {(labels == 0).sum()} of label 0"
        )
    if not fresh:
        return _quality(fresh, np.zeros(0, np.bool_), 0.0, len(test))
    signals(known[:1])  # compiled once a machine, which is not a cost of a pair
    started = time.process_time()
    # Together, since word weights and rivals of a pair must mean the same in both.
    matrix = signals([*known, *fresh])
    seconds = (time.process_time() - started) * len(fresh) / len(matrix)
    model = TrainedModel(matrix[: len(known)], labels)
    model.decide(matrix[:1])
    started = time.process_time()
    decisions = model.decide(matrix[len(known) :])
    seconds += time.process_time() - started
    return _quality(fresh, decisions, seconds, len(test) - len(fresh))


def zero_shot(test: Sequence[Pair], model: TransferredModel | None = None) -> Quality:
    """Judge pairs with the shipped model (or another one); pairs that occur twice count once."""
    fresh = without_known(test, [])
    if not fresh:
        return _quality(fresh, np.zeros(0, np.bool_), 0.0, len(test))
    model = model or shipped()
    model.probabilities(signals(fresh[:1]))
    started = time.process_time()
    probabilities = model.probabilities(signals(fresh))
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
        held_out = np.zeros(len(labels))
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        for inside, outside in folds.split(usable, labels):
            held_out[outside] = _mean(_fit(usable[inside], labels[inside]), usable[outside])
        self.threshold = best_threshold(held_out, labels)
        self._forests = _fit(usable, labels)

    def decide(self, matrix: Matrix) -> NDArray[np.bool_]:
        """True for "the same product"."""
        decisions: NDArray[np.bool_] = _mean(self._forests, _without_gaps(matrix)) >= self.threshold
        return decisions


def _without_gaps(matrix: Matrix) -> Matrix:
    return np.nan_to_num(matrix, nan=ABSENT)


def _fit(matrix: Matrix, labels: Labels) -> tuple[Forest, Forest]:
    boosted = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.1, max_leaf_nodes=15, l2_regularization=1.0,
        early_stopping=False, random_state=0,
    )  # fmt: skip
    trees = ExtraTreesClassifier(
        n_estimators=60, min_samples_leaf=2, max_features=0.5, random_state=0
    )
    # Random trees compare in single precision; so the same rows must reach the same leaves.
    single = matrix.astype(np.float32)
    return from_boosting(boosted.fit(matrix, labels)), from_random_trees(trees.fit(single, labels))


def _mean(forests: tuple[Forest, Forest], matrix: Matrix) -> Matrix:
    boosted, trees = forests
    single = matrix.astype(np.float32).astype(np.float64)
    mean: Matrix = (_probability(boosted.sum(matrix)) + trees.sum(single)) / 2
    return mean


def _probability(log_odds: Matrix) -> Matrix:
    probability: Matrix = 1 / (1 + np.exp(-log_odds))
    return probability


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


@dataclass(frozen=True, slots=True)
class TransferredModel:
    """Judges files whose labels nobody knows: boosted trees over plain and relative signals."""

    plain: Forest
    relative: Forest

    def probabilities(self, matrix: Matrix) -> Matrix:
        """Mean probability of "the same product"; ``matrix`` must be that of one whole file."""
        mean: Matrix = (
            _probability(self.plain.sum(_without_gaps(matrix)))
            + _probability(self.relative.sum(_without_gaps(relative(matrix))))
        ) / 2
        return mean

    def to_json(self) -> str:
        """The shipped form: names of the signals and the trees as arrays."""
        document = {
            "signals": NAMES,
            "plain": self.plain.to_dict(),
            "relative": self.relative.to_dict(),
        }
        return json.dumps(document, separators=(",", ":")) + "\n"


def relative(matrix: Matrix) -> Matrix:
    """Likenesses counted from the median pair of their file.

    Files differ in how alike their *wrong* pairs are (0.17 to 0.47 in mean word cosine over the
    public sets), and most pairs of a file are wrong ones.
    """
    shifted = matrix.copy()
    shifted[:, RELATIVE] -= np.median(matrix[:, RELATIVE], axis=0)
    return shifted


def fit_transferable(files: Sequence[Sequence[Pair]]) -> TransferredModel:
    """A model for unseen files, learned from labelled ones, each with the same total weight."""
    matrices, labels, weights = [], [], []
    for pairs in files:
        whole = without_known(pairs, [])
        part_of = np.random.default_rng(0).integers(0, PARTS, len(whole))
        for part in range(PARTS):
            cut = [pair for pair, number in zip(whole, part_of, strict=True) if number == part]
            # Both ways round, since an unseen file's sides may be the other way round.
            matrix = signals(cut)
            matrices.append((matrix, matrix[:, MIRRORED]))
            labels += [labels_of(cut)] * 2
            weights.append(np.full(2 * len(cut), 1 / len(whole)))
    answers, weight = np.concatenate(labels), np.concatenate(weights)
    plain = np.vstack([matrix for both in matrices for matrix in both])
    shifted = np.vstack([relative(matrix) for both in matrices for matrix in both])
    forests = [
        from_boosting(_boosted().fit(_without_gaps(x), answers, weight / weight.mean()))
        for x in (plain, shifted)
    ]
    return TransferredModel(*forests)


def _boosted() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.07, max_leaf_nodes=10, l2_regularization=5.0,
        min_samples_leaf=60, early_stopping=False, random_state=0,
    )  # fmt: skip


@cache
def shipped() -> TransferredModel:
    """The model that comes with the engine (``python -m benchmarks.product_pairs`` makes it)."""
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    if tuple(document["signals"]) != NAMES:
        raise ValueError(f"{SHIPPED.name} was fitted on other signals: fit it again")
    return TransferredModel(
        Forest.from_dict(document["plain"]), Forest.from_dict(document["relative"])
    )


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
        pairs_per_second=round(len(pairs) / seconds, 1) if seconds > 0 else 0.0,
        pairs=len(pairs),
        dropped_duplicates=dropped,
    )
