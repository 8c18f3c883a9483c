"""Share of ordinary real listings that the bent-spelling channels alarm on, by language.

    python -m benchmarks.alarms --listings L.csv --names NAMES.csv --tuned id,en --out A.csv

``L.csv`` needs a column ``lang`` beside the usual ones; ``NAMES.csv`` has a brand a row (``name``
or ``brand``, and optionally ``aliases`` or ``brand_zh``). Every pushed listing whose reasons hold a
bent spelling counts as an alarm, right or wrong; languages not named in ``--tuned`` are reported as
held out. The stock's usual words are learned from ``--stock`` (default: the listings themselves).
With ``--co-signals`` every brand has a product with a price band and a declared seller, and every
listing one random piece of evidence beside its title: a price far below the band in the right
category, a phrase, or a seller that one brand declared.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from pushes.matching import (
    Brand,
    Characteristic,
    CharacteristicKind,
    Engine,
    Listing,
    Match,
    ProductModel,
    Registry,
    learn_stock,
)
from pushes.matching.listing_files import Row, read_listings

BENT = frozenset(
    [
        "brand_respaced", "brand_disguised", "brand_leet", "brand_masked", "brand_typo",
        "brand_homophone", "brand_fragment", "brand_glued",
    ]
)  # fmt: skip


def main() -> None:
    """Print one line a language: listings, alarms with titles only, alarms with all columns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=Path, required=True)
    parser.add_argument("--names", type=Path, action="append", required=True)
    parser.add_argument("--stock", type=Path, help="listings to learn usual words from")
    parser.add_argument("--most", type=int, default=10_000, help="brands taken (default 10000)")
    parser.add_argument("--tuned", default="", help="languages looked at while tuning")
    parser.add_argument("--candidates", action="store_true", help="also below the threshold")
    parser.add_argument("--co-signals", action="store_true", help="evidence beside every title")
    parser.add_argument("--out", type=Path, help="CSV of every alarm, to read")
    options = parser.parse_args()
    rows = [row for row in read_listings(options.listings) if isinstance(row, Row)]
    registry = tuple(brands(options.names, options.most))
    if options.co_signals:
        registry = tuple(map(equipped, registry))
    engine = Engine(Registry(registry))
    stock = [row.listing for row in rows]
    if options.stock:
        stock = [r.listing for r in read_listings(options.stock) if isinstance(r, Row)]
    engine = engine.with_ruleset(learn_stock(engine, stock))
    tuned = set(options.tuned.split(","))
    languages = Counter(row.extra.get("lang", "") for row in rows)
    counts: dict[str, Counter[str]] = {}
    written: list[list[str]] = []
    columns = [
        ("title", [only_title(row.listing) for row in rows]),
        ("full", [row.listing for row in rows]),
    ]
    if options.co_signals:
        columns = [("co-signal", _with_evidence(columns[0][1], registry))]
    for name, listings in columns:
        counts[name] = Counter()
        found = engine.scan(listings, include_below=options.candidates)
        for row, matches in zip(rows, found, strict=True):
            bent = [match for match in matches if bent_kinds(match)]
            counts[name][row.extra.get("lang", "")] += bool(bent)
            written += [[name, row.extra.get("lang", ""), *_shown(row.listing, m)] for m in bent]
    for language, number in languages.most_common():
        part = "tuned" if language in tuned else "held out"
        shares = (f"{n} {c[language]} = {c[language] / number:.3%}" for n, c in counts.items())
        print(f"{language:4} {part:9} {number:6} listings  ", "   ".join(shares))
    if options.out:
        with options.out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["columns", "lang", "listing_id", "brand", "score", "title", "why"])
            writer.writerows(written)


def bent_kinds(match: Match) -> set[str]:
    """The bent-spelling kinds among a match's reasons."""
    return {s.kind for s in match.signals if s.contribution > 0} & BENT


def only_title(listing: Listing) -> Listing:
    """The same listing as if the marketplace had sent nothing but its title."""
    return Listing(listing.id, listing.title)


def equipped(brand: Brand) -> Brand:
    """The brand with a product whose price and category are known, and a declared seller."""
    model = ProductModel(
        f"{brand.id}-m", lowest_price=Decimal(80), currency="USD", category="shoes and bags"
    )
    seller = Characteristic("s", CharacteristicKind.SELLER, f"shop of {brand.id}")
    return replace(brand, product_models=(model,), characteristics=(seller,))


def with_evidence(listing: Listing, brand_id: str, signal: str) -> Listing:
    """The listing with one piece of evidence (price, phrase, seller) beside its title."""
    if signal == "price":
        category = "Shoes and bags"
        return replace(listing, price=Decimal(9), currency="USD", category=category)
    if signal == "phrase":
        return replace(listing, title=f"{listing.title} 高仿")
    if signal == "seller":
        return replace(listing, seller=f"shop of {brand_id}")
    return listing


def _with_evidence(listings: Sequence[Listing], registry: Sequence[Brand]) -> list[Listing]:
    rng = random.Random(7)
    return [
        with_evidence(one, rng.choice(registry).id, rng.choice(["price", "phrase", "seller"]))
        for one in listings
    ]


def brands(paths: Sequence[Path], most: int) -> Iterator[Brand]:
    """The first brands of the files, each once."""
    names: dict[str, list[str]] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                name = row.get("name") or row.get("brand") or row.get("brand_en") or ""
                aliases = (row.get("aliases") or "").split("|") + (row.get("brand_zh") or "").split(
                    "/"
                )
                if name and (name in names or len(names) < most):
                    names.setdefault(name, []).extend(alias for alias in aliases if alias)
    for number, (name, aliases) in enumerate(names.items()):
        yield replace(Brand(str(number), name), aliases=tuple(dict.fromkeys(aliases)))


def _shown(listing: Listing, match: Match) -> list[str]:
    why = "; ".join(
        f"{s.kind} “{s.matched}”={s.registered} {s.contribution:+.2f}" for s in match.signals[:5]
    )
    return [match.listing_id, match.brand_id, f"{match.score:.3f}", listing.title, why]


if __name__ == "__main__":
    main()
