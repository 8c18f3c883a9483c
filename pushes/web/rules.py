"""The rules pages: what is in force, what a candidate would change, promote, refuse, roll back."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes import selectors
from pushes.models import ControlThreshold, Ruleset
from pushes.selectors.control import thresholds_visible_to
from pushes.selectors.rule_decisions import in_force_since
from pushes.services import retuning
from pushes.services.evidence import facts_by_label
from pushes.services.loop_policy import choices_in_force, loop_policy, set_loop_policy
from pushes.services.registry import champion
from pushes.web import labels

PAGE_SIZE = 25
OPEN = (Ruleset.State.CANDIDATE, Ruleset.State.SHADOW)


@require_GET
@needs(Permission.TUNE_RULES)
def index(request: HttpRequest) -> HttpResponse:
    """List rulesets, newest first, with the one in force and the facts at hand."""
    current = champion()
    counts, policy = facts_by_label(), loop_policy()
    found = selectors.rulesets_visible_to(actor(request)).select_related("created_by__user")
    context = {
        "champion": current,
        "since": in_force_since(current),
        "previous": retuning.previous_champion(current),
        "page": Paginator(found.order_by("-created_at", "-pk"), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
        "infringing": counts[1],
        "genuine": counts[0],
        "minimum": retuning.MINIMUM_OF_EACH,
        "proposals": thresholds_visible_to(actor(request))
        .filter(state=ControlThreshold.State.PROPOSED)
        .count(),
        "shadow": retuning.current_shadow(),
        "policy": policy,
        "exploration_percent": round(100 * policy.exploration, 2),
    }
    return render(request, "pushes/rulesets.html", context)


@require_GET
@needs(Permission.TUNE_RULES)
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One ruleset: old and new weights, and the past links whose push would change."""
    ruleset = _find(request, uuid)
    context = {
        "ruleset": ruleset,
        "champion": champion(),
        "weights": _weights(ruleset),
        "evaluation": ruleset.evaluation,
        "old_precision": _share(ruleset.evaluation.get("old_precision")),
        "new_precision": _share(ruleset.evaluation.get("new_precision")),
        "flips": ruleset.evaluation.get("flips", []),
        "is_open": ruleset.state in OPEN,
        "is_current": ruleset.state in OPEN
        and ruleset.parent is not None
        and ruleset.parent.state == Ruleset.State.CHAMPION,
        "gate": gate_of(ruleset),
    }
    return render(request, "pushes/ruleset.html", context)


def _share(estimate: float | None) -> float | None:
    """A precision as shown: fair labels lie a little outside 0 to 1, and so may their mean."""
    return None if estimate is None else min(max(estimate, 0.0), 1.0)


