"""Blind re-reviews: the listing and the right, never the decision."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from complaints.selectors import reviews_visible_to
from complaints.services import sampling
from complaints.web import case_context
from complaints.web.forms import DecisionForm
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

PAGE = 50


@require_GET
@needs(Permission.DECIDE_COMPLAINT)
def review_queue(request: HttpRequest) -> HttpResponse:
    """List drawn complaints that wait for a second look, the longest waiting first."""
    page = Paginator(reviews_visible_to(actor_of(request)), PAGE)
    context = {"page_obj": page.get_page(request.GET.get("page"))}
    return render(request, "complaints/reviews.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_COMPLAINT)
def review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the case as it was filed, and take the reviewer's own decision."""
    actor = actor_of(request)
    sampled = reviews_visible_to(actor).filter(uuid=uuid).first()
    if sampled is None:
        raise NotFound("review_not_found", _("There is no such re-review, or it is done."))
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sampling.review(
            actor=actor,
            sampled=sampled,
            outcome=form.cleaned_data["outcome"],
            code=form.cleaned_data["code"],
            note=form.cleaned_data["note"],
            now=timezone.now(),
        )
        messages.success(request, _("Your review is kept. Thank you for the second look."))
        return redirect("complaints:reviews")
    context = case_context.of(sampled.complaint) | {"form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/review.html", context, status=status)
