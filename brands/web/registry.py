"""Pages of the registry: brands, and on a brand's page everything declared about it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from brands import selectors
from brands.models import Brand
from brands.policies import may_edit_brand, may_edit_whole
from brands.services import product_models, registration, sellers
from brands.web.common import PAGE, found, saved
from brands.web.forms import (
    BrandForm,
    NameForm,
    NewBrandForm,
    ProductModelForm,
    SellerForm,
)
from portal.core.actors import Actor
from portal.core.errors import NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs, search_words


@dataclass(frozen=True)
class Tab:
    """One part of a brand's page."""

    name: str
    label: Any
    heading: Any
    added: Any


TABS = {
    tab.name: tab
    for tab in (
        Tab("names", gettext_lazy("Names"), gettext_lazy("Add a name"),
            gettext_lazy("The name was added.")),
        Tab("models", gettext_lazy("Product models"), gettext_lazy("Register a product model"),
            gettext_lazy("The product model was registered.")),
        Tab("marks", gettext_lazy("Characteristics of fakes"),
            gettext_lazy("Declare a characteristic"),
            gettext_lazy("The characteristic is being checked.")),
        Tab("sellers", gettext_lazy("Authorised sellers"), gettext_lazy("Authorise a seller"),
            gettext_lazy("The seller is authorised.")),
    )
}  # fmt: skip


@require_GET
@needs(Permission.VIEW_REGISTRY)
def brand_list(request: HttpRequest) -> HttpResponse:
    """List brands with what is declared about each."""
    actor = actor_of(request)
    rows = selectors.with_counts(selectors.brands_visible_to(actor)).select_related("organisation")
    words = search_words(request)
    if words:
        rows = selectors.named_like(rows, words)
    page = Paginator(rows.order_by("name", "pk"), PAGE).get_page(request.GET.get("page"))
    may_edit = _may_edit(actor)
    context = {
        "page": page,
        "words": words,
        "may_edit": may_edit,
        "is_set_up": actor.organisation is None or selectors.is_set_up(actor.organisation),
    }
    return render(request, "brands/registry.html", context)


@needs(Permission.EDIT_REGISTRY)
def brand_new(request: HttpRequest) -> HttpResponse:
    """Register a brand."""
    actor, form = actor_of(request), NewBrandForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and actor.organisation is not None:
        organisation, made = actor.organisation, []
        done = saved(
            form,
            lambda: made.append(
                registration.register_brand(
                    actor=actor,
                    now=timezone.now(),
                    organisation=organisation,
                    name=form.cleaned_data["name"],
                    names=form.names(),
                )
            ),
        )
        if done:
            messages.success(request, _("The brand was registered."))
            return redirect("brands:brand", made[0].uuid)
    return render(request, "brands/brand_new.html", {"form": form})


@needs(Permission.VIEW_REGISTRY)
def brand_page(request: HttpRequest, uuid: UUID, tab: str = "names") -> HttpResponse:
    """Show one part of a brand's page; a POST adds to it."""
    if tab not in TABS:
        raise NotFound("not_found", _("There is nothing of yours at this address."))
    actor = actor_of(request)
    rows = selectors.with_counts(selectors.brands_visible_to(actor).select_related("organisation"))
    brand = found(rows, uuid)
    if tab == "marks" and request.method == "POST":
        return redirect("brands:mark_kinds", brand.uuid)  # each kind has a form of its own
    form = _form(tab, request)
    if request.method == "POST" and saved(form, lambda: _add(tab, brand, form, actor)):
        messages.success(request, str(TABS[tab].added))
        return redirect("brands:brand_tab", brand.uuid, tab)
    page = Paginator(_rows(tab, brand, actor), PAGE).get_page(request.GET.get("page"))
    context = {
        "brand": brand,
        "tab": TABS[tab],
        "page": page,
        "form": form,
        "may_edit": may_edit_brand(actor, brand).allowed,
        "is_proven": selectors.proven(Brand.objects.filter(pk=brand.pk)).exists(),
        "counts": [
            (TABS["names"], brand.name_count),
            (TABS["models"], brand.model_count),
            (TABS["marks"], brand.mark_count),
            (TABS["sellers"], brand.seller_count),
        ],
    }
    return render(request, "brands/brand.html", context)


@needs(Permission.EDIT_REGISTRY)
def brand_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Rename a brand, or give it a logo."""
    actor = actor_of(request)
    brand = found(selectors.brands_visible_to(actor).select_related("organisation"), uuid)
    form = BrandForm(request.POST or None, request.FILES or None, initial={"name": brand.name})
    if request.method == "POST" and saved(form, lambda: _change(brand, form, actor)):
        messages.success(request, _("The brand was changed."))
        return redirect("brands:brand", brand.uuid)
    return render(request, "brands/brand_change.html", {"brand": brand, "form": form})


def _may_edit(actor: Actor) -> bool:
    organisation = actor.organisation
    return organisation is not None and may_edit_whole(actor, organisation).allowed


def _change(brand: Brand, form: forms.Form, actor: Actor) -> None:
    now, logo = timezone.now(), form.cleaned_data["logo"]
    registration.rename_brand(actor=actor, now=now, brand=brand, name=form.cleaned_data["name"])
    if logo is not None:
        registration.set_logo(actor=actor, now=now, brand=brand, content=logo.read())


def _form(tab: str, request: HttpRequest) -> forms.Form:
    data = request.POST or None
    if tab == "names":
        return NameForm(data)
    if tab == "models":
        return ProductModelForm(data)
    return SellerForm(data)


def _add(tab: str, brand: Brand, form: forms.Form, actor: Actor) -> None:
    now = timezone.now()
    if isinstance(form, NameForm):
        registration.add_name(actor=actor, now=now, brand=brand, name=form.declared())
    elif isinstance(form, ProductModelForm):
        product_models.register_product_model(
            actor=actor, now=now, brand=brand, facts=form.declared()
        )
    else:
        sellers.authorise(actor=actor, now=now, brand=brand, **form.cleaned_data)


def _rows(tab: str, brand: Brand, actor: Actor) -> QuerySet[Any]:
    if tab == "names":
        return brand.names.order_by("kind", "text")
    if tab == "models":
        return brand.product_models.order_by("name", "pk")
    if tab == "marks":
        rows = selectors.characteristics_visible_to(actor)
        return rows.filter(brand=brand).order_by("-created_at", "-pk")
    return brand.authorised_sellers.select_related("marketplace").order_by("name", "pk")
