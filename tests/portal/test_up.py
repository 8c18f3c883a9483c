"""``manage.py up`` and the supervisor under it, with real processes."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from portal import supervisor as supervisor_module
from portal.supervisor import Child, RunEnded, Supervisor

ROOT = Path(__file__).resolve().parents[2]
TALKER = "import time; print('hello'); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(60)"
)
PARENT = (
    "import subprocess, sys, time;"
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid);"
    "time.sleep(60)"
)


class Board:
    """A supervisor with its output kept as lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.supervisor = Supervisor(out=self.lines.append)

    def child(self, name: str, code: str) -> Child:
        """A child that runs ``code``."""
        argv = [sys.executable, "-c", code]
        return Child(name, argv, env=dict(os.environ), cwd=ROOT, say=self.supervisor.say)

    def has(self, text: str) -> bool:
        """Whether some line contains ``text``."""
        return any(text in line for line in self.lines)

    def wait_for(self, text: str) -> None:
        """Run until a line contains ``text``."""
        self.supervisor.watch(lambda: self.has(text), seconds=20)


@pytest.fixture
def board() -> Iterator[Board]:
    """A supervisor that is stopped at the end."""
    board = Board()
    yield board
    board.supervisor.stop()


def test_each_line_carries_the_name_of_its_process(board: Board) -> None:
    board.supervisor.start(board.child("talker", TALKER))
    board.wait_for("hello")
    assert board.lines == ["talker   | hello"]


def test_a_killed_child_is_started_again(board: Board) -> None:
    child = board.child("talker", TALKER)
    board.supervisor.start(child)
    board.wait_for("hello")
    assert child.process is not None
    child.process.kill()
    board.supervisor.watch(lambda: board.lines.count("talker   | hello") == 2, seconds=20)
    assert board.has("talker ended with status -9; starting it again in 1 s")


def test_a_child_that_keeps_dying_ends_the_run_with_its_last_words(board: Board) -> None:
    board.supervisor.start(board.child("brief", "print('no can do'); raise SystemExit(3)"))
    with pytest.raises(RunEnded, match=r"(?s)brief keeps dying \(status 3\).*no can do") as ending:
        board.supervisor.watch(seconds=20)
    assert ending.value.status == 1


def test_a_failing_step_ends_the_run(board: Board) -> None:
    with pytest.raises(RunEnded, match="step failed with status 2"):
        board.supervisor.run(board.child("step", "print('why', end=''); raise SystemExit(2)"))
    assert board.has("step     | why")


def test_a_finished_step_is_not_started_again(board: Board) -> None:
    board.supervisor.run(board.child("step", "print('once')"))
    board.supervisor.start(board.child("talker", TALKER))
    board.wait_for("hello")
    assert board.lines.count("step     | once") == 1


def test_a_begun_step_goes_on_beside_others_until_it_is_waited_for(board: Board) -> None:
    step = board.child("step", "import time; print('begun'); time.sleep(1); print('done')")
    board.supervisor.begin(step)
    board.wait_for("begun")
    board.supervisor.start(board.child("talker", TALKER))
    board.wait_for("hello")
    board.supervisor.finish(step)
    assert board.lines.count("step     | done") == 1
    board.supervisor.watch(lambda: board.has("hello"), seconds=5)
    assert board.lines.count("step     | begun") == 1


def test_a_begun_step_that_fails_ends_the_run(board: Board) -> None:
    board.supervisor.begin(board.child("step", "print('why'); raise SystemExit(2)"))
    with pytest.raises(RunEnded, match="step failed with status 2"):
        board.supervisor.watch(lambda: False, seconds=20)
    assert board.has("step     | why")


def test_a_deaf_child_is_killed_after_its_grace(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_SECONDS", 0.3)
    child = board.child("deaf", STUBBORN)
    board.supervisor.start(child)
    board.wait_for("deaf     | deaf")
    assert child.process is not None
    pid = child.process.pid
    board.supervisor.stop()
    assert not psutil.pid_exists(pid)


def test_grandchildren_go_with_their_parent(board: Board) -> None:
    board.supervisor.start(board.child("parent", PARENT))
    board.wait_for("parent   |")
    grandchild = psutil.Process(int(board.lines[0].split("|")[1]))
    board.supervisor.stop()
    _gone, alive = psutil.wait_procs([grandchild], timeout=5)
    assert alive == []


def test_it_stops_in_reverse_order_of_starting(board: Board) -> None:
    farewell = (
        "import signal, sys, time;"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('bye')));"
        "print('hi'); time.sleep(60)"
    )
    for name in ("first", "second", "third"):
        board.supervisor.start(board.child(name, farewell))
        board.wait_for(f"{name:<9}| hi")
    board.supervisor.stop()
    byes = [line.split()[0] for line in board.lines if line.endswith("bye")]
    assert byes == ["third", "second", "first"]


