"""What the rounds play on: a stream of pairs in random order, and a hold-out nobody learns from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from pushes.matching.learning import Evidence
from pushes.matching.learning.evidence import NO_BRAND, Marks, Numbers, Vector
from pushes.matching.pair_signals import BRAND_COLUMNS, Matrix, signals
from pushes.matching.pairs import TITLE_COLUMNS, Pair, without_known
from pushes.matching.rounds.rules import BRAND_RULES, NAMES_OF_RULES, fired

WORD = re.compile(r"[^\W_][\w\-.]*")
EVASION_SHARE = 0.6
PLANTED = ("zp", "a-grade", "1to1", "oemline", "counterq", "samestyle")
"""Words that evading sellers put into their titles (each with a chance of 45 %, others 1 %)."""
PLANTED_CHANCE, STRAY_CHANCE = 0.45, 0.01
DROPPED = (
    "brand_same", "brand_in_title", "code_same", "code_in_text", "title_alike_50", "title_alike_70",
    "rare_words_35", "rare_words_60", "letters_alike_70", "begins_alike", "one_inside_other",
)  # fmt: skip
"""What an evading seller's listing does not show any more."""


@dataclass(frozen=True)
class World:
    """Pairs as rules that fired. Rows below ``stream`` are the stream, the others the hold-out.

    ``brand``: index into ``brands``, all ``NO_BRAND`` for a file without a brand column.
    """

    rules: Matrix
    names: tuple[str, ...]
    truth: Vector
    stream: int
    brand: Numbers
    brands: tuple[str, ...]
    words: tuple[frozenset[str], ...]

    @property
    def has_brands(self) -> bool:
        """Whether brand rules apply."""
        return len(self.brands) > 0

    @property
    def held_out(self) -> Numbers:
        """Rows of the hold-out."""
        return np.arange(self.stream, len(self.truth))

    def evidence(self, rows: Numbers, labels: Vector, weights: Vector) -> Evidence:
        """Rows as evidence."""
        return Evidence(
            self.names, csr_array(self.rules[rows]), labels, weights, self.brand[rows], self.brands
        )

    def plain(self, rows: Numbers) -> Evidence:
        """Rows with their true labels, each trusted alike."""
        return self.evidence(rows, self.truth[rows], np.ones(len(rows)))

    def with_terms(self, terms: Sequence[str]) -> World:
        """The world seen with further words as rules."""
        held = np.array([[word in words for word in terms] for words in self.words], np.float64)
        names = (*self.names, *(f"term:{word}" for word in terms))
        return replace(self, rules=np.hstack([self.rules, held]), names=names)


def world_of(stream: Sequence[Pair], holdout: Sequence[Pair]) -> World:
    """Rules of both files; pairs of the hold-out that the stream holds too are left out."""
    known = without_known(stream, [])
    fresh = without_known(holdout, known)
    pairs = [*known, *fresh]
    rules = fired(signals(pairs))
    named = [_brand(pair) for pair in pairs]
    brands = tuple(sorted({name for name in named if name})) if any(named) else ()
    place = {name: number for number, name in enumerate(brands)}
    return World(
        rules=rules,
        names=NAMES_OF_RULES,
        truth=np.array([pair.label for pair in pairs], np.float64),
        stream=len(known),
        brand=np.array([place.get(name, NO_BRAND) for name in named], np.int64),
        brands=brands,
        words=tuple(frozenset(WORD.findall(_title(pair.right).casefold())) for pair in pairs),
    )


def evaded(world: World, rows: Numbers, random: np.random.Generator) -> tuple[World, Marks]:
    """The world after sellers learned: (it, which rows evade).

    Of the infringing ``rows`` 60 % drop their brand signals and carry planted words.
    """
    evades = np.zeros(len(world.truth), np.bool_)
    evades[rows] = (world.truth[rows] == 1) & (random.random(len(rows)) < EVASION_SHARE)
    rules, words = world.rules.copy(), list(world.words)
    dropped = [world.names.index(name) for name in DROPPED]
    for column in dropped:
        rules[evades, column] = 0.0
    for row in rows:
        chance = PLANTED_CHANCE if evades[row] else STRAY_CHANCE
        words[row] |= {word for word in PLANTED if random.random() < chance}
    return replace(world, rules=rules, words=tuple(words)), evades


def without_brand_rules(world: World) -> tuple[str, ...]:
    """Rules that say nothing in a file without brands."""
    return () if world.has_brands else tuple(sorted(BRAND_RULES))


def _brand(pair: Pair) -> str:
    for column in BRAND_COLUMNS:
        if name := pair.left.get(column, "").strip().casefold():
            return name
    return ""


def _title(record: Mapping[str, str]) -> str:
    return next((record[column] for column in TITLE_COLUMNS if column in record), "")
