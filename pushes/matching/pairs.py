"""Files of product pairs: are two descriptions the same product?

Files have columns ``left_*`` and ``right_*`` (title or name, and whatever else: brand,
manufacturer, description, model number, price, category) and ``label``. What can be said of a pair
is in ``pair_signals``, the models are in ``pair_models``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pushes.matching.errors import ListingFileError

TITLE_COLUMNS = ("title_clean", "title", "name")
LONGEST = 2_000
"""Characters of a field that are kept."""
LARGEST = 16 << 20
"""Characters of a field from which on a file is refused."""


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
    """All pairs of a file.

    Raises ``ListingFileError``, naming the file and the record, when it cannot be read, columns are
    missing, it holds no pair, or a label is neither 0 nor 1.
    """
    csv.field_size_limit(LARGEST)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(line.replace("\0", "") for line in file)
            _check_columns(reader.fieldnames or [], path)
            pairs = [_pair(row, path, number) for number, row in enumerate(reader, start=1)]
    except OSError as error:
        raise ListingFileError(f"cannot read {path}: {error.strerror}") from None
    except csv.Error as error:
        raise ListingFileError(
            f"{path.name}: {error} (a quotation mark that is never closed?)"
        ) from None
    if not pairs:
        raise ListingFileError(f"{path.name}: holds no pair, only column names")
    return pairs


def _check_columns(names: Sequence[str], path: Path) -> None:
    for side in ("left", "right"):
        wanted = [f"{side}_{column}" for column in TITLE_COLUMNS]
        if not set(wanted) & set(names):
            raise ListingFileError(f"{path.name}: needs one of the columns {', '.join(wanted)}")
    if "label" not in names:
        raise ListingFileError(f"{path.name}: needs the column label with 0 or 1 in each record")


def _pair(row: Mapping[str, str | None], path: Path, number: int) -> Pair:
    label = (row.get("label") or "").strip()
    if label not in {"0", "1"}:
        raise ListingFileError(
            f"{path.name}, record {number}: label must be 0 or 1, is {label[:40]!r}"
        )
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
