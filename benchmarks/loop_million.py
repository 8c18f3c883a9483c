"""Fit, gate and set thresholds for a million made-up facts: time and memory.

    python -m benchmarks.loop_million [--facts 1000000] [--brands 2000]

Made-up facts go in as arrays; reading them out of the database is not part of it.
"""

import argparse
import resource
import time

import numpy as np
from scipy.sparse import csr_array

from pushes.matching import Lesson, Ruleset, back_test, teach, untaught
from pushes.matching.backtest import held_out_log_odds
from pushes.matching.learning.control import FEWEST, Present, Scored, Targets, changes
from pushes.matching.learning.evidence import Evidence, Judged
from pushes.matching.learning.twins import FOLDS

FIRED = 5
"""Signals that fire for one listing."""


def main() -> int:
    """Print seconds of processor time and the largest resident memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--brands", type=int, default=2_000)
    options = parser.parse_args()
    champion = Ruleset()
    judged = made(options.facts, options.brands, tuple(sorted(champion.weights.weights)))
    before, started = time.process_time(), time.perf_counter()
    lesson = teach(judged, champion, base=champion)
    taught = time.process_time() - before
    found = back_test(untaught(champion), lesson, judged)
    compared = time.process_time() - before - taught
    scopes, estimated = thresholds(lesson, judged)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{options.facts:,} facts, {options.brands:,} brands: fitted in {taught:.1f} s, compared "
        f"in {compared:.1f} s, thresholds of {scopes:,} scopes estimated in {estimated:.1f} s of "
        f"processor time ({time.perf_counter() - started:.0f} s elapsed), "
        f"{peak:,.0f} MB at most; step {found.step}"
    )
    return 0


def thresholds(lesson: Lesson, judged: Judged) -> tuple[int, float]:
    """(scopes with enough facts, seconds) of re-estimating everybody's and each brand's."""
    before, evidence = time.process_time(), judged.evidence
    scores = 1 / (1 + np.exp(-held_out_log_odds(lesson, judged)))
    order = np.argsort(evidence.brand, kind="stable")
    starts = np.unique(evidence.brand[order], return_index=True)[1]
    groups = [order, *np.split(order, starts[1:])]
    scopes = [rows for rows in groups if len(rows) >= FEWEST]
    for rows in scopes:
        scored = Scored(scores[rows], evidence.labels[rows], evidence.weights[rows])
        list(changes(scored, Targets(), Present(push=0.5)))
    return len(scopes), time.process_time() - before


def made(facts: int, brands: int, names: tuple[str, ...]) -> Judged:
    """Facts whose labels follow weights of their own, brands of unequal size."""
    random = np.random.default_rng(0)
    columns = np.sort(random.integers(0, len(names), (facts, FIRED)).astype(np.int32), axis=1)
    values = np.ones(facts * FIRED)
    ends = np.arange(0, facts * FIRED + 1, FIRED, dtype=np.int32)
    signals = csr_array((values, columns.ravel(), ends), shape=(facts, len(names)))
    logits = signals @ random.normal(0, 1, len(names)) - 0.5
    owner = np.minimum(random.zipf(1.3, facts), brands) - 1
    evidence = Evidence(
        names=names,
        signals=signals,
        labels=(random.random(facts) < 1 / (1 + np.exp(-logits))).astype(np.float64),
        weights=np.full(facts, 0.9),
        brand=owner.astype(np.int64),
        brands=tuple(f"brand-{number}" for number in range(brands)),
    )
    return Judged(evidence, random.integers(0, FOLDS, facts), np.ones(facts))


if __name__ == "__main__":
    raise SystemExit(main())
