"""Bodies of requests, as they come in.

Django's ASGI handler writes a whole body to disk before any view or upload handler sees it. This
wrapper counts what comes in, and of a body that is too large it keeps nothing: the rest is read
and thrown away, so that a browser gets an answer instead of a broken connection.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from django.conf import settings

# Set in ``request.META`` (as a header no client can send: ours replaces it).
HEADER: Final = b"x-portal-body-too-large"
TOO_LARGE: Final = "HTTP_X_PORTAL_BODY_TOO_LARGE"
# Whoever sends more than this is not waiting for an answer.
PATIENCE_BYTES: Final = 1024 * 1024 * 1024

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class CappedBodies:
    """Wraps an ASGI application."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, with its body or with a note that it was too large."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != HEADER]
        scope = {**scope, "headers": headers}
        if _declared(headers) <= settings.UPLOAD_MAX_BYTES and not _is_chunked(headers):
            await self._application(scope, receive, send)
            return
        await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body here. A declared length is not believed; without one bodies are small."""
        kept: list[bytes] = []
        total, more = 0, True
        while more and total <= PATIENCE_BYTES:
            message = await receive()
            if message["type"] != "http.request":
                return
            part = message.get("body", b"")
            total, more = total + len(part), bool(message.get("more_body"))
            if total <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                kept.append(part)
            else:
                kept.clear()
        if total > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            kept, scope = [], _marked(scope)
        body = b"".join(kept)
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._application(scope, replay, send)


def _declared(headers: list[tuple[bytes, bytes]]) -> int:
    length = dict(headers).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _is_chunked(headers: list[tuple[bytes, bytes]]) -> bool:
    return b"transfer-encoding" in dict(headers)


def _marked(scope: Scope) -> Scope:
    dropped = (b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
    return {**scope, "headers": [*headers, (b"content-length", b"0"), (HEADER, b"1")]}
