"""How long live events take from the journal's seal to many open streams, over loopback.

    python -m benchmarks.live [--clients 300] [--events 100] [--out FOLDER]

Runs PostgreSQL, Valkey and one web process of its own. An event counts as sent when its seal is
committed, before the web process is woken; it counts as delivered when a client has read its last
byte. Writes ``live-DATE.json`` into the folder.
"""

import argparse
import asyncio
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from portal.embedded.servers import temporary_servers

ROOT = Path(__file__).resolve().parent.parent
STREAMS_A_MEMBER = 6
PATIENCE = 60.0


@dataclass(frozen=True)
class Delivery:
    """Milliseconds from seal to client over every pair of event and client."""

    clients: int
    events: int
    delivered: int
    p50: float
    p99: float
    longest: float


async def _open(
    host: str, port: int, cookie: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open one stream and read past its first event, so that it is registered with the hub.

    The writer is returned to be kept: one that nobody refers to closes its connection.
    """
    reader, writer = await asyncio.open_connection(host, port)
    request = f"GET /live/ HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\n\r\n"
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.readuntil(b"event: caught-up\ndata: {}\n\n"), PATIENCE)
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise RuntimeError(answer.decode())
    return reader, writer


async def _listen(reader: asyncio.StreamReader, seen: dict[int, float], wanted: int) -> None:
    number = 0
    before: list[bytes] = []
    while len(seen) < wanted:
        line = await reader.readline()
        before = [*before[-9:], line]
        if not line:
            raise RuntimeError(f"a stream ended after {before}")
        if line.startswith(b"id: "):
            number = int(line[4:])
        elif line.startswith(b"event: links"):
            seen.setdefault(number, time.perf_counter())


async def measure(
    host: str,
    port: int,
    cookies: Sequence[str],
    *,
    events: int,
    send: Callable[[], tuple[int, float]],
    every: float = 0.05,
) -> Delivery:
    """Open one stream a cookie, send events, and wait until all were read by all.

    ``send`` seals one event, wakes the hub and returns the seal's number and the moment
    (``time.perf_counter``) at which it was committed.
    """
    opened = await asyncio.gather(*(_open(host, port, cookie) for cookie in cookies))
    seen: list[dict[int, float]] = [{} for _stream in opened]
    listening = [
        asyncio.create_task(_listen(reader, mine, events))
        for (reader, _writer), mine in zip(opened, seen, strict=True)
    ]
    sent: dict[int, float] = {}
    for _number in range(events):
        seq, at = await asyncio.to_thread(send)
        sent[seq] = at
        await asyncio.sleep(every)
    await asyncio.wait_for(asyncio.gather(*listening), PATIENCE)
    for _reader, writer in opened:
        writer.close()
    took = sorted(
        1000 * (mine[seq] - at) for mine in seen for seq, at in sent.items() if seq in mine
    )
    return Delivery(
        clients=len(cookies),
        events=events,
        delivered=len(took),
        p50=round(statistics.median(took), 1),
        p99=round(took[int(0.99 * (len(took) - 1))], 1),
        longest=round(took[-1], 1),
    )


# --------------------------------------------------------------------------- the command


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _start_web(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "portal.asgi:application", "--port", str(port)]
    quiet = ["--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3"]
    return subprocess.Popen([*command, *quiet], cwd=ROOT, env=environment)


def _wait_for(port: int) -> None:
    stop = time.monotonic() + PATIENCE
    while time.monotonic() < stop:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError("the web process did not start")


def _run(port: int, clients: int, events: int) -> Delivery:
    """Make the rows and measure; Django is set up on the same servers."""
    from benchmarks import live_rows  # noqa: PLC0415  # needs the servers' addresses

    cookies = live_rows.cookies(clients, STREAMS_A_MEMBER)
    return asyncio.run(measure("127.0.0.1", port, cookies, events=events, send=live_rows.sender()))


def main() -> None:
    """Measure once and print the result as JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.live", description=__doc__)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-live-")))
        addresses = stack.enter_context(temporary_servers(folder / "servers"))
        (folder / "var" / "static").mkdir(parents=True)
        os.environ |= {
            **addresses,
            "DATABASE_URL": addresses["DATABASE_OWNER_URL"],
            "PORTAL_VAR": str(folder / "var"),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        environment = dict(os.environ)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v", "0"],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        port = _free_port()
        web = _start_web(environment, port)
        stack.callback(web.wait)
        stack.callback(web.terminate)
        _wait_for(port)
        delivery = _run(port, options.clients, options.events)
    report = {
        **vars(delivery),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    text = json.dumps(report, indent=1)
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / f"live-{datetime.now(UTC):%Y-%m-%d}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
