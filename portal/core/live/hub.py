"""The hub of a web process: it reads the journal once for all the streams this process holds.

Two connections to Valkey: one listens for wake-ups, one keeps the count of streams a member has
in all processes. Streams hold no database connection; the hub borrows one for each reading, in a
thread of its own. Everything else runs in the event loop, so nothing here needs a lock but the
step from reading to handing out.
"""

import asyncio
import contextvars
import json
import logging
import signal
import threading
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import redis.asyncio as valkey
from django import db
from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from portal.core.live import reading, signals
from portal.core.live.hearers import Hearer, still_standing
from portal.core.live.topics import Event

T = TypeVar("T")
logger = logging.getLogger(__name__)

PING_SECONDS = 15.0
# How often the hub looks for itself, in case no wake-up reached it.
POLL_SECONDS = 2.0
# A browser that does not read is told to load anew instead of filling our memory.
LONGEST_QUEUE = 1000
LEASE_SECONDS = 3 * PING_SECONDS
RESET = "event: reset\ndata: {}\n\n"
FULL = b"event: full\ndata: {}\n\n"
CLIENT_NAME = "portal-live"


class Stream:
    """One open event stream."""

    def __init__(self, hearer: Hearer, start: int) -> None:
        self.hearer = hearer
        self.start = start
        self.name = uuid.uuid4().hex
        self.closed = False
        self._chunks: deque[bytes] = deque()
        self._ready = asyncio.Event()

    def put(self, chunk: bytes, head: int) -> None:
        """Queue one piece; a queue that grew too long becomes one request to load anew."""
        if len(self._chunks) >= LONGEST_QUEUE:
            self._chunks.clear()
            chunk = f"id: {head}\n{RESET}".encode()
        self._chunks.append(chunk)
        self._ready.set()

    def close(self) -> None:
        """End the stream after what is queued."""
        self.closed = True
        self._ready.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What is queued, as it comes, until the stream is closed."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            if self._chunks:
                joined = b"".join(self._chunks)
                self._chunks.clear()
                yield joined
            elif self.closed:
                return
            if self.closed:
                self._ready.set()


