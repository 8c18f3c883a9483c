"""Starting and ending processes so that none is left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import psutil

from portal.embedded.places import Account

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02


def dies_with_parent(signum: int) -> Callable[[], None] | None:
    """Return a ``preexec_fn`` which has the kernel send ``signum`` when the parent dies.

    Even ``kill -9`` of the parent then leaves nothing running. Linux only; None elsewhere. The
    "parent" is the *thread* that starts the process, so start long-lived processes from the main
    thread.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)

    return ask_kernel


def start_server(
    argv: list[str], *, account: Account, log: Path, env: Mapping[str, str], end_signal: int
) -> psutil.Popen:
    """Start one server as ``account`` in a session of its own, its output appended to ``log``."""
    with log.open("ab") as output:
        return psutil.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=dict(env),
            start_new_session=True,
            umask=0o077,
            # Runs after the change of user, which would otherwise clear the request again.
            preexec_fn=dies_with_parent(end_signal),
            **as_account(account),
        )


def as_account(account: Account) -> dict[str, Any]:
    """Arguments of ``subprocess`` for running as ``account``; none where no switch is needed."""
    if not account.switch:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def end(process: psutil.Process, steps: Iterable[tuple[int, float]]) -> None:
    """Send each signal and wait its seconds, until the process is gone; SIGKILL comes last."""
    for signum, seconds in (*steps, (signal.SIGKILL, 5.0)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signum)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(seconds)
                return
        if not process.is_running():
            return


def left_behind(program: str, folder: Path) -> list[psutil.Process]:
    """Servers called ``program`` whose command line names ``folder``: survivors of another start.

    The command line is read because, unlike the working folder, every account may see it.
    """
    return [
        process
        for process in psutil.process_iter()
        if _runs(process, program, folder) and process.pid != os.getpid()
    ]


def _runs(process: psutil.Process, program: str, folder: Path) -> bool:
    try:
        argv = process.cmdline()
    except psutil.Error:
        return False
    return bool(argv) and Path(argv[0]).name == program and str(folder) in argv[1:]


def wait_until(ready: Callable[[], bool], *, alive: Callable[[], bool], seconds: float) -> bool:
    """Poll ``ready`` until it is true (True), the process is gone or time is up (False)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and alive():
        if ready():
            return True
        time.sleep(POLL_SECONDS)
    return False


def last_lines(log: Path, count: int = 12) -> list[str]:
    """Return the last ``count`` lines of a log file, none when it does not exist."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        _seek_near_end(file)
        return file.read().decode("utf-8", "replace").splitlines()[-count:]


def _seek_near_end(file: IO[bytes]) -> None:
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - 16_384))
