"""Measure ``pairs`` on a folder of labelled sets, and fit the weights that are shipped.

    python -m benchmarks.product_pairs FOLDER           # a table, see benchmarks/results/
    python -m benchmarks.product_pairs FOLDER --fit     # writes the weights anew

FOLDER (or the environment's ``PAIRS_DATA``) holds one folder a set, with ``train.csv`` and
``valid.csv`` in it. Everything is learned from the training files and judged on the validation
files. "Shipped" weights saw the training files of all sets; "left out" ones those of every other
set only.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from pushes.matching import pair_models
from pushes.matching.pairs import Pair, read_pairs

# One thread, as in the command: figures are for one core.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def main() -> int:
    """Print one line a set, or write the shipped weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=os.environ.get("PAIRS_DATA"))
    parser.add_argument("--fit", action="store_true", help="write the shipped weights")
    parser.add_argument("--speed", action="store_true", help="shipped weights only, best of five")
    options = parser.parse_args()
    if options.folder is None or not Path(options.folder).is_dir():
        print("product pairs: skipped, give a folder of sets or set PAIRS_DATA", file=sys.stderr)
        return 0
    files = sorted(Path(options.folder).glob("*/train.csv"))
    sets = {path.parent.name: read_pairs(path) for path in files}
    if options.fit:
        model = pair_models.fit_transferable(list(sets.values()))
        pair_models.SHIPPED.write_text(model.to_json(), encoding="utf-8")
        return 0
    return _report(Path(options.folder), sets, speed_only=options.speed)


def _report(folder: Path, sets: dict[str, list[Pair]], *, speed_only: bool) -> int:
    print("| set | F1 trained | F1 shipped | F1 left out | pairs/s trained | zero-shot | s |")
    print("|---|---|---|---|---|---|---|")
    for name, train in sets.items():
        started = time.perf_counter()
        test = read_pairs(folder / name / "valid.csv")
        rounds = [pair_models.zero_shot(test) for _ in range(5)]
        shipped = max(rounds, key=lambda quality: quality.pairs_per_second)
        cells = [f"{100 * shipped.f1:.1f}", f"{shipped.pairs_per_second:,.0f}"]
        if not speed_only:
            trained = pair_models.train_and_test(train, [], test)
            others = [pairs for other, pairs in sets.items() if other != name]
            strict = pair_models.zero_shot(test, pair_models.fit_transferable(others))
            cells = [
                f"{100 * trained.f1:.1f}", f"{100 * shipped.f1:.1f}", f"{100 * strict.f1:.1f}",
                f"{trained.pairs_per_second:,.0f}", f"{shipped.pairs_per_second:,.0f}",
            ]  # fmt: skip
        cells.append(f"{time.perf_counter() - started:.0f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
