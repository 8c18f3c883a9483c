"""Command line of the matching engine: ``python -m pushes.matching scan …``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

from pushes.matching.engine import Engine
from pushes.matching.errors import MatchingError, RegistryError
from pushes.matching.index import MOST_TEXTS
from pushes.matching.listing_files import UTF8, Row, read_listings
from pushes.matching.rates import SHIPPED_RATES, Rates
from pushes.matching.registry import Registry
from pushes.matching.scanning import Summary, check_output, scan_file
from pushes.matching.score import Ruleset, Weights
from pushes.matching.stock import learn_stock
from pushes.matching.types import Listing

LOWEST = 1e-15
"""A threshold that every candidate reaches."""
SUSPECT = Weights.threshold
MENTION = 0.02
"""The default threshold of ``scan``: every listing that is taken to be about the brand.

Below it lie listings of authorised sellers, goods "for BRAND", and names or pieces of names that
are more likely something else (see docs/decisions/0053)."""
STOCK_SAMPLE = 30_000
"""Listings that the usual words of a market are learned from when no ruleset is given."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when done, 2 with one line on stderr when the input is wrong."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except MatchingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pushes.matching",
        description="The matching engine on files: find listings that may infringe a brand's "
        "rights, score product pairs, measure speed.",
        epilog="Each command explains its options: python -m pushes.matching scan --help",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    scan = commands.add_parser(
        "scan",
        help="match a file of listings against a registry",
        description="Writes a CSV with listing_id, brand_id, product_model_id, score, signals "
        "(JSON with spans in the original text) and the input's unknown columns. What cannot be "
        "read goes to OUT.errors.csv with row number, column and reason; a row with an unreadable "
        "price or attributes is matched without them.",
    )
    scan.add_argument("--registry", type=Path, required=True, help="registry as JSON")
    scan.add_argument("--listings", type=Path, required=True, help=".csv, .parquet or .jsonl")
    scan.add_argument("--out", type=Path, required=True, help="CSV of matches to write")
    scan.add_argument("--ruleset", type=Path, help="ruleset as JSON (default: the shipped one)")
    scan.add_argument("--stock", type=Path, help="listings to learn usual words from (default: L)")
    scan.add_argument(
        "--encoding", default=UTF8, help="of .csv and .jsonl (default UTF-8), such as gb18030"
    )
    scan.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    scan.add_argument(
        "--threshold",
        type=float,
        help="score (probability of an infringement) from which a match is written. Default: "
        f"{MENTION}, which writes every listing that is taken to be about a brand, honest mentions "
        "too, each with its score; 0.5: only what a portal with the shipped ruleset pushes; "
        "0: every candidate, however doubtful. With --ruleset the default is the ruleset's own",
    )
    scan.add_argument(
        "--most-texts",
        type=int,
        default=MOST_TEXTS,
        help=f"refuse a registry of more names, numbers and words (default {MOST_TEXTS:,})",
    )
    scan.add_argument("--rates", type=Path, help="exchange rates as JSON (default: the shipped)")
    scan.set_defaults(run=_scan)
    pairs = commands.add_parser("pairs", help="score labelled pairs: is this that product?")
    pairs.add_argument("--train", type=Path, help="labelled pairs to learn from (CSV)")
    pairs.add_argument("--valid", type=Path, help="more labelled pairs, for the threshold (CSV)")
    pairs.add_argument("--test", type=Path, required=True, help="labelled pairs to judge (CSV)")
    pairs.add_argument("--zero-shot", action="store_true", help="use the shipped weights")
    pairs.add_argument("--json", action="store_true", help="print one JSON object")
    pairs.set_defaults(run=_pairs)
    rounds = commands.add_parser(
        "rounds",
        help="play rounds of pushes and verdicts on labelled pairs: what does learning bring?",
        description="The stream comes in 12 rounds; only what is pushed gets a verdict. After each "
        "round the rules are measured on the hold-out, which nobody learns from: precision among "
        "as many best-scored pairs as there are infringing ones, recall and F1 at the threshold.",
    )
    rounds.add_argument(
        "--pairs", type=Path, required=True, help="labelled pairs, the stream (CSV)"
    )
    rounds.add_argument("--holdout", type=Path, required=True, help="labelled pairs to measure on")
    rounds.add_argument("--seed", type=int, default=0, help="order, errors and exploration")
    rounds.add_argument("--method", choices=("map", "naive", "static"), default="map")
    rounds.add_argument(
        "--bad-faith", type=float, default=0.0, metavar="SHARE",
        help="share of the verdicts that say the opposite of the truth (0 to 1)",
    )  # fmt: skip
    rounds.add_argument("--json", action="store_true", help="print one JSON object")
    rounds.set_defaults(run=_rounds)
    bench = commands.add_parser("bench", help="speed, memory and latency beside two baselines")
    bench.add_argument("--models", default="1000,10000,100000", help="sizes, comma-separated")
    bench.add_argument("--json", action="store_true", help="print a JSON list")
    bench.set_defaults(run=_bench)
    warm = commands.add_parser(
        "compile",
        help="compile all inner loops now instead of at their first use",
        description="Takes a minute once a machine and version, a few seconds afterwards.",
    )
    warm.set_defaults(run=_compile)
    return parser


def _compile(_: argparse.Namespace) -> int:
    """Every compiled loop runs once, so that no process that follows has to wait for it."""
    from pushes.matching import pair_models, warm  # noqa: PLC0415 - loads the tree library
    from pushes.matching.pairs import Pair  # noqa: PLC0415

    warm.main()
    sides = {"title": "Nordvik drive 1 tb", "price": "9"}, {"title": "nordvik drive 1tb"}
    pair_models.zero_shot([Pair(*sides, 1), Pair(*sides, 0)])
    return 0


