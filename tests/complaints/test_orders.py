"""Orders against a real HTTP server that checks every signature."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from complaints.models import Decision, Order
from complaints.services import decisions, orders, statements
from portal.core import outbox
from portal.core.errors import NotAllowed, StaleState
from portal.core.models import JournalEntry, OutboxMessage
from pushes.models import Listing
from tests.complaints.support import at_once, complainant_of, platform_admin
from tests.factories import ComplaintFactory, InfringingLinkFactory, MarketplaceFactory

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_c2VjcmV0LW9mLXRoZS1tYXJrZXRwbGFjZQ=="
Answer = tuple[int, bytes]


class Marketplace:
    """A peer: verifies signatures, remembers what it was told, answers as the test says."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.answers: list[Answer | float] = []
        self.refused = 0
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                peer.take(self, raw)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/orders"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, handler: BaseHTTPRequestHandler, raw: bytes) -> None:
        try:
            body = Webhook(SECRET).verify(raw, dict(handler.headers.items()))
        except Exception:
            self.refused += 1
            raise
        self.bodies.append(body)
        self.ids.append(handler.headers["webhook-id"])
        answer = self.answers.pop(0) if self.answers else self.acknowledgement(body)
        if isinstance(answer, float):
            time.sleep(answer)
            answer = self.acknowledgement(body)
        status, content = answer
        try:
            handler.send_response(status)
            handler.send_header("content-length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            return  # the portal did not wait for us

    @staticmethod
    def acknowledgement(body: dict[str, Any], **changes: str) -> Answer:
        data = body["data"]
        status = "down" if data["kind"] == "take_down" else "live"
        answer = {"order_id": data["order_id"], "status": "acknowledged", "listing_status": status}
        return 200, json.dumps(answer | changes).encode()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def peer() -> Iterator[Marketplace]:
    market = Marketplace()
    yield market
    market.close()


@pytest.fixture
def order(peer: Marketplace, now: datetime) -> Order:
    return make_order(now, order_url=peer.url, order_secret=SECRET)


def make_order(now: datetime, **marketplace: Any) -> Order:
    link = InfringingLinkFactory(marketplace=MarketplaceFactory(**marketplace))
    complaint = ComplaintFactory(link=link)
    decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="established",
        code=Decision.Code.INFRINGEMENT_CLEAR,
        now=now,
    )
    return Order.objects.get(complaint=complaint)


def deliver(order: Order) -> bool:
    """Deliver the order's message as a worker would, whenever it is due."""
    OutboxMessage.objects.filter(key=f"order:{order.uuid}", finished_at=None).update(
        due_at=timezone.now()
    )
    done = outbox.deliver(OutboxMessage.objects.get(key=f"order:{order.uuid}").pk, timezone.now())
    order.refresh_from_db()
    return done


def wear_out(order: Order) -> None:
    """Leave the message one attempt."""
    OutboxMessage.objects.filter(key=f"order:{order.uuid}").update(attempts=outbox.MAX_ATTEMPTS - 1)


def test_a_signed_order_is_acknowledged_and_the_listing_goes_down(
    peer: Marketplace, order: Order
) -> None:
    assert deliver(order)
    assert order.state == Order.State.ACKNOWLEDGED
    assert order.sent_at is not None
    assert order.acknowledged_at is not None
    assert Listing.objects.get(pk=order.listing_id).status == Listing.Status.DOWN
    verbs = JournalEntry.objects.filter(verb__startswith="order.").order_by("id")
    assert [entry.verb for entry in verbs] == ["order.queued", "order.sent", "order.acknowledged"]
    assert all(entry.data["brand_id"] for entry in verbs)


def test_the_body_is_what_marketplaces_are_told_to_expect(
    peer: Marketplace, order: Order, now: datetime
) -> None:
    deliver(order)
    [body] = peer.bodies
    statement = order.complaint.decision.statement
    assert body["type"] == "order.take_down"
    assert datetime.fromisoformat(body["timestamp"]) == now
    assert body["data"] == {
        "order_id": str(order.uuid),
        "kind": "take_down",
        "listing": {"external_id": order.listing.external_id},
        "reason_code": "counterfeit",
        "statement_url": statements.address_of(statement),
        "statement": statement.seller_copy,
    }
    assert peer.ids == [str(order.uuid)]


def test_a_failing_marketplace_is_asked_again_with_the_same_id(
    peer: Marketplace, order: Order
) -> None:
    peer.answers = [(500, b"oops"), (429, b""), (401, b"")]
    assert not deliver(order)
    assert (order.state, order.error) == (Order.State.SENT, "the marketplace answered 500")
    assert not deliver(order)
    assert not deliver(order)
    assert deliver(order)
    assert (order.state, order.error) == (Order.State.ACKNOWLEDGED, "")
    assert set(peer.ids) == {str(order.uuid)}
    assert peer.bodies[0] == peer.bodies[-1]
    assert JournalEntry.objects.filter(verb="order.sent").count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"status": "acknowledged"}'),
        (200, b"\xff\xfe"),
        (200, b"x" * 100_000),
    ],
)
def test_an_answer_that_acknowledges_nothing_is_no_acknowledgement(
    peer: Marketplace, order: Order, answer: Answer
) -> None:
    peer.answers = [answer]
    assert not deliver(order)
    assert order.state == Order.State.SENT
    assert order.error
    assert deliver(order)


@pytest.mark.parametrize("change", ["order_id", "status", "listing_status"])
def test_an_answer_about_something_else_is_refused(
    peer: Marketplace, order: Order, change: str
) -> None:
    peer.answers = [peer.acknowledgement(orders.body_of(order), **{change: "other"})]
    assert not deliver(order)
    assert change in order.error
    assert Listing.objects.get(pk=order.listing_id).status == Listing.Status.LIVE


