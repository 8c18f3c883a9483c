"""The rules of hearing: the shipped ones, the operator's own, and a form to state one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from brands.models import Registration
from complaints.hearing_rules import EU_MEMBERS, SHIPPED
from complaints.models import HearingRule
from complaints.services import hearings
from complaints.web.hearing_forms import RuleForm
from portal.core.errors import InvalidInput
from portal.core.policies import Permission
from portal.core.web.forms import put_errors
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PLATFORM)
def rules(request: HttpRequest) -> HttpResponse:
    """Show what silence means in each jurisdiction, with its source, and state a rule."""
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        jurisdiction, right, rule = form.stated()
        try:
            hearings.set_rule(
                jurisdiction=jurisdiction,
                right=right,
                rule=rule,
                actor=actor_of(request),
                now=timezone.now(),
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("Stated. Open cases keep the rule they began under."))
            return redirect("complaints:hearing_rules")
    labels = {
        **dict(HearingRule.Term.choices),
        **dict(HearingRule.Start.choices),
        **dict(HearingRule.StoppedBy.choices),
        **dict(HearingRule.OnSilence.choices),
    }
    shipped = [
        {
            "place": "EU" if place in EU_MEMBERS else _named(place),
            "right": _right(right),
            "rule": rule,
        }
        for (place, right), rule in SHIPPED.items()
        if place not in EU_MEMBERS or place == "AT"
    ]
    for line in shipped:
        line["words"] = {name: labels.get(getattr(line["rule"], name), "") for name in _WORDS}
    context = {
        "form": form,
        "shipped": shipped,
        "own": [
            {"place": _named(rule.jurisdiction), "right": _right(rule.right), "rule": rule}
            for rule in HearingRule.objects.order_by("jurisdiction", "right")
        ],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/hearing_rules.html", context, status=status)


def _named(place: str) -> str:
    return _("Elsewhere") if place == "*" else place


def _right(kind: str) -> str:
    return str(dict(Registration.Kind.choices).get(kind, kind))


_WORDS = ("term_kind", "term_from", "stopped_by", "on_silence")
