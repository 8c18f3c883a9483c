"""What somebody sees who tries the command line on two small files of their own.

    python -m benchmarks.stranger --names NAMES.csv --listings L.csv --brands 100 --sample 300

Takes real listings (titles only, every other column empty) that write nothing with a registry of
well-known brands, puts one bent name into each (``benchmarks/bending.py``), runs ``scan`` with its
defaults, and prints for every kind the share of (listing_id, brand_id) that is written, the share
with a score over 0.5, and for every language what the same listings give without any name.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.alarms import BENT
from benchmarks.bending import HAN, LATIN, Bend
from pushes.matching.__main__ import main as run

Pair = tuple[str, str]


def main() -> None:
    """Print one line a kind, and one a language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=Path, required=True, help="CSV: brand_en, brand_zh")
    parser.add_argument("--listings", type=Path, required=True)
    parser.add_argument("--brands", type=int, default=100)
    parser.add_argument("--sample", type=int, default=300, help="listings of each kind")
    parser.add_argument("--co-signal", choices=("nothing", "phrase", "oem"), default="nothing")
    parser.add_argument("--threshold", help="passed on to scan")
    parser.add_argument("--out", type=Path, help="CSV of what was not written, to read")
    options = parser.parse_args()
    rng = random.Random(11)
    brands = _brands(options.names, options.brands, rng)
    with options.listings.open(encoding="utf-8", newline="") as file:
        rows = [(r["listing_id"], r["lang"], r["title"]) for r in csv.DictReader(file)]
    with TemporaryDirectory() as name:
        stand = _Stand(Path(name), brands, options)
        quiet = stand.ordinary(rows)
        missed = stand.kinds([r for r in rows if r[0] in quiet], rng, options.sample)
    if options.out:
        with options.out.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(missed)


def _brands(path: Path, count: int, rng: random.Random) -> list[tuple[str, str, str]]:
    """(id, Latin name, Chinese name or "") of some brands."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(r["brand_en"].strip(), r["brand_zh"].strip()) for r in csv.DictReader(file)]
    named = {latin: han for latin, han in rows if latin.isascii() and len(latin) > 3}
    chosen = rng.sample(sorted(named.items()), min(count, len(named)))
    return [(f"b{n}", latin, _first(han)) for n, (latin, han) in enumerate(chosen)]


def _first(han: str) -> str:
    first = han.split("/", maxsplit=1)[0].strip()
    return first if len(first) > 1 and all("\u4e00" <= c <= "\u9fff" for c in first) else ""


class _Stand:
    """A folder with a registry, in which files of listings are scanned."""

    def __init__(
        self, folder: Path, brands: Sequence[tuple[str, str, str]], options: argparse.Namespace
    ) -> None:
        self.folder, self.brands = folder, brands
        self.signal: str = options.co_signal
        self.options = ["--threshold", options.threshold] if options.threshold else []
        registry = {
            "brands": [
                {"id": key, "name": latin, "aliases": [han] if han else []}
                for key, latin, han in brands
            ]
        }
        (folder / "r.json").write_text(json.dumps(registry), encoding="utf-8")

    def scan(self, rows: Iterable[Pair]) -> dict[Pair, tuple[float, set[str]]]:
        """(listing, brand) → score and kinds of reasons."""
        with (self.folder / "l.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["listing_id", "title", "brand", "price"])
            for key, title in rows:
                phrase = " replica" if self.signal == "phrase" else ""
                writer.writerow([key, title + phrase, "OEM" if self.signal == "oem" else "", ""])
        run([
            "scan", "--registry", str(self.folder / "r.json"), "--listings",
            str(self.folder / "l.csv"), "--out", str(self.folder / "m.csv"), *self.options,
        ])  # fmt: skip
        with (self.folder / "m.csv").open(encoding="utf-8", newline="") as file:
            return {
                (r["listing_id"], r["brand_id"]): (
                    float(r["score"]),
                    {s["kind"] for s in json.loads(r["signals"]) if s["contribution"] > 0},
                )
                for r in csv.DictReader(file)
            }

    def ordinary(self, rows: Sequence[tuple[str, str, str]]) -> set[str]:
        """Ids of the listings that name no brand; prints what is written about all of them."""
        found = self.scan((key, title) for key, _, title in rows)
        languages = {key: lang for key, lang, _ in rows}
        bent: Counter[str] = Counter()
        over: Counter[str] = Counter()
        named: Counter[str] = Counter()
        for lang, written in _by_listing(found, languages):
            plain = any("brand_named" in kinds for _, kinds in written)
            named[lang] += plain
            bent[lang] += any(kinds & BENT for _, kinds in written) and not plain
            over[lang] += any(kinds & BENT and score >= 0.5 for score, kinds in written)
        for lang, number in Counter(languages.values()).most_common():
            print(
                f"{lang:4} {number:6} listings, naming a brand {named[lang]}, only bent "
                f"{bent[lang]} = {bent[lang] / number:.3%}, over 0.5 {over[lang]}"
            )
        return languages.keys() - {key for key, _ in found}

    def kinds(
        self, rows: Sequence[tuple[str, str, str]], rng: random.Random, sample: int
    ) -> list[list[str]]:
        """Scan every kind; returns what was not written."""
        missed = []
        latin = [(key, name) for key, name, _ in self.brands]
        han = [(key, name) for key, _, name in self.brands if name]
        print("kind".ljust(18), "number  written  over 0.5")
        for bends, names in ((LATIN, latin), (HAN, han)):
            for kind, bend in bends.items():
                meant = _bent(bend, names, rows, rng, sample)
                found = self.scan((key, title) for key, (title, _, _) in meant.items())
                hits = [found.get((key, brand)) for key, (_, brand, _) in meant.items()]
                written = sum(hit is not None for hit in hits) / len(hits)
                over = sum(hit is not None and hit[0] >= 0.5 for hit in hits) / len(hits)
                print(kind.ljust(18), f"{len(hits):6} {written:8.3f} {over:9.3f}")
                missed += [
                    [kind, spelt, title, f"{hit[0]:.3f}" if hit else ""]
                    for (title, _, spelt), hit in zip(meant.values(), hits, strict=True)
                    if hit is None or hit[0] < 0.5
                ]
        return missed


def _by_listing(
    found: dict[Pair, tuple[float, set[str]]], languages: dict[str, str]
) -> list[tuple[str, list[tuple[float, set[str]]]]]:
    grouped = defaultdict(list)
    for (key, _), value in found.items():
        grouped[key].append(value)
    return [(languages[key], values) for key, values in grouped.items()]


def _bent(
    bend: Bend, names: Sequence[Pair], rows: Sequence[tuple[str, str, str]],
    rng: random.Random, sample: int,
) -> dict[str, tuple[str, str, str]]:  # fmt: skip
    """listing id → (title with the bent name in it, brand id, name and spelling)."""
    made: dict[str, tuple[str, str, str]] = {}
    for _ in range(sample):
        brand, name = rng.choice(names)
        bent = bend(rng, name)
        key, _, title = rng.choice(rows)
        if bent is not None:
            words = title.split(" ")
            words.insert(rng.randint(0, len(words)), bent)
            made[key] = " ".join(words), brand, f"{name} → {bent}"
    return made


if __name__ == "__main__":
    main()
