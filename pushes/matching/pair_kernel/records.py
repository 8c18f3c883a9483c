"""Take records apart: tokens, model numbers, squeezed text and letter triples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pushes.matching.kernel import I32, I64, U8, U32, U64, compiled

F64 = NDArray[np.float64]

SEPARATOR, LETTER, DIGIT, WIDE, IGNORED = range(5)
"""Classes of a code point. WIDE: scripts without spaces, each character a word of its own."""
WORD, NUMBER, MEASURE, CODE = range(4)
"""Kinds of token. CODE: letters and digits together; MEASURE: a number with its unit."""
TITLE, DECLARED, BRAND, REST = range(4)
"""Parts of a record, in the order they stand in."""
PARTS = 4

BASE = np.uint64(0x9E3779B97F4A7C15)
MEASURED = np.uint64(0xD6E8FEB86659FD93)
TOKENS = 320
"""Tokens of a record that are looked at (48 of them in the title)."""
TITLE_TOKENS = 48
CODES = 16
"""Model numbers of a record that are looked at."""
SHORTEST_CODE = 4
SHORTEST_NUMBER_CODE = 5
SOFT = 0.8
"""Worth of an abbreviation or a misspelling beside the same word."""
QUOTES = (0x22, 0x27, 0x2033, 0x201D)
"""Signs that mean inch after a number."""


class Units(NamedTuple):
    """Hashes of unit words, sorted, and the number of the unit each of them means."""

    hashes: U64
    meanings: I32
    inch: int


class Records(NamedTuple):
    """Records taken apart. ``bounds[r]`` to ``bounds[r + 1]``: tokens of record r."""

    bounds: I64
    title: I32
    """Tokens of the title (they come first)."""
    ids: U64
    """What a token is compared by: hash of its stem or of its value."""
    raw: U64
    """Hash of all its characters, which can be chained: see ``chain``."""
    power: U64
    """BASE to the length of the token."""
    kinds: U8
    units: I32
    part: U8
    starts: I64
    lengths: I32
    code_bounds: I64
    code_hash: U64
    code_part: U8
    code_starts: I64
    """Where the code's letters and digits begin in ``squeezed``."""
    code_lengths: I32
    squeezed: U32
    squeezed_bounds: I64
    grams: U64
    gram_bounds: I64


@compiled
def _unit(units: Units, word: np.uint64) -> int:
    at = np.searchsorted(units.hashes, word)
    if at < len(units.hashes) and units.hashes[at] == word:
        return int(units.meanings[at])
    return -1


@compiled
def _hash(chars: U32, start: int, end: int) -> np.uint64:
    value = np.uint64(1)
    for at in range(start, end):
        value = value * BASE + np.uint64(chars[at])
    return value


@compiled
def _is_code(letters: int, digits: int, size: int) -> bool:
    """A model number has letters and digits, or many digits."""
    if letters == 0:
        return digits >= SHORTEST_NUMBER_CODE
    return digits > 0 and size >= SHORTEST_CODE


@compiled
def _value(squeezed: U32, begin: int, digits: int, point: int) -> np.uint64:
    """What the leading number of a token is worth, without zeros that say nothing."""
    stop = begin + digits
    if point >= 0:
        while stop > begin + point and squeezed[stop - 1] == 48:
            stop -= 1
    start = begin
    while start < stop - 1 and squeezed[start] == 48:
        start += 1
    value = _hash(squeezed, start, stop)
    if 0 <= point < stop - begin:
        value = value * MEASURED + np.uint64(stop - begin - point)
    return value


@compiled
def _add_grams(squeezed: U32, begin: int, end: int, grams: U64, gram: int) -> int:
    """Write the letter triples of one token, a space at both ends; returns the next free place."""
    before = np.uint64(32)
    for place in range(begin, end):
        after = np.uint64(squeezed[place + 1]) if place + 1 < end else np.uint64(32)
        here = np.uint64(squeezed[place])
        grams[gram] = (before << np.uint64(42)) | (here << np.uint64(21)) | after
        gram += 1
        before = here
    return gram


