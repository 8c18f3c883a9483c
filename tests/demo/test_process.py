"""``python -m demo`` as a process: starts, stops at once, goes on where it stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.demo.conftest import ROOT, SECRET, Demo, Peer, Scripted, wait_for
from tests.demo.test_orders import order_body, send

GOOD = {"PORTAL_URL": "http://127.0.0.1:1", "PORTAL_API_KEY": "k", "PORTAL_WEBHOOK_SECRET": SECRET}


def ids(peer: Peer) -> list[str]:
    return list(dict.fromkeys(entry["external_id"] for entry in peer.taken()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_two_seconds(
    start_demo: Callable[..., Demo], number: signal.Signals
) -> None:
    demo = start_demo(DEMO_LIMIT="0")
    begin = time.monotonic()
    demo.process.send_signal(number)
    assert demo.process.wait(timeout=10) == 0
    assert time.monotonic() - begin < 2
    assert "Traceback" not in demo.output()


def test_it_stops_while_the_portal_keeps_it_waiting(
    start_demo: Callable[..., Demo], peer: Peer
) -> None:
    peer.script = [Scripted(503, headers={"Retry-After": "120"})] * 3
    demo = start_demo()
    wait_for(lambda: peer.requests)
    demo.process.terminate()
    assert demo.process.wait(timeout=2) == 0


def test_a_restart_goes_on_where_it_stopped_and_removed_listings_stay_removed(
    start_demo: Callable[..., Demo], peer: Peer
) -> None:
    demo = start_demo(DEMO_LIMIT="20")
    wait_for(lambda: len(ids(peer)) == 20)
    assert send(demo, order_body()).json()["listing_status"] == "down"
    demo.process.terminate()
    demo.process.wait(timeout=10)

    demo = start_demo(DEMO_LIMIT="60")
    wait_for(lambda: len(ids(peer)) == 60)
    assert ids(peer) == [f"hm-7-{place:08d}" for place in range(60)]
    assert demo.health()["removed"] == 1
    assert send(demo, order_body()).json()["listing_status"] == "down"


def test_a_killed_marketplace_loses_nothing(start_demo: Callable[..., Demo], peer: Peer) -> None:
    peer.script = [Scripted(500)] * 2
    demo = start_demo(DEMO_LIMIT="30")
    wait_for(lambda: demo.health()["all"] > 0)
    demo.process.kill()
    demo.process.wait()
    start_demo(DEMO_LIMIT="30")
    wait_for(lambda: len(ids(peer)) == 30)
    assert ids(peer) == [f"hm-7-{place:08d}" for place in range(30)]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_URL", ""),
        ("PORTAL_URL", "portal.example"),
        ("PORTAL_API_KEY", ""),
        ("PORTAL_WEBHOOK_SECRET", ""),
        ("PORTAL_WEBHOOK_SECRET", "whsec_"),
        ("PORTAL_WEBHOOK_SECRET", "whsec_é"),
        ("DEMO_PORT", "99999"),
        ("DEMO_PORT", "-1"),
        ("DEMO_RATE", "0"),
        ("DEMO_RATE", "nan"),
        ("DEMO_RATE", "fast"),
        ("DEMO_LIMIT", "1.5"),
        ("DEMO_SEED", "x"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_starts(variable: str, value: str) -> None:
    done = _start_badly({**GOOD, variable: value})
    assert done.returncode == 2
    assert variable in done.stderr
    assert "Traceback" not in done.stderr


def test_a_busy_port_is_named(start_demo: Callable[..., Demo]) -> None:
    port = start_demo().url.rpartition(":")[2]
    done = _start_badly({**GOOD, "DEMO_PORT": port})
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr


def _start_badly(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DEMO_", "PORTAL_"))}
    return subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**env, **variables},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
