"""Pages of the catalogue import: upload, columns, dry run, import, error file, taking back."""

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands import selectors
from brands.models import CatalogueImport
from brands.services import bulk_import, catalogue, catalogue_files, catalogue_undo
from brands.services.registry_files import is_json
from brands.web.catalogue_forms import COLUMN, MappingForm, ReadAgainForm, UploadForm
from brands.web.common import found, saved
from portal.core import spreadsheets
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.core.models import Job
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = CatalogueImport.State
_RECENT = 10
_SHOWN_ERRORS = 50
_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


@needs(Permission.EDIT_REGISTRY)
def import_page(request: HttpRequest) -> HttpResponse:
    """Upload a file: a table goes on to its columns, a JSON registry to its job."""
    actor = actor_of(request)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        brands=selectors.brands_editable_by(actor),
        initial={key: request.GET[key] for key in ("what", "brand") if key in request.GET},
    )
    made: list[HttpResponse] = []
    if request.method == "POST" and saved(form, lambda: made.append(_upload(form, actor))):
        return made[0]
    recent = selectors.catalogue_imports_visible_to(actor)[:_RECENT]
    context = {"form": form, "recent": recent, "whats": CatalogueImport.What.choices}
    return render(request, "brands/import.html", context)


def _upload(form: UploadForm, actor: Actor) -> HttpResponse:
    upload = form.cleaned_data["file"]
    if upload.size > catalogue.MAX_BYTES:
        message = _("This file is too large to upload: at most 50 MB. Split it.")
        raise InvalidInput.one("file", "too_large", message)
    if actor.organisation is None:
        raise InvalidInput.one("file", "no_organisation", _("Choose for whom you act first."))
    who: dict[str, Any] = {
        "actor": actor, "now": timezone.now(), "organisation": actor.organisation,
        "content": upload.read(), "name": upload.name,
    }  # fmt: skip
    if is_json(upload.name):
        return redirect("core:job", bulk_import.start(**who).uuid)
    what, brand = form.cleaned_data["what"], form.cleaned_data["brand"]
    return redirect("brands:catalogue", catalogue.upload(**who, what=what, brand=brand).uuid)


@require_GET
@needs(Permission.VIEW_REGISTRY)
def catalogue_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show where an import stands; the page's part refreshes itself while a job is at work."""
    return _page(request, _source(request, uuid))


