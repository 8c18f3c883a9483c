"""The compiled inner loops of product pairs: take records apart, compare two of them.

Numba compiles these functions once a machine (see ``kernel``). A record is a stretch of folded code
points; its words become 64-bit hashes, the hashes numbers, so that comparing two records is a merge
of sorted integers. Nothing here knows file formats or models.
"""

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
                if kind_of_char == SEPARATOR or kind_of_char == IGNORED:
                    inch = chars[at] in (0x22, 0x27, 0x2033, 0x201D)
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
                        if (span_digits > 0 and span_letters > 0 and size >= SHORTEST_CODE) or (
                            span_letters == 0 and span_digits >= SHORTEST_NUMBER_CODE
                        ):
                            code_hash[code] = _hash(squeezed, span_start, squeeze_begin)
                            code_part[code] = part
                            code_starts[code], code_lengths[code] = span_start, size
                            code += 1
                    span_start, span_digits, span_letters = squeeze_begin, 0, 0
                span_digits += digits
                span_letters += letters
                span_end = at
                # the value of its leading number, without zeros that say nothing
                number_stop = squeeze_begin + digits_first
                if point >= 0:
                    while number_stop > squeeze_begin + point and squeezed[number_stop - 1] == 48:
                        number_stop -= 1
                number_start = squeeze_begin
                while number_start < number_stop - 1 and squeezed[number_start] == 48:
                    number_start += 1
                value = np.uint64(0)
                if digits_first > 0:
                    value = _hash(squeezed, number_start, number_stop)
                    if 0 <= point < number_stop - squeeze_begin:
                        value = value * MEASURED + np.uint64(number_stop - squeeze_begin - point)
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
                    before = np.uint64(32)
                    for place in range(squeeze_begin, squeeze):
                        after = (
                            np.uint64(squeezed[place + 1]) if place + 1 < squeeze else np.uint64(32)
                        )
                        here = np.uint64(squeezed[place])
                        grams[gram] = (before << np.uint64(42)) | (here << np.uint64(21)) | after
                        gram += 1
                        before = here
            if span_end >= 0 and code - first_code < CODES:
                size = squeeze - span_start
                if (span_digits > 0 and span_letters > 0 and size >= SHORTEST_CODE) or (
                    span_letters == 0 and span_digits >= SHORTEST_NUMBER_CODE
                ):
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
