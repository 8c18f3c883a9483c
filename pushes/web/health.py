"""The health page of the loop: is it getting better, and who would notice if it were not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from portal.core.policies import Permission
from portal.core.web.views import needs
from pushes.selectors.loop_health import Week, loop_health
from pushes.selectors.rule_decisions import RuleDecision

WIDTH, HEIGHT = 600, 160
SHARES = (100, 75, 50, 25, 0)
"""Percents at which the drawing has a line."""
DECISIONS: dict[str, Promise] = {
    "ruleset.champion": _("Promoted"),
    "ruleset.rolled_back": _("Rolled back"),
    "ruleset.shadow": _("Put into shadow"),
}
RETURNED: Promise = _("In force again")


@require_GET
@needs(Permission.TUNE_RULES)
def index(request: HttpRequest) -> HttpResponse:
    """Precision by week, agreement, exploration, alarms, decisions."""
    health = loop_health(now=timezone.now())
    judged = [week for week in health.weeks if week.precision is not None]
    context = {
        "health": health,
        "weeks": list(reversed(health.weeks)),
        "points": points_of(health.weeks),
        "lines": [{"y": HEIGHT * (100 - share) / 100, "percent": share} for share in SHARES],
        "latest": judged[-1] if judged else None,
        "decisions": [
            {"what": _what(each), "percent": _percent(each.step), "each": each}
            for each in health.decisions
        ],
        "explored": sum(week.explored for week in health.weeks),
        "found": sum(week.found for week in health.weeks),
    }
    return render(request, "pushes/health.html", context)


def points_of(weeks: list[Week]) -> list[dict[str, Any]]:
    """Where each judged week stands in the drawing: ``{x, y, week}``, y = 0 at 100 %."""
    step = WIDTH / max(len(weeks) - 1, 1)
    return [
        {"x": round(number * step, 1), "y": round(HEIGHT * (1 - week.precision), 1), "week": week}
        for number, week in enumerate(weeks)
        if week.precision is not None
    ]


def _what(decision: RuleDecision) -> Promise:
    return RETURNED if decision.is_return else DECISIONS[decision.verb]


def _percent(step: float | None) -> int | None:
    """How much of the way was taken, if not all of it."""
    return round(100 * step) if step is not None and step < 1 else None
