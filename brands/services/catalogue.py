"""Importing a catalogue in steps: read the file, name its columns, dry run, import, take back.

The file is opened once, in the limited process; every later step works on the rows it wrote. The
dry run writes each chunk as the import would and rolls it back, so both refuse the same rows for
the same reasons. Each step is a job: progress, cancel, and a chunk with its checkpoint commits at
once or not at all.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from brands.models import Brand, CatalogueFact, CatalogueImport
from brands.policies import may_edit_brand, may_edit_import, may_edit_registry
from brands.reading import sandbox
from brands.services import bulk_import, catalogue_columns, catalogue_rows, pictures
from brands.services.catalogue_facts import fact_of
from brands.services.import_chunk import Chunk
from portal.core import files, jobs, journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import FieldError, InvalidInput, PortalError, StaleState
from portal.core.models import Job, Organisation, StoredFile
from portal.core.policies import Permission

State = CatalogueImport.State
CHECK: Final = "brands.check_catalogue"
IMPORT: Final = "brands.import_catalogue"
MAX_BYTES: Final = 50 * 1024 * 1024
SUFFIXES: Final = (".xlsx", ".csv", ".tsv", ".txt")
ENCODINGS: Final = (
    *("utf-8", "gb18030", "big5", "shift_jis", "euc_kr"),
    *("cp1252", "cp1251", "cp1258"),
)
_OPEN: Final = (Job.State.QUEUED, Job.State.RUNNING)
_REMEMBERED: Final = 20

REFUSALS: Final[dict[str, Promise]] = {
    "empty": gettext_lazy("This file is empty. Download a template to see what belongs in it."),
    "headers_only": gettext_lazy(
        "This file has headings and no rows below them. Fill in at least one row."
    ),
    "not_a_table": gettext_lazy(
        "This is neither a CSV nor an XLSX file. Save the table as one of them and upload that."
    ),
    "old_excel": gettext_lazy(
        "This workbook has the old Excel format or a password. Save it as .xlsx without a password."
    ),
    "password": gettext_lazy("This workbook has a password. Remove it and upload the file again."),
    "damaged": gettext_lazy("This workbook is damaged and cannot be opened. Save it again."),
    "too_many_rows": gettext_lazy(
        "This table has %(detail)s rows: at most 100,000. Split it into several files."
    ),
    "too_many_columns": gettext_lazy(
        "This table has %(detail)s columns: at most 100. Delete those that are not needed."
    ),
    "unpacks_too_large": gettext_lazy(
        "This workbook unpacks to far more than a catalogue needs. Copy the rows into a new one."
    ),
    "too_heavy": gettext_lazy(
        "This file takes more memory or time than a catalogue needs. Copy the rows into a new one."
    ),
    "merged_heading": gettext_lazy(
        "The headings in %(detail)s are one merged cell. Unmerge it: each column needs its own."
    ),
    "encoding": gettext_lazy(
        "The letters of this file are not %(detail)s. Choose its encoding, or save it as UTF-8."
    ),
}


# --------------------------------------------------------------------------- reading


def upload(
    *,
    actor: Actor,
    now: datetime,
    organisation: Organisation,
    content: bytes,
    name: str,
    what: str,
    brand: Brand | None = None,
) -> CatalogueImport:
    """Read a file and keep it with a guess of its columns; ``InvalidInput`` on ``file``."""
    may_edit_registry(actor, organisation).require()
    if actor.member is None:
        raise PortalError("not_a_person", _("A catalogue is imported by a person."))
    if brand is not None and brand.organisation_id != organisation.pk:
        raise InvalidInput.one("brand", "other_brand", _("This brand is another organisation's."))
    if brand is not None:
        may_edit_brand(actor, brand).require()
    elif actor.brands:
        message = _("Choose one of the brands your letter of authorisation names.")
        raise InvalidInput.one("brand", "outside_mandate", message)
    if PurePath(name).suffix.lower() not in SUFFIXES:
        raise _refused("not_a_table", "")
    pictures.check_size(content, MAX_BYTES, "file")
    layout, table = _read(content, now=now)
    with transaction.atomic():
        made = CatalogueImport.objects.create(
            organisation=organisation,
            created_by=actor.member,
            what=what,
            brand=brand,
            name=name[-200:],
            file=files.store(content, media_type="application/octet-stream", now=now),
            table=table,
            layout=layout,
            mapping=_guessed(organisation, what, layout["columns"], one_brand=brand is not None),
            created_at=now,
        )
        journal.record("catalogue_import.read", made, actor=actor, now=now, data={"what": what})
    return made


def read_again(
    *, actor: Actor, now: datetime, source: CatalogueImport, encoding: str = "", sheet: str = ""
) -> None:
    """Read the file with another encoding or from another sheet, before anything is imported."""
    may_edit_import(actor, source).require()
    if encoding and encoding not in ENCODINGS:
        raise InvalidInput.one("encoding", "encoding", _("Choose one of the encodings."))
    layout, table = _read(files.read(source.file), now=now, encoding=encoding, sheet=sheet)
    guessed = _guessed(
        source.organisation,
        source.what,
        layout["columns"],
        one_brand=source.brand_id is not None,
    )
    rows = CatalogueImport.objects.filter(pk=source.pk, state=State.READ)
    if not rows.update(layout=layout, table=table, mapping=guessed):
        raise StaleState("moved_meanwhile", _("Somebody else changed this first. Reload the page."))


def _read(
    content: bytes, *, now: datetime, encoding: str = "", sheet: str = ""
) -> tuple[dict[str, Any], StoredFile]:
    try:
        with sandbox.table(content, encoding=encoding, sheet=sheet) as (layout, path):
            table = files.store_path(path, media_type="application/x-ndjson", now=now)
    except sandbox.Refused as refusal:
        raise _refused(refusal.code, refusal.detail) from None
    return layout, table


def _refused(code: str, detail: str) -> InvalidInput:
    code = code if code in REFUSALS else "damaged"
    message = str(REFUSALS[code])
    return InvalidInput.one("file", code, message % {"detail": detail} if detail else message)


def _guessed(
    organisation: Organisation, what: str, columns: list[str], *, one_brand: bool
) -> dict[str, str]:
    guess = catalogue_columns.guess(what, columns, _remembered(organisation, what))
    return {str(i): name for i, name in guess.items() if not (one_brand and name == "brand")}


def _remembered(organisation: Organisation, what: str) -> dict[str, str]:
    """What the organisation called its columns in the last imports that it ran."""
    past = CatalogueImport.objects.filter(organisation=organisation, what=what).exclude(
        state=State.READ
    )
    meanings: dict[str, str] = {}
    for source in reversed(past.order_by("-pk")[:_REMEMBERED]):
        for index, heading in enumerate(source.layout["columns"]):
            meanings[catalogue_columns.plain(heading)] = source.mapping.get(str(index), "")
    meanings.pop("", None)
    return meanings


# --------------------------------------------------------------------------- steps


@transaction.atomic
def check(
    *, actor: Actor, now: datetime, source: CatalogueImport, mapping: Mapping[int, str]
) -> Job:
    """Take over what the columns mean and queue the dry run; ``InvalidInput`` on a column."""
    may_edit_import(actor, source).require()
    _require_closed(source.check_job)
    chosen = _checked_mapping(source, mapping)
    job = _job(CHECK, source, actor, now)
    changes = {"mapping": {str(i): name for i, name in chosen.items()}, "check_job": job}
    states.move(source, State.CHECKING, actor=actor, now=now, changes=changes)
    return job


@transaction.atomic
def start(*, actor: Actor, now: datetime, source: CatalogueImport) -> Job:
    """Queue the import of every row the dry run found good; again after one was stopped."""
    may_edit_import(actor, source).require()
    _require_closed(source.import_job)
    job = _job(IMPORT, source, actor, now)
    states.move(source, State.IMPORTING, actor=actor, now=now, changes={"import_job": job})
    return job


def _require_closed(job: Job | None) -> None:
    if job is not None and job.state in _OPEN:
        raise StaleState("at_work", _("This is being worked on. Wait, or stop it first."))


def _job(kind: str, source: CatalogueImport, actor: Actor, now: datetime) -> Job:
    return jobs.create(
        kind,
        actor=actor,
        now=now,
        organisation=source.organisation,
        file=source.file,
        # Reasons are written by a worker, in the language of who asked.
        params={"source": source.pk, "name": source.name, "language": get_language() or "en"},
        total=source.layout["rows"],
    )


def _checked_mapping(source: CatalogueImport, mapping: Mapping[int, str]) -> dict[int, str]:
    columns = source.layout["columns"]
    allowed = {field.name for field in catalogue_columns.fields_of(source.what)}
    errors, seen = [], dict[str, int]()
    for index, name in sorted(mapping.items()):
        if name not in allowed or not 0 <= index < len(columns):
            errors.append(FieldError(f"column_{index}", "unknown", _("Choose one of the fields.")))
        elif name in seen:
            message = _("Two columns cannot both be “%s”. Leave one of them out.")
            label = catalogue_columns.FIELDS[name].label
            errors.append(FieldError(f"column_{index}", "twice", message % label))
        seen[name] = index
    for name in catalogue_columns.needed(source.what, one_brand=source.brand_id is not None):
        if name not in seen:
            message = _("No column is “%s” yet. Choose the one that holds it.")
            label = catalogue_columns.FIELDS[name].label
            errors.append(FieldError("", "missing", message % label))
    if errors:
        raise InvalidInput(errors)
    return dict(mapping)


# --------------------------------------------------------------------------- chunks


def check_step(job: Job, now: datetime) -> bool:
    """Try the next chunk and take it back; return whether more is left."""
    source = _source(job)
    with override(job.params["language"]):
        items = catalogue_rows.items_of(source)
        at: int = job.checkpoint.get("next", 0)
        chunk = items[at : at + settings.IMPORT_CHUNK]
        actor = _actor(job, now)
        before = catalogue_rows.Prerequisites(items).of(chunk, at)
        with transaction.atomic():
            Chunk(source.organisation, actor, now).write(before)
            trial = Chunk(source.organisation, actor, now)
            refused = trial.write(chunk)
            transaction.set_rollback(True)
    return _progress(job, trial, refused, at, len(items), now, State.CHECKED)


def import_step(job: Job, now: datetime) -> bool:
    """Write the next chunk, and what it made, so that it can be taken back."""
    source = _source(job)
    with override(job.params["language"]):
        items = catalogue_rows.items_of(source)
        at: int = job.checkpoint.get("next", 0)
        chunk = Chunk(source.organisation, _actor(job, now), now)
        refused = chunk.write(items[at : at + settings.IMPORT_CHUNK])
    CatalogueFact.objects.bulk_create(
        [fact_of(source, trace) for trace in chunk.traces], ignore_conflicts=True
    )
    return _progress(job, chunk, refused, at, len(items), now, State.IMPORTED)


def _progress(
    job: Job, chunk: Chunk, refused: list[Any], at: int, end: int, now: datetime, then: str
) -> bool:
    jobs.add_errors(job, bulk_import.errors_of(job, refused))
    job.failed += len(refused)
    job.done += chunk.counts.total
    for outcome, count in chunk.counts.as_dict().items():
        job.result[outcome] = job.result.get(outcome, 0) + count
    job.checkpoint = {"next": at + settings.IMPORT_CHUNK}
    if job.checkpoint["next"] < end:
        return True
    states.move(_source(job), then, actor=SYSTEM, now=now)
    return False


def _source(job: Job) -> CatalogueImport:
    return CatalogueImport.objects.select_related("organisation", "brand", "table").get(
        pk=job.params["source"]
    )


def _actor(job: Job, now: datetime) -> Actor:
    if job.created_by is None:
        raise PortalError("no_person", _("Whoever started this is not here any more."))
    return jobs.actor_of(job, Permission.EDIT_REGISTRY, now)
