"""Measure good-faith accounts and filing on servers of its own.

    python -m benchmarks.good_faith [--cases 100000] [--out FOLDER]

An account of ``--cases`` cases over 180 days gets further cases one by one: writing the line and
assessing the account is timed, and the counts are then compared with a recomputation from the
ledger. Then 300 links are complained about in one action. Writes ``good-faith-DATE.json`` and
``good-faith-DATE.md`` into the folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from portal.embedded.servers import temporary_servers

ROOT = Path(__file__).resolve().parent.parent
# Milliseconds on the wall, at the 95th percentile.
GOAL_UPDATE, GOAL_FILING = 20.0, 2000.0


def main() -> None:
    """Start servers, migrate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        place = Path(folder)
        with temporary_servers(place / "servers") as addresses:
            environment = os.environ | {
                "DATABASE_URL": addresses["DATABASE_OWNER_URL"],
                "REDIS_URL": addresses["REDIS_URL"],
                "DATABASE_POOL": "0",
                "PORTAL_VAR": str(place / "var"),
                "DJANGO_SETTINGS_MODULE": "portal.settings",
            }
            command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
            subprocess.run(command, cwd=ROOT, check=True, env=environment)
            command = [sys.executable, "-m", "benchmarks.good_faith_cases", str(options.cases)]
            measured = subprocess.run(
                command, cwd=ROOT, check=True, env=environment, stdout=subprocess.PIPE
            )
            found = json.loads(measured.stdout)
    text = table(found)
    sys.stdout.write(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        name = f"good-faith-{found['at'][:10]}"
        (options.out / f"{name}.json").write_text(f"{json.dumps(found, indent=1)}\n")
        (options.out / f"{name}.md").write_text(text)


def table(found: dict[str, Any]) -> str:
    """The result as Markdown, each figure with its goal."""
    update, rejection, filing = found["update"], found["rejection"], found["filing"]
    agrees = "the same" if found["agrees"] else "ANOTHER"
    rows = [
        (
            f"one more case: line, count, tier ({update['times']} times)",
            "20 ms wall",
            f"{update['wall_p50']:.1f} / {update['wall_p95']:.1f} ms",
            f"{update['cpu_p50']:.1f} / {update['cpu_p95']:.1f} ms",
            update["wall_p95"] <= GOAL_UPDATE,
        ),
        (
            f"one more rejected case, misuse looked at as well ({rejection['times']} times)",
            "20 ms wall",
            f"{rejection['wall_p50']:.1f} / {rejection['wall_p95']:.1f} ms",
            f"{rejection['cpu_p50']:.1f} / {rejection['cpu_p95']:.1f} ms",
            rejection["wall_p95"] <= GOAL_UPDATE,
        ),
        (
            f"{filing['links']} links filed in one action ({filing['times']} times)",
            "2,000 ms wall",
            f"{filing['wall_p50']:.0f} / {filing['wall_p95']:.0f} ms",
            f"{filing['cpu_p50']:.0f} / {filing['cpu_p95']:.0f} ms",
            filing["wall_p95"] <= GOAL_FILING,
        ),
    ]
    head = [
        f"# Good-faith accounts of {found['cases']:,} cases",
        "",
        f"`make bench-credit`, {found['at']}: {found['machine']}, Python {found['python']}, load "
        f"average {found['load'][0]} at the start. CPU is that of the Python process; the database "
        "has its own.",
        "",
        "| what | goal (p95) | wall p50 / p95 | CPU p50 / p95 | met |",
        "|---|---|---|---|---|",
    ]
    lines = [f"| {' | '.join(row[:4])} | {'yes' if row[4] else 'no'} |" for row in rows]
    tail = [
        "",
        f"The recomputation from the ledger finds {agrees} counts in {found['recount_ms']:,.0f} "
        f"ms; the account's tier is {found['tier']}. {update['queries']} statements an update.",
    ]
    return "\n".join([*head, *lines, *tail]) + "\n"


if __name__ == "__main__":
    main()
