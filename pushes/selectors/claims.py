"""Who works on what right now."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.core import scope
from portal.core.actors import Actor
from portal.core.models import Member
from portal.core.policies import Permission
from pushes.models import Claim


def claims_on(actor: Actor, links: Sequence[UUID], now: datetime) -> dict[str, Member]:
    """Link (uuid) → the colleague who holds its lease, of those asked about."""
    visible = scope.narrow(
        Claim.objects.all(),
        actor,
        Permission.VIEW_LINKS,
        "link__organisation_id",
        brand="link__brand_id",
    )
    held = visible.filter(link__uuid__in=links, until__gte=now)
    if actor.member is not None:
        held = held.exclude(member=actor.member)
    return {
        str(claim.link.uuid): claim.member
        for claim in held.select_related("link", "member__user").defer(
            "link__snapshot", "link__signals", "link__vector"
        )
    }
