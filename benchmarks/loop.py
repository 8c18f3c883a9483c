"""Measure the loop: rounds on labelled pairs, beside hand-set weights, naive retraining, an oracle.

    python -m benchmarks.loop FOLDER --runs FILE [--only SET] [--seeds 0-11] [--condition NAME]
    python -m benchmarks.loop --runs FILE --table

FOLDER (or the environment's ``PAIRS_DATA``) holds one folder a set with ``train.csv``, the stream,
and ``valid.csv``, the frozen hold-out. Each run is a line of FILE, so that a measurement can be cut
into pieces; the table is made of all lines.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


from benchmarks.loop_table import table
from pushes.matching.pairs import read_pairs
from pushes.matching.rounds import World, play, world_of
from pushes.matching.rounds.evasion import play_evasion

SETS = ("amazon_google", "walmart_amazon", "abt_buy")
CONDITIONS: dict[str, dict[str, Any]] = {
    "map": {},
    "naive": {"method": "naive"},
    "bad faith 20 %": {"bad_faith": 0.2},
    "bad faith 40 %": {"bad_faith": 0.4},
    "evasion": {"evasion": True},
    "evasion, hand-set": {"evasion": True, "learns": False},
}


def main() -> int:
    """Play what was asked for, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=os.environ.get("PAIRS_DATA"))
    parser.add_argument("--runs", type=Path, required=True, help="file of runs, one a line")
    parser.add_argument("--only", choices=SETS, help="one set only")
    parser.add_argument("--seeds", default="0-11", help="first and last seed")
    parser.add_argument("--condition", choices=list(CONDITIONS), help="one condition only")
    parser.add_argument("--table", action="store_true", help="print the table of all runs")
    options = parser.parse_args()
    if options.table:
        lines = options.runs.read_text(encoding="utf-8").splitlines()
        print(table([json.loads(line) for line in lines]))
        return 0
    if options.folder is None or not Path(options.folder).is_dir():
        print("loop: skipped, give a folder of sets or set PAIRS_DATA", file=sys.stderr)
        return 0
    first, _, last = options.seeds.partition("-")
    for name in [options.only] if options.only else SETS:
        folder = Path(options.folder) / name
        world = world_of(read_pairs(folder / "train.csv"), read_pairs(folder / "valid.csv"))
        for condition in [options.condition] if options.condition else CONDITIONS:
            for seed in range(int(first), int(last or first) + 1):
                _write(options.runs, _run(world, name, condition, seed))
    return 0


def _run(world: World, name: str, condition: str, seed: int) -> dict[str, Any]:
    how = dict(CONDITIONS[condition])
    started = time.process_time()
    if how.pop("evasion", False):
        run: dict[str, Any] = {"rounds": play_evasion(world, seed=seed, **how)}
    else:
        run = play(world, seed=seed, tells_calibration=True, **how)
    seconds = round(time.process_time() - started, 2)
    return {"set": name, "condition": condition, "seed": seed, "seconds": seconds, **run}


def _write(path: Path, run: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
