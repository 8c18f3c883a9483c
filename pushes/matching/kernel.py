"""The compiled inner loop: fold, squeeze and look up whole batches of texts.

Numba compiles these functions once a machine and caches the result beside this file (first use
takes some seconds). They work on UTF-32 code points and know nothing of brands.

Method: instead of walking an automaton over every character, the loop starts only where a word (or
a letter of a script written without spaces) begins, extends a rolling 64-bit hash to every place
where a word ends, and looks that hash up. Three bitmaps over 2-, 4- and 8-letter beginnings of the
registered texts stop nearly every walk early. So spacing and punctuation inside a name cost
nothing, and the time hardly depends on the number of registered texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


def compiled(function: F) -> F:
    """Compile with Numba, keeping the Python signature for the type checker."""
    return cast("F", numba.njit(cache=True, nogil=True, boundscheck=False)(function))


# Character classes, as in ``normalise.CharClass``; Numba wants plain integers.
SEPARATOR, LETTER, DIGIT, WIDE, DELETED, MASK, LEET, SPACE = range(8)
MANY = 0x80
"""Flag on a class: the character becomes more than one."""

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
LONGEST_KEY = 64
"""Letters of a registered text that are hashed; longer ones are told apart afterwards."""

TEXT, LEETED, TYPO, HOMOPHONE, FLAGGED = range(5)
"""Channels of a hit. FLAGGED names a text that Python has to look at; ``key`` holds its flags."""
COLUMNS = 5
"""text number, channel, key, start, end (offsets into the original text)."""

HAS_LEET, HAS_MASK, HAS_WIDE, HAS_STYLED = 1, 2, 4, 8
STYLED_FROM = 0x2000
"""Letters from here on that fold to ASCII are ornaments: mathematical, enclosed, fullwidth."""

TYPO_SHORTEST, TYPO_LONGEST = 5, 24
HOMOPHONE_LONGEST = 8
LEET_SHORTEST = 4
IDEOGRAPHS, IDEOGRAPHS_END = 0x4E00, 0xA000


class Folding(NamedTuple):
    """What becomes of each code point; ``many_chars[many[p]]`` says into how many it falls."""

    fold: U32
    classes: U8
    many: I32
    many_chars: U32
    letters: U32
    """Letter meant by a digit or sign below 0x100, else 0."""
    sounds: U32
    """Syllable number of each ideograph from IDEOGRAPHS on."""


class TextTable(NamedTuple):
    """All registered texts: hash → number, and bitmaps of how they begin."""

    table: U64
    values: I32
    latin: U8
    begins2: U64
    begins4: U64
    begins8: U64
    longest: int


class NameTable(NamedTuple):
    """Names under a changed key: hash → number, and how the keys begin."""

    table: U64
    values: I32
    begins2: U64


class NearTable(NamedTuple):
    """Names with one letter left out: hash → first entry, chained by ``following``."""

    table: U64
    heads: I32
    following: I32
    bitmap: U64


class Words(NamedTuple):
    """Words that are no misspellings: common ones, and those that led nowhere before."""

    common: U64
    seen: U64


class Squeezed(NamedTuple):
    """Room for the word characters of one text (see ``squeeze_into``)."""

    chars: U32
    origin: I32
    kinds: U8
    first: U8
    last: U8


class Powers(NamedTuple):
    """Room for the partial hashes of one word, and the powers of the multiplier."""

    before: U64
    after: U64
    power: U64


@compiled
def step(state: np.uint64, char: np.uint64) -> np.uint64:
    """Extend a rolling hash by one character."""
    return state * MULTIPLIER + char + np.uint64(1)


@compiled
def finish(state: np.uint64, length: int) -> np.uint64:
    """Mix a rolling hash into a table key; never 0, which marks an empty slot."""
    mixed = (state ^ (state >> np.uint64(31)) ^ np.uint64(length)) * np.uint64(0xD6E8FEB86659FD93)
    return (mixed ^ (mixed >> np.uint64(32))) | np.uint64(1)


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


@compiled
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
def has_bit(bitmap: U64, key: np.uint64) -> bool:
    """Whether some registered text may begin so."""
    bit = (key >> np.uint64(1)) & np.uint64(len(bitmap) * 64 - 1)
    return bool((bitmap[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1))


@compiled
def squeeze_into(
    points: U32, begin: int, end: int, folding: Folding, room: Squeezed
) -> tuple[int, int]:
    """Fold points[begin:end] and keep the word characters.

    Fills ``chars`` (folded), ``origin`` (offset in the text), ``kinds`` (class), ``first`` and
    ``last`` (2: a word begins/ends here, 1: letters meet digits, 0: inside). Returns how many
    characters were kept, and the HAS_… flags.
    """
    fold, classes, many, many_chars = (
        folding.fold, folding.classes, folding.many, folding.many_chars,
    )  # fmt: skip
    chars, origin, kinds, first, last = room
    count = 0
    flags = 0
    previous = -1  # class of the last kept character, -1 after a gap
    gap = -1  # class of what separated last, while in a gap
    limit = len(fold)
    for at in range(begin, end):
        point = points[at]
        if point < limit:
            kind = int(classes[point])
        else:
            kind = WIDE if 0x20000 <= point < 0x34000 else DELETED
        if kind == LETTER and previous == LETTER:  # by far the most frequent case
            chars[count] = fold[point]
            origin[count] = at - begin
            kinds[count] = LETTER
            first[count] = 0
            last[count] = 0
            if point >= STYLED_FROM:
                flags |= HAS_STYLED
            count += 1
            continue
        if kind == DELETED:
            continue
        if kind == SPACE or kind == SEPARATOR or kind == MASK or kind == LEET:
            if kind == MASK and previous >= 0:
                flags |= HAS_MASK
            elif kind == LEET:
                flags |= HAS_LEET
            if previous >= 0:
                last[count - 1] = 2
                previous = -1
            gap = kind
            continue
        if gap == MASK:
            flags |= HAS_MASK
        gap = -1
        pieces = 1
        if kind & MANY:
            pieces = int(many_chars[many[point]])
        for piece in range(pieces):
            if kind & MANY:
                char = many_chars[many[point] + 1 + piece]
                group = DIGIT if 48 <= char <= 57 else (LETTER if char < 128 else WIDE)
            else:
                char = fold[point] if point < limit else point
                group = kind
            edge = 2
            if previous >= 0 and group != WIDE and previous != WIDE:
                edge = 0
                if group != previous:
                    edge = 1
                    flags |= HAS_LEET
            if previous >= 0 and edge > last[count - 1]:
                last[count - 1] = edge
            if group == WIDE:
                flags |= HAS_WIDE
            elif point >= STYLED_FROM:
                flags |= HAS_STYLED
            chars[count] = char
            origin[count] = at - begin
            kinds[count] = group
            first[count] = edge
            last[count] = 0
            count += 1
            previous = group
    if count:
        last[count - 1] = 2
    return count, flags


@compiled
def fold_texts(points: U32, starts: I64, folding: Folding) -> tuple[U32, I64]:
    """Squeezed form of many texts: (characters, n + 1 boundaries)."""
    total = len(points) * 4 + 8
    room = Squeezed(
        np.empty(total, np.uint32), np.empty(total, np.int32), np.empty(total, np.uint8),
        np.empty(total, np.uint8), np.empty(total, np.uint8),
    )  # fmt: skip
    out = np.empty(total, np.uint32)
    bounds = np.zeros(len(starts), np.int64)
    used = 0
    for number in range(len(starts) - 1):
        count, _ = squeeze_into(points, starts[number], starts[number + 1], folding, room)
        for at in range(count):
            out[used + at] = room.chars[at]
        used += count
        bounds[number + 1] = used
    return out, bounds


@compiled
def grown(hits: I64, used: int) -> I64:
    """The same hits with twice the room when the room is used up."""
    if used < len(hits):
        return hits
    bigger = np.empty((len(hits) * 2, COLUMNS), np.int64)
    for row in range(used):  # a slice would make Numba compile its error messages for 10 s
        for column in range(COLUMNS):
            bigger[row, column] = hits[row, column]
    return bigger


@compiled
def put(hits: I64, used: int, number: int, channel: int, key: int, start: int, end: int) -> I64:
    """Write a hit into the next free row."""
    hits = grown(hits, used)
    hits[used, 0] = number
    hits[used, 1] = channel
    hits[used, 2] = key
    hits[used, 3] = start
    hits[used, 4] = end
    return hits


@compiled
def find_text(
    number: int, count: int, room: Squeezed, texts: TextTable, hits: I64, used: int
) -> tuple[I64, int]:
    """All registered texts in one squeezed text.

    A Latin text of 2 or 3 letters must be one unbroken word ("HP", never "h p"); from 4 letters on
    it may begin or end where letters meet digits.
    """
    chars, origin, kinds, first, last = room
    table, values, latin = texts.table, texts.values, texts.latin
    for start in range(count - 1):
        if first[start] == 0:
            continue
        wide = kinds[start] == WIDE or kinds[start + 1] == WIDE
        if start + 2 < count and kinds[start + 2] == WIDE:
            wide = True
        state = step(step(np.uint64(0), np.uint64(chars[start])), np.uint64(chars[start + 1]))
        if wide:
            key = finish(state, 2)
            if not has_bit(texts.begins2, key):
                continue
            found = look_up(table, values, key)
            if found >= 0 and not latin[found]:
                hits = put(hits, used, number, TEXT, found, origin[start], origin[start + 1] + 1)
                used += 1
        elif last[start + 1] == 2 and first[start] == 2 and first[start + 1] == 0:
            found = look_up(table, values, finish(state, 2))
            if found >= 0:
                hits = put(hits, used, number, TEXT, found, origin[start], origin[start + 1] + 1)
                used += 1
        if start + 2 >= count:
            continue
        state = step(state, np.uint64(chars[start + 2]))
        if wide or (
            last[start + 2] == 2 and first[start] == 2 and origin[start + 2] - origin[start] == 2
        ):
            found = look_up(table, values, finish(state, 3))
            if found >= 0 and (not latin[found] or not wide):
                hits = put(hits, used, number, TEXT, found, origin[start], origin[start + 2] + 1)
                used += 1
        if start + 3 >= count:
            continue
        state = step(state, np.uint64(chars[start + 3]))
        if not has_bit(texts.begins4, finish(state, 4)):
            continue
        stop = min(count, start + texts.longest)
        at = start + 3
        while True:
            length = at - start + 1
            if last[at] > 0:
                found = look_up(table, values, finish(state, length))
                if found >= 0:
                    hits = put(hits, used, number, TEXT, found, origin[start], origin[at] + 1)
                    used += 1
            if length == 8 and not has_bit(texts.begins8, finish(state, 8)):
                break
            at += 1
            if at >= stop:
                break
            state = step(state, np.uint64(chars[at]))
    return hits, used


@compiled
def find_leet(
    number: int, points: U32, begin: int, end: int, folding: Folding, names: NameTable,
    hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """Names written with digits or signs for some of the letters, as a word of their own."""
    fold, classes, letters = folding.fold, folding.classes, folding.letters
    limit = len(fold)
    start = begin
    state = np.uint64(0)
    length = 0
    signs = 0
    for at in range(begin, end + 1):
        char = np.uint32(0)
        if at < end and points[at] < limit:
            point = points[at]
            kind = int(classes[point])
            if kind == LETTER:
                char = fold[point]
                if letters[char]:
                    char = letters[char]
            elif kind == DELETED:
                continue
            elif point < len(letters):
                char = letters[point]
                if char:
                    signs += 1
        if char:
            if length == 0:
                start = at
            state = step(state, np.uint64(char))
            length += 1
            continue
        if signs > 0 and length >= LEET_SHORTEST and signs * 2 <= length <= LONGEST_KEY:
            found = look_up(names.table, names.values, finish(state, length))
            if found >= 0:
                hits = put(hits, used, number, LEETED, found, start - begin, at - begin)
                used += 1
        state = np.uint64(0)
        length = 0
        signs = 0
    return hits, used


@compiled
def find_typos(
    number: int, count: int, room: Squeezed, texts: TextTable, near: NearTable, words: Words,
    powers: Powers, hits: I64, used: int,
) -> tuple[I64, int]:  # fmt: skip
    """Words one edit away from a registered name (symmetric deletion neighbourhood).

    Words that are a registered text or a common word of some language are left alone. ``seen``
    remembers words that led nowhere, so that the usual words of a market cost one look.
    """
    chars, origin, kinds, first, last = room
    before, after, power = powers
    seen = words.seen
    start = 0
    while start < count:
        at = start
        state = np.uint64(0)
        while True:
            before[at - start] = state
            state = step(state, np.uint64(chars[at]))
            at += 1
            if at >= count or first[at] > 0 or at - start >= TYPO_LONGEST:
                break
        length = at - start
        whole = finish(state, length)
        slot = whole & np.uint64(len(seen) - 1)
        if (
            length < TYPO_SHORTEST or kinds[start] != LETTER or first[start] == 0
            or last[at - 1] == 0 or seen[slot] == whole
        ):  # fmt: skip
            start = at
            continue
        known = used
        if not contains(words.common, whole) and not contains(texts.table, whole):
            tail = np.uint64(0)
            for back in range(length - 1, -1, -1):
                after[back] = tail  # hash of what follows position ``back``
                tail = (np.uint64(chars[start + back]) + np.uint64(1)) * power[
                    length - 1 - back
                ] + tail
            for gone in range(length):
                if gone == 0:
                    key = whole
                else:
                    shorter = before[gone] * power[length - 1 - gone] + after[gone]
                    key = finish(shorter, length - 1)
                if not has_bit(near.bitmap, key):
                    continue
                entry = look_up(near.table, near.heads, key)
                while entry > 0:
                    found = entry - 1
                    hits = put(hits, used, number, TYPO, found, origin[start], origin[at - 1] + 1)
                    used += 1
                    entry = near.following[found]
        if used == known:
            seen[slot] = whole
        start = at
    return hits, used


@compiled
def fill_near(
    points: U32, starts: I64, slots: int, bits: int, entries: int
) -> tuple[U64, I32, I32, I32, U64]:
    """Deletion neighbourhood of many names: (table, heads, next, name of entry, bitmap).

    Every name gives itself and all its spellings with one letter (not the first) left out.
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
        for gone in range(length):  # 0 stands for "nothing left out"
            state = np.uint64(0)
            for at in range(length):
                if gone == 0 or at != gone:
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


