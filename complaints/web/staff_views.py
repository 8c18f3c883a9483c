"""Pages of the platform: the queue, a decision, orders, sellers."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints import harm, policies
from complaints.models import Complaint, Decision, Order, StatementOfReasons
from complaints.selectors import (
    complaints_visible_to,
    decision_queue,
    orders_visible_to,
    prior_decisions,
    reviews_visible_to,
    sellers_visible_to,
    strikes_of,
    thread_of,
)
from complaints.services import consequences, decisions, orders, statements
from complaints.similar import similar_decisions
from complaints.web import case_context
from complaints.web.forms import DecisionForm
from complaints.web.views import complaint_or_404, shown
from portal.core.actors import Actor
from portal.core.errors import NotFound
from portal.core.policies import Permission, may
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

PAGE = 50
# In what an earlier decision is like the case.
MARKS = {
    "listing": gettext_lazy("Same listing"),
    "pictures": gettext_lazy("Same picture"),
    "text": gettext_lazy("Nearly the same text"),
    "seller": gettext_lazy("Same seller"),
    "brand": gettext_lazy("Same brand"),
}


def _platform_only(actor: Actor) -> None:
    """Other tenants' people have no such pages at all."""
    if not actor.is_platform:
        raise NotFound("page_not_found", _("There is no such page."))


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def queue(request: HttpRequest) -> HttpResponse:
    """List complaints that wait for a decision: due first, then by harm."""
    actor = actor_of(request)
    _platform_only(actor)
    page = Paginator(decision_queue(actor), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "may_decide": bool(policies.may_decide(actor)),
        "to_review": reviews_visible_to(actor).count(),
    }
    return render(request, "complaints/queue.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_COMPLAINT)
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show everything a decision needs, and take it."""
    actor = actor_of(request)
    complaint = complaint_or_404(complaints_visible_to(actor), uuid)
    if request.method == "GET" and complaint.state not in Complaint.OPEN:
        return redirect(complaint)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        decision = decisions.decide(
            actor=actor,
            complaint=complaint,
            outcome=form.cleaned_data["outcome"],
            code=form.cleaned_data["code"],
            note=form.cleaned_data["note"],
            now=timezone.now(),
        )
        messages.success(request, _told(decision))
        return redirect("complaints:queue")
    prior = prior_decisions(complaint.link.version.seller)
    context = case_context.of(complaint) | {
        "form": form,
        "similar": [
            {"each": each, "marks": [MARKS[mark] for mark in each.marks]}
            for each in similar_decisions(complaint)
        ],
        "counts": prior.aggregate(
            established=Count("pk", filter=Q(outcome=Decision.Outcome.ESTABLISHED)),
            rejected=Count("pk", filter=Q(outcome=Decision.Outcome.REJECTED)),
        ),
        "harm_most": harm.MOST,
        "thread": list(thread_of(complaint)),
        "may_write": policies.may_write(actor, complaint),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/decide.html", context, status=status)


@require_POST
@needs(Permission.DECIDE_COMPLAINT)
def seller_link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make a new link to the statement, for a seller whose link expired or was lost."""
    actor = actor_of(request)
    complaint = complaint_or_404(complaints_visible_to(actor), uuid)
    statement = StatementOfReasons.objects.filter(decision__complaint=complaint).first()
    if statement is None:
        raise NotFound("no_statement", _("There is no statement of reasons about this complaint."))
    link = statements.new_address(actor=actor, statement=statement, now=timezone.now())
    return shown(request, complaint, seller_link=link)


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def order_list(request: HttpRequest) -> HttpResponse:
    """List orders with their state and what went wrong."""
    actor = actor_of(request)
    _platform_only(actor)
    rows = orders_visible_to(actor)
    state = request.GET.get("state", "")
    if state in Order.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "state": state,
        "states": Order.State.choices,
        "may_send": bool(may(actor, Permission.MANAGE_PLATFORM)),
    }
    return render(request, "complaints/orders.html", context)


@require_POST
@needs(Permission.MANAGE_PLATFORM)
def send_order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send a failed or waiting order again."""
    actor = actor_of(request)
    order = orders_visible_to(actor).filter(uuid=uuid).first()
    if order is None:
        raise NotFound("order_not_found", _("There is no such order."))
    orders.send_again(actor=actor, order=order, now=timezone.now())
    messages.success(request, _("The order will be sent again in a moment."))
    return redirect("complaints:orders")


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def seller_list(request: HttpRequest) -> HttpResponse:
    """List sellers with strikes, the heaviest first."""
    actor = actor_of(request)
    _platform_only(actor)
    rows = sellers_visible_to(actor).filter(strike_points__gt=0)
    page = Paginator(rows.order_by("-strike_points", "pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "complaints/sellers.html", {"page_obj": page})


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def seller_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a seller with its strikes and the complaints behind them."""
    actor = actor_of(request)
    _platform_only(actor)
    seller = sellers_visible_to(actor).filter(uuid=uuid).first()
    if seller is None:
        raise NotFound("seller_not_found", _("There is no such seller."))
    page = Paginator(strikes_of(seller), PAGE).get_page(request.GET.get("page"))
    context = {
        "seller": seller,
        "page_obj": page,
        "active_points": consequences.active_points(seller, timezone.now()),
        "measures": seller.consequences.order_by("-pk")[:PAGE],
        "linked": consequences.linked_in_words(seller),
    }
    return render(request, "complaints/seller.html", context)


def _told(decision: Decision) -> str:
    if decision.outcome == Decision.Outcome.ESTABLISHED:
        return _("Established. The take-down order is on its way and the seller has a strike.")
    return _("Rejected. The rights holder is told why.")
