"""Organisations: how they come to be, and whose figures an association may add up."""

from datetime import datetime

import holidays
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal.core import journal, names
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import FieldError, InvalidInput, NotAllowed, StaleState, Text
from portal.core.models import (
    AssociationMembership,
    Marketplace,
    Member,
    Organisation,
    Role,
    User,
)
from portal.core.policies import Permission, may
from portal.core.zones import known_zones

SELF_REGISTERED = (Organisation.Kind.RIGHTS_HOLDER, Organisation.Kind.AGENT)


def known_countries() -> list[str]:
    """Countries for which the clock has a calendar (ISO 3166, sorted)."""
    return sorted(holidays.list_supported_countries())


def _checked(name: str, country: str, zone: str) -> str:
    errors = []
    if not name.strip():
        errors.append(FieldError("name", "required", _("Give the organisation's name.")))
    elif word := names.mixed_word(name):
        errors.append(
            FieldError(
                "name",
                "mixed_scripts",
                _(
                    "“%(word)s” mixes letters of several scripts that look alike. Type it in one "
                    "script."
                )
                % {"word": word[:40]},
            )
        )
    elif hidden := names.hidden_character(name.strip()):
        errors.append(
            FieldError(
                "name",
                "hidden_character",
                _("The character U+%(code)04X at position %(position)d cannot be seen. Remove it.")
                % {"code": ord(hidden[0]), "position": hidden[1]},
            )
        )
    elif not names.skeleton(name):
        message = _("Write the name with at least one letter or digit.")
        errors.append(FieldError("name", "no_letters", message))
    if country not in known_countries():
        errors.append(
            FieldError("country", "unknown_country", _("Choose a country from the list."))
        )
    if zone not in known_zones():
        errors.append(FieldError("zone", "unknown_zone", _("Choose a time zone from the list.")))
    if errors:
        raise InvalidInput(errors)
    return name.strip()


@transaction.atomic
def create(
    *,
    kind: str,
    name: str,
    country: str,
    zone: str,
    actor: Actor,
    now: datetime,
    is_simulated: bool = False,
) -> Organisation:
    """Create an organisation. Platform and associations are made by the platform only."""
    if kind not in SELF_REGISTERED:
        may(actor, Permission.MANAGE_PLATFORM).require()
    name = _checked(name, country, zone)
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                kind=kind,
                name=name,
                country=country,
                zone=zone,
                is_simulated=is_simulated,
                created_at=now,
            )
    except IntegrityError as error:
        raise InvalidInput.one("name", "name_taken", _taken(name)) from error
    journal.record(
        "organisation.created",
        organisation,
        actor=actor,
        now=now,
        organisation_id=organisation.pk,
        data={"kind": kind},
    )
    return organisation


def _taken(name: str) -> Text:
    if Organisation.objects.filter(name__iexact=name).exists():
        return _("An organisation of this name is already registered.")
    return _(
        "An organisation is already registered whose name looks the same. If both are real, ask "
        "the platform to register yours under its full legal name."
    )


@transaction.atomic
def add_member(
    *, organisation: Organisation, user: User, role: str, actor: Actor, now: datetime
) -> Member:
    """Put a user into an organisation; the role must fit its kind."""
    if role not in roles_of(organisation.kind):
        raise InvalidInput.one("role", "role_misfit", _("This role does not exist here."))
    member, created = Member.objects.get_or_create(
        user=user, organisation=organisation, defaults={"role": role, "joined_at": now}
    )
    if not created and member.active:
        raise InvalidInput.one("email", "already_member", _("This person is already a member."))
    if not created:
        member.role, member.active = role, True
        member.save(update_fields=["role", "active"])
    journal.record("member.joined", member, actor=actor, now=now, data={"role": role})
    return member


def roles_of(kind: str) -> list[str]:
    """Return the roles that exist in an organisation of this kind."""
    if kind == Organisation.Kind.PLATFORM:
        return [Role.PLATFORM_ADMIN, Role.PLATFORM_AUDITOR]
    if kind == Organisation.Kind.ASSOCIATION:
        return [Role.OWNER, Role.ADMIN, Role.VIEWER]
    return [Role.OWNER, Role.ADMIN, Role.REVIEWER, Role.COMPLAINANT, Role.VIEWER]


