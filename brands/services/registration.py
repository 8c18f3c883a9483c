"""Brands and their names."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Brand, BrandName
from brands.policies import may_edit_brand, may_edit_whole
from brands.services import claims, pictures
from brands.services.cleaning import Problems, refusing
from portal.core import journal
from portal.core.actors import Actor
from portal.core.models import Organisation

LONGEST_NAME = 120


@dataclass(frozen=True)
class NewName:
    """Another name of a brand, as declared. ``language`` is a tag such as ``zh-hans``."""

    text: str
    kind: str = BrandName.Kind.ALIAS
    language: str = ""


def clean_brand_name(problems: Problems, value: str, *, field: str = "name") -> str:
    """Return the trimmed name of a brand."""
    return problems.text(field, value, longest=LONGEST_NAME, required=True)


def clean_other_name(problems: Problems, name: NewName, *, prefix: str = "") -> NewName:
    """Return the name with its parts checked; ``prefix`` leads to it in a longer form."""
    if name.kind not in BrandName.Kind.values:
        problems.add(
            f"{prefix}kind",
            "unknown_kind",
            _("“%(kind)s” is not a kind of name. Known: %(known)s.")
            % {"kind": name.kind[:40], "known": ", ".join(BrandName.Kind.values)},
        )
    return NewName(
        text=problems.text(f"{prefix}text", name.text, longest=LONGEST_NAME, required=True),
        kind=name.kind,
        language=problems.text(f"{prefix}language", name.language, longest=10),
    )


@transaction.atomic
def register_brand(
    *,
    actor: Actor,
    now: datetime,
    organisation: Organisation,
    name: str,
    names: Sequence[NewName] = (),
) -> Brand:
    """Register a brand with its other names; a name listed twice is kept once."""
    may_edit_whole(actor, organisation).require()
    problems = Problems()
    cleaned = clean_brand_name(problems, name)
    others = [
        clean_other_name(problems, other, prefix=f"names[{position}].")
        for position, other in enumerate(names)
    ]
    problems.require_none()
    with _one_brand_a_name():
        brand = Brand.objects.create(
            organisation=organisation,
            name=cleaned,
            vouched=actor.kind == "system",
            created_at=now,
        )
    distinct = {other.text.lower(): other for other in others if other.text != cleaned}
    BrandName.objects.bulk_create(
        [
            BrandName(
                brand=brand,
                kind=o.kind,
                text=o.text,
                language=o.language,
                state=claims.state_of(o.text, frozenset(), actor),
                claimed_at=now,
            )
            for o in distinct.values()
        ],
        ignore_conflicts=True,  # the database may find more spellings equal than Python does
    )
    journal.record(
        "brand.registered",
        brand,
        actor=actor,
        now=now,
        data={"brand_id": brand.pk, "names": len(distinct)},
    )
    return brand


@transaction.atomic
def rename_brand(*, actor: Actor, now: datetime, brand: Brand, name: str) -> None:
    """Give the brand another main name; the old one is not kept as an alias by itself."""
    may_edit_brand(actor, brand).require()
    problems = Problems()
    cleaned = clean_brand_name(problems, name)
    problems.require_none()
    if cleaned == brand.name:
        return
    claims.check_rename(brand, cleaned)
    with _one_brand_a_name():
        brand.name = cleaned
        brand.save(update_fields=["name"])
    _changed(brand, actor, now, "name")


@transaction.atomic
def set_active(*, actor: Actor, now: datetime, brand: Brand, active: bool) -> None:
    """Take the brand out of matching, or put it back."""
    may_edit_brand(actor, brand).require()
    if Brand.objects.filter(pk=brand.pk, active=not active).update(active=active):
        brand.active = active
        _changed(brand, actor, now, "active")


@transaction.atomic
def set_logo(*, actor: Actor, now: datetime, brand: Brand, content: bytes) -> None:
    """Keep a picture (PNG or JPEG) as the brand's logo."""
    may_edit_brand(actor, brand).require()
    brand.logo = pictures.keep(content, field="logo", now=now)
    brand.save(update_fields=["logo"])
    _changed(brand, actor, now, "logo")


@transaction.atomic
def add_name(*, actor: Actor, now: datetime, brand: Brand, name: NewName) -> BrandName:
    """Add another name to the brand.

    Beside an approved registration it is a claim, which is matched once it is covered by the
    registered mark or audited (``services/claims.py``).
    """
    may_edit_brand(actor, brand).require()
    problems = Problems()
    cleaned = clean_other_name(problems, name)
    problems.require_none()
    with refusing(
        "brand_alias_once",
        field="text",
        code="duplicate",
        message=_("The brand has this name already."),
    ):
        added = BrandName.objects.create(
            brand=brand,
            kind=cleaned.kind,
            text=cleaned.text,
            language=cleaned.language,
            state=claims.state_of(cleaned.text, claims.covered_words([brand.pk])[brand.pk], actor),
            claimed_at=now,
        )
    journal.record(
        "brand_name.added",
        added,
        actor=actor,
        now=now,
        data={"brand_id": brand.pk, "state": added.state},
    )
    return added


@transaction.atomic
def remove_name(*, actor: Actor, now: datetime, name: BrandName) -> None:
    """Remove a name; removing it again changes nothing."""
    may_edit_brand(actor, name.brand).require()
    if BrandName.objects.filter(pk=name.pk).delete()[0]:
        journal.record(
            "brand_name.removed", name, actor=actor, now=now, data={"brand_id": name.brand_id}
        )


def _one_brand_a_name() -> AbstractContextManager[None]:
    return refusing(
        "brand_name_once",
        field="name",
        code="duplicate",
        message=_("This rights holder has a brand of this name already."),
    )


def _changed(brand: Brand, actor: Actor, now: datetime, what: str) -> None:
    journal.record(
        "brand.changed", brand, actor=actor, now=now, data={"brand_id": brand.pk, "what": what}
    )
