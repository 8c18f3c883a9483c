"""The loop over whole batches: fold, squeeze, look up, and say what could come of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from pushes.matching.kernel.basis import (
    BENT,
    BRANDS_SHIFT,
    CARRIED,
    CHARACTER,
    CLASS_SHIFT,
    COLUMNS,
    DIGIT,
    FLAGGED,
    GLUED,
    HAS_LEET,
    HAS_MASK,
    HAS_STYLED,
    HAS_WIDE,
    HINT,
    HINTED,
    I64,
    LEADS,
    LETTER,
    LONGEST_KEY,
    MANY_HITS,
    MOST_REPEATS,
    NAME,
    PLAIN,
    RUN_ON,
    STACKED,
    STRAIGHT,
    TEXT,
    U32,
    WIDE,
    Folding,
    Index,
    NameTable,
    NearTable,
    TextTable,
    Words,
    compiled,
    inlined,
    internal,
)
from pushes.matching.kernel.bent import find_homophones, find_leet_in
from pushes.matching.kernel.folding import entry_of, room_for, squeeze_into
from pushes.matching.kernel.hashing import powers_to
from pushes.matching.kernel.names import find_text, put
from pushes.matching.kernel.typos import find_typos


@internal
def longest_of(starts: I64) -> int:
    """Length of the longest text."""
    longest = 0
    for number in range(len(starts) - 1):
        longest = max(longest, starts[number + 1] - starts[number])
    return longest


@inlined
def is_word(kind: Index) -> bool:
    """Whether a class is one of word characters."""
    return kind in (LETTER, DIGIT, WIDE)


@internal
def is_plain(points: U32, begin: int, stop: int, end: int, fold: U32, breaks: np.uint64) -> bool:
    """Whether points[begin:stop] is a name as anybody writes it, so that no closer look is needed.

    Its own letters in any case, apart only where it is registered so, and no mark over the last.
    False only means that the closer look decides.
    """
    letters = 0
    for at in range(begin, stop):
        point = points[at]
        entry = entry_of(fold, point)
        if is_word(np.int64(entry >> np.uint32(CLASS_SHIFT))):
            if point >= 128 and entry & np.uint32(CHARACTER) != point:
                return False
            letters += 1
        elif point >= 128 or not (breaks >> np.uint64(letters & 63)) & np.uint64(1):
            return False
    if stop == end or points[stop] < 128:
        return True
    return is_word(np.int64(entry_of(fold, points[stop]) >> np.uint32(CLASS_SHIFT)))


@internal
def marks_of(
    hits: I64, known: int, used: int, points: U32, begin: int, end: int, fold: U32,
    texts: TextTable,
) -> np.uint32:  # fmt: skip
    """What the hits of one text could amount to: their traits, and how names are spelt."""
    marks = 0
    brands = 0
    for row in range(known, used):
        if hits[row, 1] in (HINT, GLUED):
            marks |= LEADS | (HINTED if hits[row, 1] == HINT else RUN_ON)
            continue
        if hits[row, 1] != TEXT:
            return np.uint32(marks | LEADS | BENT)
        key = hits[row, 2]
        traits = int(texts.traits[key])
        marks |= traits & CARRIED
        if not traits & NAME:
            continue
        brands += (traits >> BRANDS_SHIFT) & 3
        plain = traits & STRAIGHT and is_plain(
            points, begin + hits[row, 3], begin + hits[row, 4], end, fold, texts.breaks[key]
        )
        marks |= PLAIN if plain else BENT
    return np.uint32(marks | (STACKED if brands > 2 else 0))


@internal
def thinned(hits: I64, known: int, used: int) -> int:
    """Keep the first MOST_REPEATS hits of every text found; returns how many rows remain.

    A name repeated thousands of times would cost a look at every one.
    """
    if used - known <= MANY_HITS:
        return used
    slots = 1
    while slots < 2 * (used - known):
        slots *= 2
    kinds = np.full(slots, -1, np.int64)
    counts = np.zeros(slots, np.int64)
    for row in range(known, used):
        kind = hits[row, 2] * 8 + hits[row, 1]
        slot = (kind * 40503) & (slots - 1)
        while kinds[slot] >= 0 and kinds[slot] != kind:
            slot = (slot + 1) & (slots - 1)
        kinds[slot] = kind
        counts[slot] += 1
        if counts[slot] <= MOST_REPEATS:
            for column in range(COLUMNS):
                hits[known, column] = hits[row, column]
            known += 1
    return known


@compiled
def scan_texts(
    points: U32, starts: I64, full: int, folding: Folding, texts: TextTable,
    leet: NameTable, heard: NameTable, near: NearTable, words: Words,
) -> tuple[I64, int, U32]:  # fmt: skip
    """Hits (rows of COLUMNS) in all texts, and the marks of each.

    Text i is points[starts[i]:starts[i + 1]]; bent spellings are looked for in the first ``full``.
    """
    room = room_for(longest_of(starts))
    power = powers_to(LONGEST_KEY)
    hits = np.empty((64, COLUMNS), np.int64)
    marks = np.zeros(len(starts) - 1, np.uint32)
    # A plain 0 would be a type of its own, for which Numba compiles every callee once more.
    used: Any = np.int64(0)
    for number in range(len(starts) - 1):
        begin, end = starts[number], starts[number + 1]
        if begin == end:
            continue
        known = used
        count, found, flags = squeeze_into(points, begin, end, folding, room)
        hits, used = find_text(number, count, found, room, power, texts, hits, used)
        if number < full:
            if flags & HAS_LEET:
                hits, used = find_leet_in(number, points, begin, end, folding, leet, hits, used)
            if flags & HAS_WIDE:
                hits, used = find_homophones(number, count, room, folding.sounds, heard, hits, used)
            if flags & (HAS_MASK | HAS_STYLED):
                hits, used = put(hits, used, number, FLAGGED, flags, 0, 0)
            hits, used = find_typos(number, found, room, power, texts, near, words, hits, used)
        used = thinned(hits, known, used)
        if used > known:
            marks[number] = marks_of(hits, known, used, points, begin, end, folding.fold, texts)
    return hits, used, marks


@compiled
def phrase_marks(points: U32, starts: I64, chosen: I64, folding: Folding, texts: TextTable) -> U32:
    """Traits of the phrases in some texts: ``chosen`` holds their numbers."""
    room = room_for(longest_of(starts))
    power = powers_to(LONGEST_KEY)
    hits = np.empty((64, COLUMNS), np.int64)
    marks = np.zeros(len(chosen), np.uint32)
    none: Any = np.int64(0)
    for at in range(len(chosen)):
        begin, end = starts[chosen[at]], starts[chosen[at] + 1]
        count, found, _ = squeeze_into(points, begin, end, folding, room)
        hits, used = find_text(none, count, found, room, power, texts, hits, none)
        for row in range(used):
            marks[at] |= texts.traits[hits[row, 2]]
    return marks
