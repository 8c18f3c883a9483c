"""Orders to marketplaces: asked for with the decision, delivered through the outbox.

The order's UUID is the key of the effect everywhere: outbox key, ``webhook-id`` and ``order_id``.
A marketplace carries it out once however often it arrives. Whether it still holds is asked anew at
each attempt, in ``order_sequence``. Retry design: a time-out, a refused
connection, 5xx, 401, 403, 408, 425, 429 and a wrong answer are tried again by the outbox; any other
answer cannot improve and fails the order at once. A failed order waits for a person.

A marketplace without an address leaves its orders queued, with a note, until a person sends them.
"""

import binascii
import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from complaints.models import Complaint, Order, ShopConsequence, StatementOfReasons, Strike
from complaints.services import order_sequence, statements
from complaints.services.facts import facts_of
from portal.core import journal, outbox, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import StaleState
from portal.core.models import OutboxMessage
from portal.core.policies import Permission, may
from pushes.models import Listing
from pushes.services import listing_status

HANDLER = "orders.send"
KEY_PREFIX = order_sequence.KEY_PREFIX
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LONGEST_ANSWER = 64 * 1024
LONGEST_ERROR = 300
STATUS_AFTER = {
    Order.Kind.TAKE_DOWN: Listing.Status.DOWN,
    Order.Kind.REINSTATE: Listing.Status.LIVE,
}
# What the marketplace must answer about the shop, for orders about shops.
SHOP_STATUS_AFTER = {
    Order.Kind.RESTRICT: "restricted",
    Order.Kind.LIFT: "open",
    Order.Kind.SUSPEND: "suspended",
    Order.Kind.RESTORE: "open",
}
WORTH_RETRYING = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


def queue(*, complaint: Complaint, kind: str, actor: Actor, now: datetime) -> Order:
    """Ask for an order in the caller's transaction."""
    listing = complaint.link.listing
    order = Order.objects.create(
        kind=kind,
        complaint=complaint,
        marketplace=listing.marketplace,
        listing=listing,
        queued_at=now,
    )
    journal.record("order.queued", order, actor=actor, now=now, data=_data(order))
    outbox.enqueue(HANDLER, key=_key(order), now=now)
    return order


def queue_for_shop(
    *, consequence: ShopConsequence, kind: str, actor: Actor, now: datetime
) -> Order:
    """Ask for an order about a shop in the caller's transaction.

    It names the newest complaint behind the measure; one that ends it names the same.
    """
    earlier = Order.objects.filter(consequence=consequence).order_by("pk").first()
    # The newest strike that stands; of a seller without one, the newest.
    standing_first = F("reversed_at").asc(nulls_first=True)
    strikes = Strike.objects.filter(seller=consequence.seller).order_by(standing_first, "-pk")
    complaint = earlier.complaint if earlier else strikes[:1].get().complaint
    order = Order.objects.create(
        kind=kind,
        complaint=complaint,
        marketplace=consequence.seller.marketplace,
        listing=complaint.link.listing,
        consequence=consequence,
        queued_at=now,
    )
    journal.record("order.queued", order, actor=actor, now=now, data=_data(order))
    outbox.enqueue(HANDLER, key=_key(order), now=now)
    return order


@transaction.atomic
def send_again(*, actor: Actor, order: Order, now: datetime) -> None:
    """Send an order that failed, or that waits for an address, once more.

    Raises ``StaleState`` when it is on its way already or was acknowledged.
    """
    may(actor, Permission.MANAGE_PLATFORM).require()
    if order.state == Order.State.QUEUED:
        waiting = Order.objects.filter(pk=order.pk, state=Order.State.QUEUED).exclude(error="")
        if not waiting.update(error=""):
            raise StaleState("on_its_way", _("This order is on its way already."))
        order.error = ""
        journal.record("order.queued", order, actor=actor, now=now, data=_data(order))
    else:
        states.move(
            order,
            Order.State.QUEUED,
            actor=actor,
            now=now,
            data=_data(order),
            changes={"error": ""},
        )
    outbox.ask_again(_key(order), now)


def deliver(message: OutboxMessage) -> None:
    """Send the order of an outbox message; called outside any transaction.

    Raises ``outbox.RetryLater`` or ``outbox.GiveUp`` with the reason.
    """
    order = _read(message)
    if order.state in {Order.State.ACKNOWLEDGED, Order.State.FAILED}:
        return  # delivered twice, or a person has not asked again
    if reason := order_sequence.superseded(order):
        raise outbox.GiveUp(reason)
    if order_sequence.is_crossed(order, timezone.now()):
        raise outbox.RetryLater(_("An opposite order is on its way; this one follows it."))
    webhook = _webhook(order)
    if webhook is None:
        return
    if order.state == Order.State.QUEUED:
        note_sent(order, now=timezone.now())
    try:
        take_answer(order, _post(order, webhook), now=timezone.now())
    except (httpx.HTTPError, outbox.RetryLater, outbox.GiveUp) as error:
        _note(order, _in_short(error))
        raise


def note_sent(order: Order, *, now: datetime) -> None:
    """Note that a queued order is on its way."""
    _move(order, Order.State.SENT, now=now, sent_at=now, error="")


def take_answer(order: Order, answer: httpx.Response, *, now: datetime) -> None:
    """Note that the order was carried out; raises as ``deliver`` unless the answer says so."""
    _check(order, answer)
    _acknowledge(order, now)


def give_up(message: OutboxMessage) -> None:
    """Mark the order failed when the outbox gives it up."""
    order = _read(message)
    if order.state in {Order.State.QUEUED, Order.State.SENT}:
        _move(
            order, Order.State.FAILED, now=timezone.now(), error=message.last_error[:LONGEST_ERROR]
        )


