"""What of the registry an actor may see, and which right covers a case."""

from datetime import date

from django.db.models import Case, IntegerField, QuerySet, When

from brands.codes import EU, EU_MEMBERS
from brands.models import (
    AuthorisedSeller,
    Brand,
    Characteristic,
    LetterOfAuthorisation,
    ProductModel,
    Registration,
)
from brands.models.right import CredentialState
from portal.core.actors import Actor
from portal.core.models import Organisation
from portal.core.policies import Permission, permissions_of
from portal.core.scope import narrow

WAITING_FOR_AUDIT = (CredentialState.SUBMITTED, CredentialState.UNDER_AUDIT)


def brands_visible_to(actor: Actor | None) -> QuerySet[Brand]:
    """Brands the actor may see."""
    return narrow(Brand.objects.all(), actor, Permission.VIEW_REGISTRY, "organisation_id")


def brands_editable_by(actor: Actor | None) -> QuerySet[Brand]:
    """Brands to which the actor may add facts: a writing key need not be able to read."""
    return narrow(Brand.objects.all(), actor, Permission.EDIT_REGISTRY, "organisation_id")


def product_models_visible_to(actor: Actor | None) -> QuerySet[ProductModel]:
    """Product models the actor may see."""
    rows = ProductModel.objects.select_related("brand")
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "brand__organisation_id")


def characteristics_visible_to(actor: Actor | None) -> QuerySet[Characteristic]:
    """Characteristics the actor may see."""
    rows = Characteristic.objects.select_related("brand", "product_model")
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "brand__organisation_id")


def authorised_sellers_visible_to(actor: Actor | None) -> QuerySet[AuthorisedSeller]:
    """Authorised sellers the actor may see."""
    rows = AuthorisedSeller.objects.select_related("brand", "marketplace")
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "brand__organisation_id")


def registrations_visible_to(actor: Actor | None) -> QuerySet[Registration]:
    """Registrations the actor may see."""
    rows = Registration.objects.select_related("organisation", "document")
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "organisation_id")


def letters_visible_to(actor: Actor | None) -> QuerySet[LetterOfAuthorisation]:
    """Letters the actor may see: given by the rights holder acted for, or received as an agent.

    An agent acting for a rights holder sees its own letters, never those of other agents.
    """
    rows = LetterOfAuthorisation.objects.select_related("organisation", "agent", "document")
    if actor is None or actor.organisation is None:
        return narrow(rows, actor, Permission.VIEW_REGISTRY, "organisation_id")
    if actor.organisation.kind == Organisation.Kind.AGENT:
        return narrow(rows, actor, Permission.SUBMIT_CREDENTIAL, "agent_id")
    seen = narrow(rows, actor, Permission.VIEW_REGISTRY, "organisation_id")
    if actor.acts_for_other and actor.member is not None:
        return seen.filter(agent_id=actor.member.organisation_id)
    return seen


def credentials_to_audit(
    actor: Actor | None,
) -> tuple[QuerySet[Registration], QuerySet[LetterOfAuthorisation]]:
    """Registrations and letters that wait for an auditor, longest waiting first."""
    registrations = Registration.objects.select_related("organisation", "document", "submitted_by")
    letters = LetterOfAuthorisation.objects.select_related(
        "organisation", "agent", "document", "submitted_by"
    )
    if actor is None or Permission.AUDIT_CREDENTIAL not in permissions_of(actor):
        return registrations.none(), letters.none()
    return (
        registrations.filter(state__in=WAITING_FOR_AUDIT).order_by("created_at", "pk"),
        letters.filter(state__in=WAITING_FOR_AUDIT).order_by("created_at", "pk"),
    )


def registration_for(
    *, brand: Brand, jurisdiction: str, on: date, right: str = Registration.Kind.TRADEMARK
) -> Registration | None:
    """Return the approved right of the brand that holds in the jurisdiction on that day.

    A European Union right covers its member states; an international registration (WO) covers
    nothing by itself, only the national parts registered under it do. A national right goes
    before a Union right, and the one that holds longest before the others.
    """
    places = [jurisdiction, EU] if jurisdiction in EU_MEMBERS else [jurisdiction]
    distance = Case(When(jurisdiction=jurisdiction, then=0), default=1, output_field=IntegerField())
    return (
        Registration.objects.filter(
            brands=brand,
            organisation_id=brand.organisation_id,
            kind=right,
            jurisdiction__in=[place for place in places if place != "WO"],
            state=CredentialState.APPROVED,
            valid_from__lte=on,
            valid_to__gte=on,
        )
        .alias(distance=distance)
        .order_by("distance", "-valid_to", "pk")
        .first()
    )
