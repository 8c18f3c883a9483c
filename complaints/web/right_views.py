"""Staff pages about complaints whose right fell: frozen ones, and decisions to look at again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from complaints import policies
from complaints.models import Complaint, Decision, RightReview
from complaints.selectors import (
    complaints_visible_to,
    right_reviews_open_to,
    undoings_waiting,
)
from complaints.services import decisions, freezing, reinstatement
from complaints.web.views import complaint_or_404
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

PAGE = 50
# Most reviews one press closes; more would be no look at them.
MOST_AT_ONCE = 50


@require_GET
@needs(Permission.DECIDE_COMPLAINT)
def fallen(request: HttpRequest) -> HttpResponse:
    """List frozen complaints, decisions to look at again, or those somebody wants undone."""
    actor = actor_of(request)
    tab = request.GET.get("tab", "frozen")
    frozen = complaints_visible_to(actor).filter(state=Complaint.State.FROZEN)
    reviews = right_reviews_open_to(actor)
    undoings = undoings_waiting(actor)
    tabs: dict[str, QuerySet[Any]] = {"reviews": reviews, "undoings": undoings}
    rows = tabs.get(tab, frozen.order_by("filed_at", "pk"))
    context = {
        "tab": tab,
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "frozen_count": frozen.count(),
        "review_count": reviews.count(),
        "undoing_count": undoings.count(),
        "may_decide": bool(policies.may_decide(actor)),
    }
    return render(request, "complaints/fallen.html", context)


@require_POST
@needs(Permission.DECIDE_COMPLAINT)
def reject_frozen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Reject a frozen complaint: its right will not come back."""
    actor = actor_of(request)
    frozen = complaints_visible_to(actor).filter(state=Complaint.State.FROZEN)
    decisions.decide(
        actor=actor,
        complaint=complaint_or_404(frozen, uuid),
        outcome=Decision.Outcome.REJECTED,
        code=Decision.Code.RIGHT_NOT_COVERING,
        note=str(_("The right this complaint rests on does not stand any more.")),
        now=timezone.now(),
    )
    messages.success(request, _("Rejected. The rights holder is told why."))
    return redirect("complaints:fallen")


@require_POST
@needs(Permission.DECIDE_COMPLAINT)
def close_reviews(request: HttpRequest) -> HttpResponse:
    """Close the chosen reviews with one outcome."""
    actor, now = actor_of(request), timezone.now()
    chosen = _chosen(request)
    for review in chosen:
        freezing.close_review(
            actor=actor,
            now=now,
            review=review,
            outcome=request.POST.get("outcome", ""),
            note=request.POST.get("note", ""),
        )
    messages.success(request, _("Closed: %(count)d.") % {"count": len(chosen)})
    return redirect(reverse("complaints:fallen") + "?tab=reviews")


@require_POST
@needs(Permission.DECIDE_COMPLAINT)
def settle_undoing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Confirm as the second person that a decision is undone, or decline it with a reason."""
    actor, now = actor_of(request), timezone.now()
    found = undoings_waiting(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("nothing_waits", _("No reinstatement waits for a second person."))
    if request.POST.get("act") == "confirm":
        reinstatement.confirm(actor=actor, reinstatement=found, now=now)
        messages.success(
            request, _("Confirmed. The listing is being put back and both sides are told.")
        )
    else:
        note = request.POST.get("note", "")
        reinstatement.decline(actor=actor, reinstatement=found, note=note, now=now)
        messages.success(request, _("Declined. The decision stands."))
    return redirect(reverse("complaints:fallen") + "?tab=undoings")


def _chosen(request: HttpRequest) -> list[RightReview]:
    try:
        ids = [UUID(value) for value in request.POST.getlist("review")[:MOST_AT_ONCE]]
    except ValueError as error:
        raise NotFound("review_not_found", _("There is no such review.")) from error
    found = list(right_reviews_open_to(actor_of(request)).filter(uuid__in=ids))
    if not found or len(found) != len(set(ids)):
        raise NotFound("review_not_found", _("Choose reviews that are still open."))
    return found
