"""Processes of the portal on the test database, and the means to kill them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
# Another database of the same server: ticks of these workers reach nobody else's.
BROKER_DATABASE = "7"


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a process that works on this test's database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    if not parts.netloc.rpartition("@")[2]:
        # urlunsplit drops the empty host of a socket address.
        database = (
            f"{parts.scheme}://{parts.netloc}/{connection.settings_dict['NAME']}?{parts.query}"
        )
    broker = os.environ["REDIS_URL"]
    if "db=0" in broker:
        broker = broker.replace("db=0", f"db={BROKER_DATABASE}")
    return {**os.environ, "DATABASE_URL": database, "REDIS_URL": broker, **changes}


@pytest.fixture
def spawn(tmp_path: Path, settings) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start ``python ARGUMENTS`` in a process group of its own; what is left is killed."""
    started: list[subprocess.Popen[bytes]] = []
    log = (tmp_path / "log").open("ab")

    def start(*arguments: str, **changes: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment(MEDIA_ROOT=str(settings.MEDIA_ROOT), **changes),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)
    log.close()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its children, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(
    condition: Callable[[], bool], *, seconds: float = 120, every: float = 0.005
) -> None:
    """Wait for a condition; fail after a generous time."""
    stop = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < stop, "it did not happen in time"
        time.sleep(every)
