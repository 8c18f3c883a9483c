"""A process that asks for the engine again and again, as a web process or a worker does.

    python -m tests.chaos.follower OUT TITLE

Writes "ready" to OUT once it has an engine that does not suspect a listing with this title, and
the time (seconds since the epoch) once it has one that does.
"""

import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from pushes.matching import Listing  # noqa: E402 - Django comes first
from pushes.services.registry import current_engine  # noqa: E402


def main(out: Path, title: str) -> None:
    """Follow until the title is suspect."""
    listing = Listing("1", title)
    while not current_engine().engine.scan_one(listing):
        if not out.exists():
            out.write_text("ready")
        time.sleep(0.02)
    now = time.time()
    partial = out.with_suffix(".part")
    partial.write_text(str(now))
    partial.replace(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
