"""Measure good-faith accounts and filing on servers of its own.

    python -m benchmarks.good_faith [--cases 100000] [--out FILE]

An account of ``--cases`` cases over 180 days gets further cases one by one: writing the line and
assessing the account is timed, and the counts are then compared with a recomputation from the
ledger. Then 300 links are complained about in one action. Prints one JSON object.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from portal.embedded.servers import temporary_servers

ROOT = Path(__file__).resolve().parent.parent


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
    text = json.dumps(found, indent=2)
    sys.stdout.write(f"{text}\n")
    if options.out:
        options.out.write_text(f"{text}\n")


if __name__ == "__main__":
    main()