def body_of(order: Order) -> dict[str, Any]:
    """Return the body of the signed request; the same at every delivery of the same order."""
    body: dict[str, Any] = {
        "type": f"order.{order.kind}",
        "timestamp": order.queued_at.astimezone(UTC).isoformat(),
        "data": {
            "order_id": str(order.uuid),
            "kind": order.kind,
            "listing": {"external_id": order.listing.external_id},
            "reason_code": order.complaint.reason,
            "statement_url": "",
            "statement": {},
        },
    }
    if order.consequence is not None:
        body["data"]["shop"] = _shop(order.consequence)
        return body
    statement = StatementOfReasons.objects.filter(decision__complaint=order.complaint).first()
    if statement is not None:
        body["data"]["statement_url"] = statements.address_of(statement)
        body["data"]["statement"] = statement.seller_copy
    return body


def _shop(consequence: ShopConsequence) -> dict[str, Any]:
    """Return the shop, what is restricted and until when, and the reasons for its seller."""
    until = consequence.until
    return {
        "external_id": consequence.seller.external_id,
        "category": consequence.category,
        "until": until.astimezone(UTC).isoformat() if until else None,
        "reasons": consequence.note,
        "complaints": [strike["complaint"] for strike in consequence.evidence.get("strikes", [])],
    }


def signed(order: Order, webhook: Webhook, at: datetime) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of the request, signed at ``at``, which must be the real time."""
    raw = json.dumps(body_of(order), ensure_ascii=False, separators=(",", ":"))
    headers = {
        "content-type": "application/json",
        "webhook-id": str(order.uuid),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": webhook.sign(str(order.uuid), at, raw),
    }
    return raw.encode(), headers


def _key(order: Order) -> str:
    return f"{KEY_PREFIX}{order.uuid}"


def _data(order: Order) -> dict[str, Any]:
    return {**facts_of(order.complaint), "kind": order.kind}


def _read(message: OutboxMessage) -> Order:
    """Return the order by the message's key: the payload of a finished message is gone."""
    return Order.objects.select_related(
        "marketplace", "listing", "complaint__link__listing", "consequence__seller"
    ).get(uuid=message.key.removeprefix(KEY_PREFIX))


def _webhook(order: Order) -> Webhook | None:
    """Return the signer, or ``None`` after noting what the marketplace lacks."""
    if not order.marketplace.order_url:
        _note(order, _("The marketplace has no order address. Set one, then send the order."))
        return None
    try:
        return Webhook(order.marketplace.order_secret)
    except (EmptyWebhookSecretError, binascii.Error):
        _note(
            order, _("The marketplace has no valid signing secret. Set one, then send the order.")
        )
        return None


def _post(order: Order, webhook: Webhook) -> httpx.Response:
    """Send the signed request and return the answer, with at most ``LONGEST_ANSWER`` bytes."""
    at = timezone.now()
    raw, headers = signed(order, webhook, at)
    with (
        httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
        client.stream("POST", order.marketplace.order_url, content=raw, headers=headers) as answer,
    ):
        content = bytearray()
        for part in answer.iter_bytes():
            content += part
            if len(content) > LONGEST_ANSWER:
                raise outbox.RetryLater("the answer is longer than 64 KiB")
            if timezone.now() - at > outbox.LEASE / 2:
                raise outbox.RetryLater("the answer takes too long")
        return httpx.Response(answer.status_code, content=bytes(content))


def _check(order: Order, answer: httpx.Response) -> None:
    """Raise unless the answer acknowledges this very order."""
    status = answer.status_code
    if status in WORTH_RETRYING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise outbox.RetryLater(f"the marketplace answered {status}")
    if status != HTTPStatus.OK:
        raise outbox.GiveUp(f"the marketplace answered {status}: {answer.text[:200]}")
    try:
        content = answer.json()
    except ValueError as error:
        raise outbox.RetryLater("the answer is no JSON") from error
    expected = {"order_id": str(order.uuid), "status": "acknowledged"}
    if order.consequence_id is None:
        expected["listing_status"] = str(STATUS_AFTER[Order.Kind(order.kind)])
    else:
        expected["shop_status"] = SHOP_STATUS_AFTER[Order.Kind(order.kind)]
    if not isinstance(content, dict):
        raise outbox.RetryLater("the answer is no JSON object")
    wrong = [name for name, value in expected.items() if content.get(name) != value]
    if wrong:
        raise outbox.RetryLater(f"the answer does not acknowledge this order: {', '.join(wrong)}")


@transaction.atomic
def _acknowledge(order: Order, now: datetime) -> None:
    try:
        states.move(
            order,
            Order.State.ACKNOWLEDGED,
            actor=SYSTEM,
            now=now,
            data=_data(order),
            changes={"acknowledged_at": now, "error": ""},
        )
    except StaleState:  # the same message was delivered twice at once; the other one won
        return
    if order.consequence_id is not None:
        return
    listing_status.set_status(
        listing=order.listing, status=STATUS_AFTER[Order.Kind(order.kind)], actor=SYSTEM, now=now
    )


@transaction.atomic
def _move(order: Order, to: str, *, now: datetime, **changes: Any) -> None:
    states.move(order, to, actor=SYSTEM, now=now, data=_data(order), changes=changes)


def _note(order: Order, text: str) -> None:
    """Keep on the order what went wrong last, for the staff page."""
    Order.objects.filter(pk=order.pk).exclude(state=Order.State.ACKNOWLEDGED).update(
        error=text[:LONGEST_ERROR]
    )


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, httpx.HTTPError) else str(error)
