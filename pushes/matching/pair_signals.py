"""What can be said of a pair of product records: a matrix of named signals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from pushes.matching import pair_kernel as kernel
from pushes.matching.pairs import TITLE_COLUMNS, Pair

Matrix = NDArray[np.float64]
BRAND_COLUMNS = ("brand", "manufacturer")
CODE_COLUMNS = ("modelno", "model_number", "mpn", "gtin", "sku")
PRICE_COLUMNS = ("price", "list_price")
PRICE = re.compile(r"\d+(?:[.,]\d+)*")
LONGEST_TEXT = 1_000
LONGEST_TITLE = 400
LONGEST_FIELD = 100
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
    "inch inches in", "ft feet foot", "lb lbs pound pounds", "oz ounce ounces", "mm", "cm",
    "m meter", "ml", "l liter litre", "v volt volts", "w watt watts", "mah",
    "mp megapixel megapixels", "rpm", "dpi", "user users u", "pack pk packs",
    "pc pcs piece pieces count ct", "year years yr yrs", "port ports", "x", "bit", "sheet sheets",
    "page pages", "kb", "hz", "db", "kg", "g", "btu", "mbps", "gbps", "gbs", "cu",
    "disc discs cd cds dvd", "channel ch",
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


class _Columns(NamedTuple):
    """Where in a record of one file each part stands."""

    titles: tuple[int, ...]
    codes: tuple[int, ...]
    brands: tuple[int, ...]
    prices: tuple[int, ...]
    rest: tuple[int, ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> _Columns:
        titles, codes, brands, prices = (
            tuple(names.index(name) for name in group if name in names)
            for group in (TITLE_COLUMNS, CODE_COLUMNS, BRAND_COLUMNS, PRICE_COLUMNS)
        )
        taken = {*titles, *codes, *brands, *prices}
        rest = tuple(place for place in range(len(names)) if place not in taken)
        return cls(titles, codes, brands, prices, rest)


class _Texts:
    """The different records of a file, each once, and which of them a pair names."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.titles: list[str] = []
        parts: list[str] = []
        prices: list[float] = []
        sides = []
        # Sides are kept apart: equal words on both are two records with rivals of their own.
        for records in ([pair.left for pair in pairs], [pair.right for pair in pairs]):
            layouts: dict[tuple[str, ...], _Columns] = {}
            known: dict[tuple[str, ...], int] = {}
            numbers = []
            for record in records:
                key = tuple(record.values())
                number = known.get(key)
                if number is None:
                    number = known[key] = len(prices)
                    names = tuple(record)
                    columns = layouts.get(names)
                    if columns is None:
                        columns = layouts[names] = _Columns.of(names)
                    title, code, brand, rest = _parts(key, columns)
                    parts += (title, code, brand, rest)
                    self.titles.append(title)
                    prices.append(_price(_first(key, columns.prices)))
                numbers.append(number)
            sides.append(np.array(numbers, np.int64))
        self.left, self.right = sides
        self.prices = np.array(prices, np.float64)
        self.records = _take_apart(parts)


def _parts(record: Sequence[str], columns: _Columns) -> tuple[str, str, str, str]:
    """Title, declared codes, brand, everything else."""
    title = _first(record, columns.titles)
    rest = [record[n] for n in columns.rest]
    if len(columns.titles) > 1:
        rest += [record[n] for n in columns.titles if record[n] != title]
    return (
        title[:LONGEST_TITLE],
        " ".join([record[n] for n in columns.codes])[:LONGEST_FIELD],
        _first(record, columns.brands)[:LONGEST_FIELD],
        " ".join(rest)[:LONGEST_TEXT],
    )


def _first(record: Sequence[str], places: Sequence[int]) -> str:
    for place in places:
        if record[place]:
            return record[place]
    return ""


def _price(text: str) -> float:
    if not text:
        return NAN
    found = PRICE.search(text)
    return float(found.group().replace(",", "")) if found else NAN


def _take_apart(texts: Sequence[str]) -> kernel.Records:
    """``texts``: kernel.PARTS texts a record, one record after the other."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    fold, classes = _tables()
    low = np.minimum(points, 0xFFFF)
    ends = np.cumsum(lengths).reshape(-1, kernel.PARTS)
    bounds = np.empty((len(ends), kernel.PARTS + 1), np.int64)
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
