"""The guided first run: steps of a new rights holder, each done by a page that exists anyway.

Progress is what exists: nothing but the registry itself says which step comes next, so the guide
can be left and taken up anywhere, by any colleague.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from brands import selectors
from brands.models import Brand
from portal.core.actors import Actor
from portal.core.models import Organisation
from portal.core.policies import Permission, permissions_of
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs


@dataclass(frozen=True)
class Step:
    """One step: what to do and why, where, and whether it is done."""

    name: str
    title: str | Promise
    why: str | Promise
    icon: str
    address: str
    is_done: bool


@require_GET
@needs(Permission.EDIT_REGISTRY)
def page(request: HttpRequest) -> HttpResponse:
    """Show the steps; the first open one is the next."""
    actor = actor_of(request)
    brand = selectors.brands_editable_by(actor).order_by("created_at", "pk").first()
    steps = steps_of(brand)
    following = next((step for step in steps if not step.is_done), None)
    context = {
        "brand": brand,
        "steps": steps,
        "following": following,
        "done": sum(step.is_done for step in steps),
        "is_proven": brand is not None
        and selectors.proven(Brand.objects.filter(pk=brand.pk)).exists(),
    }
    return render(request, "brands/first_run.html", context)


def first_page(actor: Actor | None) -> str | None:
    """Return the guide's address while the organisation acted for has steps to do."""
    organisation = actor.organisation if actor is not None else None
    if actor is None or organisation is None:
        return None
    if organisation.kind != Organisation.Kind.RIGHTS_HOLDER:
        return None
    if Permission.EDIT_REGISTRY not in permissions_of(actor):
        return None
    return None if selectors.is_set_up(organisation) else reverse("brands:start")


def steps_of(brand: Brand | None) -> list[Step]:
    """Return the steps, with what is done about the brand."""
    has = selectors.first_steps(brand)
    new = reverse("brands:brand_new")

    def of_brand(name: str, *more: str) -> str:
        return new if brand is None else reverse(name, args=[brand.uuid, *more])

    return [
        Step("organisation", _("Register your organisation"),
             _("Everything is done for it; colleagues are invited there."),
             "building-2", reverse("core:organisation"), is_done=True),
        Step("brand", _("Register the brand"),
             _("With its names in every script, short forms and nicknames."),
             "tag", of_brand("brands:brand"), is_done=brand is not None),
        Step("registration", _("Upload a registration"),
             _("The certificate of the trademark; an auditor looks at it before links are pushed."),
             "file-badge", reverse("brands:registration_new"), is_done=has.registration),
        Step("product_model", _("Register the first product model"),
             _("A model number and plausible prices make matches surer. For many at once: import."),
             "package", of_brand("brands:brand_tab", "models"), is_done=has.product_model),
        Step("characteristic", _("Declare the first characteristic"),
             _("How fakes can be told. You see what it would find while you write it."),
             "scan-search", of_brand("brands:mark_kinds"), is_done=has.characteristic),
        Step("dry_run", _("Try it in a dry run"),
             _("Your rules on up to 100,000 recent listings, before anything is pushed."),
             "play", of_brand("pushes:dry-run"), is_done=has.dry_run),
    ]  # fmt: skip