@compiled
def find_homophones(
    number: int, count: int, room: Squeezed, sounds: U32, names: NameTable, hits: I64, used: int
) -> tuple[I64, int]:
    """Runs of ideographs that sound like a registered Chinese name."""
    chars, origin = room.chars, room.origin
    for start in range(count - 1):
        if not IDEOGRAPHS <= chars[start] < IDEOGRAPHS_END:
            continue
        state = np.uint64(0)
        for at in range(start, min(count, start + HOMOPHONE_LONGEST)):
            if not IDEOGRAPHS <= chars[at] < IDEOGRAPHS_END:
                break
            state = step(state, np.uint64(sounds[chars[at] - IDEOGRAPHS]))
            length = at - start + 1
            if length < 2:
                continue
            key = finish(state, length)
            if length == 2 and not has_bit(names.begins2, key):
                break
            found = look_up(names.table, names.values, key)
            if found >= 0:
                hits = put(hits, used, number, HOMOPHONE, found, origin[start], origin[at] + 1)
                used += 1
    return hits, used


@compiled
def scan_texts(
    points: U32, starts: I64, exact_only: U8, folding: Folding, texts: TextTable,
    leet: NameTable, heard: NameTable, near: NearTable, words: Words,
) -> tuple[I64, int]:  # fmt: skip
    """Hits (rows of COLUMNS) in all texts: text i is points[starts[i]:starts[i + 1]].

    Where ``exact_only[i]`` is set only registered texts are looked for, no bent spellings.
    """
    size = 0
    for number in range(len(starts) - 1):
        size = max(size, starts[number + 1] - starts[number])
    size = size * 4 + 8
    room = Squeezed(
        np.empty(size, np.uint32), np.empty(size, np.int32), np.empty(size, np.uint8),
        np.empty(size, np.uint8), np.empty(size, np.uint8),
    )  # fmt: skip
    powers = Powers(
        np.empty(TYPO_LONGEST + 1, np.uint64), np.empty(TYPO_LONGEST + 1, np.uint64),
        np.ones(TYPO_LONGEST + 1, np.uint64),
    )  # fmt: skip
    for exponent in range(1, TYPO_LONGEST + 1):
        powers.power[exponent] = powers.power[exponent - 1] * MULTIPLIER
    hits = np.empty((64, COLUMNS), np.int64)
    used = 0
    for number in range(len(starts) - 1):
        begin, end = starts[number], starts[number + 1]
        if begin == end:
            continue
        count, flags = squeeze_into(points, begin, end, folding, room)
        hits, used = find_text(number, count, room, texts, hits, used)
        if exact_only[number]:
            continue
        if flags & HAS_LEET:
            hits, used = find_leet(number, points, begin, end, folding, leet, hits, used)
        if flags & HAS_WIDE:
            hits, used = find_homophones(number, count, room, folding.sounds, heard, hits, used)
        if flags & (HAS_MASK | HAS_STYLED):
            hits = put(hits, used, number, FLAGGED, flags, 0, 0)
            used += 1
        hits, used = find_typos(number, count, room, texts, near, words, powers, hits, used)
    return hits, used
