"""Runs a handful of processes side by side, as ``manage.py up`` needs it.

Each child has a session of its own, so that Ctrl-C reaches only the supervisor, which then stops
everything in reverse. A child that dies is started again with a growing pause; one that dies
quickly three times in a row ends the whole run. Single-threaded on purpose: the kernel ends the
children when the thread that started them goes away.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from portal.embedded.processes import dies_with_parent, end

TICK_SECONDS = 0.2
QUICK_DEATH_SECONDS = 10.0
QUICK_DEATHS = 3
STOP_SECONDS = 10.0
TAIL_LINES = 20
COLOURS = (36, 33, 32, 35, 34, 31)


class Service(Protocol):
    """What can be supervised: our own children and the bundled servers alike."""

    name: str

    def start(self) -> None:
        """Start; return when it is safe to start what depends on it."""

    def poll(self) -> int | None:
        """Exit status once it died by itself, else None."""

    def stop(self) -> None:
        """Stop it and everything it started; do nothing when it is not running."""

    def tail(self) -> list[str]:
        """Its last lines of output."""


class RunEnded(Exception):
    """The run is over: asked to stop (``status`` 0) or unable to go on (1)."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status


class Child:
    """One process of ours, whose output lines are handed to ``say`` as they come."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        say: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.env = dict(env)
        self.cwd = cwd
        self.say = say
        self.process: psutil.Popen | None = None
        self.lines: deque[str] = deque(maxlen=TAIL_LINES)
        self._rest = b""

    def start(self) -> None:
        """Start the process in a session of its own."""
        self.process = psutil.Popen(
            self.argv,
            env=self.env | {"PYTHONUNBUFFERED": "1"},
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        os.set_blocking(self.fileno(), False)

    def fileno(self) -> int:
        """Read end of its output; makes a child usable with selectors."""
        if self.process is None:
            raise RuntimeError(f"{self.name} is not running")
        descriptor: int = self.process.stdout.fileno()
        return descriptor

    def poll(self) -> int | None:
        """Exit status once it ended, else None."""
        return self.process.poll() if self.process else None

    def pump(self) -> bool:
        """Pass on what it wrote since; False once it has closed its output."""
        try:
            data = os.read(self.fileno(), 65_536)
        except BlockingIOError:
            return True
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and self._rest:
            lines, self._rest = [self._rest], b""
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip()
            self.lines.append(text)
            self.say(self.name, text)
        return bool(data)

    def stop(self) -> None:
        """Ask it to end, insist after ten seconds, and sweep up what it started."""
        if self.process is None:
            return
        end(self.process, [(signal.SIGTERM, STOP_SECONDS)])
        end_session(self.process.pid)
        while self.pump():
            if not self._readable():
                break
        self.process.stdout.close()
        self.process = None

    def tail(self) -> list[str]:
        """Its last lines of output."""
        return list(self.lines)

    def _readable(self) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno(), selectors.EVENT_READ)
            return bool(selector.select(0))


def end_session(leader: int) -> None:
    """Kill what is left of the session that process ``leader`` opened."""
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == leader and pid != os.getpid():
                os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


@dataclass
class _Watch:
    """How one service has been doing."""

    service: Service
    started: float
    quick_deaths: int = 0
    due: float | None = None
    # A step: it ends by itself, and is never started again.
    once: bool = False


class Supervisor:
    """Starts services in order, keeps them running, stops them in reverse."""

    def __init__(self, *, out: Callable[[str], None], colour: bool = False) -> None:
        self.out = out
        self.colour = colour
        self.stopping = False
        self._watched: list[_Watch] = []
        self._names: list[str] = []
        self._selector = selectors.DefaultSelector()

    def handle_signals(self) -> None:
        """Let SIGINT, SIGTERM and SIGHUP ask for an orderly end."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._ask_to_stop)

    def say(self, name: str, line: str) -> None:
        """Print one line under its origin's name."""
        if name not in self._names:
            self._names.append(name)
        label = f"{name:<9}|"
        if self.colour:
            code = COLOURS[self._names.index(name) % len(COLOURS)]
            label = f"\x1b[{code}m{label}\x1b[0m"
        try:
            self.out(f"{label} {line}")
        except BrokenPipeError:
            # Nobody reads any more (`make run | head`); end in order, without a word.
            self.stopping = True
            self.out = lambda _line: None

    def start(self, service: Service) -> None:
        """Start ``service`` and watch it from now on."""
        self._check()
        # Watched before it starts: a start that fails half way is still stopped in turn.
        watch = _Watch(service, time.monotonic())
        self._watched.append(watch)
        self._begin(watch)
        self._check()

    def adopt(self, service: Service) -> None:
        """Watch a service that runs already; it is stopped and revived like the others."""
        self._watched.append(_Watch(service, time.monotonic()))

    def run(self, child: Child) -> None:
        """Run ``child`` to its end; `RunEnded` when it fails."""
        self.begin(child)
        self.finish(child, restart=False)

    def begin(self, child: Child) -> None:
        """Start a step that goes on beside others until ``finish``; its failure ends the run."""
        self._check()
        watch = _Watch(child, time.monotonic(), once=True)
        self._watched.append(watch)
        self._begin(watch)

    def finish(self, child: Child, *, restart: bool = True) -> None:
        """Wait for the end of a begun step, keeping everything else running with ``restart``."""
        while child.poll() is None:
            self._tick(restart=restart)
        status = child.poll()
        self._forget(child)
        child.stop()
        self._watched = [watch for watch in self._watched if watch.service is not child]
        if status:
            raise RunEnded(1, f"{child.name} failed with status {status}; its output is above.")

    def watch(self, until: Callable[[], bool] = lambda: False, *, seconds: float = 0.0) -> None:
        """Keep everything running until ``until`` is true; for ever without it.

        With ``seconds``, raises `RunEnded` when that time passes first. A request to stop and a
        service that keeps dying raise it as well.
        """
        deadline = time.monotonic() + seconds if seconds else None
        while not until():
            if deadline and time.monotonic() > deadline:
                raise RunEnded(1, f"Not ready after {seconds:.0f} seconds; the reason is above.")
            self._tick(restart=True)

    def stop(self) -> None:
        """Stop everything in reverse order of starting."""
        while self._watched:
            service = self._watched.pop().service
            self._forget(service)
            service.stop()
        self._selector.close()

    def _ask_to_stop(self, _signum: int, _frame: object) -> None:
        self.stopping = True

    def _check(self) -> None:
        if self.stopping:
            raise RunEnded(0)

    def _begin(self, watch: _Watch) -> None:
        watch.due = None
        watch.started = time.monotonic()
        watch.service.start()
        watch.started = time.monotonic()
        if isinstance(watch.service, Child):
            self._selector.register(watch.service, selectors.EVENT_READ)

    def _forget(self, service: Service) -> None:
        if isinstance(service, Child) and service.process and self._is_read(service):
            self._selector.unregister(service)

    def _is_read(self, child: Child) -> bool:
        return any(key.fileobj is child for key in self._selector.get_map().values())

    def _tick(self, *, restart: bool) -> None:
        self._check()
        if not self._selector.get_map():
            time.sleep(TICK_SECONDS)
        for key, _events in self._selector.select(TICK_SECONDS):
            child = key.fileobj
            if isinstance(child, Child) and not child.pump():
                self._selector.unregister(child)
        if restart:
            for watch in list(self._watched):
                self._revive(watch)

    def _revive(self, watch: _Watch) -> None:
        if watch.due is not None:
            if time.monotonic() >= watch.due and not self.stopping:
                self._begin(watch)
            return
        status = watch.service.poll()
        if status is None:
            return
        if watch.once:
            if status:
                message = f"{watch.service.name} failed with status {status}; its output is above."
                raise RunEnded(1, message)
            return
        self._forget(watch.service)
        watch.service.stop()
        quick = time.monotonic() - watch.started < QUICK_DEATH_SECONDS
        watch.quick_deaths = watch.quick_deaths + 1 if quick else 0
        name = watch.service.name
        if watch.quick_deaths >= QUICK_DEATHS:
            lines = "\n".join(f"    {line}" for line in watch.service.tail())
            raise RunEnded(1, f"{name} keeps dying (status {status}). Its last lines:\n{lines}")
        pause = 0.5 * 2**watch.quick_deaths
        watch.due = time.monotonic() + pause
        self.say("up", f"{name} ended with status {status}; starting it again in {pause:g} s")


def is_terminal() -> bool:
    """Whether coloured labels make sense on standard output."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
