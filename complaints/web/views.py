"""Pages for people who complain: file, undo, list, follow."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from complaints import policies
from complaints.models import Complaint
from complaints.selectors import (
    complaints_visible_to,
    links_to_complain_about,
    ready_to_file,
    rejected_about,
)
from complaints.services import evidence, filing, notices
from complaints.web import case_page, declaration
from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs, search_words
from pushes.models import SuspectedLink

PAGE = 50
# Refusals told one by one after a call; more would hide the page.
REFUSALS_SHOWN = 5
# Tabs of the list: which states each shows.
TABS: dict[str, tuple[str, ...]] = {
    "open": (
        Complaint.State.HELD,
        Complaint.State.FILED,
        Complaint.State.UNDER_AUDIT,
        Complaint.State.FROZEN,
    ),
    "established": (
        Complaint.State.ESTABLISHED,
        Complaint.State.CONTESTED,
    ),
    "rejected": (Complaint.State.REJECTED,),
    "taken_back": (
        Complaint.State.UNDONE,
        Complaint.State.WITHDRAWN,
        Complaint.State.OVERTURNED,
        Complaint.State.RETRACTED,
    ),
}

TAB_NAMES = {
    "open": gettext_lazy("In progress"),
    "established": gettext_lazy("Established"),
    "rejected": gettext_lazy("Rejected"),
    "taken_back": gettext_lazy("Taken back or overturned"),
    "all": gettext_lazy("All"),
}


def complaint_or_404(rows: QuerySet[Complaint], uuid: UUID) -> Complaint:
    """Return one of the visible complaints or raise ``NotFound``."""
    complaint = rows.filter(uuid=uuid).first()
    if complaint is None:
        raise NotFound("complaint_not_found", _("There is no such complaint."))
    return complaint


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def complaint_list(request: HttpRequest) -> HttpResponse:
    """List the organisation's complaints by where they stand."""
    tab = request.GET.get("tab", "open")
    rows = complaints_visible_to(actor_of(request))
    if tab in TABS:
        rows = rows.filter(state__in=TABS[tab])
    if words := search_words(request):
        rows = rows.filter(
            Q(link__version__title__icontains=words)
            | Q(link__listing__external_id__icontains=words)
            | Q(link__brand__name__icontains=words)
        )
    page = Paginator(rows.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "may_file": bool(policies.may_file(actor_of(request), timezone.now())),
        "tab": tab,
        "tabs": [
            {"code": code, "label": label, "current": "yes" if code == tab else ""}
            for code, label in TAB_NAMES.items()
        ],
        "q": words,
    }
    return render(request, "complaints/complaints.html", context)


@require_GET
@needs(Permission.FILE_COMPLAINT)
def ready(request: HttpRequest) -> HttpResponse:
    """List links judged as infringements, to file a selection with one key."""
    actor = actor_of(request)
    page = Paginator(ready_to_file(actor), PAGE).get_page(request.GET.get("page"))
    rejected = rejected_about(page.object_list)
    context = {
        "page_obj": page,
        "rows": [{"link": link, "rejected": rejected.get(link.pk)} for link in page],
        "declared": declaration.is_accepted(request, actor),
        "declaration": notices.GOOD_FAITH,
    }
    return render(request, "complaints/ready.html", context)


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def complaint_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a complaint: the notice as filed, the decision with its reason, the order, the past."""
    return shown(request, complaint_or_404(complaints_visible_to(actor_of(request)), uuid))


def shown(request: HttpRequest, complaint: Complaint, **more: str) -> HttpResponse:
    """Return the page of a complaint; ``more`` is added to what it shows."""
    actor, now = actor_of(request), timezone.now()
    context = {**more, **case_page.of(actor, complaint, now)}
    return render(request, "complaints/complaint.html", context)


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def evidence_bundle(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the sealed evidence of a complaint: notice, snapshot, pictures, hashes."""
    complaint = complaint_or_404(complaints_visible_to(actor_of(request)), uuid)
    response = HttpResponse(evidence.bundle_of(complaint), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="evidence-{complaint.uuid}.zip"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@needs(Permission.FILE_COMPLAINT)
def file(request: HttpRequest) -> HttpResponse:
    """File complaints about one link or a selection (``link`` once or more)."""
    actor = actor_of(request)
    links = _chosen_links(request)
    accepted = declaration.is_accepted(request, actor) or request.POST.get("statement") == "on"
    result = filing.file(actor=actor, links=links, now=timezone.now(), statement_accepted=accepted)
    declaration.accept(request, actor)
    _tell(request, result)
    if len(links) == 1 and result.filed:
        return redirect(_back(request) or result.filed[0].get_absolute_url())
    return redirect(_back(request) or "complaints:complaints")


@require_POST
@needs(Permission.FILE_COMPLAINT)
def undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a complaint back within the first seconds."""
    actor = actor_of(request)
    complaint = complaint_or_404(complaints_visible_to(actor), uuid)
    filing.undo(actor=actor, complaint=complaint, now=timezone.now())
    messages.success(request, _("The complaint was taken back; nothing was filed."))
    return redirect(_back(request) or complaint.get_absolute_url())


@require_POST
@needs(Permission.FILE_COMPLAINT)
def undo_many(request: HttpRequest) -> HttpResponse:
    """Take back what was just filed about a selection (``complaint`` once or more)."""
    actor, now = actor_of(request), timezone.now()
    try:
        ids = [UUID(value) for value in request.POST.getlist("complaint")[: filing.LIMIT]]
    except ValueError as error:
        raise NotFound("complaint_not_found", _("There is no such complaint.")) from error
    chosen = complaints_visible_to(actor).filter(uuid__in=ids).order_by("pk")
    _tell_undone(request, filing.undo_many(actor=actor, complaints=chosen, now=now))
    return redirect(_back(request) or "complaints:complaints")


def _tell_undone(request: HttpRequest, result: filing.UndoResult) -> None:
    count = len(result.undone)
    if count:
        text = ngettext(
            "%(count)s complaint was taken back; nothing was filed.",
            "%(count)s complaints were taken back; nothing was filed.",
            count,
        )
        messages.success(request, text % {"count": count})
    for complaint, reason in result.refused[:REFUSALS_SHOWN]:
        text = _("“%(title)s” was not taken back: %(reason)s")
        title = complaint.link.version.title
        messages.error(request, text % {"title": title, "reason": reason})
    more = len(result.refused) - REFUSALS_SHOWN
    if more > 0:
        text = ngettext(
            "%(count)s more complaint was not taken back.",
            "%(count)s more complaints were not taken back.",
            more,
        )
        messages.error(request, text % {"count": more})


def _chosen_links(request: HttpRequest) -> list[SuspectedLink]:
    try:
        ids = [UUID(value) for value in request.POST.getlist("link")]
    except ValueError as error:
        raise NotFound("link_not_found", _("There is no such link.")) from error
    if len(ids) > filing.LIMIT:
        raise InvalidInput.one(
            "links",
            "too_many",
            _("At most %(limit)s links can be complained about at once.") % {"limit": filing.LIMIT},
        )
    links = list(links_to_complain_about(actor_of(request)).filter(uuid__in=ids))
    if len(links) != len(set(ids)):
        raise NotFound("link_not_found", _("There is no such link."))
    return links


def _tell(request: HttpRequest, result: filing.FilingResult) -> None:
    count = len(result.filed)
    if count:
        text = ngettext(
            "Complaint filed. You can take it back for a few seconds.",
            "%(count)s complaints filed. You can take them back for a few seconds.",
            count,
        )
        messages.success(request, text % {"count": count})
    for refusal in result.refused[:REFUSALS_SHOWN]:
        messages.error(
            request,
            _("“%(title)s” was not filed: %(reason)s")
            % {"title": refusal.link.version.title, "reason": refusal.message},
        )
    more = len(result.refused) - REFUSALS_SHOWN
    if more > 0:
        text = ngettext(
            "%(count)s more complaint was not filed.",
            "%(count)s more complaints were not filed.",
            more,
        )
        messages.error(request, text % {"count": more})


def _back(request: HttpRequest) -> str:
    """Return where the form asked to go next, if it is one of our pages."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""
