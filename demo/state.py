"""The marketplace's memory: one SQLite file, so that a restart goes on where the last run stopped.

Everything that must happen together happens in one transaction: moving the cursor and queueing what
it passed, or storing an order and its effect. Only the event loop's thread uses the connection.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cursor (seed INTEGER PRIMARY KEY, next_position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS listing (
    external_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    payload TEXT NOT NULL,
    deleted_at TEXT,
    removed_by TEXT,
    last_order_at TEXT,
    order_reason TEXT NOT NULL DEFAULT '',
    statement_url TEXT NOT NULL DEFAULT '',
    statement TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS outgoing (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('listing', 'gone')),
    external_id TEXT NOT NULL,
    payload TEXT NOT NULL,
    refusal TEXT
);
CREATE INDEX IF NOT EXISTS outgoing_waiting ON outgoing (id) WHERE refusal IS NULL;
CREATE TABLE IF NOT EXISTS shop (
    external_id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    ordered_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS handled_order (
    order_id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    handled_at TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Row:
    """A listing as the marketplace shows it. ``payload`` is the last observation posted."""

    external_id: str
    version: int
    payload: dict[str, Any]
    deleted_at: str | None
    removed_by: str | None
    last_order_at: str | None
    order_reason: str
    statement_url: str
    statement: str

    @property
    def live(self) -> bool:
        """Neither removed by an order nor deleted by its seller."""
        return self.removed_by is None and self.deleted_at is None


@dataclass(frozen=True)
class Outgoing:
    """Something the portal has not confirmed yet; ``kind`` is listing or gone."""

    id: int
    kind: str
    external_id: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class HandledOrder:
    """An order carried out before."""

    order_id: str
    webhook_id: str
    kind: str
    external_id: str


class State:
    """The marketplace's listings, its unsent observations and the orders it has carried out."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(
            "PRAGMA synchronous = NORMAL"
        )  # survives a killed process, not a power cut
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; the object must not be used afterwards."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is stored together, or not at all."""
        with self._db:  # commits at the end, rolls back on an error
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def next_position(self, seed: int) -> int:
        """First position of ``seed``'s stream that was never produced."""
        row = self._db.execute(
            "SELECT next_position FROM cursor WHERE seed = ?", (seed,)
        ).fetchone()
        return int(row[0]) if row else 0

    def move_cursor(self, seed: int, position: int) -> None:
        """Remember that everything before ``position`` was produced."""
        self._db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?)", (seed, position))

    def put_listing(self, payload: dict[str, Any], version: int) -> None:
        """Store an observation and queue it for the portal."""
        text = self.keep_listing(payload, version)
        self._queue("listing", payload["external_id"], text)

    def keep_listing(self, payload: dict[str, Any], version: int) -> str:
        """Store an observation which the portal knows already; return it as stored."""
        text = json.dumps(payload, ensure_ascii=False)
        self._db.execute(
            "INSERT INTO listing (external_id, version, payload) VALUES (?, ?, ?)"
            " ON CONFLICT (external_id) DO UPDATE"
            " SET version = excluded.version, payload = excluded.payload",
            (payload["external_id"], version, text),
        )
        return text

    def delete_listing(self, external_id: str, seen_at: str) -> None:
        """The seller deletes a listing; the portal is to be told."""
        self._db.execute(
            "UPDATE listing SET deleted_at = ? WHERE external_id = ?", (seen_at, external_id)
        )
        gone = {"external_id": external_id, "seen_at": seen_at}
        self._queue("gone", external_id, json.dumps(gone))

    def _queue(self, kind: str, external_id: str, payload: str) -> None:
        self._db.execute(
            "INSERT INTO outgoing (kind, external_id, payload) VALUES (?, ?, ?)",
            (kind, external_id, payload),
        )

    def get(self, external_id: str) -> Row | None:
        """One listing, or None."""
        row = self._db.execute(
            "SELECT * FROM listing WHERE external_id = ?", (external_id,)
        ).fetchone()
        return _row(row) if row else None

    def latest(self, *, limit: int, removed_only: bool) -> list[Row]:
        """The newest listings first; ``removed_only`` leaves those an order took down."""
        condition = "WHERE removed_by IS NOT NULL" if removed_only else ""
        rows = self._db.execute(
            f"SELECT * FROM listing {condition} ORDER BY rowid DESC LIMIT ?",  # noqa: S608 - two constants
            (limit,),
        )
        return [_row(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many listings there are (all, removed) and observations unsent (waiting, refused)."""
        row = self._db.execute(
            "SELECT (SELECT count(*) FROM listing),"
            " (SELECT count(*) FROM listing WHERE removed_by IS NOT NULL),"
            " (SELECT count(*) FROM outgoing WHERE refusal IS NULL),"
            " (SELECT count(*) FROM outgoing WHERE refusal IS NOT NULL)"
        ).fetchone()
        return dict(zip(("all", "removed", "waiting", "refused"), tuple(row), strict=True))

    def next_batch(self, most: int) -> list[Outgoing]:
        """The oldest unsent observations: of one kind, and no listing twice, in order."""
        rows = self._db.execute(
            "SELECT id, kind, external_id, payload FROM outgoing WHERE refusal IS NULL"
            " ORDER BY id LIMIT ?",
            (most,),
        )
        batch: list[Outgoing] = []
        for row in rows.fetchall():
            repeated = any(row["external_id"] == item.external_id for item in batch)
            if repeated or (batch and row["kind"] != batch[0].kind):
                break
            payload = json.loads(row["payload"])
            batch.append(Outgoing(row["id"], row["kind"], row["external_id"], payload))
        return batch

    def confirm(self, items: list[Outgoing], refusals: dict[int, str]) -> None:
        """The portal answered: drop what it took, keep what it refused (id -> why) for reading."""
        with self.transaction():
            for item in items:
                if item.id in refusals:
                    self._db.execute(
                        "UPDATE outgoing SET refusal = ? WHERE id = ?",
                        (refusals[item.id], item.id),
                    )
                else:
                    self._db.execute("DELETE FROM outgoing WHERE id = ?", (item.id,))

    def handled(self, *, order_id: str, webhook_id: str) -> list[HandledOrder]:
        """Orders carried out before under this order id or this webhook id."""
        rows = self._db.execute(
            "SELECT order_id, webhook_id, kind, external_id FROM handled_order"
            " WHERE order_id = ? OR webhook_id = ?",
            (order_id, webhook_id),
        )
        return [HandledOrder(*row) for row in rows]

    def remember_order(self, order: HandledOrder, handled_at: str) -> None:
        """Store that ``order`` was carried out."""
        self._db.execute(
            "INSERT INTO handled_order VALUES (?, ?, ?, ?, ?)",
            (order.order_id, order.webhook_id, order.kind, order.external_id, handled_at),
        )

    def put_shop(self, external_id: str, status: str, ordered_at: str) -> None:
        """Store how a shop is, unless a newer order said otherwise."""
        self._db.execute(
            "INSERT INTO shop VALUES (?, ?, ?) ON CONFLICT (external_id) DO UPDATE"
            " SET status = excluded.status, ordered_at = excluded.ordered_at"
            " WHERE excluded.ordered_at >= shop.ordered_at",
            (external_id, status, ordered_at),
        )

    def shop_status(self, external_id: str) -> str:
        """How a shop is: open, restricted or suspended."""
        row = self._db.execute(
            "SELECT status FROM shop WHERE external_id = ?", (external_id,)
        ).fetchone()
        return str(row[0]) if row else "open"

    def apply_order(self, external_id: str, *, values: dict[str, str | None]) -> None:
        """Write an order's effect (the columns from ``removed_by`` on) into a listing."""
        self._db.execute(
            "UPDATE listing SET removed_by = :removed_by, last_order_at = :last_order_at,"
            " order_reason = :order_reason, statement_url = :statement_url,"
            " statement = :statement WHERE external_id = :external_id",
            {**values, "external_id": external_id},
        )


def _row(row: sqlite3.Row) -> Row:
    values = dict(row)
    values["payload"] = json.loads(values["payload"])
    return Row(**values)
