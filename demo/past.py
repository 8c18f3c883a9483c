"""A past for the marketplace: listings from before it was started, and orders from that time.

``python -m demo.past listings`` writes the listings of one seed into the marketplace's memory, as
posted long ago, and prints each with the truth about it. ``python -m demo.past orders`` carries out
signed orders. Both leave the running marketplace's own stream alone; give them another seed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.catalogue import load
from demo.generator import Stream, payload
from demo.orders import OrderDesk, OrderError
from demo.specimen import Specimen
from demo.state import State

# Most of the stream is of no registered brand. A past needs only enough of it to be believed.
KEPT = {"ordinary": 10, "genuine": 3, "grey": 1, "copy": 1}


def specimens(seed: int, count: int) -> Iterator[Specimen]:
    """The first ``count`` listings of a seed's past: one in ``KEPT`` of each kind."""
    stream, position, given = Stream(load(), seed), 0, 0
    while given < count:
        specimen = stream.at(position)
        if position % KEPT[specimen.truth.kind] == 0:
            given += 1
            yield specimen
        position += 1


def listings(state: State, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Store the past's listings, spread evenly from ``since`` to ``until``; return them told."""
    step = (options.until - options.since) / options.count
    told = []
    with state.transaction():
        for number, specimen in enumerate(specimens(options.seed, options.count)):
            seen_at = (options.since + number * step).replace(microsecond=0)
            observed = payload(specimen.draft, site=options.site, seen_at=seen_at)
            state.keep_listing(observed, specimen.version)
            told.append({"listing": observed, "truth": asdict(specimen.truth)})
    return told


def orders(state: State, secret: str, lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Carry out orders, each a line with ``headers`` and ``body``; yield what is answered."""
    desk = OrderDesk(state, secret)
    for line in lines:
        message = json.loads(line)
        try:
            answer = desk.take(
                message["body"].encode(), message["headers"], now=datetime.now(tz=UTC)
            )
        except OrderError as error:
            yield {"status": error.status, "body": {"error": error.code}}
        else:
            yield {"status": 200, "body": answer}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo.past", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("var/demo-state.sqlite3"))
    commands = parser.add_subparsers(dest="command", required=True)
    told = commands.add_parser("listings", help="write and print listings of the past")
    told.add_argument("--seed", type=int, default=6)
    told.add_argument("--count", type=int, default=500)
    told.add_argument("--site", default="http://127.0.0.1:8900")
    told.add_argument("--since", type=datetime.fromisoformat, required=True)
    told.add_argument("--until", type=datetime.fromisoformat, required=True)
    commands.add_parser("orders", help="carry out the signed orders on standard input")
    return parser.parse_args()


def main() -> None:
    """Print one JSON object a line."""
    options = _options()
    state = State(options.state)
    answers: Iterable[dict[str, Any]]
    if options.command == "listings":
        answers = listings(state, options)
    else:
        answers = orders(state, os.environ["PORTAL_WEBHOOK_SECRET"], iter(sys.stdin))
    for answer in answers:
        print(json.dumps(answer, ensure_ascii=False))
    state.close()


if __name__ == "__main__":
    main()
