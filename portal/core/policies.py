"""May this actor do that? Policies answer with a reason, never with a bare no.

The permission matrix is one table; a test prints it and holds every row.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from portal.core.actors import Actor
from portal.core.errors import NotAllowed, Text
from portal.core.models import ApiKey, Mandate, Organisation, Role


@dataclass(frozen=True)
class Answer:
    """A policy's answer. Truthy when allowed; otherwise ``code`` and ``reason`` say why not."""

    allowed: bool
    code: str = ""
    reason: Text = ""

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise ``NotAllowed`` with the reason unless allowed."""
        if not self.allowed:
            raise NotAllowed(self.code, self.reason)


ALLOWED = Answer(allowed=True)


def denied(code: str, reason: Text) -> Answer:
    """Return a refusal."""
    return Answer(allowed=False, code=code, reason=reason)


class Permission(StrEnum):
    """Everything that is guarded."""

    VIEW_REGISTRY = "view_registry"
    EDIT_REGISTRY = "edit_registry"
    SUBMIT_CREDENTIAL = "submit_credential"
    AUDIT_CREDENTIAL = "audit_credential"
    SEND_LISTINGS = "send_listings"
    VIEW_LINKS = "view_links"
    JUDGE_LINKS = "judge_links"
    VIEW_COMPLAINTS = "view_complaints"
    FILE_COMPLAINT = "file_complaint"
    DECIDE_COMPLAINT = "decide_complaint"
    TUNE_RULES = "tune_rules"
    VIEW_FIGURES = "view_figures"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_KEYS = "manage_keys"
    MANAGE_PLATFORM = "manage_platform"


_P = Permission
_READ = {_P.VIEW_REGISTRY, _P.VIEW_LINKS, _P.VIEW_COMPLAINTS}
_EDIT = {_P.EDIT_REGISTRY, _P.SUBMIT_CREDENTIAL, _P.JUDGE_LINKS, _P.FILE_COMPLAINT}
_MANAGE = {_P.MANAGE_MEMBERS, _P.MANAGE_KEYS}
_BRAND_ROLES: dict[str, set[Permission]] = {
    Role.OWNER: _READ | _EDIT | _MANAGE,
    Role.ADMIN: _READ | _EDIT | _MANAGE,
    Role.REVIEWER: _READ | {_P.JUDGE_LINKS},
    Role.COMPLAINANT: _READ | {_P.JUDGE_LINKS, _P.FILE_COMPLAINT},
    Role.VIEWER: _READ,
}
_PLATFORM_READ = _READ | {_P.VIEW_FIGURES}
MATRIX: dict[str, dict[str, set[Permission]]] = {
    Organisation.Kind.RIGHTS_HOLDER: _BRAND_ROLES,
    Organisation.Kind.AGENT: {
        # An agent has nothing of its own to review; it acts for rights holders under a mandate.
        Role.OWNER: {_P.SUBMIT_CREDENTIAL} | _MANAGE,
        Role.ADMIN: {_P.SUBMIT_CREDENTIAL} | _MANAGE,
    },
    Organisation.Kind.ASSOCIATION: {
        Role.OWNER: {_P.VIEW_FIGURES, _P.MANAGE_MEMBERS},
        Role.ADMIN: {_P.VIEW_FIGURES, _P.MANAGE_MEMBERS},
        Role.VIEWER: {_P.VIEW_FIGURES},
    },
    Organisation.Kind.PLATFORM: {
        Role.PLATFORM_ADMIN: _PLATFORM_READ
        | _MANAGE
        | {_P.AUDIT_CREDENTIAL, _P.DECIDE_COMPLAINT, _P.TUNE_RULES, _P.MANAGE_PLATFORM},
        Role.PLATFORM_AUDITOR: _PLATFORM_READ | {_P.AUDIT_CREDENTIAL},
    },
}
# What an agent's member may do for a rights holder: its role there, without managing its people,
# and of what changes anything only what the letter of authorisation names.
_NOT_BY_AGENTS = _MANAGE
_ACTS: dict[str, set[Permission]] = {
    Mandate.Act.REGISTER: {_P.EDIT_REGISTRY, _P.SUBMIT_CREDENTIAL},
    Mandate.Act.JUDGE: {_P.JUDGE_LINKS},
    Mandate.Act.COMPLAIN: {_P.FILE_COMPLAINT},
}
_SCOPES: dict[str, set[Permission]] = {
    ApiKey.Scope.LISTINGS_WRITE: {_P.SEND_LISTINGS},
    ApiKey.Scope.REGISTRY_READ: {_P.VIEW_REGISTRY},
    ApiKey.Scope.REGISTRY_WRITE: {_P.EDIT_REGISTRY},
    ApiKey.Scope.LINKS_READ: {_P.VIEW_LINKS},
    ApiKey.Scope.VERDICTS_WRITE: {_P.JUDGE_LINKS},
    ApiKey.Scope.COMPLAINTS_READ: {_P.VIEW_COMPLAINTS},
    ApiKey.Scope.COMPLAINTS_WRITE: {_P.FILE_COMPLAINT},
}


def _most(kind: str) -> set[Permission]:
    """What some role in such an organisation may do: a key holds no power that no member has."""
    return set().union(*MATRIX.get(kind, {}).values())


def permissions_of(actor: Actor) -> set[Permission]:
    """Return everything the actor may do in the organisation acted for."""
    if actor.kind == "system":
        return set(Permission)
    if actor.api_key is not None:
        scoped = set().union(*(_SCOPES.get(scope, set()) for scope in actor.api_key.scopes))
        return scoped if actor.organisation is None else scoped & _most(actor.organisation.kind)
    if actor.member is None or actor.organisation is None or not actor.member.active:
        return set()
    granted = MATRIX.get(actor.organisation.kind, {}).get(actor.role, set())
    return _under_mandate(granted, actor.acts) if actor.acts_for_other else set(granted)


def _under_mandate(granted: set[Permission], acts: frozenset[str]) -> set[Permission]:
    if not acts:
        return granted - _NOT_BY_AGENTS
    named = set().union(*(_ACTS.get(act, set()) for act in acts))
    return granted & (_READ | named)


def may(
    actor: Actor,
    permission: Permission,
    organisation_id: int | None = None,
    brand_id: int | None = None,
) -> Answer:
    """Answer whether the actor has the permission, on a row of ``organisation_id`` if given.

    The platform acts across tenants; everybody else only inside the organisation acted for, and
    an agent whose letter names brands only on a row of one of them, if ``brand_id`` is given.
    """
    if permission not in permissions_of(actor):
        return denied("role", _("Your role does not allow this."))
    everywhere = actor.kind == "system" or actor.is_platform
    own = actor.organisation.pk if actor.organisation is not None else None
    if organisation_id is not None and not everywhere and own != organisation_id:
        return denied("other_organisation", _("This belongs to another organisation."))
    if brand_id is not None and actor.brands and brand_id not in actor.brands:
        return denied(
            "outside_mandate", _("Your letter of authorisation does not name this brand.")
        )
    return ALLOWED
