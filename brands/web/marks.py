"""The editor of characteristics: choose a kind, then declare one in its words."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brands import selectors
from brands.models import Brand, Characteristic
from brands.services import characteristics
from brands.web.common import found
from brands.web.mark_forms import GROUPS, GUIDES, MarkForm, form_of
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs


@require_GET
@needs(Permission.EDIT_REGISTRY)
def mark_kinds(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say what each kind is for."""
    brand = _brand(request, uuid)
    groups = [
        (label, [(kind.value, kind.label, GUIDES[kind].about) for kind in kinds])
        for label, kinds in GROUPS
    ]
    return render(request, "brands/marks/kinds.html", {"brand": brand, "groups": groups})


@needs(Permission.EDIT_REGISTRY)
def mark_new(request: HttpRequest, uuid: UUID, kind: str) -> HttpResponse:
    """Declare a characteristic; what it would find is shown while it is written."""
    brand = _brand(request, uuid)
    if kind not in GUIDES:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    form = form_of(kind, brand, request.POST or None)
    if request.method == "POST" and declared(form, brand, actor_of(request)):
        messages.success(request, _("The characteristic is being checked."))
        return redirect("brands:brand_tab", brand.uuid, "marks")
    context = {
        "brand": brand,
        "form": form,
        "guide": GUIDES[kind],
        "kind": kind,
        "label": Characteristic.Kind(kind).label,
    }
    return render(request, "brands/marks/new.html", context)


def declared(form: MarkForm, brand: Brand, actor: Actor) -> bool:
    """Declare what the form says; put what the rules refuse at the field that asked for it."""
    if not form.is_valid():
        return False
    try:
        characteristics.declare(
            actor=actor,
            now=timezone.now(),
            brand=brand,
            declared=form.declared(),
            product_model=form.cleaned_data["product_model"],
        )
    except InvalidInput as refusal:
        for error in refusal.errors:
            at = form.at if error.field == "value" else error.field
            form.add_error(
                at if at in form.fields else None,
                ValidationError(str(error.message), code=error.code),
            )
        return False
    return True


def _brand(request: HttpRequest, uuid: UUID) -> Brand:
    rows = selectors.brands_editable_by(actor_of(request)).select_related("organisation")
    return found(rows, uuid)