@require_POST
@needs(Permission.EDIT_REGISTRY)
def catalogue_act(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """Take the next step: name the columns, read again, import, or take back."""
    source, actor, now = _source(request, uuid), actor_of(request), timezone.now()
    if act == "columns":
        form = MappingForm(request.POST, source=source)
        if not saved(form, lambda: _check(actor, source, form)):
            return _page(request, source, mapping_form=form, status=422)
    elif act == "read":
        again = ReadAgainForm(request.POST, source=source)
        if not saved(again, lambda: _read_again(actor, source, again)):
            return _page(request, source, again_form=again, status=422)
    elif act == "import":
        catalogue.start(actor=actor, now=now, source=source)
    elif act == "undo":
        catalogue_undo.request(actor=actor, now=now, source=source)
    else:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    return redirect("brands:catalogue", source.uuid)


def _check(actor: Actor, source: CatalogueImport, form: MappingForm) -> None:
    catalogue.check(actor=actor, now=timezone.now(), source=source, mapping=form.chosen())


def _read_again(actor: Actor, source: CatalogueImport, form: ReadAgainForm) -> None:
    catalogue.read_again(actor=actor, now=timezone.now(), source=source, **form.cleaned_data)


@require_GET
@needs(Permission.VIEW_REGISTRY)
def catalogue_errors(request: HttpRequest, uuid: UUID, suffix: str) -> HttpResponseBase:
    """Send the refused rows with their reasons, as CSV or XLSX, to be mended and sent again."""
    source = _source(request, uuid)
    job = source.import_job or source.check_job
    if job is None:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    headings, rows = catalogue_files.error_table(source, job)
    return _sent(
        f"errors-{source.uuid}",
        suffix,
        lambda: StreamingHttpResponse(spreadsheets.csv_lines(headings, rows)),
        lambda: [(_("Refused rows"), headings, rows)],
    )


@require_GET
@needs(Permission.EDIT_REGISTRY)
def template(request: HttpRequest, what: str, suffix: str) -> HttpResponseBase:
    """Send a template to fill in, in the reader's language."""
    if what not in CatalogueImport.What.values:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    return _sent(
        f"template-{what.replace('_', '-')}",
        suffix,
        lambda: StreamingHttpResponse(catalogue_files.template_lines(what)),
        lambda: catalogue_files.template_sheets(what),
    )


def _sent(
    name: str,
    suffix: str,
    as_csv: Callable[[], StreamingHttpResponse],
    as_sheets: Callable[[], list[catalogue_files.Sheet]],
) -> HttpResponseBase:
    if suffix == "xlsx":
        book = io.BytesIO()
        spreadsheets.write_xlsx(book, as_sheets())
        book.seek(0)
        return FileResponse(book, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    if suffix != "csv":
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    response = as_csv()
    response["Content-Type"] = "text/csv; charset=utf-8"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


# --------------------------------------------------------------------------- one page


def _source(request: HttpRequest, uuid: UUID) -> CatalogueImport:
    return found(selectors.catalogue_imports_visible_to(actor_of(request)), uuid)


def _page(
    request: HttpRequest,
    source: CatalogueImport,
    *,
    mapping_form: MappingForm | None = None,
    again_form: ReadAgainForm | None = None,
    status: int = 200,
) -> HttpResponse:
    job = _job_of(source)
    is_open = job is not None and job.state in _OPEN
    renaming = source.state == State.CHECKED and "columns" in request.GET
    stopped = job is not None and job.state in (Job.State.FAILED, Job.State.CANCELLED)
    context: dict[str, Any] = {
        "source": source,
        "job": job,
        "is_open": is_open,
        "is_stopped": stopped,
        "handled": job.done + job.failed if job is not None else 0,
        "naming": mapping_form is not None
        or source.state == State.READ
        or renaming
        or (source.state == State.CHECKING and not is_open),
        "may_edit": actor_of(request).organisation == source.organisation,
    }
    if context["naming"]:
        form = mapping_form or MappingForm(source=source)
        context |= {
            "form": form,
            "columns": _columns(source, form),
            "again": again_form or ReadAgainForm(source=source),
            "may_read_again": source.state == State.READ,
        }
    elif job is not None:
        context["errors"] = _errors(source, job)
    htmx = bool(getattr(request, "htmx", False))
    page = "brands/imports/state.html" if htmx else "brands/imports/import.html"
    return render(request, page, context, status=status)


def _job_of(source: CatalogueImport) -> Job | None:
    if source.state in (State.UNDOING, State.UNDONE):
        return source.undo_job
    if source.state in (State.IMPORTING, State.IMPORTED):
        return source.import_job
    return source.check_job


def _columns(source: CatalogueImport, form: MappingForm) -> list[dict[str, Any]]:
    samples = source.layout["samples"]
    return [
        {
            "heading": heading,
            "field": form[f"{COLUMN}{index}"],
            "samples": [row[index] for row in samples if index < len(row) and row[index]],
        }
        for index, heading in enumerate(source.layout["columns"])
    ]


def _errors(source: CatalogueImport, job: Job) -> list[dict[str, Any]]:
    titles = catalogue_files.column_titles(source)
    shown = [job]
    if source.state == State.IMPORTED and source.undo_job is not None:
        shown = [source.undo_job]
    return [
        {
            "row": error.row,
            "column": titles.get(error.field, error.field),
            "message": error.message,
            "hint": catalogue_files.hint(error.code),
        }
        for each in shown
        for error in each.errors.order_by("row", "pk")[:_SHOWN_ERRORS]
    ]
