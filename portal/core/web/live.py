"""The event stream of a page, and the same events by polling where nothing can be streamed."""

import logging
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django import db
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from portal.core.actors import Actor
from portal.core.live import reading
from portal.core.live.hearers import Hearer, hearer_of
from portal.core.live.hub import FULL, hub

logger = logging.getLogger(__name__)

RETRY_MILLISECONDS = 1000
GONE = 410
FORBIDDEN = 403


@require_GET
def stream(request: HttpRequest) -> HttpResponseBase:
    """Events for the reader from ``Last-Event-ID``, or ``?after=``, or from now on.

    403 for whoever may hear nothing; 410 when the page was made for another organisation than the
    session acts for now; 204 under a server that cannot stream. A browser asks by itself again
    after a lost connection, and polls after any of these.
    """
    hearer = _hearer(request)
    if isinstance(hearer, int):
        return HttpResponse(status=hearer)
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=204)
    after = _number(request.headers.get("Last-Event-ID", "") or request.GET.get("after", ""))
    response = StreamingHttpResponse(_body(hearer, after), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # proxies that would keep events back
    return response


@require_GET
def since(request: HttpRequest) -> HttpResponse:
    """Events after ``?after=`` as JSON, for browsers that cannot hold a stream."""
    hearer = _hearer(request)
    if isinstance(hearer, int):
        return HttpResponse(status=hearer)
    newest = reading.head()
    after = _number(request.GET.get("after", ""))
    found = reading.missed(hearer, after=newest if after is None else after, through=newest)
    events = [{"seq": e.seq, "topic": e.topic, **e.content()} for e in found.events]
    answer = JsonResponse({"events": events, "head": found.head, "reset": found.reset})
    answer["Cache-Control"] = "no-store"
    return answer


async def _body(hearer: Hearer, after: int | None) -> AsyncIterator[bytes]:
    # In the request's own thread: what the middleware asked must not be held while we stream.
    await sync_to_async(db.connections.close_all)()
    streams = hub()
    try:
        open_ = await streams.join(hearer)
    except db.Error as error:
        logger.warning("live: a stream could not be opened: %s", error)
        return
    try:
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        if not await streams.admit(open_):
            yield FULL
            return
        start = open_.start if after is None else min(after, open_.start)
        async for chunk in streams.replay(open_, start):
            yield chunk
        async for chunk in open_.chunks():
            yield chunk
    finally:
        await streams.leave(open_)


def _hearer(request: HttpRequest) -> Hearer | int:
    """The hearer, or the status to refuse with."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        return FORBIDDEN
    wanted = request.GET.get("for", "")
    if wanted and actor.organisation and wanted != str(actor.organisation.uuid):
        return GONE
    return hearer_of(actor, request.session.session_key or "") or FORBIDDEN


def _number(text: str) -> int | None:
    """A seal's number; anything else counts as none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
