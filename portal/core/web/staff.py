"""Pages of the platform's staff: organisations, marketplaces, jobs, mail."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.core import error_file, jobs, selectors
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.core.models import ApiKey, Job
from portal.core.policies import Permission
from portal.core.services import keys, organisations
from portal.core.web.forms import MarketplaceForm, put_errors
from portal.core.web.views import actor, needs

PAGE = 50


@require_GET
@needs(Permission.MANAGE_PLATFORM)
def organisation_list(request: HttpRequest) -> HttpResponse:
    """List every organisation and marketplace."""
    who = actor(request)
    active = Count("members", filter=Q(members__active=True))
    found = selectors.organisations_visible_to(who).annotate(people=active)
    return render(
        request,
        "core/organisations.html",
        {
            "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
            "marketplaces": selectors.marketplaces_visible_to(who),
        },
    )


@needs(Permission.MANAGE_PLATFORM)
def marketplace_new(request: HttpRequest) -> HttpResponse:
    """Connect a marketplace; its key and its signing secret are shown once."""
    form = MarketplaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who, now = actor(request), timezone.now()
        secret = "whsec_" + get_random_string(43) + "="
        try:
            marketplace = organisations.connect_marketplace(
                actor=who, now=now, order_secret=secret, **form.cleaned_data
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            scopes = [ApiKey.Scope.LISTINGS_WRITE]
            _key, token = keys.create(
                actor=who, now=now, name="listings", scopes=scopes, marketplace=marketplace
            )
            context = {"marketplace": marketplace, "token": token, "secret": secret}
            response = render(request, "core/marketplace_connected.html", context)
            response["Cache-Control"] = "no-store"
            return response
    return render(request, "core/marketplace_new.html", {"form": form})


@require_GET
@needs(Permission.VIEW_REGISTRY)
def job_list(request: HttpRequest) -> HttpResponse:
    """List jobs, newest first."""
    found = selectors.jobs_visible_to(actor(request))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "core/jobs.html", {"page": page})


def _job(who: Actor, job_id: uuid.UUID) -> Job:
    job = selectors.jobs_visible_to(who).filter(uuid=job_id).first()
    if job is None:
        raise NotFound("job", _("There is no such job."))
    return job


@require_GET
@needs(Permission.VIEW_REGISTRY)
def job_page(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Show a job's progress; the fragment refreshes itself while the job is open."""
    job = _job(actor(request), job_id)
    context = {
        "job": job,
        "is_open": job.state in {Job.State.QUEUED, Job.State.RUNNING},
        "handled": job.done + job.failed,
        "errors": job.errors.order_by("row")[:50],
    }
    page = "core/job_fragment.html" if getattr(request, "htmx", False) else "core/job.html"
    return render(request, page, context)


@require_POST
@needs(Permission.EDIT_REGISTRY)
def job_cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Stop a job after the rows it is at."""
    job = _job(actor(request), job_id)
    jobs.request_cancel(job)
    messages.success(request, _("The job stops after the rows it is working on."))
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("core:job", job_id=job.uuid)


@require_GET
@needs(Permission.VIEW_REGISTRY)
def job_errors(request: HttpRequest, job_id: uuid.UUID) -> StreamingHttpResponse:
    """Send the error file: row, field, code, reason, and the row as it was."""
    job = _job(actor(request), job_id)
    response = StreamingHttpResponse(error_file.lines(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="errors-{job.uuid}.csv"'
    return response


@require_GET
@needs(Permission.MANAGE_PLATFORM)
def mail_list(request: HttpRequest) -> HttpResponse:
    """Show mail that waits for an SMTP server to be set."""
    page = Paginator(selectors.mail_visible_to(actor(request)), 25).get_page(
        request.GET.get("page")
    )
    return render(request, "core/mail.html", {"page": page})
