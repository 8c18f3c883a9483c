"""Simulated reviewers: how they answer, err, stay silent or act in bad faith."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pushes.matching.learning.evidence import Marks, Numbers, Vector
from pushes.matching.rounds.world import World

ERROR = 0.05
"""Share of verdicts in good faith that are wrong."""
ANSWERS = 0.90
"""Share of links that get a verdict in time; silence teaches nothing."""
CHECKED = 0.05
"""Share of verdicts that independent evidence checks (second looks, test purchases)."""
TEAM = 20
"""Reviewers of a file without brands."""


@dataclass(frozen=True)
class Reviewers:
    """``of[row]``: who would judge that row; ``bad[reviewer]``: who says the opposite."""

    of: Numbers
    bad: Marks

    def judge(self, truth: Vector, rows: Numbers, random: np.random.Generator) -> Vector:
        """Their verdicts on rows: 1 infringing, 0 genuine."""
        wrong = random.random(len(rows)) < ERROR
        said = np.where(wrong, 1 - truth[rows], truth[rows])
        return np.where(self.bad[self.of[rows]], 1 - truth[rows], said)


def reviewers_of(world: World, bad_faith: float, random: np.random.Generator) -> Reviewers:
    """One reviewer a brand, or a team that shares the links; some of them in bad faith.

    Those in bad faith judge ``bad_faith`` of the stream: whole brands, drawn until they do.
    """
    of = world.brand.copy()
    unknown = of < 0
    of[unknown] = len(world.brands) + random.integers(0, TEAM, int(unknown.sum()))
    count = len(world.brands) + TEAM
    volume = np.bincount(of[: world.stream], minlength=count)
    bad = np.zeros(count, np.bool_)
    left = bad_faith * world.stream
    for reviewer in random.permutation(np.flatnonzero(volume)):
        # A reviewer too large for what is left would overshoot the share that was asked for.
        if volume[reviewer] <= left:
            bad[reviewer] = True
            left -= volume[reviewer]
    return Reviewers(of, bad)
