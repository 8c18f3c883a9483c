"""Doing the portal's jobs beside a journey, as workers do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.utils import timezone

from portal.core import jobs


@contextmanager
def working() -> Iterator[None]:
    """Do every open job in a thread; an error in it fails the test."""
    stop, errors = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            while not stop.wait(0.1):
                for job_id in jobs.runnable(timezone.now()):
                    while jobs.run_chunk(job_id, timezone.now()) and not stop.is_set():
                        pass
        except Exception as error:  # noqa: BLE001  # raised again below, in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="jobs")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if errors:
        raise errors[0]
