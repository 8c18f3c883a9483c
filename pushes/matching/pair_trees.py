"""Ensembles of decision trees as plain arrays: fitted by scikit-learn, kept as JSON, run compiled.

A library's own ``predict`` costs more than all signals of a pair together on files of a few
thousand pairs; walking flat arrays does not. Nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier

from pushes.matching.kernel import I32, I64, compiled
from pushes.matching.pair_kernel import F64

Matrix = NDArray[np.float64]
LEAF = -1


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees one after the other. ``features[n]`` is LEAF where ``values[n]`` is the answer;
    else a row goes to ``below[n]`` if its feature is at most ``values[n]``, to ``above[n]`` if not.
    """

    roots: I64
    features: I32
    values: F64
    below: I32
    above: I32
    base: float = 0.0

    def sum(self, matrix: Matrix) -> Matrix:
        """``base`` and the answers of all trees for each row of ``matrix``, added up."""
        rows = np.ascontiguousarray(matrix)
        totals: Matrix = _walk(self.roots, self.features, self.values, self.below, self.above, rows)
        return totals + self.base

    def to_dict(self) -> dict[str, object]:
        """Arrays for JSON."""
        return {
            "base": round(self.base, 6),
            "roots": self.roots.tolist(),
            "features": self.features.tolist(),
            "values": [round(value, 5) for value in self.values.tolist()],
            "below": self.below.tolist(),
            "above": self.above.tolist(),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Forest:
        """The forest that ``to_dict`` wrote."""
        return cls(
            np.array(document["roots"], np.int64),
            np.array(document["features"], np.int32),
            np.array(document["values"], np.float64),
            np.array(document["below"], np.int32),
            np.array(document["above"], np.int32),
            float(document["base"]),
        )


@compiled
def _walk(roots: I64, features: I32, values: F64, below: I32, above: I32, matrix: F64) -> F64:
    totals = np.zeros(len(matrix), np.float64)
    for root in roots:
        for row in range(len(matrix)):
            node = root
            while features[node] >= 0:
                if matrix[row, features[node]] <= values[node]:
                    node = np.int64(below[node])
                else:
                    node = np.int64(above[node])
            totals[row] += values[node]
    return totals


def from_boosting(model: HistGradientBoostingClassifier) -> Forest:
    """Flat copy; the sum is the log-odds. The model must have been fitted without gaps.

    scikit-learn offers no public way to the trees of this class; a test compares both, so that an
    update which moves them is noticed.
    """
    nodes = [stage[0].nodes for stage in model._predictors]
    inner = np.concatenate([tree["is_leaf"] == 0 for tree in nodes])
    together = np.concatenate(nodes)
    values = np.where(inner, together["num_threshold"], together["value"])
    features = np.where(inner, together["feature_idx"], LEAF)
    base = float(model._baseline_prediction.ravel()[0])
    children = (together["left"], together["right"])
    return _flat([len(tree) for tree in nodes], features, values, children, base)


def from_random_trees(model: ExtraTreesClassifier) -> Forest:
    """Flat copy; the sum is the probability of class 1."""
    trees = [estimator.tree_ for estimator in model.estimators_]
    inner = np.concatenate([tree.children_left >= 0 for tree in trees])
    share = np.concatenate([tree.value[:, 0, 1] / tree.value[:, 0].sum(axis=1) for tree in trees])
    values = np.where(inner, np.concatenate([t.threshold for t in trees]), share / len(trees))
    features = np.where(inner, np.concatenate([t.feature for t in trees]), LEAF)
    children = tuple(
        np.concatenate([getattr(tree, name) for tree in trees])
        for name in ("children_left", "children_right")
    )
    return _flat([tree.node_count for tree in trees], features, values, children, 0.0)


def _flat(
    sizes: Sequence[int],
    features: NDArray[np.int64],
    values: Matrix,
    children: Sequence[NDArray[np.int64]],
    base: float,
) -> Forest:
    bounds = np.cumsum([0, *sizes])
    offsets = np.concatenate([np.full(b - a, a) for a, b in pairwise(bounds.tolist())])
    below, above = (
        (np.where(features == LEAF, 0, side.astype(np.int64)) + offsets).astype(np.int32)
        for side in children
    )
    return Forest(
        bounds[:-1].astype(np.int64), features.astype(np.int32), values.astype(np.float64),
        below, above, base,
    )  # fmt: skip