def _pairs(options: argparse.Namespace) -> int:
    # One thread: on a busy machine the tree library's spinning threads take 50 times as long.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from pushes.matching import pair_models  # noqa: PLC0415 - after the thread setting
    from pushes.matching.pairs import read_pairs  # noqa: PLC0415

    test = read_pairs(options.test)
    if options.zero_shot:
        quality = pair_models.zero_shot(test)
    elif options.train is None:
        raise MatchingError("pairs needs --train FILE, or --zero-shot")
    else:
        valid = read_pairs(options.valid) if options.valid else []
        quality = pair_models.train_and_test(read_pairs(options.train), valid, test)
    figures = asdict(quality)
    print(json.dumps(figures) if options.json else figures)
    return 0


def _rounds(options: argparse.Namespace) -> int:
    # Small matrices: threads would wait for each other longer than they compute.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from pushes.matching.pairs import read_pairs  # noqa: PLC0415 - after the thread setting
    from pushes.matching.rounds import play, world_of  # noqa: PLC0415

    if not 0 <= options.bad_faith <= 1:
        raise MatchingError(f"--bad-faith {options.bad_faith}: must lie between 0 and 1")
    if options.seed < 0:
        raise MatchingError(f"--seed {options.seed}: must be 0 or more")
    world = world_of(read_pairs(options.pairs), read_pairs(options.holdout))
    run = play(world, seed=options.seed, method=options.method, bad_faith=options.bad_faith)
    if options.json:
        print(json.dumps(run))
        return 0
    for name in ("static", "oracle"):
        print(f"{name:9}", *(f"{key} {value:.4f}" for key, value in run[name].items()))
    for row in run["rounds"]:
        print(
            f"round {row['round']:2}  verdicts {row['verdicts']:5}  "
            f"precision_at_k {row['precision_at_k']:.4f}  recall {row['recall']:.4f}  "
            f"f1 {row['f1']:.4f}{'  promoted' if row['promoted'] else ''}"
        )
    return 0


def _bench(options: argparse.Namespace) -> int:
    from pushes.matching import bench  # noqa: PLC0415 - its baselines are not needed elsewhere

    rows = []
    try:
        sizes = [int(size) for size in options.models.split(",")]
    except ValueError:
        raise MatchingError(f"--models {options.models}: expected numbers and commas") from None
    for row in bench.run(sizes):
        rows.append(row)
        print(f"{row['models']} models measured", file=sys.stderr)
        if not options.json:
            print("  ".join(f"{name} {value}" for name, value in row.items()))
    if options.json:
        print(json.dumps(rows, indent=1))
    return 0


def _scan(options: argparse.Namespace) -> int:
    started = time.perf_counter()
    check_output(options.listings, options.out)
    ruleset = _ruleset(options)
    rates = Rates.from_json(_text(options.rates)) if options.rates else SHIPPED_RATES
    registry = read_registry(options.registry)
    engine = Engine(registry, ruleset, rates, most_texts=options.most_texts)
    if options.ruleset is None:
        engine = engine.with_ruleset(
            learn_stock(engine, _sample(options.stock or options.listings, options.encoding))
        )
    built = time.perf_counter()
    summary = scan_file(
        engine,
        options.listings,
        options.out,
        workers=options.workers,
        encoding=options.encoding,
    )
    seconds = time.perf_counter() - built
    print(
        f"{summary.listings} listings, {summary.matches} matches ({summary.suspects} with a score "
        f"of {SUSPECT} or more) in {seconds:.1f} s "
        f"(index built in {built - started:.1f} s)"
    )
    _notice(engine, summary)
    if summary.errors is not None:
        print(f"{summary.bad_rows} faults in the listings, see {summary.errors}", file=sys.stderr)
    return 0


def _notice(engine: Engine, summary: Summary) -> None:
    """Say on stderr what was declared or sent and could not be used."""
    if engine.too_short:
        shown = ", ".join(f"{text!r} of brand {brand}" for brand, text in engine.too_short[:5])
        print(
            f"{len(engine.too_short)} registered texts have fewer than two letters or digits and "
            f"are not looked for: {shown}",
            file=sys.stderr,
        )
    if summary.unknown_currencies:
        shown = ", ".join(f"{code} ({n})" for code, n in summary.unknown_currencies.most_common(5))
        print(
            f"no exchange rate, prices not compared: {shown}; give a table with --rates",
            file=sys.stderr,
        )


def _sample(path: Path, encoding: str) -> list[Listing]:
    rows = (row for row in read_listings(path, encoding) if isinstance(row, Row))
    return [row.listing for row in islice(rows, STOCK_SAMPLE)]


def _ruleset(options: argparse.Namespace) -> Ruleset:
    given = options.ruleset
    ruleset = Ruleset.from_json(_text(given)) if given is not None else Ruleset()
    if options.threshold is None and given is not None:
        return ruleset
    chosen = MENTION if options.threshold is None else options.threshold
    lowest = LOWEST if chosen == 0 else chosen
    weights = replace(ruleset.weights, threshold=lowest)
    return ruleset.with_weights(weights, ruleset.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MatchingError(f"cannot read {path}: {error}") from None


def read_registry(path: Path) -> Registry:
    """A registry file; raises ``RegistryError`` for anything wrong with it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RegistryError(
            "$", f"cannot read {path}: {error.strerror}", "check the path"
        ) from None
    except (ValueError, RecursionError) as error:
        raise RegistryError("$", f"{path.name} is not JSON: {error}", "UTF-8 JSON") from None
    return Registry.from_dict(document)


if __name__ == "__main__":
    sys.exit(main())
