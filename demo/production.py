"""Producing listings at a rate: the stream goes on, and some listings are seen again or deleted."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.generator import Stream, payload
from demo.specimen import Specimen
from demo.state import Row, State

_MOST_WAITING = 500


class Producer:
    """Moves ``stream`` on by ``rate`` listings a second, up to ``limit`` (0: without end).

    ``interval`` is the pause in seconds that makes small batches at that rate. The truth about each
    listing goes to the file ``truth`` alone, one JSON object a line; after a crash between two
    writes a line may be there twice.
    """

    def __init__(
        self, *, stream: Stream, state: State, site: str, truth: Path, rate: float, limit: int
    ) -> None:
        self._stream = stream
        self._state = state
        self._site = site
        self._truth = truth
        self._rate = rate
        self._limit = limit
        self._owed = 1.0  # the first listing comes at once
        self.interval = min(4.0, max(0.2, 2.0 / rate))
        truth.parent.mkdir(parents=True, exist_ok=True)

    def produce(self, elapsed: float, *, now: datetime) -> None:
        """Queue what is due after ``elapsed`` seconds, observed at ``now``.

        Time lost while the portal was away is not made up for: at most two intervals count.
        """
        self._owed += self._rate * min(elapsed, 2 * self.interval)
        due = int(self._owed)
        self._owed -= due
        position = self._state.next_position(self._stream.seed)
        if self._limit:
            due = min(due, self._limit - position)
        if due <= 0 or self._state.counts()["waiting"] >= _MOST_WAITING:
            return
        with self._state.transaction():
            for place in range(position, position + due):
                self._produce_one(place, now)
            self._state.move_cursor(self._stream.seed, position + due)

    def _produce_one(self, position: int, now: datetime) -> None:
        self._observe(self._stream.at(position), now)
        again = self._stream.seen_again_after(position)
        row = self._earlier(again, now)
        if again is not None and row:
            self._observe(self._stream.at(again, row.version + 1), now)
        row = self._earlier(self._stream.deleted_after(position), now)
        if row:
            self._state.delete_listing(row.external_id, _iso(now))

    def _earlier(self, position: int | None, now: datetime) -> Row | None:
        """The listing at ``position`` if it is live and was not observed at this very instant."""
        if position is None:
            return None
        row = self._state.get(self._stream.external_id(position))
        return row if row and row.live and row.payload["seen_at"] != _iso(now) else None

    def _observe(self, specimen: Specimen, now: datetime) -> None:
        self._log_truth(specimen)
        observed = payload(specimen.draft, site=self._site, seen_at=now)
        self._state.put_listing(observed, specimen.version)

    def _log_truth(self, specimen: Specimen) -> None:
        with self._truth.open("a", encoding="utf-8") as log:
            log.write(json.dumps(_truth_line(specimen), ensure_ascii=False) + "\n")


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _truth_line(specimen: Specimen) -> dict[str, Any]:
    return {
        "external_id": specimen.draft.external_id,
        "version": specimen.version,
        **asdict(specimen.truth),
    }
