"""Organisations, their members and the marketplace of the demo."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress

from complaints.demo.market import Market, new_secret
from portal.core.actors import SYSTEM, Actor, of_member
from portal.core.models import ApiKey, Marketplace, Member, Organisation, Role, User
from portal.core.services import keys, organisations

ZONES = {
    "CN": "Asia/Shanghai",
    "FR": "Europe/Paris",
    "DE": "Europe/Berlin",
    "IT": "Europe/Rome",
    "US": "America/New_York",
}
PLATFORM_NAME = "Harbour Portal Operations (simulated)"
BRAND_ROLES = (Role.OWNER, Role.REVIEWER, Role.COMPLAINANT, Role.VIEWER)
NAMES = {
    Role.OWNER: "Brand owner (demo)",
    Role.REVIEWER: "Brand reviewer (demo)",
    Role.COMPLAINANT: "Complainant (demo)",
    Role.VIEWER: "Brand viewer (demo)",
    Role.PLATFORM_ADMIN: "Platform admin (demo)",
    Role.PLATFORM_AUDITOR: "Platform auditor (demo)",
}


@dataclass
class Team:
    """An organisation and its members by role."""

    organisation: Organisation
    members: dict[str, Member] = field(default_factory=dict)

    def actor(self, role: str = Role.OWNER, *, acting_for: Organisation | None = None) -> Actor:
        """The member of this role, or the owner where nobody has it."""
        member = self.members.get(role) or self.members[Role.OWNER]
        return of_member(member, acting_for)


@dataclass
class Cast:
    """Everybody who takes part. ``brands`` is keyed as the catalogue keys organisations."""

    platform: Team
    agent: Team
    association: Team
    brands: dict[str, Team]
    market: Marketplace

    @property
    def admin(self) -> Actor:
        """The platform's admin."""
        return of_member(self.platform.members[Role.PLATFORM_ADMIN])

    @property
    def auditor(self) -> Actor:
        """The platform's auditor."""
        return of_member(self.platform.members[Role.PLATFORM_AUDITOR])


def gather(market: Market, now: datetime) -> Cast:
    """Create organisations, people and the marketplace, all as of ``now``."""
    catalogue = market.catalogue
    platform = _platform(now)
    agent = _team(catalogue["agent"], now)
    _join(agent, Role.OWNER, "Agent (demo)", "agent@breakwater.example", now)
    association = _team(catalogue["association"], now)
    _join(association, Role.VIEWER, "Association (demo)", "figures@association.example", now)
    brands: dict[str, Team] = {}
    for brand in catalogue["brands"]:
        team = _team(brand["organisation"], now)
        for role in BRAND_ROLES if not brands else BRAND_ROLES[:2]:
            _join(team, role, NAMES[role], f"{role}@{brand['id']}.example", now)
        brands[brand["organisation"]["key"]] = team
    admin = of_member(platform.members[Role.PLATFORM_ADMIN])
    connected = _marketplace(catalogue["marketplace"], admin, now)
    return Cast(platform, agent, association, brands, connected)


def give_consent(cast: Cast, members: list[str], now: datetime) -> None:
    """Let the association add up the figures of its members (catalogue keys) from ``now`` on."""
    for key in members:
        organisations.give_consent(
            actor=cast.brands[key].actor(), association=cast.association.organisation, now=now
        )


def new_key(cast: Cast, now: datetime) -> str:
    """Make the marketplace's key and return its token."""
    _key, token = keys.create(
        actor=cast.admin,
        now=now,
        name="Listings",
        scopes=[ApiKey.Scope.LISTINGS_WRITE],
        marketplace=cast.market,
    )
    return token


def _platform(now: datetime) -> Team:
    platform = _team(
        {"kind": Organisation.Kind.PLATFORM, "name": PLATFORM_NAME, "country": "CN"}, now
    )
    for role, name in ((Role.PLATFORM_ADMIN, "admin"), (Role.PLATFORM_AUDITOR, "auditor")):
        _join(platform, role, NAMES[role], f"{name}@platform.example", now)
    # What asks for a second person can be tried: putting a listing back, revoking a credential.
    second = ("Second platform admin (demo)", "second@platform.example")
    _join(platform, Role.PLATFORM_ADMIN, *second, now, key="second")
    return platform


def _team(facts: dict[str, Any], now: datetime) -> Team:
    return Team(
        organisations.create(
            kind=facts["kind"],
            name=facts["name"],
            country=facts["country"],
            zone=ZONES[facts["country"]],
            actor=SYSTEM,
            now=now,
            is_simulated=True,
        )
    )


def _join(team: Team, role: str, name: str, email: str, now: datetime, *, key: str = "") -> None:
    """Add a person who can sign in once a password is set, kept under ``key`` or the role."""
    user = User.objects.create_user(email, name=name, zone=team.organisation.zone)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    team.members[key or role] = organisations.add_member(
        organisation=team.organisation, user=user, role=role, actor=SYSTEM, now=now
    )


def _marketplace(facts: dict[str, Any], admin: Actor, now: datetime) -> Marketplace:
    return organisations.connect_marketplace(
        actor=admin, now=now, order_secret=new_secret(), **facts
    )
