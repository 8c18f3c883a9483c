"""Words one edit away from a registered name, by a symmetric deletion neighbourhood."""

from __future__ import annotations

import numpy as np

from pushes.matching.kernel.basis import (
    ANCHOR_SHORTEST,
    CLASS,
    FIRST_SHORTEST,
    GLUED,
    HINT,
    I32,
    I64,
    LATIN,
    LETTER,
    NAME,
    NAME_SHORTEST,
    REST_SHORTEST,
    SPREAD_SHORTEST,
    SPREAD_WORDS,
    TYPO,
    TYPO_LONGEST,
    TYPO_SHORTEST,
    U32,
    U64,
    NearTable,
    Squeezed,
    TextTable,
    Words,
    compiled,
    internal,
)
from pushes.matching.kernel.hashing import contains, finish, has_bit, look_up, part, step
from pushes.matching.kernel.names import put


@compiled
def fill_near(
    points: U32, starts: I64, slots: int, bits: int, entries: int
) -> tuple[U64, I32, I32, I32, U64]:
    """Deletion neighbourhood of many names: (table, heads, next, name of entry, bitmap).

    Every name gives itself and all its spellings with one letter left out.
    """
    near = np.zeros(slots, np.uint64)
    heads = np.zeros(slots, np.int32)
    following = np.zeros(entries, np.int32)
    names = np.empty(entries, np.int32)
    bitmap = np.zeros(bits // 64, np.uint64)
    mask = np.uint64(slots - 1)
    bit_mask = np.uint64(bits - 1)
    used = 0
    for number in range(len(starts) - 1):
        length = starts[number + 1] - starts[number]
        for gone in range(length + 1):  # 0 stands for "nothing left out"
            state = np.uint64(0)
            for at in range(length):
                if at != gone - 1:
                    state = step(state, np.uint64(points[starts[number] + at]))
            key = finish(state, length if gone == 0 else length - 1)
            slot = (key >> np.uint64(1)) & mask
            while near[slot] != np.uint64(0) and near[slot] != key:
                slot = (slot + np.uint64(1)) & mask
            near[slot] = key
            following[used] = heads[slot]  # entries count from 1; 0 ends a chain
            heads[slot] = used + 1
            names[used] = number
            used += 1
            bit = (key >> np.uint64(1)) & bit_mask
            bitmap[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
    return near, heads, following, names, bitmap


@internal
def is_one_edit(word: U32, start: int, length: int, near: NearTable, name: int) -> bool:
    """Whether one letter is changed, left out, added, or swapped with its neighbour.

    Damerau 1964: these four kinds make up most errors. Only in longer names the first letter may be
    wrong.
    """
    points = near.points
    begin = near.starts[name]
    other = near.starts[name + 1] - begin
    shorter = min(length, other)
    if abs(length - other) > 1 or (word[start] != points[begin] and shorter < FIRST_SHORTEST):
        return False
    same = 0
    while same < shorter and word[start + same] == points[begin + same]:
        same += 1
    left, right = length - same, other - same  # letters from the first difference on
    tail = 0
    while tail < min(left, right) and (
        word[start + length - 1 - tail] == points[begin + other - 1 - tail]
    ):
        tail += 1
    left -= tail
    right -= tail
    if left + right == 0:
        return False
    if left <= 1 and right <= 1:
        return True
    at, across = start + same, begin + same
    return bool(
        left == 2 and right == 2
        and word[at] == points[across + 1] and word[at + 1] == points[across]
    )  # fmt: skip


@internal
def find_near(
    number: int, start: int, length: int, room: Squeezed, power: U64, near: NearTable,
    hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """Names one edit away from the word at chars[start:start + length], each once.

    A word of four letters is only tried as a name of five with one left out.
    """
    known = used
    hashes, origin, name_of = room.hashes, room.origin, near.name_of
    for gone in range(length + 1 if length >= TYPO_SHORTEST else 1):  # 0: nothing left out
        if gone == 0:
            key = finish(part(hashes, power, start, length), length)
        else:
            rest = length - gone
            state = part(hashes, power, start, gone - 1) * power[rest]
            state += part(hashes, power, start + gone, rest)
            key = finish(state, length - 1)
        if not has_bit(near.bitmap, key):
            continue
        entry = look_up(near.table, near.heads, key)
        while entry > 0:
            found = entry - 1
            name = name_of[found]
            if is_one_edit(room.chars, start, length, near, name) and not is_known(
                hits, known, used, name_of, name
            ):
                begin = near.starts[name]
                same = room.chars[start] == near.points[begin]
                long = near.starts[name + 1] - begin >= TYPO_SHORTEST
                hits, used = put(
                    hits, used, number, TYPO if same and long else HINT, found,
                    origin[start], origin[start + length - 1] + 1,
                )  # fmt: skip
            entry = near.following[found]
    return hits, used


@internal
def is_known(hits: I64, known: int, used: int, name_of: I32, name: int) -> bool:
    """Whether the name was found for this word through another letter left out."""
    found = False
    for row in range(known, used):
        found |= name_of[hits[row, 2]] == name
    return found


@internal
def find_glued(
    number: int, start: int, length: int, room: Squeezed, power: U64, texts: TextTable,
    hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """Names that a word begins or ends with; what is left must be a word, which Python checks."""
    hashes, origin, begins4 = room.hashes, room.origin, texts.begins4
    for gap in range(length - NAME_SHORTEST + 1):
        if 0 < gap < REST_SHORTEST:
            continue
        first = start + gap
        if not has_bit(begins4, finish(part(hashes, power, first, 4), 4)):
            continue
        left = length - gap
        shortest = NAME_SHORTEST if gap == 0 else left
        longest = length - REST_SHORTEST if gap == 0 else left
        for size in range(shortest, longest + 1):
            key = finish(part(hashes, power, first, size), size)
            found = look_up(texts.table, texts.values, key)
            if found >= 0 and texts.traits[found] & NAME and texts.traits[found] & LATIN:
                hits, used = put(
                    hits, used, number, GLUED, found, origin[first], origin[first + size - 1] + 1
                )
    return hits, used


@internal
def find_spread(
    number: int, word: int, words: int, room: Squeezed, power: U64, near: NearTable,
    hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """Names of several words, one of them misspelt, in which this word stands as it should."""
    starts = room.words
    for first in range(max(0, word - SPREAD_WORDS + 1), word + 1):
        for last in range(max(word, first + 1), min(words, first + SPREAD_WORDS)):
            begin = int(starts[first])
            length = int(starts[last + 1]) - begin
            if SPREAD_SHORTEST <= length <= TYPO_LONGEST:
                hits, used = find_near(number, begin, length, room, power, near, hits, used)
    return hits, used


@internal
def find_typos(
    number: int, words: int, room: Squeezed, power: U64, texts: TextTable, near: NearTable,
    known_words: Words, hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """Words one edit away from a registered name, or run together with one.

    Words that are a registered text or a common word of some language are left alone. ``seen``
    remembers words that led nowhere, so that the usual words of a market cost one look.
    """
    seen, common = known_words.seen, known_words.common
    edges, hashes, starts = room.edges, room.hashes, room.words
    for word in range(words):
        start = int(starts[word])
        length = int(starts[word + 1]) - start
        if not ANCHOR_SHORTEST <= length <= TYPO_LONGEST or edges[start] & CLASS != LETTER:
            continue
        whole = finish(part(hashes, power, start, length), length)
        if has_bit(near.anchors, whole):
            hits, used = find_spread(number, word, words, room, power, near, hits, used)
        if length < NAME_SHORTEST:
            continue
        slot = whole & np.uint64(len(seen) - 2)
        if seen[slot] == whole or seen[slot + np.uint64(1)] == whole:
            continue
        known = used
        if not contains(common, whole) and not contains(texts.table, whole):
            hits, used = find_near(number, start, length, room, power, near, hits, used)
            hits, used = find_glued(number, start, length, room, power, texts, hits, used)
        if used == known:  # the newer of a pair stands first, the older one makes room
            seen[slot + np.uint64(1)] = seen[slot]
            seen[slot] = whole
    return hits, used
