"""Rounds in which sellers learn too: from the fifth on they drop brand signals and plant words.

What helps then are words mined from confirmed fakes, accepted by the brand as rules, and brands
that report listings the rules missed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pushes.matching.learning.evidence import Numbers, Vector
from pushes.matching.learning.model import HandSet
from pushes.matching.learning.terms import telling_terms
from pushes.matching.learning.twins import Learned, unlearned
from pushes.matching.rounds.game import ROUNDS, Game
from pushes.matching.rounds.world import PLANTED, World, evaded

EVADING_FROM = 5
SELF_REPORTS = 2
"""Listings a round that the brand reports of its own accord."""
BACKGROUND = 600
"""Listings nobody judged that mined words are held against."""


def play_evasion(
    world: World, *, seed: int, learns: bool = True, self_reports: int = SELF_REPORTS
) -> list[dict[str, Any]]:
    """Rounds as ``{"round", "verdicts", "precision_at_k", "evaders", "planted", "terms"}``.

    ``evaders``: share of the hold-out's evading pairs among the best-scored; ``planted``: planted
    words suggested so far, ``terms``: all words suggested. Without ``learns`` the hand-set rules
    stay as they are.
    """
    game = Game(world, seed)
    late = np.concatenate([*game.batches[EVADING_FROM - 1 :], world.held_out])
    after, evades = evaded(world, late, np.random.default_rng([seed, 1]))
    champion = unlearned(game.hand, len(world.brands))
    shadow: Learned | None = None
    terms: list[str] = []
    rows = []
    for number in range(1, ROUNDS + 1):
        if number == EVADING_FROM:
            game.world = _seen_with(after, terms)
        batch = game.batches[number - 1]
        rest = game.push(batch, champion.rules, shadow.rules if shadow else None, explores=learns)
        if learns:
            _report_missed(game, rest, self_reports)
            terms += _accept_terms(game, terms, rest)
            width = len(game.world.names)
            champion = champion.widened(width)
            evidence = game.evidence(champion)
            shadow = game.challenger(evidence)
            if shadow is not None:
                champion = game.gated(champion, shadow, evidence) or champion
        rows.append(_row(game, number, champion, evades, terms))
    return rows


def _seen_with(world: World, terms: list[str]) -> World:
    return world.with_terms(terms) if terms else world


def _report_missed(game: Game, rest: Numbers, count: int) -> None:
    missed = rest[game.world.truth[rest] == 1]
    found = game.random.choice(missed, min(count, len(missed)), replace=False)
    ones: Vector = np.ones(len(found))
    game.judged.add(found, ones, ones, np.full(len(found), np.nan), reported=True)


def _accept_terms(game: Game, known: list[str], rest: Numbers) -> list[str]:
    """Words that tell fakes apart become rules: sign +, no weight of their own yet."""
    words, judged = game.world.words, game.judged
    fakes = [words[row] for row in judged.rows[judged.said >= 0.5][::-1]]
    others = [words[row] for row in judged.rows[judged.said < 0.5]]
    sample = game.random.choice(rest, min(BACKGROUND, len(rest)), replace=False)
    found = telling_terms(fakes, [*others, *(words[row] for row in sample)], known)
    new = [term.word for term in found]
    if new:
        more = np.zeros(len(new))
        game.world = game.world.with_terms(new)
        game.hand = HandSet(
            game.hand.intercept, np.concatenate([game.hand.weights, more]),
            np.concatenate([game.hand.signs, more + 1]),
        )  # fmt: skip
    return new


def _row(
    game: Game, number: int, champion: Learned, evades: np.ndarray[Any, Any], terms: list[str]
) -> dict[str, Any]:
    held_out = game.world.held_out
    scores = champion.rules.log_odds(game.world.plain(held_out))
    best = held_out[np.argsort(-scores, kind="stable")[: int(game.world.truth[held_out].sum())]]
    hidden = evades[held_out].sum()
    return {
        "round": number,
        "verdicts": len(game.judged.said),
        "precision_at_k": float(game.world.truth[best].mean()) if len(best) else 0.0,
        "evaders": float(evades[best].sum() / hidden) if hidden else 0.0,
        "planted": len(set(terms) & set(PLANTED)),
        "terms": len(terms),
    }
