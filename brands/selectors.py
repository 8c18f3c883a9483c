"""What of the registry an actor may see, and which right covers a case."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

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
from django.db.models.functions import Coalesce, Lower

from brands.codes import EU, EU_MEMBERS
from brands.models import (
    AuthorisedSeller,
    Brand,
    BrandName,
    CatalogueImport,
    Characteristic,
    LetterOfAuthorisation,
    ProductModel,
    Registration,
    Revocation,
)
from brands.models.right import CredentialState
from portal.core.actors import Actor
from portal.core.models import Job, Organisation
from portal.core.policies import Permission, permissions_of
from portal.core.scope import narrow

# The kind of job that tries a brand's rules on recent listings; an upper room does the work.
DRY_RUN: Final = "pushes.dry_run"
WAITING_FOR_AUDIT = (CredentialState.SUBMITTED, CredentialState.UNDER_AUDIT)


def brands_visible_to(actor: Actor | None) -> QuerySet[Brand]:
    """Brands the actor may see."""
    return narrow(
        Brand.objects.all(), actor, Permission.VIEW_REGISTRY, "organisation_id", brand="pk"
    )


def brands_editable_by(actor: Actor | None) -> QuerySet[Brand]:
    """Brands to which the actor may add facts: a writing key need not be able to read."""
    return narrow(
        Brand.objects.all(), actor, Permission.EDIT_REGISTRY, "organisation_id", brand="pk"
    )


def product_models_visible_to(actor: Actor | None) -> QuerySet[ProductModel]:
    """Product models the actor may see."""
    rows = ProductModel.objects.select_related("brand")
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "brand__organisation_id", brand="brand_id")


def characteristics_visible_to(actor: Actor | None) -> QuerySet[Characteristic]:
    """Characteristics the actor may see."""
    rows = Characteristic.objects.select_related("brand", "product_model")
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "brand__organisation_id", brand="brand_id")


def authorised_sellers_visible_to(actor: Actor | None) -> QuerySet[AuthorisedSeller]:
    """Authorised sellers the actor may see."""
    rows = AuthorisedSeller.objects.select_related("brand", "marketplace")
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "brand__organisation_id", brand="brand_id")


def registrations_visible_to(actor: Actor | None) -> QuerySet[Registration]:
    """Registrations the actor may see."""
    rows = Registration.objects.select_related("organisation", "document")
    if actor is not None and actor.brands:
        # Asked for, not joined: a right of two named brands would be there twice.
        named = Brand.objects.filter(registrations=OuterRef("pk"), pk__in=actor.brands)
        rows = rows.filter(Exists(named))
    return narrow(rows, actor, Permission.VIEW_REGISTRY, "organisation_id", brand=None)


def catalogue_imports_visible_to(actor: Actor | None) -> QuerySet[CatalogueImport]:
    """Catalogue imports the actor may see, newest first."""
    rows = CatalogueImport.objects.select_related(
        "organisation", "brand", "file", "table", "check_job", "import_job", "undo_job"
    )
    seen = narrow(rows, actor, Permission.VIEW_REGISTRY, "organisation_id", brand="brand_id")
    return seen.order_by("-created_at", "-pk")


def letters_visible_to(actor: Actor | None) -> QuerySet[LetterOfAuthorisation]:
    """Letters the actor may see: given by the rights holder acted for, or received as an agent.

    An agent acting for a rights holder sees its own letters, never those of other agents.
    """
    rows = LetterOfAuthorisation.objects.select_related("organisation", "agent", "document")
    if actor is None or actor.organisation is None:
        return narrow(rows, actor, Permission.VIEW_REGISTRY, "organisation_id", brand=None)
    if actor.organisation.kind == Organisation.Kind.AGENT:
        return narrow(rows, actor, Permission.SUBMIT_CREDENTIAL, "agent_id", brand=None)
    seen = narrow(rows, actor, Permission.VIEW_REGISTRY, "organisation_id", brand=None)
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


def names_to_audit(actor: Actor | None) -> QuerySet[BrandName]:
    """Claimed names of brands that are matched, for auditors, longest waiting first.

    Names of a brand without an approved right wait with its registration.
    """
    rows = BrandName.objects.select_related("brand__organisation").filter(
        state=BrandName.State.CLAIMED, brand__in=proven(Brand.objects.all())
    )
    if actor is None or Permission.AUDIT_CREDENTIAL not in permissions_of(actor):
        return rows.none()
    return rows.order_by("claimed_at", "pk")


def same_named_elsewhere(names: Iterable[BrandName]) -> dict[int, Brand]:
    """Return for each name's key a brand of somebody else that bears it, if there is one."""
    wanted = list(names)
    lowered = {name.text.lower() for name in wanted}
    brands = Brand.objects.select_related("organisation").alias(low=Lower("name"))
    by_name: dict[str, list[Any]] = defaultdict(list)
    for brand in brands.filter(low__in=lowered):
        by_name[brand.name.lower()].append(brand)
    found: dict[int, Brand] = {}
    for name in wanted:
        for brand in by_name[name.text.lower()]:
            if brand.organisation_id != name.brand.organisation_id:
                found[name.pk] = brand
    return found


def revocations_open_to(actor: Actor | None) -> QuerySet[Revocation]:
    """Requested revocations that wait for a second auditor, longest waiting first."""
    rows = Revocation.objects.select_related(
        "registration__organisation",
        "letter__organisation",
        "letter__agent",
        "requested_by__user",
    ).filter(state=Revocation.State.REQUESTED)
    if actor is None or Permission.AUDIT_CREDENTIAL not in permissions_of(actor):
        return rows.none()
    return rows.order_by("requested_at", "pk")


def proven(brands: QuerySet[Brand]) -> QuerySet[Brand]:
    """Narrow to brands whose links may be pushed: somebody has looked at the right behind them.

    Anybody can register under a known name. Without an approved registration such a brand would
    be sent other people's links and teach the rules what is genuine.
    """
    approved = Registration.objects.filter(brands=OuterRef("pk"), state=CredentialState.APPROVED)
    return brands.filter(Q(vouched=True) | Exists(approved))


@dataclass(frozen=True)
class FirstSteps:
    """Which of a new rights holder's first steps are done."""

    registration: bool = False
    product_model: bool = False
    characteristic: bool = False
    dry_run: bool = False

    @property
    def are_done(self) -> bool:
        """Whether all are."""
        return self.registration and self.product_model and self.characteristic and self.dry_run


def dry_runs_of(brand: Brand) -> QuerySet[Job]:
    """Dry runs of the brand's rules, newest first."""
    jobs = Job.objects.filter(
        kind=DRY_RUN, organisation_id=brand.organisation_id, params__brand=brand.pk
    )
    return jobs.order_by("-pk")


def first_steps(brand: Brand | None) -> FirstSteps:
    """Return what exists of the brand's first steps."""
    if brand is None:
        return FirstSteps()
    return FirstSteps(
        registration=Registration.objects.filter(brands=brand).exists(),
        product_model=brand.product_models.exists(),
        characteristic=brand.characteristics.exists(),
        dry_run=dry_runs_of(brand).filter(state=Job.State.DONE).exists(),
    )


def is_set_up(organisation: Organisation) -> bool:
    """Whether the organisation is past its first steps: a brand with all of them, or one proven."""
    brands = Brand.objects.filter(organisation=organisation)
    if proven(brands).exists():
        return True
    first = brands.order_by("created_at", "pk").first()
    return first_steps(first).are_done
