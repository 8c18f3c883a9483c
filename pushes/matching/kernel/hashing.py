"""Rolling hashes of texts, open-addressing tables over them, and bitmaps of how texts begin."""

from __future__ import annotations

from typing import Any

import numpy as np

from pushes.matching.kernel.basis import (
    I32,
    I64,
    LONGEST_KEY,
    MULTIPLIER,
    U8,
    U32,
    U64,
    Index,
    compiled,
    inlined,
    internal,
)


@inlined
def step(state: np.uint64, char: np.uint64) -> np.uint64:
    """Extend a rolling hash by one character."""
    return state * MULTIPLIER + char + np.uint64(1)


@inlined
def finish(state: np.uint64, length: Index) -> np.uint64:
    """Mix a rolling hash into a table key; never 0, which marks an empty slot."""
    mixed = (state ^ (state >> np.uint64(31)) ^ np.uint64(length)) * np.uint64(0xD6E8FEB86659FD93)
    return (mixed ^ (mixed >> np.uint64(32))) | np.uint64(1)


@internal
def powers_to(longest: int) -> U64:
    """The powers of the multiplier up to an exponent."""
    power = np.ones(longest + 1, np.uint64)
    for exponent in range(1, longest + 1):
        power[exponent] = power[exponent - 1] * MULTIPLIER
    return power


@inlined
def part(hashes: U64, power: U64, start: Index, length: Index) -> np.uint64:
    """Rolling hash of ``length`` characters from ``start``, from the hashes of all beginnings."""
    stretch: np.uint64 = hashes[start + length] - hashes[start] * power[length]
    return stretch


@compiled
def hash_all(points: U32, starts: I64) -> U64:
    """Table keys of many texts: text i is points[starts[i]:starts[i + 1]], cut at LONGEST_KEY."""
    count = len(starts) - 1
    keys = np.empty(count, np.uint64)
    for number in range(count):
        state = np.uint64(0)
        length = min(starts[number + 1] - starts[number], LONGEST_KEY)
        for at in range(starts[number], starts[number] + length):
            state = step(state, np.uint64(points[at]))
        keys[number] = finish(state, length)
    return keys


@compiled
def fill_table(keys: U64, slots: int) -> tuple[U64, I32]:
    """Open-addressing table of (key, position in ``keys``); ``slots`` is a power of two."""
    table = np.zeros(slots, np.uint64)
    values = np.zeros(slots, np.int32)
    mask = np.uint64(slots - 1)
    for number in range(len(keys)):
        slot = (keys[number] >> np.uint64(1)) & mask
        while table[slot] != np.uint64(0) and table[slot] != keys[number]:
            slot = (slot + np.uint64(1)) & mask
        if table[slot] == np.uint64(0):
            table[slot] = keys[number]
            values[slot] = number
    return table, values


@internal
def look_up(table: U64, values: I32, key: np.uint64) -> Any:
    """Position stored under a key, or -1."""
    mask = np.uint64(len(table) - 1)
    slot = (key >> np.uint64(1)) & mask
    while table[slot] != np.uint64(0):
        if table[slot] == key:
            return np.int64(values[slot])
        slot = (slot + np.uint64(1)) & mask
    return np.int64(-1)


@compiled
def contains(table: U64, key: np.uint64) -> bool:
    """Whether a set of keys holds this one."""
    mask = np.uint64(len(table) - 1)
    slot = (key >> np.uint64(1)) & mask
    while table[slot] != np.uint64(0):
        if table[slot] == key:
            return True
        slot = (slot + np.uint64(1)) & mask
    return False


@compiled
def set_bits(bitmap: U64, points: U32, starts: I64, length: int) -> None:
    """Mark the beginnings of ``length`` characters of all texts that are at least as long."""
    mask = np.uint64(len(bitmap) * 64 - 1)
    for number in range(len(starts) - 1):
        if starts[number + 1] - starts[number] < length:
            continue
        state = np.uint64(0)
        for at in range(starts[number], starts[number] + length):
            state = step(state, np.uint64(points[at]))
        bit = (finish(state, length) >> np.uint64(1)) & mask
        bitmap[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))


@compiled
def set_keys(bitmap: U64, keys: U64) -> None:
    """Mark whole keys."""
    mask = np.uint64(len(bitmap) * 64 - 1)
    for key in keys:
        bit = (key >> np.uint64(1)) & mask
        bitmap[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))


@inlined
def has_bit(bitmap: U64, key: np.uint64) -> bool:
    """Whether some registered text may begin so."""
    bit = (key >> np.uint64(1)) & np.uint64(len(bitmap) * 64 - 1)
    return bool((bitmap[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1))


@compiled
def holds_any(points: U32, wanted: U8) -> bool:
    """Whether one of these code points is marked in a table of the lower ones."""
    found = False
    for point in points:
        found |= point < len(wanted) and wanted[point] > 0
    return found
