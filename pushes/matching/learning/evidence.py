"""Judged links as arrays, the form in which everything here learns and measures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Vector = NDArray[np.float64]
Numbers = NDArray[np.int64]
Marks = NDArray[np.bool_]
NO_BRAND = -1


@dataclass(frozen=True)
class Evidence:
    """Facts row by row.

    ``signals``: (facts, len(names)), sparse, finite; ``labels``: 1 infringing … 0 genuine, soft
    ones allowed; ``weights``: how far each is trusted, from 0 on; ``brand``: index into ``brands``
    or ``NO_BRAND``.
    """

    names: tuple[str, ...]
    signals: csr_array
    labels: Vector
    weights: Vector
    brand: Numbers
    brands: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Numbers) -> Evidence:
        """Some of the facts, in the order of ``rows``."""
        return Evidence(
            self.names, self.signals[rows], self.labels[rows], self.weights[rows],
            self.brand[rows], self.brands,
        )  # fmt: skip

    @property
    def is_one_sided(self) -> bool:
        """Nothing to tell apart."""
        return one_sided(self.labels, self.weights)


@dataclass(frozen=True)
class Judged:
    """Evidence with the fold each fact was dealt into and its chance of having been pushed.

    ``voices``: whose word each label is, where whole voices may be false; else None. ``reported``:
    links that somebody reported, so no score found them.
    """

    evidence: Evidence
    folds: Numbers
    propensity: Vector
    voices: Numbers | None = None
    reported: Marks | None = None


def one_sided(labels: Vector, weights: Vector) -> bool:
    """No trusted fact, or all of one class."""
    trusted = labels[weights > 0]
    return len(trusted) == 0 or bool((trusted >= 0.5).all() or (trusted < 0.5).all())


def evidence_of(
    vectors: Sequence[Mapping[str, float]],
    labels: Sequence[float],
    weights: Sequence[float],
    brand_ids: Sequence[str],
    names: Sequence[str],
) -> Evidence:
    """Evidence from stored vectors; signals outside ``names`` and no numbers count as absent."""
    brands = tuple(sorted({brand for brand in brand_ids if brand}))
    place = {brand: number for number, brand in enumerate(brands)}
    return Evidence(
        names=tuple(names),
        signals=sparse_signals(vectors, names),
        labels=np.asarray(labels, np.float64),
        weights=np.asarray(weights, np.float64),
        brand=np.fromiter((place.get(b, NO_BRAND) for b in brand_ids), np.int64, len(brand_ids)),
        brands=brands,
    )


def sparse_signals(vectors: Sequence[Mapping[str, float]], names: Sequence[str]) -> csr_array:
    """(vectors, names) matrix of what fired."""
    column = {name: number for number, name in enumerate(names)}
    columns: list[int] = []
    values: list[float] = []
    ends = np.zeros(len(vectors) + 1, np.int64)
    for row, vector in enumerate(vectors, start=1):
        for name, value in vector.items():
            number = column.get(name)
            if number is not None and value and math.isfinite(value):
                columns.append(number)
                values.append(value)
        ends[row] = len(columns)
    return csr_array(
        (np.array(values, np.float64), np.array(columns, np.int64), ends),
        shape=(len(vectors), len(names)),
    )
