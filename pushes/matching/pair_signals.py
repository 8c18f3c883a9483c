"""What can be said of a pair of product records: a matrix of named signals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from pushes.matching import pair_kernel as kernel
from pushes.matching.pairs import TITLE_COLUMNS, Pair

Matrix = NDArray[np.float64]
BRAND_COLUMNS = ("brand", "manufacturer")
CODE_COLUMNS = ("modelno", "model_number", "mpn", "gtin", "sku")
PRICE = re.compile(r"\d+(?:[.,]\d+)*")
LONGEST_TEXT = 1_000
LONGEST_TITLE = 400
NAN = float("nan")

NAMES = (
    "overlap", "contained", "left_rarest", "right_rarest", "left_words", "right_words",
    "left_numbers", "right_numbers", "numbers_shared", "units_differ", "left_elsewhere",
    "right_elsewhere", "first_word", "head", "lengths", "code_shared", "code_near", "code_inside",
    "code_differs", "any_code", "brand_same", "brand_in_title",
    "word_cosine", "char_cosine", "text_cosine", "ratio", "token_sort", "price_gap",
    "left_lead", "left_pairs", "right_lead", "right_pairs",
)  # fmt: skip
"""Signals of a pair, in the order of the matrix."""
MIRRORED = [
    NAMES.index(n.replace("left_", "right_") if "left_" in n else n.replace("right_", "left_"))
    for n in NAMES
]
"""Order of the columns when the two sides change places."""
RELATIVE = [
    NAMES.index(name)
    for name in (
        "overlap", "contained", "word_cosine", "char_cosine", "text_cosine", "ratio", "token_sort",
        "head", "left_words", "right_words", "left_numbers", "right_numbers", "left_rarest",
        "right_rarest",
    )
]  # fmt: skip
"""Likenesses whose usual height differs from file to file (never missing)."""

UNITS = (
    "gb gig gigs gigabyte gigabytes", "mb meg megabyte megabytes", "tb terabyte", "ghz", "mhz",
    "inch inches in", "ft feet foot", "lb lbs pound pounds", "oz ounce ounces", "mm", "cm", "m meter",
    "ml", "l liter litre", "v volt volts", "w watt watts", "mah", "mp megapixel megapixels", "rpm",
    "dpi", "user users u", "pack pk packs", "pc pcs piece pieces count ct", "year years yr yrs",
    "port ports", "x", "bit", "sheet sheets", "page pages", "kb", "hz", "db", "kg", "g", "btu",
    "mbps", "gbps", "gbs", "cu", "disc discs cd cds dvd", "channel ch",
)  # fmt: skip


@cache
def _units() -> kernel.Units:
    meaning = {w: n for n, words in enumerate(UNITS) for w in words.split()}
    hashes = np.array([_hash(word) for word in meaning], np.uint64)
    order = np.argsort(hashes)
    numbers = np.array(list(meaning.values()), np.int32)
    return kernel.Units(hashes[order], numbers[order], meaning["inch"])


def _hash(word: str) -> int:
    value = 1
    for char in word:
        value = (value * int(kernel.BASE) + ord(char)) % 2**64
    return value


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Folded code point and class by code point of the basic plane."""
    fold = np.arange(0x10000, dtype=np.uint32)
    classes = np.zeros(0x10000, np.uint8)
    for point in range(0x10000):
        if 0xD800 <= point < 0xE000:
            continue
        char = chr(point)
        if point < 0x3000 or point >= 0xFF00:
            parts = unicodedata.normalize("NFKD", char).casefold()
            bare = "".join(c for c in parts if not unicodedata.combining(c))
            if len(bare) == 1:
                fold[point] = ord(bare)
                char = bare
        category = unicodedata.category(char)
        if category in {"Mn", "Me", "Cf"}:
            classes[point] = kernel.IGNORED
        elif category == "Nd":
            classes[point] = kernel.DIGIT
        elif category[0] == "L":
            classes[point] = kernel.WIDE if 0x2E80 <= point < 0xAC00 else kernel.LETTER
    return fold, classes


