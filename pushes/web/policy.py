"""How an organisation reviews, as a form; and conflicts of verdicts, for the platform."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from brands.models import Brand
from brands.selectors import brands_visible_to
from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes.models import BrandCapacity, Conflict, ReviewPolicy
from pushes.selectors import conflicts_visible_to
from pushes.services import conflicts, review_policy, second_looks
from pushes.services.review_policy import MOST_A_WEEK

MOST_SHOWN = 100


class PolicyForm(forms.Form):
    """The choices, and one field a brand for its weekly capacity."""

    on_silence = forms.ChoiceField(
        label=gettext_lazy("When a deadline ends without a verdict"),
        choices=ReviewPolicy.Silence.choices,
        help_text=gettext_lazy(
            "Nothing is lost: the link can still be judged, and no rule learns."
        ),
    )
    round_robin = forms.BooleanField(
        label=gettext_lazy("Share new links among reviewers in turn"),
        required=False,
        help_text=gettext_lazy("Each goes to whoever has the fewest waiting."),
    )
    second_look_percent = forms.FloatField(
        label=gettext_lazy("Judged links shown blind to another reviewer, in percent"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=gettext_lazy(
            "Empty: the shipped share. It tells how far verdicts can be trusted."
        ),
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, brands: list[Brand], initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.brands = {f"capacity-{brand.uuid}": brand for brand in brands}
        for name, brand in self.brands.items():
            self.fields[name] = forms.IntegerField(
                label=brand.name,
                required=False,
                min_value=1,
                max_value=MOST_A_WEEK,
                help_text=_("Links a week; empty: all of them."),
            )


@require_http_methods(["GET", "POST"])
@needs(Permission.EDIT_REGISTRY)
def policy_page(request: HttpRequest) -> HttpResponse:
    """Show and change how the organisation reviews."""
    who = actor(request)
    brands = list(brands_visible_to(who).filter(organisation=who.organisation).order_by("name"))
    own = review_policy.policy_of(who.organisation.pk) if who.organisation else None
    form = PolicyForm(request.POST or None, brands=brands, initial=_initial(own, brands))
    if request.method == "POST" and form.is_valid():
        percent = form.cleaned_data["second_look_percent"]
        try:
            review_policy.set_policy(
                actor=who,
                now=timezone.now(),
                on_silence=form.cleaned_data["on_silence"],
                round_robin=form.cleaned_data["round_robin"],
                second_look_share=None if percent is None else percent / 100,
                capacities={brand: form.cleaned_data[name] for name, brand in form.brands.items()},
            )
        except InvalidInput as refusal:
            for error in refusal.errors:
                field = error.field if error.field in form.fields else None
                form.add_error(field, str(error.message))
        else:
            messages.success(request, _("Kept. It holds from now on."))
            return redirect("pushes:policy")
    context = {
        "form": form,
        "capacities": [form[name] for name in form.brands],
        "share": second_looks.share_of(who.organisation.pk) * 100 if who.organisation else 0,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "pushes/policy.html", context, status=status)


@require_GET
@needs(Permission.DECIDE_COMPLAINT)
def conflict_list(request: HttpRequest) -> HttpResponse:
    """Listings that rights holders judged differently, the longest open first."""
    rows = conflicts_visible_to(actor(request)).select_related(
        "listing__marketplace",
        "infringing__brand",
        "infringing__organisation",
        "fine__brand",
        "fine__organisation",
        "resolved_by__user",
    )
    context = {
        "open": rows.filter(state=Conflict.State.OPEN).order_by("opened_at", "pk")[:MOST_SHOWN],
        "resolved": rows.filter(state=Conflict.State.RESOLVED).order_by("-resolved_at")[:20],
    }
    return render(request, "pushes/conflicts.html", context)


@require_POST
@needs(Permission.DECIDE_COMPLAINT)
def conflict_resolve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close a conflict with what was found."""
    who = actor(request)
    conflict = conflicts_visible_to(who).filter(uuid=uuid).first()
    if conflict is None:
        raise NotFound("conflict", _("There is no such conflict."))
    note = request.POST.get("note", "")
    conflicts.resolve(actor=who, conflict=conflict, note=note, now=timezone.now())
    messages.success(request, _("The conflict is closed."))
    return redirect("pushes:conflicts")


def _initial(own: ReviewPolicy | None, brands: list[Brand]) -> dict[str, Any]:
    weekly = dict(BrandCapacity.objects.filter(brand__in=brands).values_list("brand_id", "weekly"))
    initial: dict[str, Any] = {f"capacity-{brand.uuid}": weekly.get(brand.pk) for brand in brands}
    if own is not None:
        share = own.second_look_share
        initial |= {
            "on_silence": own.on_silence,
            "round_robin": own.round_robin,
            "second_look_percent": None if share is None else share * 100,
        }
    return initial