@compiled
def take_apart(chars: U32, classes: U8, bounds: I64, units: Units) -> Records:
    """Tokens, codes, squeezed text and letter triples of every record.

    ``bounds``: (records, PARTS + 1) offsets into ``chars``, where each part begins and the last
    one ends. ``classes``: class of each of ``chars``.
    """
    count = len(bounds)
    room = len(chars) + 1
    token_bounds = np.zeros(count + 1, np.int64)
    title = np.zeros(count, np.int32)
    ids, raw, power = (
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
        np.empty(room, np.uint64),
    )
    kinds, part_of = np.empty(room, np.uint8), np.empty(room, np.uint8)
    unit_of = np.full(room, -1, np.int32)
    starts, lengths = np.empty(room, np.int64), np.empty(room, np.int32)
    code_bounds = np.zeros(count + 1, np.int64)
    code_room = count * CODES + 1
    code_hash, code_part = np.empty(code_room, np.uint64), np.empty(code_room, np.uint8)
    code_starts, code_lengths = np.empty(code_room, np.int64), np.empty(code_room, np.int32)
    squeezed = np.empty(room, np.uint32)
    squeezed_bounds = np.zeros(count + 1, np.int64)
    grams = np.empty(2 * room, np.uint64)
    gram_bounds = np.zeros(count + 1, np.int64)
    token = code = squeeze = gram = 0
    for record in range(count):
        first_token, first_code = token, code
        for part in range(PARTS):
            at, end = bounds[record, part], bounds[record, part + 1]
            number_end = np.int64(-2)  # where the last number ended
            number_token = 0
            span_start, span_digits, span_letters = squeeze, 0, 0
            span_end = np.int64(-2)
            while at < end and token - first_token < TOKENS - 2:
                kind_of_char = classes[at]
                if kind_of_char in (SEPARATOR, IGNORED):
                    inch = chars[at] in QUOTES
                    if inch and number_end >= 0 and at - number_end <= 1 and part == TITLE:
                        ids[token] = ids[number_token] * MEASURED + np.uint64(units.inch)
                        raw[token], power[token] = ids[token], np.uint64(0)
                        kinds[token], part_of[token] = MEASURE, part
                        unit_of[token] = units.inch
                        starts[token], lengths[token] = squeeze, 0
                        token += 1
                        number_end = np.int64(-2)
                    at += 1
                    continue
                # one token: letters and digits up to the next separator
                begin = at
                squeeze_begin = squeeze
                letters = digits = 0
                digits_first = 0
                point = -1
                wide = kind_of_char == WIDE
                whole = stem = factor = np.uint64(1)
                while at < end:
                    kind_of_char = classes[at]
                    if kind_of_char == LETTER and not wide:
                        letters += 1
                    elif kind_of_char == DIGIT and not wide:
                        digits += 1
                        if letters == 0:
                            digits_first += 1
                    elif kind_of_char == WIDE and at == begin:
                        letters += 1
                    elif kind_of_char == IGNORED:
                        at += 1
                        continue
                    elif (
                        letters == 0 and digits > 0 and at + 1 < end and classes[at + 1] == DIGIT
                        and (chars[at] == 46 or chars[at] == 44) and point < 0
                    ):  # fmt: skip
                        if chars[at] == 46:
                            point = squeeze - squeeze_begin
                        at += 1
                        continue
                    else:
                        break
                    squeezed[squeeze] = chars[at]
                    stem = whole
                    whole = whole * BASE + np.uint64(chars[at])
                    factor = factor * BASE
                    squeeze += 1
                    at += 1
                length = squeeze - squeeze_begin
                if length == 0:
                    at += 1
                    continue
                # the code that this token ends or continues
                joined = (
                    span_end >= 0 and begin - span_end == 1
                    and chars[span_end] in (45, 46, 47, 95)
                )  # fmt: skip
                if not joined:
                    if span_end >= 0 and code - first_code < CODES:
                        size = squeeze_begin - span_start
                        if _is_code(span_letters, span_digits, size):
                            code_hash[code] = _hash(squeezed, span_start, squeeze_begin)
                            code_part[code] = part
                            code_starts[code], code_lengths[code] = span_start, size
                            code += 1
                    span_start, span_digits, span_letters = squeeze_begin, 0, 0
                span_digits += digits
                span_letters += letters
                span_end = at
                value = np.uint64(0)
                if digits_first > 0:
                    value = _value(squeezed, squeeze_begin, digits_first, point)
                unit = -1
                if letters > 0 and digits > 0 and digits == digits_first:
                    unit = _unit(units, _hash(squeezed, squeeze_begin + digits_first, squeeze))
                elif letters > 0 and digits == 0 and number_end >= 0 and begin - number_end <= 1:
                    unit = _unit(units, whole)
                starts[token], lengths[token] = squeeze_begin, length
                part_of[token] = part
                raw[token] = whole
                power[token] = factor
                if letters == 0:
                    kinds[token], ids[token] = NUMBER, value
                    number_end, number_token = at, token
                elif digits == 0:
                    if unit >= 0:
                        kinds[token] = MEASURE
                        unit_of[token] = unit
                        ids[token] = ids[number_token] * MEASURED + np.uint64(unit)
                    else:
                        kinds[token] = WORD
                        plural = (
                            length >= 4 and squeezed[squeeze - 1] == 115
                            and squeezed[squeeze - 2] != 115
                        )  # fmt: skip
                        ids[token] = stem if plural else whole
                    number_end = np.int64(-2)
                elif unit >= 0:
                    kinds[token], ids[token] = NUMBER, value
                    token += 1
                    starts[token], lengths[token] = squeeze_begin, length
                    part_of[token] = part
                    raw[token], power[token] = whole, factor
                    kinds[token] = MEASURE
                    unit_of[token] = unit
                    ids[token] = value * MEASURED + np.uint64(unit)
                    span_digits = span_letters = 0
                    span_start = squeeze
                    number_end = np.int64(-2)
                else:
                    kinds[token], ids[token] = (CODE if length >= SHORTEST_CODE else NUMBER), whole
                    number_end = np.int64(-2)
                token += 1
                if part == TITLE:
                    gram = _add_grams(squeezed, squeeze_begin, squeeze, grams, gram)
            if span_end >= 0 and code - first_code < CODES:
                size = squeeze - span_start
                if _is_code(span_letters, span_digits, size):
                    code_hash[code] = _hash(squeezed, span_start, squeeze)
                    code_part[code] = part
                    code_starts[code], code_lengths[code] = span_start, size
                    code += 1
            if part == TITLE:
                title[record] = min(token - first_token, TITLE_TOKENS)
        token_bounds[record + 1] = token
        code_bounds[record + 1] = code
        squeezed_bounds[record + 1] = squeeze
        gram_bounds[record + 1] = gram
    return Records(
        token_bounds, title, ids[:token], raw[:token], power[:token], kinds[:token],
        unit_of[:token], part_of[:token], starts[:token], lengths[:token], code_bounds,
        code_hash[:code], code_part[:code], code_starts[:code], code_lengths[:code],
        squeezed[:squeeze], squeezed_bounds, grams[:gram], gram_bounds,
    )  # fmt: skip
