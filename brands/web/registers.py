"""Pages of the auditors beside credentials: claimed names, and imported registers."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brands import selectors
from brands.models import RegisterEntry, RegisterFile
from brands.reading.comparing import number_key
from brands.services import claims
from brands.services.register_import import MAX_BYTES, Imported, import_register
from brands.web.audit_forms import RegisterForm
from brands.web.common import PAGE, found
from portal.core.errors import InvalidInput
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs, search_words


@needs(Permission.AUDIT_CREDENTIAL)
def names(request: HttpRequest) -> HttpResponse:
    """List names that were added to proven brands, for an auditor to approve or refuse."""
    rows = selectors.names_to_audit(actor_of(request))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "conflicts": selectors.same_named_elsewhere(page.object_list)}
    return render(request, "brands/audit_names.html", context)


@require_POST
@needs(Permission.AUDIT_CREDENTIAL)
def name_act(request: HttpRequest, uuid: UUID, verb: str) -> HttpResponse:
    """Approve or refuse a claimed name."""
    actor = actor_of(request)
    name = found(selectors.names_to_audit(actor), uuid)
    approved = verb == "approve"
    claims.decide(actor=actor, now=timezone.now(), name=name, approved=approved)
    said = _("“%(name)s” is matched from now on.") if approved else _("“%(name)s” was refused.")
    messages.success(request, said % {"name": name})
    return redirect("brands:audit_names")


@needs(Permission.AUDIT_CREDENTIAL)
def registers(request: HttpRequest) -> HttpResponse:
    """List imported register files, look entries up, import another file."""
    form = RegisterForm(request.POST or None, request.FILES or None)
    errors: list[InvalidInput] = []
    if request.method == "POST" and form.is_valid():
        try:
            done = _import(request, form)
        except InvalidInput as refusal:
            errors.append(refusal)
        else:
            told = _("%(created)d entries are new, %(updated)d were updated.")
            messages.success(request, told % {"created": done.created, "updated": done.updated})
            return redirect("brands:registers")
    words = search_words(request)
    entries = RegisterEntry.objects.select_related("file").order_by("jurisdiction", "number")
    if words:
        entries = entries.filter(number_key__startswith=number_key(words)[:60])
    context = {
        "form": form,
        "refused": errors[0].errors if errors else (),
        "files": RegisterFile.objects.select_related("imported_by__user").order_by("-pk")[:PAGE],
        "page": Paginator(entries, PAGE).get_page(request.GET.get("page")),
        "q": words,
    }
    return render(request, "brands/registers.html", context, status=422 if errors else 200)


def _import(request: HttpRequest, form: RegisterForm) -> Imported:
    upload = form.cleaned_data["file"]
    if upload.size > MAX_BYTES:
        raise InvalidInput.one("file", "too_large", _("This file is too large: at most 50 MB."))
    return import_register(
        actor=actor_of(request),
        now=timezone.now(),
        content=upload.read(),
        name=upload.name,
        source=form.cleaned_data["source"],
        is_sample=form.cleaned_data["is_sample"],
    )
