"""Long work with progress, cancel and resume.

A runner is a function ``step(job, now) -> bool`` that does one chunk inside the transaction it is
called in, moves ``done`` / ``failed`` / ``checkpoint`` and returns whether anything is left. Rows
and checkpoint commit together, so a killed worker costs one chunk of time and no row.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import journal, scope
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import NotAllowed, PortalError, Text
from portal.core.models import Job, JobError, Organisation, StoredFile
from portal.core.policies import Permission, may

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
MAX_CRASHES = 3
CRASHES = "crashes"  # key in the checkpoint; a chunk that commits clears it
Step = Callable[[Job, datetime], bool]
_runners: dict[str, Step] = {}
_labels: dict[str, Text] = {}
_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


def register(kind: str, step: Step, label: Text) -> None:
    """Bind a job kind to the function that does one chunk of it, and to what people call it."""
    _runners[kind] = step
    _labels[kind] = label


def label_of(kind: str) -> str:
    """What people call jobs of a kind; one that no room registers any more keeps its code."""
    return str(_labels.get(kind, kind))


@transaction.atomic
def create(
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    organisation: Organisation | None = None,
    file: StoredFile | None = None,
    params: dict[str, Any] | None = None,
    total: int | None = None,
) -> Job:
    """Queue a job. A worker's tick starts it; nothing is lost if the broker is down."""
    job = Job.objects.create(
        kind=kind,
        organisation=organisation,
        created_by=actor.member,
        params=params or {},
        file=file,
        total=total,
        created_at=now,
    )
    journal.record("job.queued", job, actor=actor, now=now, data={"kind": kind})
    return job


def actor_of(job: Job, permission: Permission, now: datetime) -> Actor:
    """Return who asked for the job, as they stand now: a chunk acts in their name.

    An operator's command is the system's. Raises ``NotAllowed`` with the reason, which ends the
    job, when they left, their agency's mandate ended, or it no longer lets them do this.
    """
    if job.created_by is None:
        return SYSTEM
    if job.organisation is None:
        raise NotAllowed("no_organisation", _("This work belongs to no organisation."))
    found = scope.actor_for(job.created_by, job.organisation, now)
    may(found, permission, job.organisation_id).require()
    return found


def runnable(now: datetime) -> list[int]:
    """Return ids of open jobs nobody works on (never started, or the lease ran out)."""
    return list(
        Job.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), state__in=_OPEN)
        .order_by("created_at")
        .values_list("pk", flat=True)
    )


def run_chunk(job_id: int, now: datetime) -> bool:
    """Do one chunk of a job under its row lock; return whether more is left.

    A second worker finds the row locked and leaves. A broken job is marked failed with the
    sentence its error carries; its committed chunks stay.
    """
    try:
        with transaction.atomic():
            job = (
                Job.objects.select_for_update(skip_locked=True)
                .filter(pk=job_id, state__in=_OPEN)
                .first()
            )
            if job is None:
                return False
            if job.cancel_requested:
                _finish(job, Job.State.CANCELLED, now)
                return False
            job.state = Job.State.RUNNING
            more = _runners[job.kind](job, now)
            job.checkpoint.pop(CRASHES, None)
            job.lease_until = now + LEASE
            if more:
                job.save()
            else:
                _finish(job, Job.State.DONE, now)
            return more
    except PortalError as error:
        _mark_failed(job_id, str(error), now)
        return False
    except Exception:
        logger.exception("job %s: a chunk failed", job_id)
        return _count_crash(job_id, now)


def run_to_end(job_id: int, on_progress: Callable[[Job], None] | None = None) -> Job:
    """Run a job in this process until it ends, as the command line does."""
    more = True
    while more:
        more = run_chunk(job_id, timezone.now())
        if on_progress is not None:
            on_progress(Job.objects.get(pk=job_id))
    return Job.objects.get(pk=job_id)


def request_cancel(job: Job) -> None:
    """Ask a job to stop after its current chunk."""
    Job.objects.filter(pk=job.pk, state__in=_OPEN).update(cancel_requested=True)


def add_errors(job: Job, errors: Iterable[JobError]) -> None:
    """Keep refused rows; they become the job's error file."""
    JobError.objects.bulk_create(list(errors))


def _finish(job: Job, state: str, now: datetime) -> None:
    job.state, job.finished_at, job.lease_until = state, now, None
    job.save()
    journal.record(
        f"job.{state}",
        job,
        actor=SYSTEM,
        now=now,
        data={"kind": job.kind, "done": job.done, "failed": job.failed},
    )


@transaction.atomic
def _count_crash(job_id: int, now: datetime) -> bool:
    """Remember a crash (a bug, or a database that went away); give up after a few in a row."""
    job = Job.objects.select_for_update().get(pk=job_id)
    crashes = int(job.checkpoint.get(CRASHES, 0)) + 1
    if crashes < MAX_CRASHES:
        job.checkpoint[CRASHES] = crashes
        job.save(update_fields=["checkpoint"])
        return True
    job.error = _("The work failed %(count)s times at the same place.") % {"count": crashes}
    _finish(job, Job.State.FAILED, now)
    return False


@transaction.atomic
def _mark_failed(job_id: int, sentence: str, now: datetime) -> None:
    job = Job.objects.select_for_update().get(pk=job_id)
    job.error = sentence
    _finish(job, Job.State.FAILED, now)
