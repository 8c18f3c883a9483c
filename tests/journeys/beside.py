"""Doing beside a journey what beat and the workers do."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connections
from django.utils import timezone

from portal.core import jobs


@contextmanager
def beside(once: Callable[[], None], every: float = 0.1) -> Iterator[None]:
    """Call ``once`` again and again in a thread; an error in it fails the test."""
    stop, errors = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            while not stop.wait(every):
                once()
        except Exception as error:  # noqa: BLE001  # raised again below, in the test's own thread
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name=getattr(once, "__name__", "beside"))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if errors:
        raise errors[0]


def do_jobs() -> None:
    """Do every open job to its end."""
    for job_id in jobs.runnable(timezone.now()):
        while jobs.run_chunk(job_id, timezone.now()):
            pass
