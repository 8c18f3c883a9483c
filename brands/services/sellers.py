"""Sellers whom a brand has authorised."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import AuthorisedSeller, Brand
from brands.policies import may_edit_brand
from brands.services.cleaning import Problems, refusing
from portal.core import journal
from portal.core.actors import Actor
from portal.core.models import Marketplace


def clean_seller(
    problems: Problems, external_id: str, name: str, *, prefix: str = ""
) -> tuple[str, str]:
    """Return the seller's id and name, of which one at least must be given."""
    cleaned = (
        problems.text(f"{prefix}external_id", external_id, longest=120),
        problems.text(f"{prefix}name", name, longest=200),
    )
    if not external_id.strip() and not name.strip():
        problems.add(f"{prefix}name", "required", _("Give the seller's id or its shop name."))
    return cleaned


@transaction.atomic
def authorise(
    *,
    actor: Actor,
    now: datetime,
    brand: Brand,
    external_id: str = "",
    name: str = "",
    marketplace: Marketplace | None = None,
) -> AuthorisedSeller:
    """Authorise a seller, on one marketplace or (``None``) wherever it is found."""
    may_edit_brand(actor, brand).require()
    problems = Problems()
    external_id, name = clean_seller(problems, external_id, name)
    problems.require_none()
    with refusing(
        "authorised_seller_once",
        field="name",
        code="duplicate",
        message=_("This seller is authorised already."),
    ):
        seller = AuthorisedSeller.objects.create(
            brand=brand,
            marketplace=marketplace,
            external_id=external_id,
            name=name,
            created_at=now,
        )
    journal.record(
        "authorised_seller.added", seller, actor=actor, now=now, data={"brand_id": brand.pk}
    )
    return seller


@transaction.atomic
def remove(*, actor: Actor, now: datetime, seller: AuthorisedSeller) -> None:
    """End a seller's authorisation; ending it again changes nothing."""
    may_edit_brand(actor, seller.brand).require()
    if AuthorisedSeller.objects.filter(pk=seller.pk).delete()[0]:
        journal.record(
            "authorised_seller.removed",
            seller,
            actor=actor,
            now=now,
            data={"brand_id": seller.brand_id},
        )
