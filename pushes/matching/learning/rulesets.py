"""Between rulesets, which engines load, and the arrays that are learned and measured with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from scipy.sparse import coo_array, csr_array

from pushes.matching.learning.model import Fitted, HandSet
from pushes.matching.score import BrandOffset, Weights


def hand_of(weights: Weights, names: Sequence[str]) -> HandSet:
    """Weights as the hand-set rules a fit starts from."""
    return HandSet(
        intercept=weights.intercept,
        weights=np.array([weights.weights.get(name, 0.0) for name in names], np.float64),
        signs=np.array([weights.signs.get(name, 0) for name in names], np.float64),
    )


def arrays_of(weights: Weights, names: Sequence[str], brands: Sequence[str]) -> Fitted:
    """Weights as arrays, in the order of ``names`` and ``brands``; what a brand may not say of a
    signal's sign is cut as ``Weights.weight_for`` does.
    """
    column = {name: number for number, name in enumerate(names)}
    rows, columns, values = [], [], []
    for row, brand in enumerate(brands):
        for name in weights.offset(brand).weights:
            if name in column:
                rows.append(row)
                columns.append(column[name])
                values.append(weights.weight_for(brand, name) - weights.weights.get(name, 0.0))
    return Fitted(
        intercept=weights.intercept,
        weights=hand_of(weights, names).weights,
        scale=1.0,
        brand_intercepts=np.array([weights.offset(b).intercept for b in brands], np.float64),
        brand_weights=csr_array(
            (np.array(values, np.float64), (np.array(rows, np.int64), np.array(columns, np.int64))),
            shape=(len(brands), len(names)),
        ),
    )


def weights_of(
    fitted: Fitted, names: Sequence[str], brands: Sequence[str], base: Weights
) -> Weights:
    """Learned arrays as weights; thresholds, signs and unlearned weights are those of ``base``."""
    learned = {name: float(value) for name, value in zip(names, fitted.weights, strict=True)}
    own: dict[str, dict[str, float]] = {brand: {} for brand in brands}
    entries: coo_array = fitted.brand_weights.tocoo()
    for row, column, value in zip(*entries.coords, entries.data, strict=True):
        own[brands[row]][names[column]] = float(value)
    offsets = {
        brand: BrandOffset(threshold=offset.threshold)
        for brand, offset in base.brand_offsets.items()
        if offset.threshold is not None
    }
    for brand, intercept in zip(brands, fitted.brand_intercepts, strict=True):
        offsets[brand] = BrandOffset(
            float(intercept), MappingProxyType(own[brand]), base.offset(brand).threshold
        )
    return replace(
        base,
        intercept=fitted.intercept,
        weights=MappingProxyType({**base.weights, **learned}),
        brand_offsets=MappingProxyType(offsets),
    )
