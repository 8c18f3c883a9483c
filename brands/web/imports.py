"""The page that imports a registry file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from brands.services import bulk_import
from brands.web.common import saved
from brands.web.forms import ImportForm
from portal.core.errors import InvalidInput
from portal.core.models import Job
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

UPLOAD_MAX_BYTES = 50 * 1024 * 1024


@needs(Permission.EDIT_REGISTRY)
def import_page(request: HttpRequest) -> HttpResponse:
    """Upload a file; its job's page shows the progress."""
    actor = actor_of(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    made: list[Job] = []

    def start() -> None:
        upload = form.cleaned_data["file"]
        if upload.size > UPLOAD_MAX_BYTES:
            message = _("This file is too large to upload: at most 50 MB. Split it.")
            raise InvalidInput.one("file", "too_large", message)
        if actor.organisation is None:
            raise InvalidInput.one("file", "no_organisation", _("Choose for whom you act first."))
        made.append(
            bulk_import.start(
                actor=actor,
                now=timezone.now(),
                organisation=actor.organisation,
                content=upload.read(),
                name=upload.name,
                encoding=form.cleaned_data["encoding"],
            )
        )

    if request.method == "POST" and saved(form, start):
        return redirect("core:job", made[0].uuid)
    return render(request, "brands/import.html", {"form": form})