@require_GET
@needs(Permission.TUNE_RULES)
def export(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The ruleset as the engine's command line reads it (``--ruleset``)."""
    ruleset = _find(request, uuid)
    text = json.dumps(ruleset.content, ensure_ascii=False, indent=1, sort_keys=True)
    response = HttpResponse(text, content_type="application/json")
    name = f"ruleset-{ruleset.content_hash[:12]}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@needs(Permission.TUNE_RULES)
def retune(request: HttpRequest) -> HttpResponse:
    """Fit a candidate to all facts."""
    candidate = retuning.retune(actor=actor(request), now=timezone.now())
    messages.success(request, _("A candidate was made. Nothing changes until you promote it."))
    return redirect("pushes:ruleset", candidate.uuid)


@require_POST
@needs(Permission.TUNE_RULES)
def promote(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a candidate in force."""
    ruleset = _find(request, uuid)
    reason = request.POST.get("reason", "")
    try:
        ruleset = retuning.promote(
            actor=actor(request), ruleset=ruleset, now=timezone.now(), reason=reason
        )
    except InvalidInput as refusal:
        messages.error(request, str(refusal))
        return redirect("pushes:ruleset", ruleset.uuid)
    messages.success(request, _("Promoted: the next listings are scored with these rules."))
    return redirect("pushes:ruleset", ruleset.uuid)


@require_POST
@needs(Permission.TUNE_RULES)
def to_shadow(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let a candidate score silently."""
    ruleset = _find(request, uuid)
    retuning.to_shadow(actor=actor(request), ruleset=ruleset, now=timezone.now())
    messages.success(request, _("In shadow: it scores every push, and decides nothing."))
    return redirect("pushes:ruleset", ruleset.uuid)


@require_POST
@needs(Permission.TUNE_RULES)
def weigh(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Compare with the champion on all facts there are now."""
    ruleset = _find(request, uuid)
    retuning.weigh(ruleset=ruleset, now=timezone.now())
    return redirect("pushes:ruleset", ruleset.uuid)


@require_POST
@needs(Permission.TUNE_RULES)
def set_policy(request: HttpRequest) -> HttpResponse:
    """Who promotes, and how much is explored."""
    chosen = replace(
        choices_in_force(),
        promotes_alone="promotes_alone" in request.POST,
        exploration=share_of(request.POST.get("exploration_percent", "")),
    )
    try:
        set_loop_policy(actor=actor(request), choices=chosen, now=timezone.now())
        messages.success(request, _("Saved."))
    except InvalidInput as refusal:
        messages.error(request, str(refusal))
    return redirect("pushes:rulesets")


@require_POST
@needs(Permission.TUNE_RULES)
def refuse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put a candidate aside."""
    ruleset = _find(request, uuid)
    retuning.refuse(actor=actor(request), ruleset=ruleset, now=timezone.now())
    messages.success(request, _("The candidate was refused."))
    return redirect("pushes:rulesets")


@require_POST
@needs(Permission.TUNE_RULES)
def roll_back(request: HttpRequest) -> HttpResponse:
    """Return to the rules before the present ones."""
    promoted_alone = loop_policy().promotes_alone
    retuning.roll_back(actor=actor(request), now=timezone.now())
    messages.success(request, _("Rolled back: the earlier rules are in force again."))
    if promoted_alone:
        messages.info(request, _("From now on a person promotes, until you choose otherwise."))
    return redirect("pushes:rulesets")


def share_of(percent: str) -> float:
    """A typed percentage as a share; not a number when it is none, which no range holds."""
    try:
        return float(percent) / 100
    except ValueError:
        return float("nan")


def _find(request: HttpRequest, uuid: UUID) -> Ruleset:
    visible = selectors.rulesets_visible_to(actor(request))
    found = visible.select_related("parent", "created_by__user").filter(uuid=uuid).first()
    if found is None:
        raise NotFound("ruleset", _("There is no such ruleset."))
    return found


def gate_of(ruleset: Ruleset) -> dict[str, Any] | None:
    """The gate in points of precision (hundredths); None for a ruleset that was never compared."""
    gate = ruleset.evaluation.get("gate")
    if not gate:
        return None
    points = {name: 100 * gate[name] for name in ("gain", "low", "high", "loss_probability")}
    step = gate["step"]
    return {**gate, **points, "step_percent": round(100 * step) if step else None}


def _weights(ruleset: Ruleset) -> list[dict[str, Any]]:
    """Every weight, changed ones first by how much: ``{label, old, new, change, share}``."""
    changes = {change["name"]: change for change in ruleset.evaluation.get("changes", [])}
    content = ruleset.content
    values = {
        "intercept": content["intercept"],
        "threshold": content["threshold"],
        **content["weights"],
    }
    rows = []
    for name, value in values.items():
        old = changes[name]["old"] if name in changes else value
        rows.append(
            {
                "name": name,
                "label": labels.signal_label(name),
                "old": old,
                "new": value,
                "change": value - old,
                "is_changed": round(value - old, 3) != 0,
            }
        )
    return sorted(rows, key=lambda row: (-abs(round(row["change"], 3)), str(row["label"])))
