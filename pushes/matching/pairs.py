"""Are two descriptions the same product? Readable signals of a pair, and a model over them.

Files have columns ``left_*`` and ``right_*`` (title or name, and whatever else: brand,
manufacturer, description, model number, price, category) and ``label``. The signals of a pair also
say how it stands among the other pairs of the same file that share one of its records: a product
has one twin, so the second best is rarely right. The models are in ``pair_models``.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy import sparse

from pushes.matching.errors import ListingFileError

Matrix = NDArray[np.float64]
TITLE_COLUMNS = ("title_clean", "title", "name")
BRAND_COLUMNS = ("brand", "manufacturer")
CODE_COLUMNS = ("modelno", "model_number", "mpn", "gtin", "sku")
WORD = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PRICE = re.compile(r"\d+(?:[.,]\d+)*")
LONGEST = 2_000
NAN = float("nan")


@dataclass(frozen=True)
class Pair:
    """Two records (column → text, without the side's prefix) and what is known about them."""

    left: Mapping[str, str]
    right: Mapping[str, str]
    label: int

    @cached_property
    def key(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Equal for equal pairs."""
        return tuple(sorted(self.left.items())), tuple(sorted(self.right.items()))


def read_pairs(path: Path) -> list[Pair]:
    """All pairs of a file; raises ``ListingFileError`` when columns are missing."""
    csv.field_size_limit(16 << 20)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(line.replace("\0", "") for line in file)
        names = reader.fieldnames or []
        sides = {name.partition("_")[0] for name in names}
        if not {"left", "right", "label"} <= sides:
            raise ListingFileError(f"{path.name}: needs columns left_…, right_… and label")
        return [_pair(row, path, number) for number, row in enumerate(reader, start=1)]


def _pair(row: Mapping[str, str | None], path: Path, number: int) -> Pair:
    label = (row.get("label") or "").strip()
    if label not in {"0", "1"}:
        raise ListingFileError(f"{path.name}, record {number}: label must be 0 or 1")
    sides: dict[str, dict[str, str]] = {"left": {}, "right": {}}
    for name, value in row.items():
        side, _, column = (name or "").partition("_")
        if side in sides:
            sides[side][column] = (value or "")[:LONGEST]
    return Pair(sides["left"], sides["right"], int(label))


def without_known(test: Sequence[Pair], train: Sequence[Pair]) -> list[Pair]:
    """Test pairs that do not occur in the training file, and each only once."""
    known = {pair.key for pair in train}
    kept = []
    for pair in test:
        if pair.key not in known:
            known.add(pair.key)
            kept.append(pair)
    return kept


class Record:
    """One side of a pair, taken apart once however many pairs it occurs in."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.title = _first(fields, TITLE_COLUMNS).lower()
        self.brand = _first(fields, BRAND_COLUMNS).lower()
        rest = [v for k, v in fields.items() if k not in TITLE_COLUMNS and k != "price"]
        self.text = " ".join([self.title, *rest]).lower()
        self.tokens = WORD.findall(self.title)
        self.all_tokens = WORD.findall(self.text)
        declared = WORD.findall(_first(fields, CODE_COLUMNS).lower())
        self.codes = _codes(self.tokens) | {_bare(word) for word in declared}
        self.all_codes = _codes(self.all_tokens) | self.codes
        self.numbers = frozenset(NUMBER.findall(self.title))
        self.squeezed = _bare(self.title)
        self.all_squeezed = _bare(self.text)
        self.price = _price(fields.get("price", ""))


def _first(fields: Mapping[str, str], columns: Sequence[str]) -> str:
    return next((fields[name] for name in columns if fields.get(name)), "")


def _bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _codes(words: Sequence[str]) -> frozenset[str]:
    """Model numbers: words of letters and digits, or long runs of digits."""
    bare = (_bare(word) for word in words)
    return frozenset(
        w
        for w in bare
        if (len(w) >= 4 and not w.isalpha() and not w.isdigit()) or (w.isdigit() and len(w) >= 5)
    )


def _price(text: str) -> float:
    found = PRICE.search(text)
    return float(found.group().replace(",", "")) if found else NAN


NAMES = (
    "token_set", "token_sort", "ratio", "partial", "brand", "text_set", "brand_in_title",
    "code_shared", "code_differs", "all_code_shared", "code_near", "code_inside",
    "number_shared", "number_differs", "price_gap", "length_gap", "first_word", "word_cosine",
    "char_cosine", "text_cosine", "rare_overlap", "rarest_missing", "containment",
    "left_gap", "left_pairs", "left_rank", "right_gap", "right_pairs", "right_rank",
)  # fmt: skip
"""Signals of a pair, in the order of the matrix."""


def signals(pairs: Sequence[Pair]) -> Matrix:
    """(pairs, len(NAMES)) matrix; NaN where a side lacks what a signal needs."""
    left = _records([pair.left for pair in pairs])
    right = _records([pair.right for pair in pairs])
    sides = [left, right]
    titles = [[record.title for record in side] for side in sides]
    scores = [
        process.cpdist(*titles, scorer=scorer) / 100
        for scorer in (fuzz.token_set_ratio, fuzz.token_sort_ratio, fuzz.ratio, fuzz.partial_ratio)
    ]
    brands = process.cpdist(
        [r.brand for r in left], [r.brand for r in right], scorer=fuzz.partial_ratio
    )
    known = np.array([bool(a.brand and b.brand) for a, b in zip(left, right, strict=True)])
    texts = process.cpdist(
        [r.text[:400] for r in left], [r.text[:400] for r in right], scorer=fuzz.token_set_ratio
    )
    simple = np.array([_simple(a, b) for a, b in zip(left, right, strict=True)])
    cosines = _cosines(left, right)
    columns = [*scores, np.where(known, brands / 100, NAN), texts / 100, *simple.T, *cosines]
    standing = np.nanmean([scores[0], cosines[0], cosines[1], cosines[3]], axis=0)
    columns += [*_rivals(left, standing), *_rivals(right, standing)]
    return np.column_stack(columns).astype(np.float64)


def _records(column: Sequence[Mapping[str, str]]) -> list[Record]:
    """Each different record once, however many pairs hold it."""
    known: dict[tuple[str, ...], Record] = {}
    records = []
    for fields in column:
        key = tuple(fields.values())
        record = known.get(key)
        if record is None:
            record = known[key] = Record(fields)
        records.append(record)
    return records


def _rivals(side: Sequence[Record], standing: Matrix) -> list[Matrix]:
    """Against the other pairs of the same record: lead (NaN if alone), their number, rank."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number, record in enumerate(side):
        groups[id(record)].append(number)
    lead = np.full(len(side), NAN)
    size, rank = np.ones(len(side)), np.zeros(len(side))
    for members in groups.values():
        if len(members) == 1:
            continue
        values = standing[members]
        ordered = np.sort(values)[::-1]
        lead[members] = values - np.where(values == ordered[0], ordered[1], ordered[0])
        size[members] = len(members)
        rank[members] = (values[:, None] < values[None, :]).sum(axis=1)
    return [lead, size, rank]


def _simple(a: Record, b: Record) -> tuple[float, ...]:
    brand = a.brand or b.brand
    other = b if a.brand else a
    shared = a.codes & b.codes
    inside = any(c in b.all_squeezed for c in a.codes) or any(c in a.all_squeezed for c in b.codes)
    near = max((fuzz.ratio(p, q) for p in a.codes for q in b.codes), default=NAN)
    numbers = a.numbers | b.numbers
    gap = abs(a.price - b.price) / max(a.price, b.price, 1e-9)
    lengths = min(len(a.tokens), len(b.tokens)) / max(len(a.tokens), len(b.tokens), 1)
    return (
        float(brand.split()[0] in other.title) if brand.split() else NAN,
        float(len(shared)) if a.codes and b.codes else NAN,
        float(not shared) if a.codes and b.codes else NAN,
        float(len(a.all_codes & b.all_codes)),
        near / 100,
        float(inside) if a.codes or b.codes else NAN,
        len(a.numbers & b.numbers) / len(numbers) if numbers else NAN,
        float(len(a.numbers ^ b.numbers)),
        gap,
        lengths,
        float(a.tokens[:1] == b.tokens[:1]),
    )


def _cosines(left: Sequence[Record], right: Sequence[Record]) -> list[Matrix]:
    titles = _Vectors([r.tokens for r in left], [r.tokens for r in right])
    grams = _Vectors([_grams(r.title) for r in left], [_grams(r.title) for r in right])
    texts = _Vectors([r.all_tokens for r in left], [r.all_tokens for r in right])
    return [
        titles.cosine(), grams.cosine(), texts.cosine(), *titles.overlaps()
    ]  # fmt: skip


def _grams(text: str) -> list[str]:
    padded = f" {text} "
    return [padded[at : at + 3] for at in range(len(padded) - 2)]


class _Vectors:
    """Sparse tf-idf vectors of both sides over one vocabulary (idf from these texts)."""

    def __init__(self, left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> None:
        ids: dict[str, int] = {}
        counted = [Counter(tokens) for tokens in (*left, *right)]
        frequency: Counter[str] = Counter()
        for counts in counted:
            frequency.update(counts.keys())
        for token in frequency:
            ids[token] = len(ids)
        total = len(counted)
        idf = np.log((1 + total) / (1 + np.array([frequency[t] for t in ids] or [0]))) + 1
        bounds = np.cumsum([0, *(len(counts) for counts in counted)])
        columns = np.array([ids[t] for counts in counted for t in counts], np.int64)
        values = np.array([n for counts in counted for n in counts.values()], np.float64)
        matrix = sparse.csr_matrix(
            ((1 + np.log(values)) * idf[columns] if len(columns) else values, columns, bounds),
            shape=(total, max(1, len(ids))),
        )
        self.left, self.right = matrix[: len(left)], matrix[len(left) :]

    def cosine(self) -> Matrix:
        """Cosine of each pair."""
        norms = [np.sqrt(_row_sums(m.multiply(m))) for m in (self.left, self.right)]
        product = _row_sums(self.left.multiply(self.right))
        cosine: Matrix = product / np.maximum(norms[0] * norms[1], 1e-9)
        return cosine

    def overlaps(self) -> list[Matrix]:
        """Shared share of the weight, the heaviest unshared word, containment of the shorter."""
        both = self.left.minimum(self.right)
        either = self.left.maximum(self.right)
        shared, whole = _row_sums(both), _row_sums(either)
        lesser = np.minimum(_row_sums(self.left), _row_sums(self.right))
        unshared = np.asarray((either - both).max(axis=1).todense()).ravel()
        return [
            shared / np.maximum(whole, 1e-9),
            unshared / 10,
            shared / np.maximum(lesser, 1e-9),
        ]


def _row_sums(matrix: sparse.csr_matrix) -> Matrix:
    return np.asarray(matrix.sum(axis=1)).ravel()
