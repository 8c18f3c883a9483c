"""Posting to the portal: nothing is lost, nothing is posted in a busy loop.

What is to be posted is first written to ``State`` (with its ``seen_at``), then sent in small
batches, oldest first, and dropped only when the portal has answered for it. A refused key (401,
403), a limit (429), a server error or no answer at all means: the same entries again, first in
line, after a capped exponential pause with jitter, or after the ``Retry-After`` the portal asked
for. Since ``seen_at`` stays as it was, an entry that arrived although the answer was lost changes
nothing the second time. A batch refused as such (400, 413, 422) is halved until the refused entry
is alone; that one is set aside with the reason.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from demo.production import Producer
from demo.state import Outgoing, State

log = logging.getLogger(__name__)

LARGEST_BATCH = 50
_PATHS = {"listing": "/api/v1/listings", "gone": "/api/v1/listings/gone"}
_REFUSED_AS_SUCH = frozenset({400, 413, 422})
_LONGEST_RETRY_AFTER = 300.0


@dataclass
class Backoff:
    """Growing pauses in seconds: half fixed, half random, so that clients do not march in step."""

    first: float = 0.5
    longest: float = 60.0
    rng: random.Random = field(default_factory=random.Random)
    failures: int = 0

    def reset(self) -> None:
        """A post succeeded."""
        self.failures = 0

    def next(self, retry_after: float | None = None) -> float:
        """A post failed: seconds to wait, never less than ``retry_after``."""
        self.failures += 1
        pause = min(self.longest, self.first * 2.0 ** min(self.failures - 1, 16))
        pause *= 0.5 + self.rng.random() / 2
        return max(pause, retry_after or 0.0)


class PostingError(Exception):
    """The portal did not take the batch; ``refused`` when it would never take it as it is."""

    def __init__(self, reason: str, *, refused: bool, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.refused = refused
        self.retry_after = retry_after


class Poster:
    """Sends what ``state`` holds for the portal and lets ``producer`` add to it."""

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        state: State,
        producer: Producer,
        clock: Callable[[], datetime],
        backoff: Backoff | None = None,
    ) -> None:
        self._client = client
        self._state = state
        self._producer = producer
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._batch_size = LARGEST_BATCH

    async def step(self, elapsed: float) -> float:
        """One round after ``elapsed`` seconds; returns the seconds to wait before the next."""
        self._producer.produce(elapsed, now=self._clock())
        batch = self._state.next_batch(self._batch_size)
        if not batch:
            return self._producer.interval
        try:
            refusals = await self._post(batch)
        except PostingError as error:
            return self._after_failure(batch, error)
        self._backoff.reset()
        self._batch_size = LARGEST_BATCH
        self._state.confirm(batch, refusals)
        # What waited longer than this batch goes out soon, yet leaves the portal room to breathe.
        return min(0.1, self._producer.interval) if self._waiting() else self._producer.interval

    def _waiting(self) -> bool:
        return bool(self._state.next_batch(1))

    def _after_failure(self, batch: list[Outgoing], error: PostingError) -> float:
        if not error.refused:
            pause = self._backoff.next(error.retry_after)
            log.warning("The portal took nothing (%s); again in %.1f s.", error, pause)
            return pause
        if len(batch) > 1:
            self._batch_size = len(batch) // 2
        else:
            log.error("Set aside %s: the portal refuses it (%s).", batch[0].external_id, error)
            self._state.confirm(batch, {batch[0].id: str(error)})
            self._batch_size = LARGEST_BATCH
        return min(0.1, self._producer.interval)

    async def _post(self, batch: list[Outgoing]) -> dict[int, str]:
        body = {"listings": [item.payload for item in batch]}
        try:
            response = await self._client.post(_PATHS[batch[0].kind], json=body)
        except httpx.HTTPError as error:
            raise PostingError(f"{type(error).__name__}: {error}", refused=False) from error
        if response.status_code != HTTPStatus.OK:
            raise PostingError(
                f"HTTP {response.status_code}: {response.text[:200]}",
                refused=response.status_code in _REFUSED_AS_SUCH,
                retry_after=retry_after(response.headers.get("Retry-After"), now=self._clock()),
            )
        return _refusals(batch, response)


def _refusals(batch: list[Outgoing], response: httpx.Response) -> dict[int, str]:
    try:
        rejected: list[dict[str, Any]] = response.json().get("rejected", [])
        refusals = {batch[entry["index"]].id: _why(entry) for entry in rejected}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise PostingError(f"an answer nobody can read: {error!r}", refused=False) from error
    for item in batch:
        if item.id in refusals:
            log.error("The portal refused %s: %s", item.external_id, refusals[item.id])
    return refusals


def _why(entry: dict[str, Any]) -> str:
    return f"{entry.get('field', '')}: {entry.get('code', '')}: {entry.get('message', '')}"


def retry_after(header: str | None, *, now: datetime) -> float | None:
    """Seconds a ``Retry-After`` header (seconds or an HTTP date) asks for, at most five minutes."""
    if not header:
        return None
    if header.isascii() and header.isdigit():
        return min(float(header), _LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_RETRY_AFTER)