def test_waiting_too_long_ends_the_run(board: Board) -> None:
    board.supervisor.start(board.child("talker", TALKER))
    with pytest.raises(RunEnded, match="Not ready"):
        board.supervisor.watch(lambda: False, seconds=0.5)


def test_a_reader_that_went_away_ends_the_run_quietly() -> None:
    def closed(_line: str) -> None:
        raise BrokenPipeError

    quiet = Supervisor(out=closed)
    quiet.say("up", "anybody there?")
    with pytest.raises(RunEnded) as ending:
        quiet.watch()
    assert ending.value.status == 0


# --------------------------------------------------------------------------- the whole portal


class Portal:
    """One ``manage.py up`` in a folder of its own."""

    def __init__(
        self, var: Path, *arguments: str, entry: tuple[str, ...] = ("-m", "portal.up")
    ) -> None:
        self.var = var
        self.port = free_port()
        own = {"PORTAL_VAR": str(var), "PORT": str(self.port), "DEMO_PORT": str(free_port())}
        env = {key: value for key, value in os.environ.items() if key not in EXTERNAL} | own
        self.log = var.parent / "up.log"
        with self.log.open("ab") as output:
            self.process = psutil.Popen(
                [sys.executable, *entry, *arguments],
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def answers(self) -> bool:
        """Whether the web process answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_until(self, ready: Callable[[], bool], seconds: float = 90) -> None:
        """Wait for ``ready``; fail with the log when it does not come."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"not ready in {seconds} s:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def ready(self) -> bool:
        """Whether the address was printed."""
        return self.log.read_text().count("The portal is ready") > 0

    def children(self) -> list[psutil.Process]:
        """Every process below this one."""
        found: list[psutil.Process] = self.process.children(recursive=True)
        return found

    def child(self, *words: str) -> psutil.Process | None:
        """The direct child whose command line has all ``words``, if it runs."""
        for process in self.process.children():
            with contextlib.suppress(psutil.Error):
                if set(words) <= set(process.cmdline()):
                    return process
        return None

    def kill(self) -> None:
        """End it whatever state it is in."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(psutil.TimeoutExpired):
                self.process.wait(60)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


EXTERNAL = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DATABASE_POOL"}


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def var() -> Iterator[Path]:
    """A short folder which any account may enter."""
    with tempfile.TemporaryDirectory(prefix="up-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "var"


@pytest.mark.chaos
def test_the_portal_survives_kills_and_stops_without_a_trace(var: Path) -> None:
    portal = Portal(var, "--no-demo")
    try:
        portal.wait_until(portal.ready)
        assert portal.answers()
        for words in (("uvicorn",), ("worker",), ("--unixsocket",)):
            victim = portal.child(*words)
            assert victim is not None, words
            victim.kill()
            portal.wait_until(lambda w=words, v=victim: portal.child(*w) not in (None, v))  # type: ignore[misc]
        portal.wait_until(portal.answers)
        everybody = portal.children()
        assert len(everybody) >= 5
        portal.process.send_signal(signal.SIGINT)
        assert portal.process.wait(30) == 0
        assert [process for process in everybody if process.is_running()] == []
        assert not (var / "run/servers.json").exists()
    finally:
        portal.kill()


@pytest.mark.chaos
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_nothing_outlives_a_killed_run_and_the_next_one_works(var: Path) -> None:
    first = Portal(var, "--no-demo")
    try:
        first.wait_until(first.ready)
        everybody = first.children()
        first.process.kill()
        first.process.wait(10)
        _gone, alive = psutil.wait_procs(everybody, timeout=20)
        assert alive == []
    finally:
        first.kill()
    second = Portal(var, "--no-demo")
    try:
        second.wait_until(second.answers)
    finally:
        second.kill()


@pytest.mark.parametrize("entry", [("-m", "portal.up"), ("manage.py", "up")])
def test_a_taken_port_is_named_before_anything_starts(var: Path, entry: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        portal = Portal(var, "--no-demo", "--port", number, entry=entry)
        assert portal.process.wait(60) == 1
    assert f"Port {number} cannot be used" in portal.log.read_text()
    assert not (var / "servers").exists()
