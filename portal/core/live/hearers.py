"""Who listens, and whether they still may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session

from portal.core import scope
from portal.core.actors import Actor
from portal.core.errors import NotAllowed
from portal.core.live.topics import Event, topics
from portal.core.models import Member, Organisation
from portal.core.policies import permissions_of


@dataclass(frozen=True)
class Hearer:
    """A member acting for an organisation in one session, and the topics they may hear.

    ``auth_hash`` changes with the password, so that a changed one ends older streams. ``brands``
    are those an agent's letter names; empty means every brand.
    """

    member_id: int
    organisation_id: int
    everywhere: bool
    topics: frozenset[str]
    session_key: str
    auth_hash: str
    brands: frozenset[int] = frozenset()

    def hears(self, event: Event) -> bool:
        """Whether this event is theirs. Fails closed: no organisation, no hearer."""
        if event.topic not in self.topics:
            return False
        if event.member_id is not None:
            return event.member_id == self.member_id
        if self.brands and event.brand_id not in self.brands:
            return False
        return self.everywhere or (
            event.organisation_id is not None and event.organisation_id == self.organisation_id
        )


def topics_for(actor: Actor | None) -> frozenset[str]:
    """Names of the topics an actor may hear; none for whoever is no member acting for somebody."""
    if actor is None or actor.member is None or actor.organisation is None:
        return frozenset()
    granted = permissions_of(actor)
    return frozenset(
        topic.name for topic in topics() if topic.permission is None or topic.permission in granted
    )


def hearer_of(actor: Actor, session_key: str) -> Hearer | None:
    """The hearer behind an actor; ``None`` for whoever is no member acting for somebody."""
    if actor.member is None or actor.organisation is None:
        return None
    return Hearer(
        member_id=actor.member.pk,
        organisation_id=actor.organisation.pk,
        everywhere=actor.is_platform,
        topics=topics_for(actor),
        session_key=session_key,
        auth_hash=actor.member.user.get_session_auth_hash(),
        brands=actor.brands,
    )


def still_standing(hearers: Iterable[Hearer], now: datetime) -> set[Hearer]:
    """Those whose session, password, membership, mandate and permissions are what they were."""
    asked = set(hearers)
    sessions = set(
        Session.objects.filter(
            session_key__in={h.session_key for h in asked}, expire_date__gt=now
        ).values_list("session_key", flat=True)
    )
    members = Member.objects.select_related("user", "organisation").in_bulk(
        {h.member_id for h in asked}
    )
    organisations = Organisation.objects.in_bulk({h.organisation_id for h in asked})
    return {
        hearer
        for hearer in asked
        if hearer.session_key in sessions
        and _now(
            hearer,
            members.get(hearer.member_id),
            organisations.get(hearer.organisation_id),
            now,
        )
        == hearer
    }


def _now(
    hearer: Hearer, member: Member | None, organisation: Organisation | None, now: datetime
) -> Hearer | None:
    """What the hearer would be if they came now."""
    if member is None or organisation is None:
        return None
    try:
        return hearer_of(scope.actor_for(member, organisation, now), hearer.session_key)
    except NotAllowed:
        return None
