"""Posting to a peer on a real socket: in order, nothing lost, no busy loop."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from demo import catalogue
from demo.generator import Stream
from demo.posting import Backoff, Poster, retry_after
from demo.production import Producer
from demo.state import State
from tests.demo.conftest import Peer, Scripted

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
UNWELL = [401, 403, 404, 429, 500, 503, 302]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path / "state.sqlite3")
    yield opened
    opened.close()


class Bench:
    """A poster whose clock and pauses the test holds in its hand."""

    def __init__(self, peer: Peer, state: State, folder: Path, *, limit: int = 0) -> None:
        self.url, self.state, self.limit, self.truth = peer.url, state, limit, folder / "truth"
        self.now = NOW
        self.pauses: list[float] = []

    def run(self, steps: int, *, elapsed: float = 1.0) -> None:
        asyncio.run(self._run(steps, elapsed))

    async def _run(self, steps: int, elapsed: float) -> None:
        producer = Producer(
            stream=Stream(catalogue.load(), 7),
            state=self.state,
            site="http://127.0.0.1:8900",
            truth=self.truth,
            rate=10,
            limit=self.limit,
        )
        async with httpx.AsyncClient(
            base_url=self.url, headers={"Authorization": "Api-Key k"}
        ) as client:
            backoff = Backoff(rng=random.Random(1))
            poster = Poster(
                client=client,
                state=self.state,
                producer=producer,
                clock=lambda: self.now,
                backoff=backoff,
            )
            for _ in range(steps):
                self.pauses.append(await poster.step(elapsed))
                self.now += timedelta(seconds=1)


@pytest.fixture
def bench(peer: Peer, state: State, tmp_path: Path) -> Bench:
    return Bench(peer, state, tmp_path)


def test_it_posts_every_listing_once_and_in_order(peer: Peer, bench: Bench) -> None:
    bench.limit = 60
    bench.run(40)
    first_seen = list(dict.fromkeys(entry["external_id"] for entry in peer.taken()))
    assert first_seen == [f"hm-7-{place:08d}" for place in range(60)]
    assert {key for _, _, key, _, _ in peer.requests} == {"Api-Key k"}
    assert bench.state.counts()["waiting"] == 0


def test_a_listing_seen_again_comes_later_and_differs(peer: Peer, bench: Bench) -> None:
    bench.limit = 200
    bench.run(120)
    seen: dict[str, list[dict[str, str]]] = {}
    for entry in peer.taken():
        seen.setdefault(entry["external_id"], []).append(entry)
    repeated = [entries for entries in seen.values() if len(entries) > 1]
    assert len(repeated) >= 4
    for entries in repeated:
        assert [e["seen_at"] for e in entries] == sorted({e["seen_at"] for e in entries})
        assert len({(e["price"], e["title"]) for e in entries}) > 1


def test_a_deleted_listing_is_reported_after_it_was_posted(peer: Peer, bench: Bench) -> None:
    bench.limit = 300
    bench.run(200)
    gone = peer.taken("/api/v1/listings/gone")
    posted = {entry["external_id"]: entry["seen_at"] for entry in peer.taken()}
    assert gone
    assert all(set(entry) == {"external_id", "seen_at"} for entry in gone)
    assert all(posted[entry["external_id"]] < entry["seen_at"] for entry in gone)


@pytest.mark.parametrize("status", UNWELL)
def test_failed_entries_are_sent_again_first_and_as_they_were(
    peer: Peer, bench: Bench, status: int
) -> None:
    bench.limit = 5
    peer.script = [Scripted(status)] * 3
    bench.run(6, elapsed=0.1)
    first, *_, fourth = [body["listings"] for _, _, _, body, _ in peer.requests[:4]]
    assert first == fourth[: len(first)]
    assert len(peer.taken()) == 5
    assert bench.state.counts()["waiting"] == 0


def test_an_answer_nobody_can_read_is_no_success(peer: Peer, bench: Bench) -> None:
    bench.limit = 1
    peer.script = [
        Scripted(200, b"<html>"),
        Scripted(200, b"[]"),
        Scripted(200, b'{"rejected":[7]}'),
    ]
    bench.run(3)
    assert bench.state.counts()["waiting"] == 1
    bench.run(1)
    assert bench.state.counts()["waiting"] == 0


def test_pauses_grow_up_to_a_minute_with_jitter() -> None:
    pauses = [Backoff(rng=random.Random(seed), failures=seed % 12).next() for seed in range(200)]
    assert max(pauses) <= 60
    assert min(pauses) >= 0.25
    steady = Backoff(rng=random.Random(3))
    row = [steady.next() for _ in range(12)]
    assert row[4] > row[0]
    assert all(30 <= pause <= 60 for pause in row[8:])
    assert len(set(row[8:])) == 4
    steady.reset()
    assert steady.next() <= 0.5


def test_it_waits_as_long_as_it_is_told_to(peer: Peer, bench: Bench) -> None:
    bench.limit = 1
    peer.script = [Scripted(429, headers={"Retry-After": "17"})]
    bench.run(2)
    assert bench.pauses[0] >= 17
    assert bench.pauses[1] < 5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("12", 12.0),
        ("999999", 300.0),
        ("Wed, 04 Mar 2026 05:06:37 GMT", 30.0),
        ("Wed, 04 Mar 2026 05:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=NOW) == seconds


def test_a_portal_out_of_reach_stops_production_at_a_bound(
    bench: Bench, free_port_url: str
) -> None:
    bench.url = free_port_url
    bench.run(120, elapsed=100.0)
    waiting = bench.state.counts()["waiting"]
    assert 0 < waiting < 520
    assert min(bench.pauses) >= 0.25


def test_a_rejected_entry_is_kept_with_its_reason_and_the_rest_goes_on(
    peer: Peer, bench: Bench
) -> None:
    bench.limit = 20
    peer.reject = lambda listing: listing["external_id"].endswith("3")
    bench.run(30)
    assert bench.state.counts() == {**bench.state.counts(), "waiting": 0, "refused": 2}


@pytest.mark.parametrize("status", [400, 413, 422])
def test_one_entry_that_spoils_its_batch_is_set_aside_alone(
    peer: Peer, bench: Bench, status: int
) -> None:
    bench.limit = 30
    peer.refuse = lambda listings: (
        status if any(one["external_id"] == "hm-7-00000013" for one in listings) else None
    )
    bench.run(60)
    counts = bench.state.counts()
    assert counts["waiting"] == 0
    assert counts["refused"] >= 1
    first_seen = {entry["external_id"] for entry in peer.taken()}
    assert first_seen == {f"hm-7-{place:08d}" for place in range(30)} - {"hm-7-00000013"}


def test_the_truth_goes_to_its_own_file(peer: Peer, bench: Bench) -> None:
    bench.limit = 25
    bench.run(30)
    lines = [json.loads(line) for line in bench.truth.read_text(encoding="utf-8").splitlines()]
    known = {(line["external_id"], line["version"]) for line in lines}
    assert len(known) == len(lines) == len(peer.taken())
    assert {line["kind"] for line in lines} >= {"ordinary", "copy"}


def test_a_removed_listing_is_neither_offered_again_nor_deleted(peer: Peer, bench: Bench) -> None:
    stream = Stream(catalogue.load(), 7)
    events = (stream.seen_again_after, stream.deleted_after)
    due = {target for p in range(40, 200) for event in events if (target := event(p)) is not None}
    early = {f"hm-7-{place:08d}" for place in due if place < 40}
    assert early  # else this test would say nothing
    bench.limit = 40
    bench.run(30)
    for external_id in early:
        order = dict.fromkeys(("order_reason", "statement_url", "statement"), "")
        bench.state.apply_order(
            external_id,
            values={**order, "removed_by": "order-1", "last_order_at": NOW.isoformat()},
        )
    before = len(peer.taken())
    bench.limit = 200
    bench.run(80)
    later = peer.taken()[before:] + peer.taken("/api/v1/listings/gone")
    assert len(later) > 160
    assert not early & {entry["external_id"] for entry in later}
