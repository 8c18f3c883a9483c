"""What of the registry an actor may see, and which right covers a case."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from brands.codes import EU, EU_MEMBERS
from brands.models import (
    AuthorisedSeller,
    Brand,
    BrandName,
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


def with_counts(brands: QuerySet[Brand]) -> QuerySet[Any]:
    """Add ``name_count``, ``model_count``, ``mark_count`` (not withdrawn) and ``seller_count``."""
    marks = Characteristic.objects.exclude(state=Characteristic.State.WITHDRAWN)
    return brands.annotate(
        name_count=_count(BrandName.objects.all()),
        model_count=_count(ProductModel.objects.all()),
        mark_count=_count(marks),
        seller_count=_count(AuthorisedSeller.objects.all()),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    """Count a brand's rows in a subquery: several joins at once would multiply each other."""
    counted = rows.filter(brand=OuterRef("pk")).order_by().values("brand").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)


def named_like(brands: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Narrow to brands one of whose names holds the words."""
    other = BrandName.objects.filter(brand=OuterRef("pk"), text__icontains=words)
    return brands.filter(Q(name__icontains=words) | Exists(other))


def credentials_audited(
    actor: Actor | None,
) -> tuple[QuerySet[Registration], QuerySet[LetterOfAuthorisation]]:
    """Registrations and letters an auditor has decided about, newest first."""
    registrations = Registration.objects.select_related("organisation", "document", "submitted_by")
    letters = LetterOfAuthorisation.objects.select_related(
        "organisation", "agent", "document", "submitted_by"
    )
    if actor is None or Permission.AUDIT_CREDENTIAL not in permissions_of(actor):
        return registrations.none(), letters.none()
    waiting = (*WAITING_FOR_AUDIT, CredentialState.DRAFT)
    return (
        registrations.exclude(state__in=waiting).order_by("-created_at", "-pk"),
        letters.exclude(state__in=waiting).order_by("-created_at", "-pk"),
    )


class Oddity(models.TextChoices):
    """What an auditor should look at twice."""

    EXPIRED = "expired", _("The term has ended.")
    NOT_YET_VALID = "not_yet_valid", _("The term has not started yet.")
    OTHER_OWNER = "other_owner", _("The registered owner is not named like the organisation.")
    SAME_DOCUMENT = "same_document", _("The same file was submitted for another organisation.")
    SAME_NUMBER = "same_number", _("Another organisation submitted the same number.")


def oddities_of(credential: Registration | LetterOfAuthorisation, today: date) -> list[Oddity]:
    """Return what is odd about a credential; each is a hint, none decides."""
    found = []
    if credential.valid_to < today:
        found.append(Oddity.EXPIRED)
    elif credential.valid_from > today:
        found.append(Oddity.NOT_YET_VALID)
    others = [
        rows.filter(document_id=credential.document_id).exclude(
            organisation_id=credential.organisation_id
        )
        for rows in (Registration.objects.all(), LetterOfAuthorisation.objects.all())
    ]
    if any(rows.exists() for rows in others):
        found.append(Oddity.SAME_DOCUMENT)
    if isinstance(credential, Registration):
        found += _odd_registration(credential)
    return found


def _odd_registration(row: Registration) -> list[Oddity]:
    found = []
    if row.owner_name.casefold().split() != row.organisation.name.casefold().split():
        found.append(Oddity.OTHER_OWNER)
    same = Registration.objects.filter(
        kind=row.kind, jurisdiction=row.jurisdiction, number=row.number
    )
    if same.exclude(organisation_id=row.organisation_id).exists():
        found.append(Oddity.SAME_NUMBER)
    return found


def proven(brands: QuerySet[Brand]) -> QuerySet[Brand]:
    """Narrow to brands whose links may be pushed: somebody has looked at the right behind them.

    Anybody can register under a known name. Without an approved registration such a brand would
    be sent other people's links and teach the rules what is genuine.
    """
    approved = Registration.objects.filter(brands=OuterRef("pk"), state=CredentialState.APPROVED)
    return brands.filter(Q(vouched=True) | Exists(approved))
