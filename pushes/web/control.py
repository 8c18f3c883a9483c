"""The control strategy: thresholds in force, proposals to accept or refuse, the targets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes.matching.learning.control import BLOCK_BOUND
from pushes.models import ControlThreshold, LoopPolicy
from pushes.selectors.control import thresholds_visible_to
from pushes.services import control
from pushes.services.loop_policy import choices_in_force, loop_policy, set_loop_policy
from pushes.services.registry import champion
from pushes.web.rules import share_of

State = ControlThreshold.State
MOST_SHOWN = 100
DECIDED_SHOWN = 30


@dataclass(frozen=True)
class Row:
    """A threshold as the page shows it: shares as percentages, ``where`` in words."""

    threshold: ControlThreshold
    where: str
    value: float | None
    old: float | None
    estimate: float | None
    low: float | None
    high: float | None
    links: int
    is_proven: bool


@require_GET
@needs(Permission.TUNE_RULES)
def index(request: HttpRequest) -> HttpResponse:
    """Thresholds in force, what is proposed, and what was decided."""
    visible = thresholds_visible_to(actor(request))
    policy, rules = loop_policy(), champion()
    order = ("level", "brand__name", "category", "seller__name", "act", "pk")
    in_force = visible.filter(state=State.IN_FORCE).order_by(*order)
    proposed = visible.filter(state=State.PROPOSED).order_by(*order)
    decided = visible.filter(decided_by__isnull=False).order_by("-decided_at", "-pk")
    context = {
        "in_force": _rows(in_force[:MOST_SHOWN], rules.pk),
        "proposed": _rows(proposed[:MOST_SHOWN], rules.pk),
        "more": in_force.count() > MOST_SHOWN or proposed.count() > MOST_SHOWN,
        "decided": _rows(decided[:DECIDED_SHOWN], rules.pk),
        "policy": policy,
        "push_percent": f"{100 * policy.push_target:.4g}",
        "hold_percent": f"{100 * policy.hold_target:.4g}",
        "push_range": [round(100 * share) for share in LoopPolicy.PUSH_TARGETS],
        "hold_range": [round(100 * share) for share in LoopPolicy.HOLD_TARGETS],
        "rules_threshold": 100 * float(rules.content.get("threshold", 0.5)),
    }
    return render(request, "pushes/control.html", context)


@require_POST
@needs(Permission.TUNE_RULES)
def estimate(request: HttpRequest) -> HttpResponse:
    """Ask the facts now instead of tonight."""
    found = control.reestimate(actor=actor(request), now=timezone.now())
    made = ngettext("%(n)d proposal", "%(n)d proposals", found.proposed) % {"n": found.proposed}
    raised = ngettext(
        "%(n)d threshold tightened", "%(n)d thresholds tightened", found.tightened
    ) % {"n": found.tightened}
    messages.success(request, _("Estimated: %(made)s, %(raised)s.") % {
        "made": made, "raised": raised})  # fmt: skip
    return redirect("pushes:control")


@require_POST
@needs(Permission.TUNE_RULES)
def set_targets(request: HttpRequest) -> HttpResponse:
    """What precision is asked for, and whether tightening waits for a person."""
    chosen = replace(
        choices_in_force(),
        push_target=share_of(request.POST.get("push_target", "")),
        hold_target=share_of(request.POST.get("hold_target", "")),
        tightens_alone="tightens_alone" in request.POST,
    )
    try:
        set_loop_policy(actor=actor(request), choices=chosen, now=timezone.now())
        messages.success(request, _("Saved."))
    except InvalidInput as refusal:
        messages.error(request, str(refusal))
    return redirect("pushes:control")


@require_POST
@needs(Permission.TUNE_RULES)
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept or refuse a proposal, or withdraw a threshold in force."""
    who, now = actor(request), timezone.now()
    row = thresholds_visible_to(who).filter(uuid=uuid).first()
    if row is None:
        raise NotFound("control_threshold", _("There is no such threshold."))
    reason, decision = request.POST.get("reason", ""), request.POST.get("decision", "")
    try:
        if decision == "accept":
            control.accept(actor=who, proposal=row, now=now)
            messages.success(request, _("In force: the next listings are measured by it."))
        elif decision == "withdraw":
            control.withdraw(actor=who, threshold=row, reason=reason, now=now)
            messages.success(request, _("Withdrawn: the wider threshold holds again."))
        elif decision == "refuse":
            control.refuse(actor=who, proposal=row, reason=reason, now=now)
            messages.success(request, _("Refused, and remembered."))
        else:
            raise InvalidInput.one("decision", "unknown", _("Choose what is to become of it."))
    except InvalidInput as refusal:
        messages.error(request, str(refusal))
    return redirect("pushes:control")


def _rows(thresholds: Iterable[ControlThreshold], ruleset_id: int) -> list[Row]:
    return [
        Row(
            threshold=row,
            where=where(row),
            value=_percent(row.value),
            old=_percent(row.old_value),
            estimate=_percent(row.estimate),
            low=_percent(row.low),
            high=_percent(row.high),
            links=round(row.links),
            is_proven=(row.low or 0.0) >= BLOCK_BOUND and row.ruleset_id == ruleset_id,
        )
        for row in thresholds
    ]


def where(row: ControlThreshold) -> str:
    """The scope in words: “Everywhere”, or the brand with its category or seller."""
    if row.brand is None:
        return _("Every brand")
    narrow = row.category or (str(row.seller) if row.seller else "")
    return f"{row.brand.name} · {narrow}" if narrow else row.brand.name


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
