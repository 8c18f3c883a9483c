"""Fold texts character by character and keep the word characters, with where they came from."""

from __future__ import annotations

import numpy as np

from pushes.matching.kernel.basis import (
    BEGINS,
    CHARACTER,
    CLASS_SHIFT,
    DELETED,
    DIGIT,
    ENDS,
    HAS_LEET,
    HAS_MASK,
    HAS_STYLED,
    HAS_WIDE,
    I64,
    LEET,
    LETTER,
    MANY,
    MASK,
    MEETS,
    MULTIPLIER,
    PLANE_2,
    PLANE_4,
    SEPARATOR,
    STYLED_FROM,
    U32,
    WIDE,
    Folding,
    Index,
    Squeezed,
    compiled,
    inlined,
    internal,
)

MOST_SINGLES = 3
"""From so many characters that stand alone on, they may be a name with digits for letters."""
CROSS, SOME = ord("x"), ord("某")
"""Between or beside ideographs they may hide one."""


@internal
def room_for(length: int) -> Squeezed:
    """Room for a text of so many characters, each of which may become four."""
    size = length * 4 + 8
    return Squeezed(
        np.empty(size, np.uint32), np.empty(size, np.int32), np.empty(size, np.uint8),
        np.zeros(size, np.uint64), np.empty(size, np.int32),
    )  # fmt: skip


@inlined
def entry_of(fold: U32, point: np.uint32) -> np.uint32:
    """Class and folded character of a code point, as in ``Folding.fold``."""
    if point < len(fold):
        entry: np.uint32 = fold[point]
    elif PLANE_2 <= point < PLANE_4:
        entry = np.uint32(point | np.uint32(WIDE << CLASS_SHIFT))
    else:
        entry = np.uint32(DELETED << CLASS_SHIFT)
    return entry


@internal
def squeeze_into(
    points: U32, begin: int, end: int, folding: Folding, room: Squeezed
) -> tuple[int, int, int]:
    """Fold points[begin:end] and keep the word characters.

    Fills the room; returns how many characters and words were kept, and the HAS_… flags.
    """
    fold, many, many_chars = folding.fold, folding.many, folding.many_chars
    chars, origin, edges, hashes, words = room
    count = 0
    found = 0
    flags = 0
    singles = 0  # characters in a row that stand alone
    styled = np.uint32(0)
    state = np.uint64(0)
    previous: Index = -1  # class of the last kept character, -1 after a gap
    gap: Index = -1  # class of what separated last, while in a gap
    for at in range(begin, end):
        point = points[at]
        entry = entry_of(fold, point)
        kind = np.int64(entry >> np.uint32(CLASS_SHIFT))
        if kind == LETTER and previous == LETTER:  # by far the most frequent case
            char = entry & np.uint32(CHARACTER)
            state = state * MULTIPLIER + np.uint64(char) + np.uint64(1)
            chars[count] = char
            origin[count] = at - begin
            edges[count] = LETTER
            count += 1
            hashes[count] = state
            styled |= point
            continue
        if kind == DELETED:
            continue
        if kind == SEPARATOR or DELETED < kind < MANY:
            if kind == LEET:
                flags |= HAS_LEET
            if previous >= 0:
                if kind == MASK:
                    flags |= HAS_MASK
                edges[count - 1] |= ENDS
                previous = -1
            gap = kind
            continue
        if gap == MASK:
            flags |= HAS_MASK
        gap = -1
        pieces = np.int64(many_chars[many[point]]) if kind & MANY else 1
        for piece in range(pieces):
            char = entry & np.uint32(CHARACTER)
            if kind & MANY:
                char = many_chars[many[point] + 1 + piece]
                group: Index = DIGIT if 48 <= char <= 57 else (LETTER if char < 128 else WIDE)
            else:
                group = kind
            edge = BEGINS
            if previous >= 0:
                if WIDE not in (group, previous):
                    edge = 0 if group == previous else MEETS
                    flags |= 0 if group == previous else HAS_LEET
                elif chars[count - 1] == CROSS and edges[count - 1] & BEGINS:
                    flags |= HAS_MASK  # "阿x达斯", "x迪达斯"
                elif char == CROSS and previous == WIDE:
                    flags |= HAS_MASK  # "阿迪达x"
                edges[count - 1] |= edge << 2
            if group == WIDE:
                flags |= HAS_WIDE
                if char == SOME:
                    flags |= HAS_MASK
            else:
                styled |= point
            if edge:
                alone = group != WIDE and found > 0 and count - words[found - 1] == 1
                singles = singles + 1 if alone else 0
                if singles >= MOST_SINGLES:
                    flags |= HAS_LEET  # "n 1 k 3"
                words[found] = count
                found += 1
            state = state * MULTIPLIER + np.uint64(char) + np.uint64(1)
            chars[count] = char
            origin[count] = at - begin
            edges[count] = group | edge
            count += 1
            hashes[count] = state
            previous = group
    if styled >= STYLED_FROM:
        flags |= HAS_STYLED
    words[found] = count
    if count:
        edges[count - 1] |= ENDS
    return count, found, flags


@compiled
def fold_texts(points: U32, starts: I64, folding: Folding) -> tuple[U32, I64]:
    """Squeezed form of many texts: (characters, n + 1 boundaries)."""
    longest = 0
    for number in range(len(starts) - 1):
        longest = max(longest, starts[number + 1] - starts[number])
    room = room_for(longest)
    out = np.empty(len(points) * 4 + 8, np.uint32)
    bounds = np.zeros(len(starts), np.int64)
    used = 0
    for number in range(len(starts) - 1):
        count, _, _ = squeeze_into(points, starts[number], starts[number + 1], folding, room)
        for at in range(count):
            out[used + at] = room.chars[at]
        used += count
        bounds[number + 1] = used
    return out, bounds
