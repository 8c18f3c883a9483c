"""Streams of listings in batches of 500 or 50 ms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

from pushes.matching import Listing, batches


def filled(count: int, *, ended: bool) -> SimpleQueue[Listing | None]:
    source: SimpleQueue[Listing | None] = SimpleQueue()
    for number in range(count):
        source.put(Listing(str(number)))
    if ended:
        source.put(None)
    return source


def test_a_full_batch_does_not_wait() -> None:
    found = list(batches(filled(1_200, ended=True), wait=3_600))
    assert [len(batch) for batch in found] == [500, 500, 200]
    assert [listing.id for batch in found for listing in batch] == [str(n) for n in range(1_200)]


def test_a_lonely_listing_is_handed_out_before_the_next_arrives() -> None:
    source = filled(1, ended=False)
    with ThreadPoolExecutor(1) as pool:
        found = batches(source)
        # Without the limit on waiting this would wait for ever.
        assert [listing.id for listing in pool.submit(next, found).result(timeout=60)] == ["0"]
        source.put(Listing("1"))
        assert [listing.id for listing in pool.submit(next, found).result(timeout=60)] == ["1"]


def test_an_ended_stream_gives_no_empty_batch() -> None:
    assert list(batches(filled(0, ended=True))) == []
    assert [len(batch) for batch in batches(filled(500, ended=True))] == [500]
