"""Records for the EU Transparency Database: where each stands, and batches to download."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import InvalidPage, Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from complaints.models import StatementDelivery
from complaints.selectors import deliveries_visible_to, statements_visible_to
from complaints.services import statement_export
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

PAGE = 50


@require_GET
@needs(Permission.MANAGE_PLATFORM)
def records(request: HttpRequest) -> HttpResponse:
    """List records by where they stand, with what the database said of those it refused."""
    rows = deliveries_visible_to(actor_of(request))
    counts = dict(rows.values_list("state").annotate(Count("pk")).order_by())
    state = request.GET.get("state", "")
    state = state if state in StatementDelivery.State.values else StatementDelivery.State.WAITING
    shown = rows.filter(state=state).order_by("-pk")
    everything = statements_visible_to(actor_of(request)).count()
    context = {
        "page_obj": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "tabs": [
            {
                "code": code,
                "label": label,
                "count": counts.get(code, 0),
                "current": "yes" if code == state else "",
            }
            for code, label in StatementDelivery.State.choices
        ],
        "address": settings.EU_DATABASE_URL,
        "batches": range(1, -(-everything // statement_export.LARGEST_BATCH) + 1),
        "everything": everything,
    }
    return render(request, "complaints/eu_records.html", context)


@require_GET
@needs(Permission.MANAGE_PLATFORM)
def batch(request: HttpRequest) -> HttpResponse:
    """Download up to 100 records as the body of one call of the database's API.

    ``state`` limits them to those waiting, sent or refused; without it they are all statements,
    whatever the place. ``page`` counts batches from 1.
    """
    actor = actor_of(request)
    rows = statements_visible_to(actor)
    if (state := request.GET.get("state", "")) in StatementDelivery.State.values:
        rows = rows.filter(delivery__state=state)
    try:
        page = Paginator(rows, statement_export.LARGEST_BATCH).page(request.GET.get("page") or 1)
    except InvalidPage:
        # Another batch instead would be filed twice by whoever walks through the numbers.
        page = None
    if page is None or not page.object_list:
        raise NotFound("no_records", _("There are no such records."))
    response = JsonResponse(statement_export.body_of(list(page)))
    name = f"statements-{page.number}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@needs(Permission.MANAGE_PLATFORM)
def again(request: HttpRequest, puid: str) -> HttpResponse:
    """Send a record that was set aside with the next batch."""
    actor = actor_of(request)
    found = deliveries_visible_to(actor).filter(statement__puid=puid).first()
    if found is None:
        raise NotFound("no_records", _("There are no such records."))
    statement_export.send_again(actor=actor, delivery=found, now=timezone.now())
    messages.success(request, _("It goes with the next batch."))
    return redirect("complaints:eu_records")
