"""Suggestions of what fakes have in common, and the form for a listing that was missed."""

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
from django.views.decorators.http import require_GET, require_POST

from brands.models import Brand
from portal.core.errors import InvalidInput, NotFound
from portal.core.models import Marketplace
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes.selectors import brands_to_judge
from pushes.services import self_reports, suggestions


class ReportForm(forms.Form):
    """A listing the rules missed."""

    brand = forms.ChoiceField(label=gettext_lazy("Brand"))
    marketplace = forms.ChoiceField(label=gettext_lazy("Marketplace"))
    external_id = forms.CharField(
        label=gettext_lazy("Number of the listing"),
        max_length=200,
        help_text=gettext_lazy("As the marketplace names it, in the address of its page."),
    )

    def __init__(self, data: Mapping[str, Any] | None, brands: list[Brand]) -> None:
        super().__init__(data)
        self.brands = {str(brand.uuid): brand for brand in brands}
        names = [(key, brand.name) for key, brand in self.brands.items()]
        self.fields["brand"].choices = names  # type: ignore[attr-defined]
        self.fields["marketplace"].choices = list(  # type: ignore[attr-defined]
            Marketplace.objects.order_by("name").values_list("slug", "name")
        )


@require_GET
@needs(Permission.JUDGE_LINKS)
def index(request: HttpRequest) -> HttpResponse:
    """Suggestions of one brand, and the form."""
    return _page(request, None)


@require_POST
@needs(Permission.JUDGE_LINKS)
def report(request: HttpRequest) -> HttpResponse:
    """Push a listing that was missed."""
    form = ReportForm(request.POST, _brands(request))
    if form.is_valid():
        try:
            link = self_reports.report(
                actor=actor(request),
                brand=form.brands[form.cleaned_data["brand"]],
                marketplace=form.cleaned_data["marketplace"],
                external_id=form.cleaned_data["external_id"],
                now=timezone.now(),
            )
        except InvalidInput as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("Thank you: the listing waits for your verdict."))
            return redirect("pushes:link", link.uuid)
    return _page(request, form, status=422)


@require_POST
@needs(Permission.EDIT_REGISTRY)
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept or refuse one suggestion of a brand."""
    brand = next((brand for brand in _brands(request) if brand.uuid == uuid), None)
    if brand is None:
        raise NotFound("brand", _("There is no such brand."))
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "")
    who, now, decision = actor(request), timezone.now(), request.POST.get("decision")
    try:
        if decision == "accept":
            suggestions.accept(actor=who, brand=brand, kind=kind, value=value, now=now)
            messages.success(request, _("Declared: it is being checked and then counts."))
        elif decision == "refuse":
            suggestions.refuse(actor=who, brand=brand, kind=kind, value=value, now=now)
            messages.success(request, _("Refused: it will not be suggested again."))
        else:
            raise InvalidInput.one("decision", "unknown", _("Choose to accept or to refuse it."))
    except InvalidInput as refusal:
        messages.error(request, str(refusal))
    response = redirect("pushes:suggestions")
    response["Location"] += f"?brand={brand.uuid}"
    return response


def _brands(request: HttpRequest) -> list[Brand]:
    who = actor(request)
    visible = brands_to_judge(who).filter(organisation=who.organisation)
    return list(visible.select_related("organisation").order_by("name"))


def _page(request: HttpRequest, form: ReportForm | None, status: int = 200) -> HttpResponse:
    brands = _brands(request)
    wanted = request.GET.get("brand", "")
    brand = next((one for one in brands if str(one.uuid) == wanted), brands[0] if brands else None)
    context = {
        "brands": brands,
        "brand": brand,
        "suggestions": suggestions.suggestions_for(brand) if brand else [],
        "form": form or ReportForm(None, brands),
    }
    return render(request, "pushes/suggestions.html", context, status=status)