class _Texts:
    """The different records of a file, each once, and which of them a pair names."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        known: dict[tuple[int, tuple[str, ...]], int] = {}
        kept: list[Mapping[str, str]] = []
        sides: tuple[list[int], list[int]] = ([], [])
        for pair in pairs:
            for side, fields in enumerate((pair.left, pair.right)):
                key = (side, tuple(fields.values()))
                number = known.get(key)
                if number is None:
                    number = known[key] = len(kept)
                    kept.append(fields)
                sides[side].append(number)
        self.left = np.array(sides[0], np.int64)
        self.right = np.array(sides[1], np.int64)
        parts = [_parts(fields) for fields in kept]
        self.titles = [part[0] for part in parts]
        self.prices = np.array([_price(fields.get("price", "")) for fields in kept], np.float64)
        self.records = _take_apart(parts)


def _parts(fields: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Title, declared codes, brand, everything else."""
    title = _first(fields, TITLE_COLUMNS)[:LONGEST_TITLE]
    known = (*TITLE_COLUMNS, *CODE_COLUMNS, *BRAND_COLUMNS, "price")
    rest = [value for name, value in fields.items() if name not in known or (
        name in TITLE_COLUMNS and value[:LONGEST_TITLE] != title)]
    codes = " ".join(fields[name] for name in CODE_COLUMNS if name in fields)
    return (title, codes[:100], _first(fields, BRAND_COLUMNS)[:100], " ".join(rest)[:LONGEST_TEXT])


def _first(fields: Mapping[str, str], columns: Sequence[str]) -> str:
    return next((fields[name] for name in columns if fields.get(name)), "")


def _price(text: str) -> float:
    found = PRICE.search(text)
    return float(found.group().replace(",", "")) if found else NAN


def _take_apart(parts: Sequence[tuple[str, str, str, str]]) -> kernel.Records:
    texts = [text for record in parts for text in record]
    lengths = np.array([len(text) for text in texts], np.int64)
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    fold, classes = _tables()
    low = np.minimum(points, 0xFFFF)
    ends = np.cumsum(lengths).reshape(-1, kernel.PARTS)
    bounds = np.empty((len(parts), kernel.PARTS + 1), np.int64)
    bounds[:, 1:] = ends
    bounds[:, 0] = ends[:, 0] - lengths[:: kernel.PARTS]
    return kernel.take_apart(fold[low], classes[low], bounds, _units())


def signals(pairs: Sequence[Pair]) -> Matrix:
    """(pairs, len(NAMES)) matrix; NaN where a side lacks what a signal needs."""
    texts = _Texts(pairs)
    records, left, right = texts.records, texts.left, texts.right
    numbers, count = kernel.number(records.ids)
    titles = kernel.vectors(
        numbers, count, records.bounds[:-1], records.bounds[:-1] + records.title
    )
    whole = kernel.vectors(numbers, count, records.bounds[:-1], records.bounds[1:])
    grams, gram_count = kernel.number(records.grams)
    letters = kernel.vectors(grams, gram_count, records.gram_bounds[:-1], records.gram_bounds[1:])
    rarity = np.full(count, 1.0)
    rarity[titles.words] = titles.weights
    compared = kernel.compare(records, numbers, rarity, left, right)
    words, chars, text = (kernel.cosines(v, left, right) for v in (titles, letters, whole))
    first, second = ([texts.titles[n] for n in side] for side in (left, right))
    ratios = [
        process.cpdist(first, second, scorer=scorer) / 100
        for scorer in (fuzz.ratio, fuzz.token_sort_ratio)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.abs(np.log(texts.prices[left] / texts.prices[right]))
    gap[~np.isfinite(gap)] = NAN
    standing = (words + chars + text + compared[:, kernel.OVERLAP]) / 4
    total = len(texts.prices)
    return np.column_stack(
        [compared, words, chars, text, *ratios, gap,
         kernel.rivals(left, total, standing), kernel.rivals(right, total, standing)]
    )  # fmt: skip
