"""Sets Django up on the servers the environment names; whoever imports models imports this first.

It comes first in the order of imports, so that everything after it finds Django ready.
"""

import os
import platform
from datetime import UTC, datetime
from typing import Any

import django

django.setup()


def machine() -> dict[str, Any]:
    """Return when and on what something was measured."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "cpus": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }
