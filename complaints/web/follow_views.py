"""What a complainant does with a complaint that was filed: write, take back, put back, refile."""

from uuid import UUID

from django.contrib import messages as toasts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from complaints import policies
from complaints.models import Complaint
from complaints.selectors import complaints_visible_to, links_to_complain_about
from complaints.services import decision_codes, filing, messages, notices, refiling, withdrawal
from complaints.services.checks import Refusal, foretell
from complaints.web import case_page, declaration
from complaints.web.views import complaint_or_404
from portal.core.errors import InvalidInput
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

# Refusals the desk's dialog names one by one.
REFUSALS_SHOWN = 10


def _found(request: HttpRequest, uuid: UUID) -> Complaint:
    return complaint_or_404(complaints_visible_to(actor_of(request)), uuid)


@require_POST
@needs(Permission.VIEW_COMPLAINTS)
def write(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write to the other side; a refused text comes back with its reason."""
    actor, complaint, now = actor_of(request), _found(request, uuid), timezone.now()
    text = request.POST.get("text", "")
    try:
        messages.write(actor=actor, complaint=complaint, text=text, now=now)
    except InvalidInput as refusal:
        context = case_page.of(actor, complaint, now)
        context |= {"message_text": text, "message_errors": [e.message for e in refusal.errors]}
        return render(request, "complaints/complaint.html", context, status=422)
    toasts.success(request, _("Your message is kept and the other side is told."))
    return redirect(complaint.get_absolute_url() + "#messages")


@require_POST
@needs(Permission.FILE_COMPLAINT)
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a complaint back before it is decided."""
    complaint = _found(request, uuid)
    withdrawal.withdraw(actor=actor_of(request), complaint=complaint, now=timezone.now())
    toasts.success(request, _("The complaint is withdrawn. You can put it back."))
    return redirect(complaint)


@require_POST
@needs(Permission.FILE_COMPLAINT)
def reactivate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a withdrawn complaint before the platform again."""
    complaint = _found(request, uuid)
    withdrawal.reactivate(actor=actor_of(request), complaint=complaint, now=timezone.now())
    toasts.success(request, _("The complaint is before the platform again."))
    return redirect(complaint)


@require_http_methods(["GET", "POST"])
@needs(Permission.FILE_COMPLAINT)
def refile(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """File again after a rejection: the notice as it would be now beside the rejected one."""
    actor, complaint, now = actor_of(request), _found(request, uuid), timezone.now()
    policies.may_refile(actor, complaint, now).require()
    accepted = declaration.is_accepted(request, actor)
    supplement, errors = request.POST.get("supplement", ""), []
    if request.method == "POST":
        try:
            result = refiling.refile(
                actor=actor,
                complaint=complaint,
                supplement=supplement,
                statement_accepted=accepted or request.POST.get("statement") == "on",
                now=now,
            )
        except InvalidInput as refusal:
            errors = [error.message for error in refusal.errors]
        else:
            if result.filed:
                declaration.accept(request, actor)
                toasts.success(request, _("Filed again. You can take it back for a few seconds."))
                return redirect(result.filed[0])
            errors = [refused.message for refused in result.refused]
    context = {
        "complaint": complaint,
        "preview": refiling.preview(actor=actor, complaint=complaint, now=now),
        "remedy": decision_codes.remedy(complaint.decision.code),
        "declared": accepted,
        "declaration": notices.GOOD_FAITH,
        "supplement": supplement,
        "errors": errors,
        "longest": refiling.LONGEST,
    }
    return render(request, "complaints/refile.html", context, status=422 if errors else 200)


@require_POST
@needs(Permission.FILE_COMPLAINT)
def checks(request: HttpRequest) -> HttpResponse:
    """What would become of a selection (``link`` once or more), before anything is filed.

    Changes nothing; a POST, because 300 links are too long an address.
    """
    actor, now = actor_of(request), timezone.now()
    ids = []
    for value in request.POST.getlist("link")[: filing.LIMIT]:
        try:
            ids.append(UUID(value))
        except ValueError:
            continue
    links = list(
        links_to_complain_about(actor)
        .filter(uuid__in=ids)
        .select_related("brand", "organisation", "listing__marketplace", "version__seller")
        .order_by("pk")
    )
    found = foretell(actor=actor, links=links, now=now)
    refused = [each for each in found if isinstance(each, Refusal)]
    context = {
        "ready": len(links) - len(refused),
        "refused": refused[:REFUSALS_SHOWN],
        "more": max(len(refused) - REFUSALS_SHOWN, 0),
    }
    return render(request, "complaints/slots/desk_checks.html", context)