def test_a_slow_marketplace_is_not_waited_for(
    peer: Marketplace, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "TIMEOUT", httpx.Timeout(0.3))
    peer.answers = [1.5]
    started = time.monotonic()
    assert not deliver(order)
    assert time.monotonic() - started < 1.4
    assert "ReadTimeout" in order.error
    assert deliver(order)
    assert Order.objects.filter(state="acknowledged").count() == 1


def test_a_marketplace_that_is_down_is_asked_again(peer: Marketplace, order: Order) -> None:
    peer.close()
    assert not deliver(order)
    assert "ConnectError" in order.error
    assert OutboxMessage.objects.get(handler="orders.send").state == "waiting"


def test_a_refusal_that_cannot_improve_fails_the_order_at_once(
    peer: Marketplace, order: Order
) -> None:
    peer.answers = [(404, b'{"error": "unknown_listing"}')]
    assert not deliver(order)
    assert order.state == Order.State.FAILED
    assert "404" in order.error
    assert JournalEntry.objects.filter(verb="order.failed").count() == 1


def test_redirects_are_not_followed(peer: Marketplace, order: Order) -> None:
    peer.answers = [(302, b"")]
    assert not deliver(order)
    assert order.state == Order.State.FAILED
    assert len(peer.bodies) == 1


def test_an_order_fails_after_the_last_attempt_and_a_person_sends_it_again(
    peer: Marketplace, order: Order, now: datetime
) -> None:
    peer.answers = [(503, b"")]
    wear_out(order)
    assert not deliver(order)
    assert order.state == Order.State.FAILED
    assert not deliver(order)  # nothing is due any more
    assert len(peer.bodies) == 1
    orders.send_again(actor=platform_admin(), order=order, now=now)
    assert order.state == Order.State.QUEUED
    assert deliver(order)
    assert order.state == Order.State.ACKNOWLEDGED
    assert peer.ids == [str(order.uuid)] * 2


def test_giving_up_and_failing_the_order_are_one_act(
    peer: Marketplace, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    peer.answers = [(503, b"")]
    wear_out(order)
    monkeypatch.setattr(orders, "_move", die)
    order_row = Order.objects.filter(pk=order.pk)
    order_row.update(state=Order.State.SENT)
    with pytest.raises(KeyboardInterrupt):
        deliver(order)
    monkeypatch.undo()
    assert OutboxMessage.objects.get(handler="orders.send").state == "taken"
    assert order_row.get().state == Order.State.SENT
    assert deliver(order)  # the lease runs out, and the worker's successor finishes
    assert order.state == Order.State.ACKNOWLEDGED


def test_a_worker_that_dies_after_the_answer_repeats_without_a_second_effect(
    peer: Marketplace, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(orders, "_acknowledge", die)
    with pytest.raises(KeyboardInterrupt):
        deliver(order)
    monkeypatch.undo()
    assert deliver(order)
    assert peer.ids == [str(order.uuid)] * 2  # the marketplace knows it as one
    assert JournalEntry.objects.filter(verb="order.acknowledged").count() == 1
    assert JournalEntry.objects.filter(verb="listing.down").count() == 1


def test_two_workers_with_the_same_message_acknowledge_once(
    peer: Marketplace, order: Order
) -> None:
    message = OutboxMessage.objects.get(handler="orders.send")
    Order.objects.filter(pk=order.pk).update(state=Order.State.SENT)
    at_once(4, lambda: orders.deliver(message))
    assert JournalEntry.objects.filter(verb="order.acknowledged").count() == 1
    orders.deliver(message)
    assert len(peer.bodies) == 4  # an acknowledged order is not sent any more


@pytest.mark.parametrize(
    ("missing", "note"),
    [
        ({"order_url": ""}, "no order address"),
        ({"order_secret": ""}, "no valid signing secret"),
        ({"order_secret": "whsec_%%%"}, "no valid signing secret"),
    ],
)
def test_an_order_waits_for_a_marketplace_that_is_not_set_up(
    peer: Marketplace, now: datetime, missing: dict[str, str], note: str
) -> None:
    order = make_order(now, **({"order_url": peer.url, "order_secret": SECRET} | missing))
    assert deliver(order)
    assert order.state == Order.State.QUEUED
    assert note in order.error
    assert order.can_be_sent_again
    market = order.marketplace
    market.order_url, market.order_secret = peer.url, SECRET
    market.save()
    orders.send_again(actor=platform_admin(), order=order, now=now)
    assert deliver(order)
    assert order.state == Order.State.ACKNOWLEDGED


def test_an_order_on_its_way_is_not_sent_again(order: Order, now: datetime) -> None:
    for _again in range(2):
        with pytest.raises(StaleState):
            orders.send_again(actor=platform_admin(), order=order, now=now)
        deliver(order)


def test_only_the_platform_sends_orders_again(order: Order, now: datetime) -> None:
    Order.objects.filter(pk=order.pk).update(state=Order.State.FAILED)
    order.refresh_from_db()
    with pytest.raises(NotAllowed):
        orders.send_again(actor=complainant_of(order.complaint), order=order, now=now)


def test_a_wrong_secret_is_refused_by_the_marketplace_and_noted(
    peer: Marketplace, now: datetime
) -> None:
    order = make_order(now, order_url=peer.url, order_secret="whsec_b3RoZXI=")
    assert not deliver(order)
    assert peer.refused == 1
    assert order.error


def test_the_relay_finds_the_order_by_itself(order: Order) -> None:
    message = OutboxMessage.objects.get(handler="orders.send")
    assert message.pk in outbox.due(timezone.now())
    outbox.deliver(message.pk, timezone.now())
    assert message.pk not in outbox.due(timezone.now() + timedelta(days=1))
