"""Starts real servers for the suite, before Django reads its settings.

With ``DATABASE_URL`` and ``REDIS_URL`` set the suite uses those servers instead. Under xdist the
controller starts them once and the workers inherit the addresses; each has its own database.
"""

import atexit
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from portal.embedded.servers import temporary_servers

# Set when the servers are ours to divide.
OWN = "PORTAL_TEST_SERVERS"
_running = ExitStack()
# A suite that fails while collecting never reaches pytest_unconfigure.
atexit.register(_running.close)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the addresses of fresh servers into the environment."""
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        _take_own_cache()
        return
    folder = Path(_running.enter_context(tempfile.TemporaryDirectory(prefix="portal-test-")))
    addresses = _running.enter_context(temporary_servers(folder / "servers"))
    (folder / "var" / "static").mkdir(parents=True)  # WhiteNoise warns when it is missing
    os.environ |= {
        # The suite makes its own databases, so it works as their owner.
        "DATABASE_URL": addresses["DATABASE_OWNER_URL"],
        "REDIS_URL": addresses["REDIS_URL"],
        "DATABASE_POOL": "0",
        "PORTAL_VAR": str(folder / "var"),
        # Draws are keyed by it: who is looked at twice is to be the same in every run.
        "SECRET_KEY": "known-to-everybody-and-for-the-suite-only-" * 2,
        OWN: "1",
    }


def _take_own_cache() -> None:
    """Give each xdist worker its own Valkey database: one clears its cache in the other's test."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker.isdigit() and OWN in os.environ:
        number = 1 + int(worker) % 15
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started here."""
    _running.close()
