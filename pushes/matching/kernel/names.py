"""Registered texts in a squeezed text, by hash at word edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from pushes.matching.kernel.basis import (
    BEGINS,
    CLASS,
    COLUMNS,
    ENDS,
    FIRST,
    I64,
    LAST,
    LATIN,
    TEXT,
    U64,
    WIDE,
    Squeezed,
    TextTable,
    internal,
)
from pushes.matching.kernel.hashing import finish, has_bit, look_up, part


@internal
def grown(hits: I64, used: int) -> I64:
    """The same hits with twice the room when the room is used up."""
    if used < len(hits):
        return hits
    bigger = np.empty((len(hits) * 2, COLUMNS), np.int64)
    for row in range(used):  # a slice would make Numba compile its error messages for 10 s
        for column in range(COLUMNS):
            bigger[row, column] = hits[row, column]
    return bigger


@internal
def put(
    hits: I64, used: int, number: int, channel: int, key: int, start: int, end: int
) -> tuple[I64, int]:
    """Write a hit into the next free row; returns the rows and how many are used."""
    hits = grown(hits, used)
    hits[used, 0] = number
    hits[used, 1] = channel
    hits[used, 2] = key
    hits[used, 3] = start
    hits[used, 4] = end
    return hits, used + 1


@internal
def find_text(
    number: int, count: int, words: int, room: Squeezed, power: U64, texts: TextTable,
    hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """All registered texts in one squeezed text.

    A Latin text of 2 or 3 letters must be one unbroken word ("HP", never "h p"); from 4 letters on
    it may begin or end where letters meet digits.
    """
    origin, edges, hashes, starts = room.origin, room.edges, room.hashes, room.words
    table, values, traits = texts.table, texts.values, texts.traits
    begins2, begins4, begins8, longest = (
        texts.begins2, texts.begins4, texts.begins8, texts.longest,
    )  # fmt: skip
    for word in range(words):
        start: Any = np.int64(starts[word])
        if start + 1 >= count:
            break
        wide = edges[start] & CLASS == WIDE or edges[start + 1] & CLASS == WIDE
        third = edges[start + 2] if start + 2 < count else edges[start] & 0
        wide = wide or third & CLASS == WIDE
        if wide and not has_bit(begins2, finish(part(hashes, power, start, 2), 2)):
            continue
        whole = edges[start] & BEGINS and not wide
        for length in (2, 3):
            if wide:
                if start + length > count:
                    continue
            elif not whole:
                continue
            elif length == 2:
                if not edges[start + 1] & ENDS or edges[start + 1] & FIRST:
                    continue
            elif not third & ENDS or (edges[start + 1] | third) & FIRST:
                continue
            found = look_up(table, values, finish(part(hashes, power, start, length), length))
            if found >= 0 and (traits[found] & LATIN == 0) == wide:
                last = start + length - 1
                hits, used = put(hits, used, number, TEXT, found, origin[start], origin[last] + 1)
        if start + 3 >= count or not has_bit(begins4, finish(part(hashes, power, start, 4), 4)):
            continue
        stop = min(count, start + longest)
        if stop > start + 8 and not has_bit(begins8, finish(part(hashes, power, start, 8), 8)):
            stop = start + 8
        for at in range(start + 3, stop):
            if edges[at] & LAST == 0:
                continue
            length = at + 1 - start
            found = look_up(table, values, finish(part(hashes, power, start, length), length))
            if found >= 0:
                hits, used = put(hits, used, number, TEXT, found, origin[start], origin[at] + 1)
    return hits, used
