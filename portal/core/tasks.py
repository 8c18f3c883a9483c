"""Ticks of the ground floor. Each finds its work in the database, so a lost tick is a delay."""

import time

from celery import shared_task
from django.utils import timezone

from portal.core import events, files, jobs, journal, live, outbox

# A tick ends well before the next lease or hard limit could matter.
CHUNK_SECONDS = 20


@shared_task
def seal() -> None:
    """Number new journal entries and show them to every consumer."""
    sealed = newly = journal.seal()
    while newly == 2000:
        newly = journal.seal()
    if sealed:
        live.wake()
    for consumer in events.consumers():
        while events.run(consumer) == 1000:
            pass


@shared_task
def relay() -> None:
    """Hand due outbox messages to workers."""
    for message_id in outbox.due(timezone.now()):
        deliver.apply_async((message_id,), expires=60)


@shared_task
def deliver(message_id: int) -> None:
    """Deliver one outbox message."""
    outbox.deliver(message_id, timezone.now())


@shared_task
def run_jobs() -> None:
    """Give every runnable job a worker."""
    for job_id in jobs.runnable(timezone.now()):
        run_job.apply_async((job_id,), expires=10)


@shared_task
def run_job(job_id: int) -> None:
    """Run chunks of one job for a while; the next tick goes on."""
    stop = time.monotonic() + CHUNK_SECONDS
    while jobs.run_chunk(job_id, timezone.now()) and time.monotonic() < stop:
        pass


@shared_task
def sweep_files() -> None:
    """Delete stored files that no row refers to."""
    files.sweep(now=timezone.now())