class Hub:
    """Reads the journal when woken and hands events to the streams that may hear them."""

    def __init__(self) -> None:
        self.head = 0
        self._streams: set[Stream] = set()
        self._wake = asyncio.Event()
        self._check = asyncio.Event()
        self._step = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = self._watches_signals = False
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="live")
        self._counts = valkey.Redis.from_url(
            settings.REDIS_URL, single_connection_client=True, client_name=CLIENT_NAME
        )
        self._listener = valkey.Redis.from_url(settings.REDIS_URL, client_name=CLIENT_NAME)

    # ------------------------------------------------------------ streams

    async def join(self, hearer: Hearer) -> Stream:
        """Open a stream that gets every event after its ``start``. Raises ``django.db.Error``."""
        self._begin()
        async with self._step:
            if not self._streams:
                self.head = await self.ask(reading.head)
            stream = Stream(hearer, self.head)
            if self._stopping:
                stream.close()
            self._streams.add(stream)
        return stream

    async def leave(self, stream: Stream) -> None:
        """Forget a stream."""
        self._streams.discard(stream)
        try:
            await self._counts.zrem(_count_key(stream.hearer), stream.name)
        except RedisError:
            logger.debug("live: the count of a closed stream runs out by itself")

    async def admit(self, stream: Stream) -> bool:
        """Count the stream; ``False`` when its member has as many as allowed already.

        While Valkey does not answer, only this process's streams are counted.
        """
        limit, key, now = settings.LIVE_STREAMS_PER_MEMBER, _count_key(stream.hearer), time.time()
        own = [s for s in self._streams if s.hearer.member_id == stream.hearer.member_id]
        if len(own) > limit:
            return False
        try:
            await self._counts.zremrangebyscore(key, "-inf", now)
            if await self._counts.zcard(key) >= limit:
                return False
            await self._hold([stream])
        except RedisError as error:
            logger.warning("live: streams of other processes are not counted: %s", error)
        return True

    async def replay(self, stream: Stream, after: int) -> AsyncIterator[bytes]:
        """What the hearer missed between their last event and the stream's start."""
        found = await self.ask(
            lambda: reading.missed(stream.hearer, after=after, through=stream.start)
        )
        for event in found.events:
            yield event.encode()
        yield f"id: {found.head}\n{RESET if found.reset else _event('caught-up')}".encode()

    async def ask(self, question: Callable[[], T]) -> T:
        """Ask the database in a thread that gives its connection back at once."""

        def asked() -> T:
            try:
                return question()
            finally:
                db.connections.close_all()

        # Not ``to_thread``: it would lend the thread this request's own connection.
        return await asyncio.get_running_loop().run_in_executor(self._threads, asked)

    def stop(self) -> None:
        """End every stream; browsers come back to whoever serves next."""
        self._stopping = True
        for stream in self._streams:
            stream.close()

    # ------------------------------------------------------------ work

    def _begin(self) -> None:
        if self._tasks and not any(task.done() for task in self._tasks):
            return
        loop = asyncio.get_running_loop()
        for task in self._tasks:
            task.cancel()
        # A context of their own: that of the request that came first would never end.
        self._tasks = [
            loop.create_task(work(), context=contextvars.Context())
            for work in (self._read_for_ever, self._listen_for_ever, self._ping_for_ever)
        ]
        if not self._watches_signals:
            self._watches_signals = True
            _on_signal(self, loop)

    async def _read_for_ever(self) -> None:
        while True:
            await _wait(self._wake, POLL_SECONDS)
            try:
                await self._catch_up()
            except db.Error as error:
                logger.warning("live: the journal cannot be read: %s", error)
                await asyncio.sleep(1)

    async def _catch_up(self) -> None:
        full = True
        while full and self._streams:
            async with self._step:
                whom = self._organisations()
                batch = await self.ask(lambda: reading.read(self.head, organisations=whom))  # noqa: B023
                self.head, full = batch.head, batch.full
                self._hand_out(batch.events)
            if batch.recheck:
                self._check.set()

    def _organisations(self) -> set[int] | None:
        hearers = {stream.hearer for stream in self._streams}
        if any(hearer.everywhere for hearer in hearers):
            return None
        return {hearer.organisation_id for hearer in hearers}

    def _hand_out(self, events: Iterable[Event]) -> None:
        for event in events:
            chunk = event.encode()
            for stream in self._streams:
                if stream.hearer.hears(event):
                    stream.put(chunk, self.head)

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                async with self._listener.pubsub() as pubsub:
                    await pubsub.subscribe(signals.channel())
                    async for message in pubsub.listen():
                        self._heard(message)
            except (RedisError, OSError) as error:
                logger.warning("live: Valkey does not answer, so the hub polls: %s", error)
                await asyncio.sleep(1)

    def _heard(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self._wake.set()  # whatever was said while nobody listened
            return
        content = json.loads(message["data"])
        if content["kind"] == signals.RECHECK:
            self._check.set()
        elif content["kind"] == signals.ANNOUNCE:
            self._hand_out([_announced(content)])
        else:
            self._wake.set()

    async def _ping_for_ever(self) -> None:
        due = time.monotonic() + PING_SECONDS
        while True:
            await _wait(self._check, max(due - time.monotonic(), 0))
            try:
                await self._end_lost_ones()
            except db.Error as error:
                logger.warning("live: rights cannot be checked: %s", error)
            if time.monotonic() < due:
                continue
            due = time.monotonic() + PING_SECONDS
            # The number moves the browser's place on, so that a replay starts near.
            ping = f"id: {self.head}\n{_event('ping')}".encode()
            for stream in self._streams:
                stream.put(ping, self.head)
            await self._renew()

    async def _end_lost_ones(self) -> None:
        hearers = {stream.hearer for stream in self._streams}
        if not hearers:
            return
        standing = await self.ask(lambda: still_standing(hearers, timezone.now()))
        for stream in [s for s in self._streams if s.hearer in hearers - standing]:
            # Nothing more is handed out, not even while the browser reads slowly.
            self._streams.discard(stream)
            stream.close()

    async def _renew(self) -> None:
        try:
            await self._hold(list(self._streams))
        except RedisError as error:
            logger.warning("live: counts of streams are not renewed: %s", error)

    async def _hold(self, streams: list[Stream]) -> None:
        if not streams:
            return
        until = time.time() + LEASE_SECONDS
        async with self._counts.pipeline(transaction=False) as pipe:
            for stream in streams:
                key = _count_key(stream.hearer)
                pipe.zadd(key, {stream.name: until})
                pipe.expire(key, int(2 * LEASE_SECONDS))
            await pipe.execute()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop; a web process has one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def _event(name: str) -> str:
    return f"event: {name}\ndata: {{}}\n\n"


def _count_key(hearer: Hearer) -> str:
    return f"{signals.channel()}:streams:{hearer.member_id}"


def _announced(content: dict[str, Any]) -> Event:
    return Event(
        seq=0,
        topic=content["topic"],
        what=content["what"],
        id=content["id"],
        by=content["by"],
        organisation_id=content["organisation_id"],
        member_id=content["member_id"],
        brand_id=content.get("brand_id"),
    )


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but not longer; it is cleared then."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
    event.clear()


def _on_signal(hub_: Hub, loop: asyncio.AbstractEventLoop) -> None:
    """End the streams as soon as the server is told to stop: it waits for open answers."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def handle(signum: int, frame: Any, before: Any = before) -> None:
            loop.call_soon_threadsafe(hub_.stop)
            if callable(before):
                before(signum, frame)

        signal.signal(number, handle)
