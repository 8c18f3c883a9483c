"""Precision of the engine by kind of mention, on real titles labelled by hand.

``labels_real_titles.csv`` holds listing ids and labels only: claim (the brand is claimed for the
good), collision (an ordinary word or another name), accessory (made for the brand's good),
component (a part named in the specification), logo (motif or lettering), gift (given beside).

    python -m benchmarks.precision_by_kind --registry R.json --listings L.csv
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from pushes.matching import Engine, Match, learn_stock
from pushes.matching.__main__ import read_registry
from pushes.matching.listing_files import Row, read_listings

LABELS = Path(__file__).parent / "labels_real_titles.csv"
HONEST = {"accessory", "gift", "name_needs_support"}


def main() -> None:
    """Print one line a kind: labelled, matched at all, recognised as harmless, pushed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path, required=True)
    parser.add_argument("--listings", type=Path, required=True)
    options = parser.parse_args()
    listings = {
        row.listing.id: row.listing
        for row in read_listings(options.listings)
        if isinstance(row, Row)
    }
    engine = Engine(read_registry(options.registry))
    engine = engine.with_ruleset(learn_stock(engine, list(listings.values())))
    counts: Counter[tuple[str, str]] = Counter()
    with LABELS.open(encoding="utf-8", newline="") as file:
        for label in csv.DictReader(file):
            listing = listings[label["listing_id"]]
            matches = engine.scan_one(listing, include_below=True)
            found = next((m for m in matches if m.brand_id == label["brand"]), None)
            for step in _steps(found):
                counts[label["kind"], step] += 1
    steps = ("labelled", "matched", "excused", "pushed")
    print("kind".ljust(12), *(step.rjust(9) for step in steps))
    for kind in sorted({kind for kind, _ in counts}):
        print(kind.ljust(12), *(str(counts[kind, step]).rjust(9) for step in steps))


def _steps(match: Match | None) -> list[str]:
    steps = ["labelled"]
    if match is None:
        return steps
    steps.append("matched")
    if any(signal.kind in HONEST for signal in match.signals):
        steps.append("excused")
    if match.is_suspect:
        steps.append("pushed")
    return steps


if __name__ == "__main__":
    main()
