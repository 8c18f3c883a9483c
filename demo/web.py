"""The marketplace's web side as a small ASGI application: pages, pictures and orders."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from demo import pages
from demo.drawings import Drawings, UnknownPictureError
from demo.orders import OrderDesk, OrderError
from demo.state import State

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LARGEST_ORDER = 1_000_000  # bytes
_ON_A_PAGE = 60
_STATIC = {
    "/static/demo.css": ("demo.css", "text/css; charset=utf-8"),
    "/static/icon.svg": ("icon.svg", "image/svg+xml"),
}
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    kind: str
    body: bytes
    caching: str = "no-store"
    allow: str = ""


class Site:
    """The ASGI application over ``state``; ``clock`` gives the present as an aware datetime."""

    def __init__(
        self,
        *,
        market: str,
        state: State,
        desk: OrderDesk,
        drawings: Drawings,
        clock: Callable[[], datetime],
    ) -> None:
        self._market = market
        self._state = state
        self._desk = desk
        self._drawings = drawings
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        answer = await self._answer(scope, receive)
        headers = {
            **_HEADERS,
            "content-type": answer.kind,
            "content-length": str(len(answer.body)),
            "cache-control": answer.caching,
        }
        if answer.allow:
            headers["allow"] = answer.allow
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path = str(scope["path"])
        allowed = ("POST",) if path == "/orders" else ("GET", "HEAD")
        if scope["method"] not in allowed:
            refusal = _json(405, {"error": "method_not_allowed"})
            return replace(refusal, allow=", ".join(allowed))
        if path == "/orders":
            return await self._order(scope, receive)
        if path.startswith("/images/"):
            return await self._picture(path.removeprefix("/images/"))
        return self._page(scope, path)

    def _page(self, scope: Scope, path: str) -> Answer:
        if path == "/":
            return self._front(scope)
        if path.startswith("/items/"):
            return self._item(path.removeprefix("/items/"))
        if path in _STATIC:
            name, kind = _STATIC[path]
            return Answer(200, kind, _static(name), "public, max-age=300")
        if path == "/healthz":
            return _json(200, {"status": "ok", **self._state.counts()})
        return self._missing("There is no such page.")

    def _front(self, scope: Scope) -> Answer:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        removed_only = query.get("status") == ["removed"]
        rows = self._state.latest(limit=_ON_A_PAGE, removed_only=removed_only)
        counts = self._state.counts()
        page = pages.front_page(self._market, rows, counts, removed_only=removed_only)
        return _html(200, page)

    def _item(self, external_id: str) -> Answer:
        row = self._state.get(external_id)
        if row is None:
            return self._missing("There is no such listing.")
        return _html(200, pages.item_page(self._market, row))

    def _missing(self, text: str) -> Answer:
        return _html(404, pages.message_page(self._market, "Not found", text))

    async def _picture(self, file_name: str) -> Answer:
        if not file_name.endswith(".png"):
            return self._missing("There is no such picture.")
        try:
            # Drawing takes some 20 ms: not on the event loop.
            png = await asyncio.to_thread(self._drawings.png, file_name.removesuffix(".png"))
        except UnknownPictureError:
            return self._missing("There is no such picture.")
        return Answer(200, "image/png", png, "public, max-age=86400, immutable")

    async def _order(self, scope: Scope, receive: Receive) -> Answer:
        body = await _read(receive)
        if body is None:
            return _json(413, {"error": "too_large", "message": "An order has at most 1 MB."})
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        try:
            done = self._desk.take(body, headers, now=self._clock())
        except OrderError as error:
            log.warning("Refused an order: %s", error)
            return _json(error.status, {"error": error.code, "message": str(error)})
        what = "shop" if "shop_status" in done else "listing"
        log.info("Order %s: %s is %s.", done["order_id"], what, done[f"{what}_status"])
        return _json(200, done)


async def _read(receive: Receive) -> bytes | None:
    """The request's body, or None when it is too large (or the client went away)."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > _LARGEST_ORDER:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _static(name: str) -> bytes:
    return Path(__file__).with_name("static").joinpath(name).read_bytes()


def _html(status: int, page: str) -> Answer:
    return Answer(status, "text/html; charset=utf-8", page.encode())


def _json(status: int, content: dict[str, Any]) -> Answer:
    return Answer(status, "application/json", json.dumps(content, ensure_ascii=False).encode())
