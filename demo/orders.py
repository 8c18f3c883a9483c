"""Taking orders from the portal: take a listing down, or put it back.

An order is a Standard Webhooks message. It is carried out once however often it arrives: the answer
to a repetition is the same as to the first delivery. Deliveries may also overtake each other, so an
order older than the last one carried out on its listing is acknowledged without effect.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from demo.state import HandledOrder, Row, State

KINDS = {"order.take_down": "take_down", "order.reinstate": "reinstate"}
# Orders about a shop, and how the shop is afterwards.
SHOP_KINDS = {
    "order.restrict": ("restrict", "restricted"),
    "order.lift": ("lift", "open"),
    "order.suspend": ("suspend", "suspended"),
    "order.restore": ("restore", "open"),
}


class OrderError(Exception):
    """An order is not carried out; ``status`` is the HTTP status to answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Order:
    """One order, as sent. ``made_at`` is when the portal decided it."""

    order_id: str
    webhook_id: str
    kind: str
    external_id: str
    made_at: datetime
    reason_code: str
    statement_url: str
    statement: dict[str, Any]


@dataclass(frozen=True)
class ShopOrder:
    """One order about a shop; ``status`` is how the shop is afterwards."""

    order_id: str
    webhook_id: str
    kind: str
    external_id: str
    status: str
    made_at: datetime


class OrderDesk:
    """Verifies orders and carries them out on ``state``."""

    def __init__(self, state: State, secret: str) -> None:
        self._state = state
        self._webhook = Webhook(secret)

    def take(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Carry out the order in ``body`` and return the acknowledgement.

        Raises ``OrderError``: 401 for a signature or timestamp that does not hold, 400 for a body
        that is no order, 404 for a listing never offered here, 409 for an id used before for
        another order.
        """
        self._verify(body, headers)
        if (shop := _parse_shop(body, headers)) is not None:
            return self._take_shop(shop, now)
        order = _parse(body, headers)
        with self._state.transaction():
            listing = self._state.get(order.external_id)
            if listing is None:
                raise OrderError(404, "unknown_listing", f"No listing {order.external_id!r} here.")
            if not self._repeated(order):
                self._carry_out(order, listing, now)
        after = self._state.get(order.external_id)
        return {
            "order_id": order.order_id,
            "status": "acknowledged",
            "listing_status": "live" if after and after.live else "down",
        }

    def _take_shop(self, order: ShopOrder, now: datetime) -> dict[str, str]:
        """Note how a shop stands; like the listings, the newest order made counts."""
        done = HandledOrder(order.order_id, order.webhook_id, order.kind, order.external_id)
        with self._state.transaction():
            if not self._done_before(done):
                self._state.remember_order(done, now.isoformat())
                self._state.put_shop(order.external_id, order.status, order.made_at.isoformat())
        return {
            "order_id": order.order_id,
            "status": "acknowledged",
            "shop_status": order.status,
        }

    def _verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            self._webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:  # ValueError: malformed header
            raise OrderError(
                401, "bad_signature", f"The signature does not hold: {error}"
            ) from error

    def _repeated(self, order: Order) -> bool:
        return self._done_before(_done(order))

    def _done_before(self, order: HandledOrder) -> bool:
        earlier = self._state.handled(order_id=order.order_id, webhook_id=order.webhook_id)
        for done in earlier:
            if done != replace(order, webhook_id=done.webhook_id):
                raise OrderError(409, "id_reused", "This id was used for another order before.")
        return bool(earlier)

    def _carry_out(self, order: Order, listing: Row, now: datetime) -> None:
        self._state.remember_order(_done(order), now.isoformat())
        if listing.last_order_at and order.made_at < datetime.fromisoformat(listing.last_order_at):
            return
        values = {
            "removed_by": order.order_id if order.kind == "take_down" else None,
            "last_order_at": order.made_at.isoformat(),
            "order_reason": order.reason_code,
            "statement_url": order.statement_url,
            "statement": json.dumps(order.statement, ensure_ascii=False) if order.statement else "",
        }
        self._state.apply_order(order.external_id, values=values)


def _done(order: Order) -> HandledOrder:
    return HandledOrder(order.order_id, order.webhook_id, order.kind, order.external_id)


def _parse_shop(body: bytes, headers: Mapping[str, str]) -> ShopOrder | None:
    """Return an order about a shop, or ``None`` for one about a listing."""
    try:
        raw = json.loads(body)
        if raw["type"] not in SHOP_KINDS:
            return None
        kind, status = SHOP_KINDS[raw["type"]]
        return ShopOrder(
            order_id=_text(raw["data"]["order_id"]),
            webhook_id=headers["webhook-id"],
            kind=kind,
            external_id=_text(raw["data"]["shop"]["external_id"]),
            status=status,
            made_at=_instant(raw["timestamp"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OrderError(400, "bad_order", f"The body is no order: {error!r}") from error


def _parse(body: bytes, headers: Mapping[str, str]) -> Order:
    try:
        raw = json.loads(body)
        data = raw["data"]
        order = Order(
            order_id=_text(data["order_id"]),
            webhook_id=headers["webhook-id"],
            kind=KINDS[raw["type"]],
            external_id=_text(data["listing"]["external_id"]),
            made_at=_instant(raw["timestamp"]),
            reason_code=str(data.get("reason_code") or ""),
            statement_url=str(data.get("statement_url") or ""),
            statement=dict(data.get("statement") or {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OrderError(400, "bad_order", f"The body is no order: {error!r}") from error
    if data.get("kind", order.kind) != order.kind:
        raise OrderError(400, "bad_order", "type and data.kind disagree.")
    return order


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"a text is needed, not {value!r}")
    return value


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
