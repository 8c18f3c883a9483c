"""Who acts. A request acts as (member, acting-for organisation); a machine as its API key."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from portal.core.models import ApiKey, Marketplace, Member, Organisation


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts.

    ``organisation`` is the tenant acted for: the member's own, or a rights holder whose mandate
    the member's agency holds. It is ``None`` for marketplaces and for the system.
    """

    kind: Literal["member", "api_key", "system", "seller"]
    member: Member | None = None
    organisation: Organisation | None = None
    api_key: ApiKey | None = None
    # Under a mandate: what its letter lets the agent do; empty means everything an agent can.
    acts: frozenset[str] = frozenset()
    # Under a mandate: keys of the brands its letter names; empty means every brand.
    brands: frozenset[int] = frozenset()

    @property
    def id(self) -> int | None:
        """Primary key of the member or key behind the action; ``None`` for the system."""
        if self.member is not None:
            return self.member.pk
        return self.api_key.pk if self.api_key is not None else None

    @property
    def role(self) -> str:
        """The member's role, or an empty string."""
        return self.member.role if self.member is not None else ""

    @property
    def marketplace(self) -> Marketplace | None:
        """The marketplace this key belongs to."""
        return self.api_key.marketplace if self.api_key is not None else None

    @property
    def is_platform(self) -> bool:
        """Whether the actor works for the platform itself."""
        return (
            self.organisation is not None and self.organisation.kind == Organisation.Kind.PLATFORM
        )

    @property
    def acts_for_other(self) -> bool:
        """Whether an agent acts for a rights holder."""
        return (
            self.member is not None
            and self.organisation is not None
            and self.member.organisation_id != self.organisation.pk
        )


SYSTEM = Actor(kind="system")
# Whoever holds a statement's signed link. It has no account, hence no permissions.
SELLER = Actor(kind="seller")


def of_member(
    member: Member,
    acting_for: Organisation | None = None,
    *,
    acts: Iterable[str] = (),
    brands: Iterable[int] = (),
) -> Actor:
    """Return the actor for a member; ``acting_for`` must have been checked by the scope.

    ``acts`` and ``brands`` are those of the mandate acted under; ``scope.actor_for`` finds them.
    """
    return Actor(
        kind="member",
        member=member,
        organisation=acting_for or member.organisation,
        acts=frozenset(acts),
        brands=frozenset(brands),
    )


def of_key(key: ApiKey) -> Actor:
    """Return the actor for an API key."""
    return Actor(kind="api_key", api_key=key, organisation=key.organisation)
