"""Words as numbers, cosines over them, and how a pair stands among its rivals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pushes.matching.kernel import I32, I64, U64, compiled
from pushes.matching.pair_kernel.records import BASE, F64


class Vectors(NamedTuple):
    """Each record's different words as sorted numbers, how rare each is (0 to 1), its length."""

    bounds: I64
    words: I32
    weights: F64
    norms: F64


@compiled
def number(hashes: U64) -> tuple[I32, int]:
    """Consecutive numbers for equal hashes, and how many there are."""
    size = 16
    while size < 2 * len(hashes) + 2:
        size *= 2
    mask = np.uint64(size - 1)
    keys = np.zeros(size, np.uint64)
    values = np.full(size, -1, np.int32)
    numbers = np.empty(len(hashes), np.int32)
    count = 0
    for index in range(len(hashes)):
        value = hashes[index]
        mixed = value ^ (value >> np.uint64(32))
        slot = (mixed * BASE) >> np.uint64(20)
        place = np.int64(slot & mask)
        while values[place] >= 0 and keys[place] != value:
            place = (place + 1) & (size - 1)
        if values[place] < 0:
            values[place] = count
            keys[place] = value
            count += 1
        numbers[index] = values[place]
    return numbers, count


@compiled
def vectors(numbers: I32, count: int, bounds: I64, ends: I64) -> Vectors:
    """Sorted distinct words of each record (``bounds[r]`` to ``ends[r]``), weighted by rarity."""
    records = len(ends)
    new_bounds = np.zeros(records + 1, np.int64)
    total = 0
    for record in range(records):
        total += ends[record] - bounds[record]
    words = np.empty(total, np.int32)
    frequency = np.zeros(count, np.int64)
    filled = 0
    for record in range(records):
        ordered = np.sort(numbers[bounds[record] : ends[record]])
        before = -1
        for word in ordered:
            if word != before:
                words[filled] = word
                frequency[word] += 1
                filled += 1
                before = word
        new_bounds[record + 1] = filled
    rarity = np.log((1.0 + records) / (1.0 + frequency)) / np.log(2.0 + records) + 0.05
    weights = np.empty(filled, np.float64)
    norms = np.zeros(records, np.float64)
    for record in range(records):
        for place in range(new_bounds[record], new_bounds[record + 1]):
            weights[place] = rarity[words[place]]
            norms[record] += weights[place] ** 2
        norms[record] = np.sqrt(norms[record])
    return Vectors(new_bounds, words[:filled], weights, norms)


@compiled
def cosines(of: Vectors, left: I64, right: I64) -> F64:
    """Cosine of each pair of records."""
    out = np.zeros(len(left), np.float64)
    for pair in range(len(left)):
        a, a_end = of.bounds[left[pair]], of.bounds[left[pair] + 1]
        b, b_end = of.bounds[right[pair]], of.bounds[right[pair] + 1]
        product = 0.0
        while a < a_end and b < b_end:
            if of.words[a] == of.words[b]:
                product += of.weights[a] ** 2
                a += 1
                b += 1
            elif of.words[a] < of.words[b]:
                a += 1
            else:
                b += 1
        norm = of.norms[left[pair]] * of.norms[right[pair]]
        out[pair] = product / norm if norm > 0 else 0.0
    return out


@compiled
def rivals(side: I64, records: int, standing: F64) -> F64:
    """(pairs, 2): lead over the best other pair of the same record (NaN if alone), their number."""
    best, second = np.full(records, -np.inf), np.full(records, -np.inf)
    size = np.zeros(records, np.int64)
    for pair in range(len(side)):
        record, value = side[pair], standing[pair]
        size[record] += 1
        if value > best[record]:
            best[record], second[record] = value, best[record]
        elif value > second[record]:
            second[record] = value
    out = np.empty((len(side), 2), np.float64)
    for pair in range(len(side)):
        record, value = side[pair], standing[pair]
        rival = second[record] if value == best[record] else best[record]
        out[pair, 0] = value - rival if size[record] > 1 else np.nan
        out[pair, 1] = size[record]
    return out
