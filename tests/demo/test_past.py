"""A past for the marketplace: told without a running process, remembered by the next one."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from demo.state import State

SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()
SPAN = ("--since", "2026-01-01T00:00:00+00:00", "--until", "2026-01-11T00:00:00+00:00")


def past(state: Path, *arguments: str, told: str = "") -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "demo.past", "--state", str(state), *arguments],
        input=told.encode(),
        capture_output=True,
        check=True,
        env=os.environ | {"PORTAL_WEBHOOK_SECRET": SECRET},
    )
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def listings(state: Path, count: int = 40) -> list[dict[str, Any]]:
    return past(state, "listings", "--count", str(count), *SPAN)


def signed(external_id: str) -> str:
    body = json.dumps(
        {
            "type": "order.take_down",
            "timestamp": "2026-01-05T00:00:00+00:00",
            "data": {"order_id": "order-1", "listing": {"external_id": external_id}},
        }
    )
    at = datetime.now(tz=UTC)
    headers = {
        "webhook-id": "order-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("order-1", at, body),
    }
    return json.dumps({"headers": headers, "body": body}) + "\n"


def test_the_past_is_spread_over_its_span_and_every_listing_has_its_truth(tmp_path: Path) -> None:
    told = listings(tmp_path / "state.sqlite3")
    times = [line["listing"]["seen_at"] for line in told]
    assert times == sorted(times)
    assert times[0] == "2026-01-01T00:00:00Z"
    assert times[-1] < "2026-01-11T00:00:00Z"
    assert {line["truth"]["kind"] for line in told} == {"ordinary", "genuine", "grey", "copy"}


def test_the_marketplace_remembers_its_past_and_posts_none_of_it(tmp_path: Path) -> None:
    told = listings(tmp_path / "state.sqlite3")
    state = State(tmp_path / "state.sqlite3")
    assert state.counts() == {"all": 40, "removed": 0, "waiting": 0, "refused": 0}
    row = state.get(told[3]["listing"]["external_id"])
    assert row is not None
    assert row.live
    assert row.payload == told[3]["listing"]


def test_the_same_seed_tells_the_same_past(tmp_path: Path) -> None:
    assert listings(tmp_path / "one.sqlite3") == listings(tmp_path / "two.sqlite3")


def test_an_order_of_the_past_is_carried_out_and_answered(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    name = listings(path)[0]["listing"]["external_id"]
    (answer,) = past(path, "orders", told=signed(name))
    assert answer == {
        "status": 200,
        "body": {"order_id": "order-1", "status": "acknowledged", "listing_status": "down"},
    }
    row = State(path).get(name)
    assert row is not None
    assert row.removed_by == "order-1"


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        # Signed when the test runs: a signature is good for five minutes only.
        (lambda: signed("hm-6-unheard-of"), 404, "unknown_listing"),
        (lambda: json.dumps({"headers": {}, "body": "{}"}) + "\n", 401, "bad_signature"),
    ],
)
def test_an_order_that_cannot_be_carried_out_says_why(
    tmp_path: Path, make: Callable[[], str], status: int, code: str
) -> None:
    path = tmp_path / "state.sqlite3"
    listings(path)
    assert past(path, "orders", told=make()) == [{"status": status, "body": {"error": code}}]
