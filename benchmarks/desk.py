"""How long the desk's pages take with a million links.

    python -m benchmarks.desk [--links 1000000] [--big 300000] [--rounds 40] [--out FOLDER]
        [--pause]

Runs PostgreSQL and Valkey of its own, fills them (200 brands, one of them with ``--big`` links, 50
members) and asks every page through the whole stack of middleware, views and templates in this
process: server time without a network. Writes ``desk-DATE.json`` and ``desk-DATE.md``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from portal.embedded.servers import temporary_servers

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"verdict": 50.0}  # milliseconds at p95; every other page has the same goal
GOAL = 100.0


def main() -> None:
    """Fill, measure, report."""
    parser = argparse.ArgumentParser(prog="benchmarks.desk", description=__doc__)
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--big", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--pause",
        action="store_true",
        help="wait for a line of input between filling and measuring",
    )
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-desk-")))
        _serve(stack, folder)
        from benchmarks import desk_pages, desk_rows  # noqa: PLC0415  # need the servers

        began = time.monotonic()
        desk_rows.fill(links=options.links, big=options.big)
        filled = time.monotonic() - began
        if options.pause:
            print(f"Filled in {filled:.0f} s. Press Enter to measure.", flush=True)
            sys.stdin.readline()
        pages = desk_pages.measure(rounds=options.rounds)
    report = {
        "links": options.links,
        "largest_brand": options.big,
        "brands": desk_rows.BRANDS,
        "members": desk_rows.MEMBERS,
        "seconds_to_fill": round(filled),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "pages": pages,
    }
    print(table(report))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        name = f"desk-{datetime.now(UTC):%Y-%m-%d}"
        (options.out / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")
        (options.out / f"{name}.md").write_text(table(report) + "\n")


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    head = [
        f"# The desk with {report['links']:,} links",
        "",
        f"{report['brands']} brands, the largest with {report['largest_brand']:,} links; "
        f"{report['members']} members. {report['machine']}, Python {report['python']}, "
        f"load average {report['load_average']:.1f} at the end, {report['at']}.",
        "Milliseconds in this process, through middleware, view and template.",
        "",
        "CPU is that of this process alone; the rest of the time is PostgreSQL's, or waiting for a",
        "core while the machine has other work.",
        "",
        "| page | reader | p50 | p95 | goal (p95) | CPU p50 | CPU p95 | slowest query | queries |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *_lines(report["pages"])])


def _lines(pages: Iterable[dict[str, Any]]) -> Iterable[str]:
    for page in pages:
        goal = GOALS.get(page["page"], GOAL)
        mark = "" if page["p95"] <= goal else " (missed)"
        yield (
            f"| {page['page']} | {page['reader']} | {page['p50']:.1f} | {page['p95']:.1f} "
            f"| {goal:.0f}{mark} | {page['cpu_p50']:.1f} | {page['cpu_p95']:.1f} "
            f"| {page['slowest_query_ms']:.1f} | {page['queries']} |"
        )


def _serve(stack: ExitStack, folder: Path) -> None:
    """Start the servers, make the tables and set Django up on them."""
    addresses = stack.enter_context(temporary_servers(folder / "servers"))
    (folder / "var" / "static").mkdir(parents=True)
    os.environ |= {
        **addresses,
        "DATABASE_URL": addresses["DATABASE_OWNER_URL"],
        "DATABASE_POOL": "0",
        "PORTAL_VAR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "LOG_LEVEL": "ERROR",
    }
    migrate = [sys.executable, "manage.py", "migrate", "-v", "0"]
    subprocess.run(migrate, cwd=ROOT, check=True)
    import django  # noqa: PLC0415  # reads the addresses

    django.setup()


if __name__ == "__main__":
    main()
