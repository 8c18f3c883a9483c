"""What ``make bench`` runs: the matching engine beside its baselines, on made titles.

Writes one JSON object a registry size to standard output; ``benchmarks/results/`` keeps the tables
of runs with machine and date. Real files are measured by ``make bench-import``.
"""

import subprocess
import sys

SIZES = "1000,10000,100000"


def main() -> None:
    """Run the engine's own benchmark command."""
    command = [sys.executable, "-m", "pushes.matching", "bench", "--models", SIZES, "--json"]
    sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
