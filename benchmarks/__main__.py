"""What ``make bench`` runs: the matching engine beside its baselines, on made titles.

Prints the engine's JSON list and writes it, with machine and date and beside the goals, into
``benchmarks/results/engine-DATE.json`` and ``.md``. ``make bench-import`` measures real files.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

SIZES = "1000,10000,100000"
RESULTS = Path(__file__).parent / "results"
COLUMNS = (
    ("models", "models", ""),
    ("rules", "registered texts", ""),
    ("listings_per_second", "listings/s", ""),
    ("times_naive", "× partial_ratio", "≥ 1,500 at 10,000; ≥ 8,000 at 100,000"),
    ("share_of_automaton", "share of the automaton", "≥ 0.30"),
    ("slow_down", "slow-down", "≤ 1.6 at 100,000"),
    ("two_process_ratio", "two processes", "≥ 1.9"),
    ("two_process_cpu_ratio", "in CPU time", ""),
    ("single_p50_us", "single p50 µs", "≤ 100"),
    ("single_p99_us", "single p99 µs", "≤ 300"),
    ("single_cpu_p50_us", "in CPU time p50 µs", ""),
    ("single_cpu_p99_us", "in CPU time p99 µs", ""),
    ("rule_change_seconds", "change live s", "≤ 1"),
    ("build_seconds", "build s", ""),
    ("memory_mb", "memory MB", "≤ 150"),
)
Row = Mapping[str, float | int]


def main() -> None:
    """Run the engine's own benchmark command and keep what it prints."""
    command = [sys.executable, "-m", "pushes.matching", "bench", "--models", SIZES, "--json"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    sys.stdout.write(done.stdout)
    if done.returncode:
        sys.exit(done.returncode)
    write_table(json.loads(done.stdout), datetime.now(UTC), RESULTS)


def write_table(rows: Sequence[Row], at: datetime, folder: Path) -> Path:
    """Write ``engine-DATE.json`` and the same as a table; return the table's path."""
    name = f"engine-{at:%Y-%m-%d}"
    document = {"measured_at": at.isoformat(timespec="seconds"), **machine(), "sizes": list(rows)}
    (folder / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    table = folder / f"{name}.md"
    table.write_text(_table(rows, at), encoding="utf-8")
    return table


def machine() -> dict[str, str | int | float]:
    """What the figures were measured on, as the system itself says."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _table(rows: Sequence[Row], at: datetime) -> str:
    has = machine()
    lines = [
        f"# Matching engine, {at:%Y-%m-%d}",
        "",
        f"Machine: {has['cores']} cores of {has['processor']}, {has['memory_gb']} GB, Python "
        f"{has['python']}, load {has['load']} at the end. `make bench`; ratios from CPU time, best "
        "of alternating rounds, the same text for the engine and its baselines.",
        "",
        "| | " + " | ".join(title for _, title, _ in COLUMNS) + " |",
        "|---" * (len(COLUMNS) + 1) + "|",
        *("| | " + " | ".join(f"{row[key]:,}" for key, _, _ in COLUMNS) + " |" for row in rows),
        "| goal | " + " | ".join(goal for _, _, goal in COLUMNS) + " |",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
