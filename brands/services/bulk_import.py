"""Importing a registry file as a job: chunk by chunk, each once, bad rows kept aside.

Every chunk commits its rows, its journal entries and the place where the next one starts
together, so a killed process costs one chunk of time. Importing a file again changes nothing:
a fact that is there already is found, never made twice.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from brands.codes import COUNTRIES
from brands.policies import may_edit_registry
from brands.services import registry_files
from brands.services.cleaning import Problems, storable
from brands.services.import_chunk import Chunk
from brands.services.registry_facts import BadRow, Item
from portal.core import files, jobs, journal
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import PortalError
from portal.core.models import Job, JobError, Organisation
from portal.core.policies import Permission

KIND = "brands.import_registry"
_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


@transaction.atomic
def start(
    *,
    actor: Actor,
    now: datetime,
    organisation: Organisation,
    content: bytes,
    name: str,
    encoding: str = "utf-8",
    columns: Mapping[str, str] | None = None,
) -> Job:
    """Queue the import of a file into the organisation's registry.

    A file that cannot be read at all is refused here, on ``file``. While the same file is being
    imported already, that job is returned: sending a form twice is sending it once.
    """
    may_edit_registry(actor, organisation).require()
    parsed = registry_files.parse(content, name=name, encoding=encoding, columns=columns)
    media_type = "application/json" if registry_files.is_json(name) else "text/csv"
    stored = files.store(content, media_type=media_type, now=now)
    running = Job.objects.filter(
        kind=KIND, organisation=organisation, file=stored, state__in=_OPEN
    ).first()
    if running is not None:
        return running
    return jobs.create(
        KIND,
        actor=actor,
        now=now,
        organisation=organisation,
        file=stored,
        params={"name": name[-200:], "encoding": encoding, "columns": dict(columns or {})},
        total=len(parsed.items),
    )


@transaction.atomic
def create_rights_holder(*, name: str, country: str, now: datetime) -> Organisation:
    """Create the rights holder an operator imports a registry for; it has no members yet."""
    problems = Problems()
    cleaned = problems.text("organisation", name, longest=200, required=True)
    code = country.strip().upper()
    if code not in COUNTRIES:
        problems.add(
            "country", "unknown_country", _("“%s” is not an ISO 3166 country code.") % country[:20]
        )
    problems.require_none()
    created = Organisation.objects.create(
        kind=Organisation.Kind.RIGHTS_HOLDER, name=cleaned, country=code, created_at=now
    )
    journal.record(
        "organisation.created", created, actor=SYSTEM, now=now, organisation_id=created.pk
    )
    return created


def step(job: Job, now: datetime) -> bool:
    """Import the next chunk; return whether more is left."""
    if job.file is None or job.organisation is None:
        raise PortalError("no_file", _("This import has no file."))
    items = _items(
        job.file.sha256,
        job.params["name"],
        job.params["encoding"],
        tuple(job.params["columns"].items()),
    )
    start_at: int = job.checkpoint.get("next", 0)
    end: int = start_at + settings.IMPORT_CHUNK
    chunk = Chunk(job.organisation, jobs.actor_of(job, Permission.EDIT_REGISTRY, now), now)
    refused = chunk.write(items[start_at:end])
    jobs.add_errors(job, errors_of(job, refused))
    job.failed += len(refused)
    job.done += chunk.counts.total
    for outcome, count in chunk.counts.as_dict().items():
        job.result[outcome] = job.result.get(outcome, 0) + count
    job.checkpoint = {"next": end}
    return end < len(items)


@lru_cache(maxsize=1)  # an import reads its file once a process, not once a chunk
def _items(
    sha256: str, name: str, encoding: str, columns: tuple[tuple[str, str], ...]
) -> tuple[Item, ...]:
    return registry_files.parse(
        files.path_of(sha256).read_bytes(), name=name, encoding=encoding, columns=dict(columns)
    ).items


def errors_of(job: Job, refused: Iterable[BadRow]) -> list[JobError]:
    """Return the unsaved lines of the job's error file, one for each problem of each row."""
    return [
        JobError(
            job=job,
            row=row.row,
            field=storable(field)[-80:],
            code=code,
            message=storable(message),
            content={storable(name): storable(str(cell)) for name, cell in row.content.items()},
        )
        for row in refused
        for field, code, message in ((row.field, row.code, row.message), *row.also)
    ]
