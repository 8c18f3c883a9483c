"""A portal-like peer on a real socket, and the demo marketplace as its own process."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
SECRET = "whsec_" + base64.b64encode(b"a secret for the tests only ....").decode()


@dataclass(frozen=True)
class Scripted:
    """One answer of the peer."""

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Peer(ThreadingHTTPServer):
    """Takes listings like the portal's API. ``script`` holds the next answers, then all is well."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.requests: list[tuple[float, str, str, dict[str, Any], int]] = []
        self.script: list[Scripted] = []
        self.reject: Callable[[dict[str, Any]], bool] = lambda listing: False
        self.refuse: Callable[[list[dict[str, Any]]], int | None] = lambda listings: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def taken(self, path: str = "/api/v1/listings") -> list[dict[str, Any]]:
        """Entries of all requests that were answered with 200, in order."""
        with self.lock:
            return [
                entry
                for _, place, _, body, status in self.requests
                if place == path and status == 200
                for entry in body["listings"]
            ]

    def answer(self, path: str, key: str, body: dict[str, Any]) -> Scripted:
        with self.lock:
            reply = self.script.pop(0) if self.script else self._usual(body["listings"])
            self.requests.append((time.monotonic(), path, key, body, reply.status))
            return reply

    def _usual(self, listings: list[dict[str, Any]]) -> Scripted:
        refused = self.refuse(listings)
        if refused is not None:
            return Scripted(refused, b'{"detail": "no"}')
        rejected = [
            {"index": place, "field": "title", "code": "required", "message": "A title is needed."}
            for place, listing in enumerate(listings)
            if self.reject(listing)
        ]
        accepted = len(listings) - len(rejected)
        reply = {"accepted": accepted, "unchanged": 0, "rejected": rejected}
        return Scripted(200, json.dumps(reply).encode())


class _Handler(BaseHTTPRequestHandler):
    server: Peer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.server.answer(self.path, self.headers.get("Authorization", ""), body)
        content = reply.body or b"{}"
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        del args


@contextmanager
def listening_peer() -> Iterator[Peer]:
    server = Peer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening_peer() as server:
        yield server


def wait_for(condition: Callable[[], object], *, seconds: float = 20) -> None:
    """Wait until ``condition`` is true; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds} s")
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class Demo:
    """A running ``python -m demo``."""

    process: subprocess.Popen[bytes]
    url: str
    folder: Path

    def health(self) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(f"{self.url}/healthz").json()
        return answer

    def output(self) -> str:
        return (self.folder / "output.txt").read_text()


def _answers(demo: Demo) -> bool:
    if demo.process.poll() is not None:
        raise AssertionError(f"the demo ended: {demo.output()}")
    try:
        return httpx.get(f"{demo.url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def launch(stack: ExitStack, peer: Peer, folder: Path, **variables: str) -> Demo:
    """Start the marketplace; ``variables`` are environment variables, ``stack`` ends it."""
    port = free_port()
    env = {
        **os.environ,
        "PORTAL_URL": peer.url,
        "PORTAL_API_KEY": "key-of-the-tests",
        "PORTAL_WEBHOOK_SECRET": SECRET,
        "DEMO_PORT": str(port),
        "DEMO_RATE": "100",
        "DEMO_LIMIT": "40",
        "DEMO_STATE": str(folder / "state.sqlite3"),
        **variables,
    }
    output = stack.enter_context((folder / "output.txt").open("ab"))
    process = subprocess.Popen(
        [sys.executable, "-m", "demo"], cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
    )
    stack.callback(_end, process)
    demo = Demo(process, f"http://127.0.0.1:{port}", folder)
    wait_for(lambda: _answers(demo))
    return demo


@pytest.fixture
def start_demo(peer: Peer, tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Start the marketplace against ``peer`` as often as the test likes, on one state file."""
    with ExitStack() as stack:
        yield lambda **variables: launch(stack, peer, tmp_path, **variables)


@pytest.fixture(scope="module")
def still_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One marketplace with ten listings, for the tests that change nothing in it."""
    with listening_peer() as peer, ExitStack() as stack:
        demo = launch(stack, peer, tmp_path_factory.mktemp("still"), DEMO_LIMIT="10")
        wait_for(lambda: demo.health()["all"] == 10)
        yield demo


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


@pytest.fixture
def free_port_url() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"
