"""Signed orders against the running marketplace, and its pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.demo.conftest import SECRET, Demo, wait_for

LISTING = "hm-7-00000003"
START = datetime.now(tz=UTC)


def order_body(**changes: Any) -> dict[str, Any]:
    kind = changes.get("kind", "take_down")
    data = {
        "order_id": "order-1",
        "kind": kind,
        "listing": {"external_id": LISTING},
        "reason_code": "trademark_counterfeit",
        "statement_url": "http://127.0.0.1:8000/statements/1?a=1&b=2",
        "statement": {"decision_facts": "The goods are <b>copies</b>."},
        **changes,
    }
    made = data.pop("timestamp", START.isoformat())
    return {"type": f"order.{kind}", "timestamp": made, "data": data}


def send(
    demo: Demo,
    body: dict[str, Any] | bytes,
    *,
    message: str = "msg_1",
    secret: str = SECRET,
    at: datetime | None = None,
    **headers: str,
) -> httpx.Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = at or datetime.now(tz=UTC)
    signed = {
        "webhook-id": message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, moment, raw.decode()),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return httpx.post(f"{demo.url}/orders", content=raw, headers=signed)


@pytest.fixture
def demo(start_demo: Callable[..., Demo]) -> Demo:
    running = start_demo(DEMO_LIMIT="10")
    wait_for(lambda: running.health()["all"] == 10)
    return running


def page(demo: Demo, path: str) -> str:
    answer = httpx.get(demo.url + path)
    assert answer.status_code == 200
    return answer.text


def test_it_suspends_and_restores_a_shop_and_says_how_the_shop_is(demo: Demo) -> None:
    def shop(kind: str, order: str) -> dict[str, Any]:
        data = {"order_id": order, "kind": kind, "shop": {"external_id": "hm-copy-03"}}
        made = START + timedelta(seconds=int(order))
        return {"type": f"order.{kind}", "timestamp": made.isoformat(), "data": data}

    suspended = send(demo, shop("suspend", "1"), message="msg_s1")
    assert suspended.status_code == 200
    assert suspended.json() == {
        "order_id": "1",
        "status": "acknowledged",
        "shop_status": "suspended",
    }
    assert send(demo, shop("restore", "2"), message="msg_s2").json()["shop_status"] == "open"


def test_a_take_down_removes_the_listing_and_a_reinstatement_puts_it_back(demo: Demo) -> None:
    assert "On sale" in page(demo, f"/items/{LISTING}")
    answer = send(demo, order_body())
    assert answer.status_code == 200
    assert answer.json() == {
        "order_id": "order-1",
        "status": "acknowledged",
        "listing_status": "down",
    }
    assert "Removed by order order-1" in page(demo, f"/items/{LISTING}")
    assert LISTING in page(demo, "/?status=removed")
    back = send(demo, order_body(order_id="order-2", kind="reinstate"), message="msg_2")
    assert back.json()["listing_status"] == "live"
    assert "On sale" in page(demo, f"/items/{LISTING}")
    assert LISTING not in page(demo, "/?status=removed")


def test_an_order_delivered_twice_is_carried_out_once(demo: Demo) -> None:
    first = send(demo, order_body())
    assert send(demo, order_body()).json() == first.json()
    send(demo, order_body(order_id="order-2", kind="reinstate"), message="msg_2")
    # The first order arrives once more, even in a new message: the listing stays up.
    late = send(demo, order_body(), message="msg_3")
    assert late.status_code == 200
    assert late.json()["listing_status"] == "live"


def test_an_order_overtaken_by_a_newer_one_has_no_effect(demo: Demo) -> None:
    newer = (START + timedelta(seconds=5)).isoformat()
    reinstate = order_body(order_id="order-2", kind="reinstate", timestamp=newer)
    assert send(demo, reinstate, message="msg_2").json()["listing_status"] == "live"
    overtaken = send(demo, order_body())
    assert overtaken.status_code == 200
    assert overtaken.json()["listing_status"] == "live"


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_" + "QUJD" * 8},
        {"at": datetime.now(tz=UTC) - timedelta(minutes=30)},
        {"at": datetime.now(tz=UTC) + timedelta(days=1)},
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "nonsense"},
        {"webhook_signature": "v1,é"},
        {"webhook_timestamp": "never"},
        {"webhook_id": "msg_other"},
    ],
    ids=["secret", "old", "future", "false", "malformed", "not-ascii", "no-time", "other-id"],
)
def test_a_signature_that_does_not_hold_is_refused(still_demo: Demo, wrong: dict[str, Any]) -> None:
    if "webhook_signature" in wrong:
        wrong = {**wrong, "webhook_signature": wrong["webhook_signature"].encode("latin-1")}
    answer = send(still_demo, order_body(), **wrong)
    assert answer.status_code == 401
    assert answer.json()["error"] == "bad_signature"
    assert "On sale" in page(still_demo, f"/items/{LISTING}")


def test_an_unsigned_order_is_refused(still_demo: Demo) -> None:
    assert httpx.post(f"{still_demo.url}/orders", json=order_body()).status_code == 401


def test_an_unknown_listing_is_not_found_and_the_order_may_come_again(demo: Demo) -> None:
    answer = send(demo, order_body(listing={"external_id": "hm-7-99999999"}))
    assert answer.status_code == 404
    assert answer.json()["error"] == "unknown_listing"
    assert send(demo, order_body()).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"type": "order.take_down", "timestamp": "2026-01-01T00:00:00Z", "data": null}',
        json.dumps(order_body(order_id="")).encode(),
        json.dumps(order_body(listing={"external_id": 7})).encode(),
        json.dumps(order_body(timestamp="yesterday")).encode(),
        json.dumps({**order_body(), "type": "order.explode"}).encode(),
        json.dumps({**order_body(), "type": "order.reinstate"}).encode(),
        json.dumps(order_body(statement=[1])).encode(),
    ],
)
def test_a_signed_body_that_is_no_order_is_a_bad_request(still_demo: Demo, body: bytes) -> None:
    answer = send(still_demo, body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "bad_order"


def test_an_id_is_not_accepted_for_another_order(demo: Demo) -> None:
    send(demo, order_body())
    other = order_body(listing={"external_id": "hm-7-00000004"})
    assert send(demo, other, message="msg_2").status_code == 409
    other["data"]["order_id"] = "order-9"
    assert send(demo, other, message="msg_1").status_code == 409
    assert "On sale" in page(demo, "/items/hm-7-00000004")


def test_an_order_of_more_than_a_megabyte_is_refused(still_demo: Demo) -> None:
    assert send(still_demo, b" " * 1_000_001).status_code == 413


def test_the_sellers_message_links_the_statement_and_escapes_its_text(demo: Demo) -> None:
    send(demo, order_body())
    text = page(demo, f"/items/{LISTING}")
    assert 'href="http://127.0.0.1:8000/statements/1?a=1&amp;b=2"' in text
    assert "The goods are &lt;b&gt;copies&lt;/b&gt;." in text


def test_a_statement_link_that_is_no_web_address_is_not_linked(demo: Demo) -> None:
    send(demo, order_body(statement_url="javascript:alert(1)"))
    assert "javascript:" not in page(demo, f"/items/{LISTING}")


@pytest.mark.parametrize("path", ["/", "/?status=removed", f"/items/{LISTING}"])
def test_a_page_is_marked_simulated_and_loads_nothing_from_elsewhere(
    still_demo: Demo, path: str
) -> None:
    answer = httpx.get(still_demo.url + path)
    assert "Simulated marketplace" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', answer.text)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)
    for address in set(loaded):
        assert httpx.get(still_demo.url + address).status_code == 200, address
    assert not re.search(r"style=|<script|<style|\son\w+=", answer.text)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/orders", 405),
        ("POST", "/", 405),
        ("GET", "/nothing", 404),
        ("GET", "/items/nothing", 404),
        ("GET", "/images/nothing.png", 404),
        ("GET", "/images/../catalogue.json", 404),
        ("GET", "/static/../web.py", 404),
        ("HEAD", "/", 200),
    ],
)
def test_wrong_paths_and_methods_are_answered_plainly(
    still_demo: Demo, method: str, path: str, status: int
) -> None:
    # Written by hand: httpx would tidy ".." away before sending.
    with httpx.Client(base_url=still_demo.url) as client:
        request = client.build_request(method, "/")
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
    assert answer.status_code == status
    if status == 405:
        assert answer.headers["allow"] in {"POST", "GET, HEAD"}
