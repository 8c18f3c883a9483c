"""Listings that arrive one by one → batches for the engine, soon enough for whoever waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty, Queue, SimpleQueue

from pushes.matching.types import Listing

LARGEST = 500
LONGEST_WAIT = 0.05
"""Seconds the first listing of a batch waits for others."""

Source = Queue[Listing | None] | SimpleQueue[Listing | None]


def batches(
    source: Source, *, largest: int = LARGEST, wait: float = LONGEST_WAIT
) -> Iterator[list[Listing]]:
    """Batches in the order of arrival, until None arrives.

    A batch is handed out when it holds ``largest`` listings or when its first one has waited for
    ``wait`` seconds, whichever comes first; an empty batch never is.
    """
    while (first := source.get()) is not None:
        batch, ended = _filled([first], source, largest, time.monotonic() + wait)
        yield batch
        if ended:
            return


def _filled(
    batch: list[Listing], source: Source, largest: int, due: float
) -> tuple[list[Listing], bool]:
    """Fill up a batch until it is full or due; also says whether the end arrived."""
    while len(batch) < largest and (left := due - time.monotonic()) > 0:
        try:
            listing = source.get(timeout=left)
        except Empty:
            break
        if listing is None:
            return batch, True
        batch.append(listing)
    return batch, False
