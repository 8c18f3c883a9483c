"""The readable rules of the rounds: each says one thing of a pair, and stands in a waterfall.

Likenesses are cut into levels ("thermometer"), so that a weight is a rule a person can read and the
model stays linear. Points are set by hand, once and for every file: 1 for a hint, 2 for what rarely
lies, half for what says little.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pushes.matching.learning import HandSet
from pushes.matching.learning.evidence import Vector
from pushes.matching.pair_signals import NAMES, Matrix

POINT = 0.7
"""Log-odds of one point: odds about doubled."""
EXPECTED_SHARE = 0.10
"""Share of infringing pairs that the hand-set intercept reckons with."""

# rule → (signal, "at least" or "at most", level, points)
RULES: dict[str, tuple[str, str, float, float]] = {
    "title_alike_30": ("word_cosine", ">=", 0.30, 1.0),
    "title_alike_50": ("word_cosine", ">=", 0.50, 1.0),
    "title_alike_70": ("word_cosine", ">=", 0.70, 1.0),
    "rare_words_15": ("overlap", ">=", 0.15, 1.0),
    "rare_words_35": ("overlap", ">=", 0.35, 1.0),
    "rare_words_60": ("overlap", ">=", 0.60, 1.0),
    "one_inside_other": ("contained", ">=", 0.80, 1.0),
    "letters_alike_50": ("ratio", ">=", 0.50, 1.0),
    "letters_alike_70": ("ratio", ">=", 0.70, 1.0),
    "text_alike_40": ("text_cosine", ">=", 0.40, 1.0),
    "begins_alike": ("head", ">=", 0.99, 1.0),
    "code_same": ("code_shared", ">=", 0.40, 2.0),
    "code_in_text": ("code_inside", ">=", 1.0, 1.0),
    "code_differs": ("code_differs", ">=", 1.0, -1.0),
    "brand_same": ("brand_same", ">=", 1.0, 1.0),
    "brand_differs": ("brand_same", "<=", 0.0, -2.0),
    "brand_in_title": ("brand_in_title", ">=", 1.0, 1.0),
    "price_near_10": ("price_gap", "<=", 0.105, 1.0),
    "price_near_30": ("price_gap", "<=", 0.36, 1.0),
    "price_far": ("price_gap", ">=", 0.92, -1.0),
    "units_differ": ("units_differ", ">=", 1.0, -1.0),
    "number_left_over": ("left_numbers", ">=", 1.0, -0.5),
    "number_right_over": ("right_numbers", ">=", 1.0, -0.5),
    "lengths_differ": ("lengths", "<=", 0.4, -0.5),
}
NAMES_OF_RULES = tuple(RULES)
BRAND_RULES = frozenset({"brand_same", "brand_differs", "brand_in_title"})


def fired(signals: Matrix) -> Matrix:
    """(pairs, rules) of 0 and 1; a missing signal fires nothing."""
    columns = []
    for signal, direction, level, _points in RULES.values():
        values = signals[:, NAMES.index(signal)]
        with np.errstate(invalid="ignore"):
            columns.append(values >= level if direction == ">=" else values <= level)
    return np.column_stack(columns).astype(np.float64)


def hand_set(rules: Matrix, without: Sequence[str] = ()) -> HandSet:
    """The hand-set rules; the intercept puts the expected share of ``rules`` above even odds."""
    points = np.array(
        [0.0 if name in without else p for name, (_s, _d, _l, p) in RULES.items()], np.float64
    )
    weights: Vector = points * POINT
    intercept = -float(np.quantile(rules @ weights, 1 - EXPECTED_SHARE)) if len(rules) else 0.0
    return HandSet(intercept, weights, np.sign(points))
