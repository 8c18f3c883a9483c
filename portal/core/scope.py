"""Tenant scope. It fails closed: whoever is not known to be allowed sees nothing."""

from datetime import date, datetime
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from portal.core.actors import Actor, of_member
from portal.core.clock import local_date
from portal.core.errors import NotAllowed
from portal.core.models import Mandate, Member, Organisation
from portal.core.policies import Permission, permissions_of

T = TypeVar("T", bound=Model)


def narrow(
    queryset: QuerySet[T],
    actor: Actor | None,
    permission: Permission,
    field: str,
    *,
    brand: str | None,
) -> QuerySet[T]:
    """Narrow rows to those the actor may see.

    ``field`` leads from the row to its organisation id, such as ``organisation_id`` or
    ``brand__organisation_id``; ``brand`` to its brand's key, for agents whose letter names only
    some brands. ``None`` says that a row is about no one brand. Ends in ``none()`` when in doubt.
    """
    if actor is None or permission not in permissions_of(actor):
        return queryset.none()
    if actor.kind == "system" or actor.is_platform:
        return queryset
    if actor.organisation is None:
        return queryset.none()
    rows = queryset.filter(**{field: actor.organisation.pk})
    return rows.filter(**{f"{brand}__in": actor.brands}) if brand and actor.brands else rows


def may_act_for(
    member: Member, organisation: Organisation, today: date, brand_id: int | None = None
) -> bool:
    """Whether the member may act for the organisation: its own, or one under a valid mandate.

    With ``brand_id`` the mandate must be for that brand or for every one.
    """
    if member.organisation_id == organisation.pk:
        return True
    mandate = mandate_of(member, organisation, today)
    if mandate is None:
        return False
    return brand_id is None or not mandate.brand_keys or brand_id in mandate.brand_keys


def actor_for(member: Member, organisation: Organisation, now: datetime) -> Actor:
    """Return the actor for a member who acts for an organisation at that moment.

    Whatever acts later in somebody's name (a job, a file that is written) asks again: a member
    may have left and a mandate ended meanwhile. Raises ``NotAllowed`` then.
    """
    if not (member.active and member.user.is_active):
        raise NotAllowed(
            "member_left", _("Whoever started this is no member of the organisation any more.")
        )
    if member.organisation_id == organisation.pk:
        return of_member(member)
    mandate = mandate_of(member, organisation, local_date(now, organisation.zone))
    if mandate is None:
        raise NotAllowed(
            "mandate_not_valid",
            _("Your organisation's mandate for this rights holder is not valid today."),
        )
    return of_member(member, organisation, acts=mandate.acts, brands=mandate.brand_keys)


def mandate_of(member: Member, organisation: Organisation, today: date) -> Mandate | None:
    """Return the mandate of the member's agency for the rights holder that holds on that day.

    ``today`` is the date where the rights holder is: its last day ends there, not at UTC.
    """
    return Mandate.objects.filter(
        agent_id=member.organisation_id,
        rights_holder=organisation,
        valid_from__lte=today,
        valid_to__gte=today,
        revoked_at=None,
    ).first()
