"""Files and long answers under ASGI: sent as they are read, never collected first.

Django consumes a synchronous iterator whole before it sends the first byte, and warns of it. This
turns such an answer, whichever app or library made it, into an asynchronous one that takes a
block at a time.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

# What one step into the worker's thread brings back.
BLOCK: Final = 64 * 1024
Responder = Callable[[HttpRequest], HttpResponseBase]


class StreamMiddleware:
    """Makes synchronous streams asynchronous where the server is."""

    def __init__(self, get_response: Responder) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Handle one request."""
        response = self.get_response(request)
        if not isinstance(request, ASGIRequest) or not isinstance(response, StreamingHttpResponse):
            return response
        if response.is_async:
            return response
        if isinstance(response, FileResponse):
            response.block_size = BLOCK
        parts = iter(response)
        response.streaming_content = _blocks(parts)
        return response


async def _blocks(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes. Each block is read in the request's own thread, whose connection it needs."""
    while block := await sync_to_async(_block)(parts):
        yield block


def _block(parts: Iterator[bytes]) -> bytes:
    """The next parts, some ``BLOCK`` bytes of them; nothing at the end."""
    block = bytearray()
    for part in parts:
        block += part
        if len(block) >= BLOCK:
            break
    return bytes(block)
