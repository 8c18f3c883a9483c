"""Pages of the export: choose what and how, and download the finished file."""

import uuid

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal.core import exports, files, selectors
from portal.core.errors import InvalidInput, NotFound
from portal.core.exports import Dataset
from portal.core.models import Job
from portal.core.policies import Permission, may
from portal.core.web.forms import put_errors
from portal.core.web.views import actor, needs

_SHOWN = 20


class ExportForm(forms.Form):
    """Chooses a dataset and a format."""

    dataset = forms.ChoiceField(label=gettext_lazy("What"), widget=forms.RadioSelect)
    suffix = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[("xlsx", "XLSX"), ("csv", "CSV"), ("parquet", "Parquet")],
        widget=forms.RadioSelect,
        initial="xlsx",
    )

    def __init__(self, *args: object, datasets: list[Dataset], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        field = self.fields["dataset"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.name, str(each.label)) for each in datasets]
            field.initial = datasets[0].name if datasets else None


@needs(Permission.VIEW_REGISTRY)
def page(request: HttpRequest) -> HttpResponse:
    """Ask for an export; show those asked for before."""
    who = actor(request)
    form = ExportForm(request.POST or None, datasets=exports.offered_to(who))
    if request.method == "POST" and form.is_valid():
        try:
            job = exports.start(actor=who, now=timezone.now(), **form.cleaned_data)
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            return redirect("core:job", job_id=job.uuid)
    found = selectors.jobs_visible_to(who).filter(kind=exports.KIND, created_by=who.member)
    rows = [
        (job, exports.dataset_of(job.params["dataset"]).label, job.params["suffix"].upper())
        for job in found[:_SHOWN]
    ]
    return render(request, "core/export.html", {"form": form, "rows": rows})


@require_GET
@needs(Permission.VIEW_REGISTRY)
def download(request: HttpRequest, job_id: uuid.UUID) -> FileResponse:
    """Send a finished export to whoever asked for it, and to nobody else.

    Its rows were narrowed to that person: a colleague may be asked about a link blind.
    """
    who = actor(request)
    job = selectors.jobs_visible_to(who).filter(uuid=job_id, kind=exports.KIND).first()
    if job is None or job.created_by != who.member or job.file is None:
        raise NotFound("job", _("There is no such job."))
    if job.state != Job.State.DONE:
        raise NotFound("job", _("There is no such job."))
    dataset, suffix = exports.dataset_of(job.params["dataset"]), job.params["suffix"]
    may(who, dataset.permission).require()
    name = f"{dataset.name.replace('_', '-')}-{job.created_at:%Y-%m-%d}.{suffix}"
    return FileResponse(
        files.path_of(job.file.sha256).open("rb"),
        as_attachment=True,
        filename=name,
        content_type=exports.MEDIA_TYPES[suffix],
    )
