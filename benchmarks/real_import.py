"""Import real listings against a registry of the brands that occur in them, and measure it.

    python -m benchmarks.real_import --listings L.csv --names NAMES.csv [--names …] --out FOLDER

``NAMES.csv`` has a row a name: ``brand`` and ``surface`` (a way to write it), or ``brand_en`` and
``brand_zh``. A brand enters the registry when one of its names is the brand field of at least
``--least`` listings, or, if ``--wanted``, a word in as many titles. Runs on servers of its own and
leaves ``registry.json``, ``real-import.json``, ``links.md`` and ``all-links.csv`` in the folder.
"""

import argparse
import csv
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from portal.embedded.servers import temporary_servers

ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r"[^\W_]+", re.UNICODE)
# Names that are a shop or a fuel company here and something else in a listing.
HOMONYMS = {"hindustanpetroleum", "applestore", "saboo", "kangarooexpress"}


def names_of(paths: Iterable[Path]) -> dict[str, dict[str, str]]:
    """Return brand key → {lower-cased name: name as written}."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        for row in pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records"):
            brand = row.get("brand") or row.get("brand_en") or ""
            key = row.get("brand_key") or re.sub(r"\W", "", brand).lower()
            surfaces = [brand, row.get("surface", ""), *row.get("brand_zh", "").split("/")]
            for surface in surfaces:
                if surface.strip() and key not in HOMONYMS:
                    names[key].setdefault(surface.strip().lower(), surface.strip())
    return names


def occurring(listings: pd.DataFrame, names: dict[str, dict[str, str]], least: int) -> list[str]:
    """Return the keys of the brands that sellers put into the brand field often enough."""
    fields = Counter(text.strip().lower() for text in listings["brand"])
    owners: dict[str, list[str]] = defaultdict(list)
    for key, surfaces in names.items():
        for surface in surfaces:
            owners[surface].append(key)
    found: Counter[str] = Counter()
    for surface, count in fields.items():
        # The brand with the fewest other names is the one meant by a plain field.
        for key in sorted(owners.get(surface, []), key=lambda key: len(names[key]))[:1]:
            found[key] += count
    return [key for key, count in found.most_common() if count >= least]


def titled(
    listings: pd.DataFrame, names: dict[str, dict[str, str]], wanted: set[str], least: int
) -> list[str]:
    """Return the keys of wanted brands whose Latin name stands in enough titles."""
    by_word: dict[str, str] = {}
    for key in wanted:
        for surface in names[key]:
            if surface.isascii() and len(WORD.findall(surface)) == 1 and len(surface) > 3:
                by_word[surface] = key
    found: Counter[str] = Counter()
    for title in listings["title"]:
        words = {word.lower() for word in WORD.findall(title)}
        found.update({by_word[word] for word in words if word in by_word})
    return [key for key, count in found.most_common() if count >= least]


def registry(names: dict[str, dict[str, str]], keys: Iterable[str]) -> dict[str, Any]:
    """Return the registry document."""
    brands = []
    for key in keys:
        surfaces = list(names[key].values())
        main = next((s for s in surfaces if s.isascii()), surfaces[0])
        aliases = [surface for surface in surfaces if surface.lower() != main.lower()][:20]
        brands.append({"id": key, "name": main, "aliases": aliases})
    return {"organisation": "Registry of occurring brands", "brands": brands}


def run(environment: dict[str, str], *command: str) -> tuple[float, str]:
    """Run one management command; return its seconds and its output."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return time.monotonic() - began, done.stdout


DUMP = """
import json
from pushes.models import SuspectedLink, Listing
rows = [{"brand": l.brand.name, "title": l.snapshot.get("title", ""), "score": l.score,
  "brand_field": l.snapshot.get("brand", ""), "marketplace": l.listing.marketplace.name,
  "price": str(l.snapshot.get("price")), "currency": l.snapshot.get("currency"),
  "signals": [(s["kind"], s["matched"], round(s["contribution"], 2)) for s in l.signals]}
  for l in SuspectedLink.objects.select_related("brand", "listing__marketplace").order_by("-score")]
print("JSON" + json.dumps({"links": rows, "listings": Listing.objects.count()}))
"""


def table(links: list[dict[str, Any]], count: int) -> str:
    """Return a Markdown table of links spread over the scores, with their reasons."""
    step = max(1, len(links) // count)
    lines = ["| score | brand | title | brand field | price | why |", "|---|---|---|---|---|---|"]
    for link in links[::step][:count]:
        why = "; ".join(f"{kind} “{text}” {worth:+}" for kind, text, worth in link["signals"][:4])
        title = link["title"].replace("|", "¦")[:90]
        lines.append(
            f"| {link['score']:.2f} | {link['brand']} | {title} | {link['brand_field']} "
            f"| {link['price']} {link['currency']} | {why.replace('|', '¦')} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Build the registry, import both files, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=Path, required=True)
    parser.add_argument("--names", type=Path, action="append", required=True)
    parser.add_argument("--least", type=int, default=3)
    parser.add_argument("--wanted", type=Path, help="file of names sought in titles, one a line")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    listings = pd.read_csv(options.listings, dtype=str, keep_default_na=False)
    names = names_of(options.names)
    keys = occurring(listings, names, options.least)
    if options.wanted:
        wanted = {line.strip() for line in options.wanted.read_text().splitlines()}
        sought = {key for key in names if key in wanted}
        keys += [k for k in titled(listings, names, sought, options.least) if k not in keys]
    registry_file = options.out / "registry.json"
    registry_file.write_text(json.dumps(registry(names, keys), ensure_ascii=False, indent=1))
    figures = measure(options.listings, registry_file)
    links = figures.pop("found")
    (options.out / "links.md").write_text(table(links, 20))
    (options.out / "real-import.json").write_text(json.dumps(figures, indent=1))
    with (options.out / "all-links.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(links[0]) if links else ["brand"])
        writer.writeheader()
        writer.writerows(links)
    print(json.dumps(figures, indent=1))


def measure(listings: Path, registry_file: Path) -> dict[str, Any]:
    """Run both imports on fresh servers, each a second time, and return the figures."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-"))
        addresses = stack.enter_context(temporary_servers(Path(folder) / "servers"))
        environment = {
            **os.environ,
            "DATABASE_URL": addresses["DATABASE_OWNER_URL"],
            "REDIS_URL": addresses["REDIS_URL"],
            "PORTAL_VAR": str(Path(folder) / "var"),
        }
        run(environment, "migrate", "--verbosity", "0")
        errors = str(Path(folder) / "errors.csv")
        first, _text = run(environment, "import_registry", str(registry_file), "--country", "CN")
        intake, report = run(environment, "import_listings", str(listings), "--errors", errors)
        again, second = run(environment, "import_listings", str(listings), "--errors", errors)
        _seconds, dump = run(environment, "shell", "--no-imports", "-c", DUMP)
    found = json.loads(dump.split("JSON", 1)[1])
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}",
        "brands": len(json.loads(registry_file.read_text())["brands"]),
        "registry_seconds": round(first, 1),
        "import_seconds": round(intake, 1),
        "second_import_seconds": round(again, 1),
        "listings": found["listings"],
        "links": len(found["links"]),
        "links_by_brand": Counter(link["brand"] for link in found["links"]).most_common(30),
        "report": report.splitlines()[-14:],
        "second_report": second.splitlines()[-14:],
        "found": found["links"],
    }


if __name__ == "__main__":
    main()
