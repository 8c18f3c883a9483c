"""Pages of measures: consequences for shops, steps against misuse, their appeals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints import policies
from complaints.misuse_selectors import steps_visible_to
from complaints.models import Complaint, MisuseStep, ShopConsequence
from complaints.selectors import corrections_waiting
from complaints.services import consequences, corrections, misuse
from complaints.web.measure_forms import ReasonsForm, StatementForm
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

PAGE = 50


@require_GET
@needs(Permission.DECIDE_COMPLAINT)
def proposals(request: HttpRequest) -> HttpResponse:
    """List what waits for a person: proposed consequences and steps, open appeals of steps."""
    actor = actor_of(request)
    steps = steps_visible_to(actor)
    context = {
        "corrections": [
            {"row": row, "may_settle": bool(policies.may_settle_review(actor, row))}
            for row in corrections_waiting(actor)[:PAGE]
        ],
        "consequences": _proposed(),
        "steps": steps.filter(state=MisuseStep.State.PROPOSED)[:PAGE],
        "appeals": steps.filter(appeal__state="open")[:PAGE],
        "page_obj": Paginator(steps.exclude(state=MisuseStep.State.PROPOSED), PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "complaints/measures.html", context)


def _proposed() -> list[dict[str, Any]]:
    """Proposed consequences with the points their sellers have today, the most points first."""
    waiting = ShopConsequence.objects.filter(state=ShopConsequence.State.PROPOSED)
    rows = list(waiting.select_related("seller__marketplace").order_by("-points")[:PAGE])
    today = consequences.active_points_of({row.seller_id for row in rows}, timezone.now())
    found = [{"row": row, "points": today[row.seller_id]} for row in rows]
    return sorted(found, key=lambda each: -each["points"])


@require_POST
@needs(Permission.DECIDE_COMPLAINT)
def settle_review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Confirm or decline the correction a blind re-review asks for."""
    actor = actor_of(request)
    found = corrections_waiting(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("review_not_found", _("There is no such re-review, or it is done."))
    act = corrections.confirm if request.POST.get("accept") == "yes" else corrections.uphold
    act(actor=actor, sampled=found, now=timezone.now())
    messages.success(request, _("Your decision is kept and carried out."))
    return redirect("complaints:measures")


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_COMPLAINT)
def consequence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a consequence with its evidence; order or decline it."""
    actor = actor_of(request)
    row = ShopConsequence.objects.select_related("seller__marketplace", "decided_by__user")
    found = row.filter(uuid=uuid).first()
    if found is None:
        raise NotFound("consequence_not_found", _("There is no such consequence."))
    form = ReasonsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = consequences.order if form.is_accepted else consequences.decline
        act(
            actor=actor,
            consequence=found,
            note=form.cleaned_data["reasons"],
            now=timezone.now(),
        )
        messages.success(request, _("Your decision is kept and carried out."))
        return redirect("complaints:measures")
    now, waits = timezone.now(), found.state == ShopConsequence.State.PROPOSED
    evidence = consequences.strikes_left(found.seller, now) if waits else found.evidence["strikes"]
    context = {
        "consequence": found,
        "strikes": _in_words(evidence),
        "today": consequences.active_points(found.seller, now) if waits else None,
        "form": form,
    }
    return _answer(request, "complaints/consequence.html", context)


def _in_words(strikes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    reasons = dict(Complaint.Reason.choices)
    return [
        {
            **strike,
            "reason": reasons.get(strike["reason"], strike["reason"]),
            "at": datetime.fromisoformat(strike["at"]),
        }
        for strike in strikes
    ]


@require_http_methods(["GET", "POST"])
@needs(Permission.VIEW_COMPLAINTS)
def step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a step with its four factors; confirm, dismiss or answer about it; or appeal it."""
    actor = actor_of(request)
    found = steps_visible_to(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("step_not_found", _("There is no such step."))
    appeal = getattr(found, "appeal", None)
    decides = bool(policies.may_decide_step(actor, found))
    appeals = (
        found.state == MisuseStep.State.IN_FORCE
        and appeal is None
        and bool(policies.may_appeal_step(actor, found))
    )
    reasons, statement = ReasonsForm(request.POST or None), StatementForm(request.POST or None)
    if request.method == "POST":
        done = _act(request, found, reasons, statement)
        if done is not None:
            return done
    context = {
        "step": found,
        "appeal": appeal,
        "may_decide": decides and found.state == MisuseStep.State.PROPOSED,
        "may_answer": decides and appeal is not None and appeal.state == "open",
        "may_appeal": appeals,
        "form": reasons,
        "statement_form": statement,
    }
    return _answer(request, "complaints/misuse_step.html", context)


def _act(
    request: HttpRequest, found: MisuseStep, reasons: ReasonsForm, statement: StatementForm
) -> HttpResponse | None:
    """Do what was posted; ``None`` when the form has to be mended."""
    actor, now = actor_of(request), timezone.now()
    if "statement" in request.POST:
        if not statement.is_valid():
            return None
        text = statement.cleaned_data["statement"]
        misuse.appeal(actor=actor, step=found, statement=text, now=now)
        messages.success(request, _("Your appeal was made. A person of the platform answers it."))
        return redirect("complaints:misuse_step", found.uuid)
    if not reasons.is_valid():
        return None
    if found.state == MisuseStep.State.PROPOSED:
        act = misuse.confirm if reasons.is_accepted else misuse.dismiss
        act(actor=actor, step=found, note=reasons.cleaned_data["reasons"], now=now)
    else:
        appeal = getattr(found, "appeal", None)
        if appeal is None:
            raise NotFound("appeal_not_found", _("There is no such appeal."))
        text = reasons.cleaned_data["reasons"]
        misuse.answer(
            actor=actor, appeal=appeal, granted=reasons.is_accepted, reasons=text, now=now
        )
    messages.success(request, _("Your decision is kept and carried out."))
    return redirect("complaints:misuse_step", found.uuid)


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, context, status=status)
