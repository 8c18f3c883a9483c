"""Compare two records that were taken apart: titles, numbers, model numbers, brands."""

from __future__ import annotations

import numpy as np

from pushes.matching.kernel import I32, I64, U32, compiled
from pushes.matching.pair_kernel.records import (
    BRAND,
    DECLARED,
    F64,
    MEASURE,
    NUMBER,
    SOFT,
    TITLE,
    TITLE_TOKENS,
    WORD,
    Records,
)


@compiled
def _near(squeezed: U32, a: int, a_length: int, b: int, b_length: int) -> bool:
    """An abbreviation (the beginning, at least three letters) or one letter amiss in six."""
    if a_length > b_length:
        a, b, a_length, b_length = b, a, b_length, a_length
    same = 0
    while same < a_length and squeezed[a + same] == squeezed[b + same]:
        same += 1
    if same == a_length:
        return a_length >= 3
    if a_length < 6 or b_length - a_length > 1 or same == 0:
        return False
    tail = 0
    while (
        tail < a_length - same
        and squeezed[a + a_length - 1 - tail] == squeezed[b + b_length - 1 - tail]
    ):
        tail += 1
    if a_length == b_length and same + tail == a_length - 2:
        return bool(
            squeezed[a + same] == squeezed[b + same + 1]
            and squeezed[a + same + 1] == squeezed[b + same]
        )
    return same + tail >= b_length - 1


@compiled
def _inside(squeezed: U32, a: int, length: int, b: int, b_end: int) -> bool:
    """Do the letters from ``a`` on occur between ``b`` and ``b_end``?"""
    head = squeezed[a]
    for start in range(b, b_end - length + 1):
        if squeezed[start] == head:
            same = 1
            while same < length and squeezed[start + same] == squeezed[a + same]:
                same += 1
            if same == length:
                return True
    return False


OVERLAP, CONTAINED, LEFT_RAREST, RIGHT_RAREST, LEFT_WORDS, RIGHT_WORDS = range(6)
LEFT_NUMBERS, RIGHT_NUMBERS, NUMBERS_SHARED, UNITS_DIFFER = range(6, 10)
LEFT_ELSEWHERE, RIGHT_ELSEWHERE, FIRST_WORD, HEAD, LENGTHS = range(10, 15)
CODE_SHARED, CODE_NEAR, CODE_INSIDE, CODE_DIFFERS, ANY_CODE = range(15, 20)
BRAND_SAME, BRAND_IN_TITLE = 20, 21
COMPARISONS = 22


@compiled
def compare(of: Records, numbers: I32, rarity: F64, left: I64, right: I64) -> F64:
    """(pairs, COMPARISONS) signals of titles, numbers, codes and brands; NaN where one lacks it.

    ``numbers``: number of each token of ``of``; ``rarity``: weight by that number.
    """
    out = np.zeros((len(left), COMPARISONS), np.float64)
    credit_a, credit_b = np.zeros(TITLE_TOKENS), np.zeros(TITLE_TOKENS)
    for pair in range(len(left)):
        _titles(of, numbers, rarity, left[pair], right[pair], credit_a, credit_b, out[pair])
        _codes(of, left[pair], right[pair], out[pair])
        _brands(of, numbers, left[pair], right[pair], out[pair])
    return out


@compiled
def _titles(
    of: Records, numbers: I32, rarity: F64, left: int, right: int, credit_a: F64, credit_b: F64,
    out: F64,
) -> None:  # fmt: skip
    a, b = of.bounds[left], of.bounds[right]
    size_a, size_b = of.title[left], of.title[right]
    credit_a[:size_a] = 0.0
    credit_b[:size_b] = 0.0
    for i in range(size_a):
        for j in range(size_b):
            if numbers[a + i] == numbers[b + j]:
                credit_a[i] = 1.0
                credit_b[j] = 1.0
    _split_words(of, a, size_a, credit_a, b, size_b, credit_b)
    _split_words(of, b, size_b, credit_b, a, size_a, credit_a)
    for i in range(size_a):
        if credit_a[i] > 0 or of.kinds[a + i] != WORD:
            continue
        for j in range(size_b):
            if credit_b[j] > 0 or of.kinds[b + j] != WORD:
                continue
            if _near(
                of.squeezed, of.starts[a + i], of.lengths[a + i], of.starts[b + j],
                of.lengths[b + j],
            ):  # fmt: skip
                credit_a[i] = credit_b[j] = SOFT
                break
    shared_a, lacking_a = _sum_up(of, numbers, rarity, a, size_a, credit_a, right, out, 0)
    shared_b, lacking_b = _sum_up(of, numbers, rarity, b, size_b, credit_b, left, out, 1)
    shared = (shared_a + shared_b) / 2
    out[OVERLAP] = shared / max(shared + lacking_a + lacking_b, 1e-9)
    out[CONTAINED] = shared / max(shared + min(lacking_a, lacking_b), 1e-9)
    for i in range(size_a):
        if of.kinds[a + i] == NUMBER and credit_a[i] > 0:
            out[NUMBERS_SHARED] += 1
        if of.kinds[a + i] == MEASURE and credit_a[i] == 0:
            for j in range(size_b):
                if (
                    of.kinds[b + j] == MEASURE and credit_b[j] == 0
                    and of.units[a + i] == of.units[b + j]
                ):  # fmt: skip
                    out[UNITS_DIFFER] += 1
    if size_a and size_b:
        out[FIRST_WORD] = 1.0 if numbers[a] == numbers[b] else 0.0
        head = min(3, size_a) + min(3, size_b)
        out[HEAD] = (credit_a[: min(3, size_a)].sum() + credit_b[: min(3, size_b)].sum()) / head
        out[LENGTHS] = min(size_a, size_b) / max(size_a, size_b)


