"""Invitations by e-mail. Whoever holds the link and the invited address may join, once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from portal.core import journal, mail
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotAllowed, NotFound
from portal.core.models import Invitation, Member, Organisation, User
from portal.core.policies import Permission, may
from portal.core.services import organisations

VALID_FOR = timedelta(days=14)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(*, actor: Actor, email: str, role: str, now: datetime) -> Invitation:
    """Invite an address into the actor's organisation and mail the link."""
    organisation, inviter = actor.organisation, actor.member
    if organisation is None or inviter is None:
        raise NotAllowed("no_organisation", _("You act for no organisation."))
    may(actor, Permission.MANAGE_MEMBERS, organisation.pk).require()
    email = email.strip().lower()
    _check(organisation, email, role)
    token = secrets.token_urlsafe(32)
    _withdraw_expired(organisation, email, now)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                organisation=organisation,
                email=email,
                role=role,
                token_hash=_digest(token),
                invited_by=inviter,
                created_at=now,
                expires_at=now + VALID_FOR,
            )
    except IntegrityError as error:
        raise InvalidInput.one(
            "email", "already_invited", _("This address already has an open invitation.")
        ) from error
    journal.record("invitation.sent", invitation, actor=actor, now=now, data={"role": role})
    _mail(invitation, token, now)
    return invitation


def _check(organisation: Organisation, email: str, role: str) -> None:
    if role not in organisations.roles_of(organisation.kind):
        raise InvalidInput.one("role", "role_misfit", _("This role does not exist here."))
    members = Member.objects.filter(organisation=organisation, active=True)
    if members.filter(user__email=email).exists():
        raise InvalidInput.one("email", "already_member", _("This person is already a member."))


def _withdraw_expired(organisation: Organisation, email: str, now: datetime) -> None:
    Invitation.objects.filter(
        organisation=organisation,
        email__iexact=email,
        accepted_at=None,
        withdrawn_at=None,
        expires_at__lt=now,
    ).update(withdrawn_at=now)


def _mail(invitation: Invitation, token: str, now: datetime) -> None:
    address = settings.PUBLIC_URL + reverse("core:invitation", args=[token])
    with translation.override(invitation.invited_by.user.language):
        mail.send(
            key=f"invitation:{invitation.uuid}",
            to=[invitation.email],
            subject=_("You are invited to %(organisation)s")
            % {"organisation": invitation.organisation.name},
            text=_(
                "%(inviter)s invites you to join %(organisation)s in the brand portal.\n\n"
                "Open this link to join. It works until %(until)s:\n%(address)s\n"
            )
            % {
                "inviter": invitation.invited_by.user,
                "organisation": invitation.organisation.name,
                "until": _day(invitation.expires_at),
                "address": address,
            },
            now=now,
        )


def _day(moment: datetime) -> str:
    """The day as the reader's language writes it."""
    return formats.date_format(timezone.localtime(moment), "DATE_FORMAT")


def open_invitation(token: str, now: datetime) -> Invitation:
    """Return the open invitation behind a token; the same error for unknown, used and expired."""
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by__user")
        .filter(token_hash=_digest(token), accepted_at=None, withdrawn_at=None, expires_at__gte=now)
        .first()
    )
    if invitation is None:
        raise NotFound("invitation", _("This invitation was used, withdrawn or has expired."))
    return invitation


@transaction.atomic
def accept(*, token: str, user: User, now: datetime) -> Member:
    """Join the organisation. Only the invited address may: a forwarded link joins nobody."""
    invitation = open_invitation(token, now)
    if invitation.email != user.email:
        raise NotAllowed("other_address", _("This invitation was sent to another e-mail address."))
    claimed = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, withdrawn_at=None
    ).update(accepted_at=now)
    if not claimed:
        raise NotFound("invitation", _("This invitation was used, withdrawn or has expired."))
    inviter = Actor(
        kind="member", member=invitation.invited_by, organisation=invitation.organisation
    )
    return organisations.add_member(
        organisation=invitation.organisation,
        user=user,
        role=invitation.role,
        actor=inviter,
        now=now,
    )


@transaction.atomic
def withdraw(*, actor: Actor, invitation: Invitation, now: datetime) -> None:
    """Make an open invitation useless."""
    may(actor, Permission.MANAGE_MEMBERS, invitation.organisation_id).require()
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=now
    ):
        journal.record("invitation.withdrawn", invitation, actor=actor, now=now)
