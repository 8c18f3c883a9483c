"""Tenant scope. It fails closed: whoever is not known to be allowed sees nothing."""

from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet

from portal.core.actors import Actor
from portal.core.models import Mandate, Member, Organisation
from portal.core.policies import Permission, permissions_of

T = TypeVar("T", bound=Model)


def narrow(
    queryset: QuerySet[T], actor: Actor | None, permission: Permission, field: str
) -> QuerySet[T]:
    """Narrow rows to those the actor may see.

    ``field`` leads from the row to its organisation id, such as ``organisation_id`` or
    ``brand__organisation_id``. Ends in ``none()`` when in doubt.
    """
    if actor is None or permission not in permissions_of(actor):
        return queryset.none()
    if actor.kind == "system" or actor.is_platform:
        return queryset
    if actor.organisation is None:
        return queryset.none()
    return queryset.filter(**{field: actor.organisation.pk})


def may_act_for(member: Member, organisation: Organisation, today: date) -> bool:
    """Whether the member may act for the organisation: its own, or one under a valid mandate."""
    if member.organisation_id == organisation.pk:
        return True
    return mandate_of(member, organisation, today) is not None


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
