"""Bent spellings of names: digits for letters, Chinese characters of the same sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from pushes.matching.kernel.basis import (
    CHARACTER,
    CLASS_SHIFT,
    DELETED,
    HOMOPHONE,
    HOMOPHONE_LONGEST,
    I64,
    IDEOGRAPHS,
    IDEOGRAPHS_END,
    LEET_LONG,
    LEET_SHORTEST,
    LEETED,
    LETTER,
    LONGEST_KEY,
    U32,
    Folding,
    NameTable,
    Squeezed,
    inlined,
    internal,
)
from pushes.matching.kernel.folding import entry_of
from pushes.matching.kernel.hashing import finish, has_bit, look_up, step
from pushes.matching.kernel.names import put


@inlined
def is_leet(length: int, signs: int) -> bool:
    """Whether so many signs in a word may be letters; a long name may keep a single letter."""
    few = signs * 2 <= length or (length >= LEET_LONG and signs < length)
    return bool(signs > 0 and LEET_SHORTEST <= length <= LONGEST_KEY and few)


@internal
def find_leet(
    number: int, points: U32, begin: int, end: int, folding: Folding, names: NameTable,
    hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """Names written with digits or signs for some of the letters, as a word of their own.

    Characters that stand alone ("n 1 k 3") are one word too.
    """
    fold, letters = folding.fold, folding.letters
    start = begin
    state = np.uint64(0)
    length = 0
    signs = 0
    last = np.uint32(0)
    run_state = np.uint64(0)
    run_start = run_end = begin
    run = run_signs = 0
    for at in range(begin, end + 1):
        char = np.uint32(0)
        if at < end:
            point = points[at]
            entry = entry_of(fold, point)
            kind = np.int64(entry >> np.uint32(CLASS_SHIFT))
            if kind == DELETED:
                continue
            if kind == LETTER:
                char = letters[entry & np.uint32(CHARACTER)]
                if not char:
                    char = entry & np.uint32(CHARACTER)
            elif point < len(letters):
                char = letters[point]
                signs += 1 if char else 0
        if char:
            if length == 0:
                start = at
            state = step(state, np.uint64(char))
            length += 1
            last = char
            continue
        if length == 1:
            if run == 0:
                run_start = start
            run_state = step(run_state, np.uint64(last))
            run += 1
            run_signs += signs
            run_end = start + 1
        if run > 0 and (length > 1 or at == end):
            if is_leet(run, run_signs):
                found = look_up(names.table, names.values, finish(run_state, run))
                if found >= 0:
                    hits, used = put(
                        hits, used, number, LEETED, found, run_start - begin, run_end - begin
                    )
            run_state = np.uint64(0)
            run = run_signs = 0
        if is_leet(length, signs):
            found = look_up(names.table, names.values, finish(state, length))
            if found >= 0:
                hits, used = put(hits, used, number, LEETED, found, start - begin, at - begin)
        state = np.uint64(0)
        length = 0
        signs = 0
    return hits, used


@inlined
def is_ideograph(char: np.uint32) -> bool:
    """Whether the sound of a character is known."""
    return bool(IDEOGRAPHS <= char < IDEOGRAPHS_END)


@internal
def find_homophones(
    number: int, count: int, room: Squeezed, sounds: U32, names: NameTable, hits: I64, used: int
) -> tuple[I64, int]:
    """Runs of ideographs that sound like a registered Chinese name."""
    chars, origin = room.chars, room.origin
    for start in range(count - 1):
        if not (is_ideograph(chars[start]) and is_ideograph(chars[start + 1])):
            continue
        state = step(np.uint64(0), np.uint64(sounds[chars[start] - IDEOGRAPHS]))
        at = start + 1
        while at < min(count, start + HOMOPHONE_LONGEST) and is_ideograph(chars[at]):
            state = step(state, np.uint64(sounds[chars[at] - IDEOGRAPHS]))
            key = finish(state, at + 1 - start)
            if at == start + 1 and not has_bit(names.begins2, key):
                break
            found = look_up(names.table, names.values, key)
            if found >= 0:
                hits, used = put(
                    hits, used, number, HOMOPHONE, found, origin[start], origin[at] + 1
                )
            at += 1
    return hits, used


@internal
def find_leet_in(
    number: int, points: U32, begin: int, end: int, folding: Folding, names: NameTable,
    hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """``find_leet`` in the only stretch of a text where it can find anything."""
    known = used
    first, last = stretch_of_leet(points, begin, end, folding)
    hits, used = find_leet(number, points, first, last, folding, names, hits, used)
    for row in range(known, used):
        hits[row, 3] += first - begin
        hits[row, 4] += first - begin
    return hits, used


@internal
def stretch_of_leet(points: U32, begin: int, end: int, folding: Folding) -> tuple[int, int]:
    """Where in points[begin:end] ``find_leet`` has to look: from the first digit or sign that
    stands for a letter to the last, and on both sides to a word of two letters.
    """
    letters = folding.letters
    first, last = end, begin
    for at in range(begin, end):
        point = points[at]
        if point < len(letters) and letters[point]:
            kind = np.int64(folding.fold[point] >> np.uint32(CLASS_SHIFT))
            if kind != LETTER:
                first = min(first, at)
                last = at + 1
    if first < end:
        first = past_a_word(points, first, begin, np.int64(-1), folding)
        last = past_a_word(points, last - 1, end - 1, np.int64(1), folding) + 1
    return first, last


@internal
def past_a_word(points: U32, at: int, border: int, way: Any, folding: Folding) -> int:
    """Walk from ``at`` to a break beyond which two letters stand together, or to the border."""
    fold, letters = folding.fold, folding.letters
    edge = at
    together = -1  # letters in a row, -1 until the first break
    while at != border:
        at += way
        point = points[at]
        entry = entry_of(fold, point)
        kind = np.int64(entry >> np.uint32(CLASS_SHIFT))
        if kind == DELETED:
            continue
        if kind == LETTER or (point < len(letters) and letters[point]):
            together += 1 if together >= 0 else 0
            if together > 1:
                return edge
        else:
            edge = at
            together = 0
    return border
