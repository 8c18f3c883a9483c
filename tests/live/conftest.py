"""A web process of its own on the test database, and clients that read its event streams."""

import http.client
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client

from portal.core.live import signals
from portal.core.models import Member
from tests.chaos.conftest import environment, kill, wait_until
from tests.demo.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0


@dataclass
class Web:
    """uvicorn as ``make run`` starts it; it can be killed and started again on its port."""

    log: Path
    port: int = field(default_factory=free_port)
    changes: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = ["-m", "uvicorn", "portal.asgi:application", "--port", str(self.port)]
        quiet = ["--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3"]
        env = environment(DATABASE_POOL="4", **self.changes)
        # The broker's database of the suite, not that of chaos: sessions are cached there.
        env["REDIS_URL"] = os.environ["REDIS_URL"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command, *quiet],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        stop = time.monotonic() + 120
        while time.monotonic() < stop:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        pytest.fail(f"the web process did not start: {self.log.read_text()}")

    def kill(self) -> None:
        """Kill it as a power cut would; what it counted of its streams stays until it runs out."""
        assert self.process is not None
        kill(self.process)

    def stop(self) -> float:
        """Ask it to end in order; return the seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        return time.monotonic() - began


def counted_streams() -> int:
    """How many streams are counted as open and have not run out."""
    counts = redis.Redis.from_url(os.environ["REDIS_URL"])
    keys = counts.keys(f"{signals.channel()}:streams:*")
    return sum(int(counts.zcount(key, time.time(), "+inf")) for key in keys)


@pytest.fixture(scope="package")
def _server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One web process for the folder: starting it costs more than all its tests."""
    web = Web(tmp_path_factory.mktemp("web") / "web.log")
    yield web
    if web.process is not None:
        web.kill()


@pytest.fixture
def web(transactional_db, _server: Web) -> Iterator[Web]:
    """A running web process without streams of earlier tests."""
    if _server.process is None or _server.process.poll() is not None:
        _server.start()
    yield _server
    print(_server.log.read_text())  # shown when the test failed
    # The process must have noticed before the tables are emptied for the next test. A reader that
    # went away is noticed at the latest by the next ping, after 15 s.
    if _server.process is not None and _server.process.poll() is None:
        wait_until(lambda: not counted_streams(), seconds=100)


@dataclass
class Listener:
    """One open stream, read in a thread."""

    connection: http.client.HTTPConnection
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    events: "queue.Queue[tuple[str, str, dict[str, object]]]" = field(default_factory=queue.Queue)
    opened: threading.Event = field(default_factory=threading.Event)

    def read(self, path: str, headers: dict[str, str]) -> None:
        """Read until the stream ends."""
        with suppress(OSError, http.client.HTTPException):
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
            self.status = answer.status
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
            self.opened.set()
            self._take(line.decode().rstrip("\n") for line in answer)
        self.opened.set()
        self.ended.set()

    def close(self) -> None:
        """Hang up, as a closed tab does."""
        with suppress(OSError):
            if self.connection.sock is not None:
                self.connection.sock.shutdown(socket.SHUT_RDWR)

    def _take(self, lines: Iterable[str]) -> None:
        fields: dict[str, str] = {}
        for line in lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                data = json.loads(fields.get("data") or "{}")
                self.events.put((fields["event"], fields.get("id", ""), data))
                fields = {}

    def next(self, *names: str, seconds: float = PATIENCE) -> tuple[str, str, dict[str, object]]:
        """The next event of these names; others are passed over."""
        stop = time.monotonic() + seconds
        while True:
            found = self.events.get(timeout=max(stop - time.monotonic(), 0.01))
            if found[0] in names:
                return found

    def names_until(self, *names: str) -> list[str]:
        """Names of every event up to the first of ``names``."""
        seen: list[str] = []
        while not seen or seen[-1] not in names:
            seen.append(self.events.get(timeout=PATIENCE)[0])
        return seen


def signed_in_client(member: Member) -> Client:
    """A browser without a stream, for the other pages of a member."""
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def listen(web: Web) -> Iterator[Callable[..., Listener]]:
    """Open a stream for a member's session; returns once it is open and caught up."""
    started: list[Listener] = []

    def start(
        client: Client | Member, *, query: str = "", last: int | None = None, wait: bool = True
    ) -> Listener:
        if isinstance(client, Member):
            client = signed_in_client(client)
        name = django_settings.SESSION_COOKIE_NAME
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        if name in client.cookies:
            headers["Cookie"] = f"{name}={client.cookies[name].value}"
        listener = Listener(http.client.HTTPConnection("127.0.0.1", web.port, timeout=60))
        started.append(listener)
        threading.Thread(
            target=listener.read, args=(f"/live/{query}", headers), daemon=True
        ).start()
        assert listener.opened.wait(PATIENCE)
        if wait and listener.status == 200:
            listener.next("caught-up", "reset", "full")
        return listener

    yield start
    for listener in started:
        listener.close()
