"""Changing single facts: product models, names, characteristics, sellers, pictures."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands import selectors
from brands.models import BrandName
from brands.policies import may_edit_brand
from brands.services import characteristics, product_models, registration, sellers
from brands.web.common import found, saved
from brands.web.documents import picture_response
from brands.web.forms import ImageForm, ProductModelForm
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs

_MARK_ACTS = {
    "pause": characteristics.pause,
    "resume": characteristics.resume,
    "withdraw": characteristics.withdraw,
}


@needs(Permission.VIEW_REGISTRY)
def product_model(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a product model and change it."""
    actor = actor_of(request)
    rows = selectors.product_models_visible_to(actor).select_related("brand__organisation")
    model = found(rows, uuid)
    initial = ProductModelForm.of(model)
    form = ProductModelForm(request.POST or None, initial=initial)
    if request.method == "POST" and saved(
        form,
        lambda: product_models.change_product_model(
            actor=actor, now=timezone.now(), product_model=model, facts=form.declared()
        ),
    ):
        messages.success(request, _("The product model was changed."))
        return redirect("brands:product_model", model.uuid)
    context = {
        "model": model,
        "form": form,
        "image_form": ImageForm(),
        "images": model.images.order_by("pk"),
        "may_edit": may_edit_brand(actor, model.brand).allowed,
    }
    return render(request, "brands/product_model.html", context)


@require_POST
@needs(Permission.EDIT_REGISTRY)
def product_model_image(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Add a reference picture."""
    actor = actor_of(request)
    model = found(selectors.product_models_visible_to(actor), uuid)
    form = ImageForm(request.POST, request.FILES)
    done = saved(
        form,
        lambda: product_models.add_image(
            actor=actor,
            now=timezone.now(),
            product_model=model,
            content=form.cleaned_data["image"].read(),
        ),
    )
    if done:
        messages.success(request, _("The picture was added."))
    else:
        messages.error(request, " ".join(str(error) for error in form.errors["image"]))
    return redirect("brands:product_model", model.uuid)


@require_POST
@needs(Permission.EDIT_REGISTRY)
def product_model_active(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a product model out of matching, or put it back."""
    actor = actor_of(request)
    model = found(selectors.product_models_visible_to(actor), uuid)
    product_models.set_active(
        actor=actor,
        now=timezone.now(),
        product_model=model,
        active=request.POST.get("active") == "yes",
    )
    return redirect("brands:product_model", model.uuid)


@require_POST
@needs(Permission.EDIT_REGISTRY)
def name_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Remove a name."""
    actor = actor_of(request)
    visible = BrandName.objects.filter(brand__in=selectors.brands_visible_to(actor))
    name = found(visible.select_related("brand__organisation"), uuid)
    registration.remove_name(actor=actor, now=timezone.now(), name=name)
    messages.success(request, _("The name was removed."))
    return redirect("brands:brand_tab", name.brand.uuid, "names")


@require_POST
@needs(Permission.EDIT_REGISTRY)
def seller_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End a seller's authorisation."""
    actor = actor_of(request)
    seller = found(selectors.authorised_sellers_visible_to(actor), uuid)
    sellers.remove(actor=actor, now=timezone.now(), seller=seller)
    messages.success(request, _("The seller is no longer authorised."))
    return redirect("brands:brand_tab", seller.brand.uuid, "sellers")


@require_POST
@needs(Permission.EDIT_REGISTRY)
def characteristic_act(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """Pause, resume or withdraw a characteristic."""
    actor = actor_of(request)
    if act not in _MARK_ACTS:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    row = found(selectors.characteristics_visible_to(actor), uuid)
    _MARK_ACTS[act](actor=actor, now=timezone.now(), characteristic=row)
    return redirect("brands:brand_tab", row.brand.uuid, "marks")


@require_GET
@needs(Permission.VIEW_REGISTRY)
def logo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send a brand's logo."""
    brand = found(selectors.brands_visible_to(actor_of(request)).select_related("logo"), uuid)
    return picture_response(brand.logo)


@require_GET
@needs(Permission.VIEW_REGISTRY)
def product_model_picture(request: HttpRequest, uuid: UUID, sha256: str) -> HttpResponse:
    """Send a reference picture of a product model."""
    model = found(selectors.product_models_visible_to(actor_of(request)), uuid)
    return picture_response(model.images.filter(sha256=sha256).first())
