"""Leases: two reviewers never work on one link.

Opening a link takes a lease of ``LEASE``; the open page renews it, leaving gives it back, and one
that ran out is free to take. Taking is one compare-and-set, so of two at once one gets it. Taking
and leaving are announced to colleagues at once; renewing is not.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from portal.core import live
from portal.core.actors import Actor
from portal.core.models import Member
from portal.core.policies import Permission, may
from pushes.models import Claim, SuspectedLink

LEASE: Final = timedelta(seconds=45)

# Free, expired or already one's own: otherwise no row comes back.
_TAKE = """
    INSERT INTO pushes_claim AS held (link_id, member_id, since, until)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (link_id) DO UPDATE SET
        member_id = excluded.member_id,
        since = CASE WHEN held.member_id = excluded.member_id AND held.until >= excluded.since
                     THEN held.since ELSE excluded.since END,
        until = excluded.until
    WHERE held.member_id = excluded.member_id OR held.until < excluded.since
    RETURNING since
"""


def take(*, actor: Actor, link: SuspectedLink, now: datetime) -> bool:
    """Take or renew the lease; return whether it is the actor's now. Others only read."""
    may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id).require()
    if actor.member is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [link.pk, actor.member.pk, now, now + LEASE])
        row = cursor.fetchone()
    if row is None:
        return False
    if row[0] == now:
        _tell("claimed", link, actor.member)
    return True


def give_back(*, actor: Actor, link: SuspectedLink) -> None:
    """End the actor's own lease."""
    if actor.member is None:
        return
    ended, _rows = Claim.objects.filter(link=link, member=actor.member).delete()
    if ended:
        _tell("released", link, actor.member)


def _tell(what: str, link: SuspectedLink, member: Member) -> None:
    uuid, by = str(link.uuid), str(member.uuid)
    live.announce(
        "links",
        what,
        uuid=uuid,
        organisation_id=link.organisation_id,
        brand_id=link.brand_id,
        by=by,
    )


def holder(link: SuspectedLink, actor: Actor | None, now: datetime) -> Claim | None:
    """The lease somebody else holds on a link now; ``claim__member__user`` should be loaded."""
    claim: Claim | None = getattr(link, "claim", None)
    if claim is None or claim.until < now:
        return None
    own = actor is not None and actor.member is not None and claim.member_id == actor.member.pk
    return None if own else claim


def taken_by(*, actor: Actor, link: SuspectedLink, now: datetime) -> str | None:
    """Name of the colleague who works on the link now; ``None`` when nobody else does."""
    taken = Claim.objects.filter(link=link, until__gte=now)
    if actor.member is not None:
        taken = taken.exclude(member=actor.member)
    claim = taken.select_related("member__user").first()
    return str(claim.member.user) if claim is not None else None