@compiled
def _split_words(
    of: Records, a: int, size_a: int, credit_a: F64, b: int, size_b: int, credit_b: F64
) -> None:
    """Two neighbours of one title that are one word in the other ("print shop", "printshop")."""
    for i in range(size_a - 1):
        if credit_a[i] > 0 and credit_a[i + 1] > 0:
            continue
        # A hash begins with 1, which the second word's hash must not bring along again.
        second = of.raw[a + i + 1] - of.power[a + i + 1]
        chained = of.raw[a + i] * of.power[a + i + 1] + second
        for j in range(size_b):
            if of.raw[b + j] == chained:
                credit_a[i] = credit_a[i + 1] = credit_b[j] = 1.0


@compiled
def _sum_up(
    of: Records, numbers: I32, rarity: F64, a: int, size: int, credit: F64, other: int, out: F64,
    side: int,
) -> tuple[float, float]:  # fmt: skip
    """Shared and lacking weight of one title; what it lacks goes to the side's signals."""
    shared = lacking = rarest = words = elsewhere = 0.0
    count = 0
    b, b_end = of.bounds[other] + of.title[other], of.bounds[other + 1]
    for i in range(size):
        weight = rarity[numbers[a + i]]
        shared += credit[i] * weight
        missing = (1 - credit[i]) * weight
        lacking += missing
        if credit[i] > 0:
            continue
        rarest = max(rarest, weight)
        if of.kinds[a + i] == WORD:
            words += weight
        elif of.kinds[a + i] != MEASURE:
            count += 1
        for j in range(b, b_end):
            if numbers[j] == numbers[a + i]:
                elsewhere += weight
                break
    out[LEFT_RAREST + side] = rarest
    out[LEFT_WORDS + side] = words
    out[LEFT_NUMBERS + side] = count
    out[LEFT_ELSEWHERE + side] = elsewhere / lacking if lacking > 0 else np.nan
    return shared, lacking


@compiled
def _codes(of: Records, left: int, right: int, out: F64) -> None:
    a, a_end = of.code_bounds[left], of.code_bounds[left + 1]
    b, b_end = of.code_bounds[right], of.code_bounds[right + 1]
    own_a = own_b = 0
    near = -1.0
    shared = anywhere = inside = 0.0
    for i in range(a, a_end):
        mine = of.code_part[i] <= DECLARED
        own_a += mine
        for j in range(b, b_end):
            yours = of.code_part[j] <= DECLARED
            if of.code_hash[i] == of.code_hash[j]:
                anywhere += 1
                if mine and yours:
                    shared = max(shared, of.code_lengths[i] / 10)
            elif mine and yours:
                near = max(near, _likeness(of, i, j))
    for j in range(b, b_end):
        own_b += of.code_part[j] <= DECLARED
    for i in range(a, a_end):
        if of.code_part[i] <= DECLARED and _inside(
            of.squeezed, of.code_starts[i], of.code_lengths[i], of.squeezed_bounds[right],
            of.squeezed_bounds[right + 1],
        ):  # fmt: skip
            inside += 1
            break
    for j in range(b, b_end):
        if of.code_part[j] <= DECLARED and _inside(
            of.squeezed, of.code_starts[j], of.code_lengths[j], of.squeezed_bounds[left],
            of.squeezed_bounds[left + 1],
        ):  # fmt: skip
            inside += 1
            break
    both = own_a > 0 and own_b > 0
    out[CODE_SHARED] = shared if both else np.nan
    out[CODE_NEAR] = near if near >= 0 else np.nan
    out[CODE_INSIDE] = inside if own_a + own_b > 0 else np.nan
    out[CODE_DIFFERS] = 1.0 if both and inside == 0 else 0.0
    out[ANY_CODE] = anywhere


@compiled
def _likeness(of: Records, i: int, j: int) -> float:
    """Share of two codes that is the same from the front, or from the back."""
    a, b = of.code_starts[i], of.code_starts[j]
    length = min(of.code_lengths[i], of.code_lengths[j])
    same = back = 0
    while same < length and of.squeezed[a + same] == of.squeezed[b + same]:
        same += 1
    a_last, b_last = a + of.code_lengths[i] - 1, b + of.code_lengths[j] - 1
    while back < length and of.squeezed[a_last - back] == of.squeezed[b_last - back]:
        back += 1
    likeness: float = max(same, back) / max(of.code_lengths[i], of.code_lengths[j])
    return likeness


@compiled
def _brands(of: Records, numbers: I32, left: int, right: int, out: F64) -> None:
    out[BRAND_SAME] = out[BRAND_IN_TITLE] = np.nan
    known_a = known_b = False
    same = named = False
    for i in range(of.bounds[left], of.bounds[left + 1]):
        if of.part[i] != BRAND:
            continue
        known_a = True
        for j in range(of.bounds[right], of.bounds[right + 1]):
            if numbers[i] == numbers[j]:
                same = same or of.part[j] == BRAND
                named = named or of.part[j] == TITLE
    for j in range(of.bounds[right], of.bounds[right + 1]):
        if of.part[j] != BRAND:
            continue
        known_b = True
        for i in range(of.bounds[left], of.bounds[left] + of.title[left]):
            named = named or numbers[i] == numbers[j]
    if known_a and known_b:
        out[BRAND_SAME] = 1.0 if same else 0.0
    if known_a or known_b:
        out[BRAND_IN_TITLE] = 1.0 if named else 0.0
