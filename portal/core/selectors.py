"""Reads of the ground floor, narrowed to what an actor may see."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from portal.core import scope
from portal.core.actors import Actor
from portal.core.models import (
    ApiKey,
    Invitation,
    Job,
    Mandate,
    Marketplace,
    Member,
    Notice,
    Organisation,
    PageMail,
)
from portal.core.policies import Permission, permissions_of


def members_of(actor: Actor) -> QuerySet[Member]:
    """Active members of the organisation acted for."""
    members = Member.objects.filter(active=True, organisation=actor.organisation)
    return members.select_related("user").order_by("user__email")


def open_invitations_of(actor: Actor, now: datetime) -> QuerySet[Invitation]:
    """Invitations of the organisation that can still be accepted."""
    if Permission.MANAGE_MEMBERS not in permissions_of(actor):
        return Invitation.objects.none()
    return Invitation.objects.filter(
        organisation=actor.organisation,
        accepted_at=None,
        withdrawn_at=None,
        expires_at__gte=now,
    ).order_by("email")


def keys_of(actor: Actor) -> QuerySet[ApiKey]:
    """API keys that work, of the organisation acted for."""
    if Permission.MANAGE_KEYS not in permissions_of(actor):
        return ApiKey.objects.none()
    return ApiKey.objects.filter(organisation=actor.organisation, revoked_at=None).order_by("name")


def jobs_visible_to(actor: Actor) -> QuerySet[Job]:
    """Jobs of the organisation acted for; the platform sees all."""
    jobs = scope.narrow(
        Job.objects.all(), actor, Permission.VIEW_REGISTRY, "organisation_id", brand=None
    )
    if actor.brands and actor.member is not None:
        # The lines of somebody else's import can be about brands the agent's letter does not name.
        jobs = jobs.filter(created_by__organisation=actor.member.organisation_id)
    return jobs.select_related("organisation", "file").order_by("-created_at", "-pk")


def mail_visible_to(actor: Actor) -> QuerySet[PageMail]:
    """Mail kept for the staff page."""
    if Permission.MANAGE_PLATFORM not in permissions_of(actor):
        return PageMail.objects.none()
    return PageMail.objects.order_by("-created_at", "-pk")


def unread_notices_of(actor: Actor | None) -> int:
    """How many notices the member has not read, at most 100."""
    if actor is None or actor.member is None:
        return 0
    unread = Notice.objects.filter(member=actor.member, read_at=None).order_by()
    return unread[:100].count()


def organisations_visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Every organisation, for the platform; else the one acted for."""
    if Permission.MANAGE_PLATFORM in permissions_of(actor):
        return Organisation.objects.order_by("name")
    if actor.organisation is None:
        return Organisation.objects.none()
    return Organisation.objects.filter(pk=actor.organisation.pk)


def marketplaces_visible_to(actor: Actor) -> QuerySet[Marketplace]:
    """Marketplaces, for the platform."""
    if Permission.MANAGE_PLATFORM not in permissions_of(actor):
        return Marketplace.objects.none()
    return Marketplace.objects.order_by("name")


def places_to_act(member: Member, today: date) -> QuerySet[Organisation]:
    """Organisations this person can act for: every membership, and mandates of the agency."""
    mandated = Mandate.objects.filter(
        agent=member.organisation,
        valid_from__lte=today,
        valid_to__gte=today,
        revoked_at=None,
    ).values("rights_holder_id")
    return Organisation.objects.filter(
        Q(members__user=member.user, members__active=True) | Q(pk__in=mandated)
    ).distinct()
