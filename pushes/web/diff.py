"""What changed between two versions of a listing, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from rapidfuzz.distance import Indel

from pushes.models import ListingVersion

# A Latin word, a number, or one character of a script written without spaces.
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u052f]+|\d+|\s+|.", re.DOTALL)
LONGEST = 4000


@dataclass(frozen=True)
class Piece:
    """Text that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True)
class Field:
    """One field of the listing that changed, as pieces."""

    name: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Change:
    """One version beside the one before it; the first version has no ``fields``."""

    version: ListingVersion
    seen_at: datetime
    is_first: bool
    fields: Sequence[Field]


def words(before: str, after: str) -> list[Piece]:
    """The word diff of two texts, each cut at ``LONGEST`` characters."""
    old, new = _WORD.findall(before[:LONGEST]), _WORD.findall(after[:LONGEST])
    pieces: list[Piece] = []
    gone = come = ""
    # Bit-parallel: its time does not depend on how a seller repeats a word.
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            pieces += _changed(gone, come)
            gone = come = ""
            pieces.append(Piece("same", "".join(old[step.src_start : step.src_end])))
        gone += "".join(old[step.src_start : step.src_end]) if step.tag == "delete" else ""
        come += "".join(new[step.dest_start : step.dest_end]) if step.tag == "insert" else ""
    return pieces + _changed(gone, come)


def _changed(gone: str, come: str) -> list[Piece]:
    """What went and what came in one place, the old words first."""
    pieces = [Piece("removed", gone)] if gone else []
    return [*pieces, Piece("added", come)] if come else pieces


def between(versions: Sequence[ListingVersion]) -> list[Change]:
    """Each version (newest first) against the one before it."""
    changes = [
        Change(new, new.seen_at, is_first=False, fields=_fields(old, new))
        for new, old in pairwise(versions)
    ]
    if versions:
        changes.append(Change(versions[-1], versions[-1].seen_at, is_first=True, fields=()))
    return changes


def _fields(old: ListingVersion, new: ListingVersion) -> list[Field]:
    pairs = {
        "title": (old.title, new.title),
        "description": (old.description, new.description),
        "brand": (old.brand, new.brand),
        "price": (_price(old), _price(new)),
        "seller": (str(old.seller or ""), str(new.seller or "")),
        "pictures": (_pictures(old), _pictures(new)),
        "category": (old.category, new.category),
        "ship_from": (old.ship_from, new.ship_from),
    }
    return [
        Field(name, words(before, after))
        for name, (before, after) in pairs.items()
        if before != after
    ]


def _price(version: ListingVersion) -> str:
    return "" if version.price is None else f"{version.price} {version.currency}"


def _pictures(version: ListingVersion) -> str:
    return "\n".join(version.image_urls)