@transaction.atomic
def register(*, user: User, kind: str, name: str, country: str, zone: str, now: datetime) -> Member:
    """Register a rights holder or an agent; the user becomes its owner."""
    if kind not in SELF_REGISTERED:
        raise NotAllowed("kind", _("Only rights holders and agents register themselves."))
    organisation = create(kind=kind, name=name, country=country, zone=zone, actor=SYSTEM, now=now)
    return add_member(organisation=organisation, user=user, role=Role.OWNER, actor=SYSTEM, now=now)


@transaction.atomic
def change_member(
    *, actor: Actor, member: Member, now: datetime, role: str | None = None, active: bool = True
) -> None:
    """Change a member's role, or remove the member. An organisation keeps at least one owner."""
    may(actor, Permission.MANAGE_MEMBERS, member.organisation_id).require()
    # Two removals at once must not both see the other owner: the organisation's row is the lock.
    organisation = Organisation.objects.select_for_update().get(pk=member.organisation_id)
    role = role or member.role
    if role not in roles_of(organisation.kind):
        raise InvalidInput.one("role", "role_misfit", _("This role does not exist here."))
    head = roles_of(organisation.kind)[0]
    others = Member.objects.filter(organisation=organisation, role=head, active=True)
    loses_head = member.role == head and (role != head or not active)
    if loses_head and not others.exclude(pk=member.pk).exists():
        raise StaleState("last_owner", _("Name another owner first: one must remain."))
    Member.objects.filter(pk=member.pk).update(role=role, active=active)
    verb = "member.changed" if active else "member.removed"
    journal.record(verb, member, actor=actor, now=now, data={"role": role})


@transaction.atomic
def give_consent(
    *, actor: Actor, association: Organisation, now: datetime
) -> AssociationMembership:
    """A rights holder lets an association add up its figures, from today on."""
    organisation = actor.organisation
    if organisation is None:
        raise NotAllowed("no_organisation", _("You act for no organisation."))
    may(actor, Permission.MANAGE_MEMBERS, organisation.pk).require()
    if association.kind != Organisation.Kind.ASSOCIATION:
        raise InvalidInput.one("association", "not_an_association", _("Choose an association."))
    membership, created = AssociationMembership.objects.get_or_create(
        association=association,
        rights_holder=organisation,
        withdrawn_on=None,
        defaults={"consented_on": now.date()},
    )
    if created:
        _record_consent("association.consent_given", membership, actor, now)
    return membership


@transaction.atomic
def withdraw_consent(*, actor: Actor, association: Organisation, now: datetime) -> None:
    """End the consent today; months already shown stay as they were."""
    organisation = actor.organisation
    if organisation is None:
        raise NotAllowed("no_organisation", _("You act for no organisation."))
    may(actor, Permission.MANAGE_MEMBERS, organisation.pk).require()
    memberships = AssociationMembership.objects.filter(
        association=association, rights_holder=organisation, withdrawn_on=None
    )
    for membership in memberships:
        # A consent given today and withdrawn today never covered a month.
        membership.withdrawn_on = max(now.date(), membership.consented_on)
        membership.save(update_fields=["withdrawn_on"])
        _record_consent("association.consent_withdrawn", membership, actor, now)


def _record_consent(
    verb: str, membership: AssociationMembership, actor: Actor, now: datetime
) -> None:
    journal.record(
        verb,
        membership,
        actor=actor,
        now=now,
        organisation_id=membership.rights_holder_id,
        data={"association_id": membership.association_id},
    )


@transaction.atomic
def connect_marketplace(
    *,
    actor: Actor,
    slug: str,
    name: str,
    jurisdiction: str,
    zone: str,
    now: datetime,
    order_url: str = "",
    order_secret: str = "",
    image_hosts: list[str] | None = None,
    listing_url: str = "",
    is_simulated: bool = False,
) -> Marketplace:
    """Connect a marketplace: where its orders go and from where its pictures come."""
    may(actor, Permission.MANAGE_PLATFORM).require()
    _checked(name, jurisdiction, zone)
    if Marketplace.objects.filter(slug=slug).exists():
        raise InvalidInput.one("slug", "slug_taken", _("This short name is already used."))
    marketplace = Marketplace.objects.create(
        slug=slug,
        name=name,
        jurisdiction=jurisdiction,
        zone=zone,
        order_url=order_url,
        order_secret=order_secret,
        image_hosts=image_hosts or [],
        listing_url=listing_url,
        is_simulated=is_simulated,
        created_at=now,
    )
    journal.record("marketplace.connected", marketplace, actor=actor, now=now)
    return marketplace
