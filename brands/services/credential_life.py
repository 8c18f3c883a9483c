"""What becomes of an approved credential: suspended, revoked by two people, expired, renewed.

A suspension works at once and by one auditor, because it can be lifted. A revocation cannot, so
one auditor requests it with a reason and another confirms it.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from brands.models import CredentialAudit, LetterOfAuthorisation, Registration, Revocation
from brands.models.right import CredentialState
from brands.policies import Credential, may_audit, may_confirm_letter, may_confirm_revocation
from brands.services.credential_audit import check_code, check_term, close, move
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.clock import local_date
from portal.core.errors import InvalidInput, StaleState
from portal.core.models import Mandate

State = CredentialState
IN_FORCE = (State.APPROVED, State.SUSPENDED)
# No zone is farther ahead of UTC than this.
_FARTHEST_AHEAD = timedelta(hours=14)


@transaction.atomic
def suspend(*, actor: Actor, now: datetime, credential: Credential, code: str, note: str) -> None:
    """Take an approved credential out of use while a doubt is examined. Its mandate rests too."""
    may_audit(actor, credential).require()
    check_code(code, note)
    close(credential, State.SUSPENDED, code, note, actor, now)
    _end_mandate(credential, actor, now)


@transaction.atomic
def reinstate(*, actor: Actor, now: datetime, credential: Credential, note: str) -> None:
    """Lift a suspension; the note says what cleared the doubt up."""
    may_audit(actor, credential).require()
    check_term(credential, now)
    if not note.strip():
        raise InvalidInput.one("note", "required", _("Say what cleared the doubt up."))
    if _open_revocation(credential) is not None:
        raise StaleState(
            "revocation_open", _("A revocation is requested: confirm or decline it first.")
        )
    if credential.state != State.SUSPENDED:
        raise StaleState("not_suspended", _("This credential is not suspended."))
    close(credential, State.APPROVED, CredentialAudit.Code.CLEARED, note, actor, now)
    _resume_mandate(credential, actor, now)


@transaction.atomic
def request_revocation(
    *, actor: Actor, now: datetime, credential: Credential, code: str, note: str
) -> Revocation:
    """Ask a second auditor to revoke a credential; the note is what they read."""
    may_audit(actor, credential).require()
    check_code(code, note)
    if not note.strip():
        raise InvalidInput.one("note", "required", _("Say what was found, for the second auditor."))
    if credential.state not in IN_FORCE or actor.member is None:
        raise StaleState("not_in_force", _("Only an approved or suspended credential is revoked."))
    is_registration = isinstance(credential, Registration)
    try:
        with transaction.atomic():
            revocation = Revocation.objects.create(
                registration=credential if isinstance(credential, Registration) else None,
                letter=credential if isinstance(credential, LetterOfAuthorisation) else None,
                code=code,
                note=note.strip(),
                requested_by=actor.member,
                requested_at=now,
            )
    except IntegrityError:
        raise StaleState("revocation_open", _("A revocation is requested already.")) from None
    kind = "registration" if is_registration else "letterofauthorisation"
    data = {"credential": kind, "credential_id": credential.pk, "code": code}
    journal.record("revocation.requested", revocation, actor=actor, now=now, data=data)
    return revocation


@transaction.atomic
def confirm_revocation(*, actor: Actor, now: datetime, revocation: Revocation) -> None:
    """Revoke, as the second auditor. Whoever requested it cannot."""
    may_confirm_revocation(actor, revocation).require()
    credential = revocation.credential
    _close_revocation(revocation, Revocation.State.CONFIRMED, actor, now)
    close(credential, State.REVOKED, revocation.code, revocation.note, actor, now)
    _end_mandate(credential, actor, now)


@transaction.atomic
def decline_revocation(*, actor: Actor, now: datetime, revocation: Revocation) -> None:
    """Leave the credential as it is. Whoever requested the revocation may take it back so."""
    may_audit(actor, revocation.credential).require()
    _close_revocation(revocation, Revocation.State.DECLINED, actor, now)


@transaction.atomic
def confirm_letter(*, actor: Actor, now: datetime, letter: LetterOfAuthorisation) -> None:
    """Say for the rights holder that the letter its agent submitted is its own."""
    may_confirm_letter(actor, letter).require()
    unconfirmed = LetterOfAuthorisation.objects.filter(pk=letter.pk, confirmed_at=None)
    if unconfirmed.update(confirmed_by=actor.member, confirmed_at=now):
        letter.confirmed_by, letter.confirmed_at = actor.member, now
        data = {"agent_id": letter.agent_id}
        journal.record("credential.confirmed", letter, actor=actor, now=now, data=data)


def expire(*, now: datetime, limit: int = 500) -> int:
    """Expire credentials whose last day has passed where their rights holder is.

    Return how many. Each is its own act: one that fails holds up no other.
    """
    count = 0
    latest = (now + _FARTHEST_AHEAD).date()
    for model in (Registration, LetterOfAuthorisation):
        ended = model._default_manager.filter(state__in=IN_FORCE, valid_to__lt=latest)
        rows = ended.select_related("organisation").order_by("valid_to", "pk")
        for credential in rows[:limit]:
            if credential.valid_to < local_date(now, credential.organisation.zone):
                count += _expire(credential, now)
    return count


@transaction.atomic
def _expire(credential: Credential, now: datetime) -> int:
    try:
        move(credential, State.EXPIRED, SYSTEM, now)
    except StaleState:  # an auditor was first; the next tick looks again
        return 0
    return 1


def _open_revocation(credential: Credential) -> Revocation | None:
    return credential.revocations.filter(state=Revocation.State.REQUESTED).first()


def _close_revocation(revocation: Revocation, to: str, actor: Actor, now: datetime) -> None:
    changes = {"closed_by": actor.member, "closed_at": now}
    data = {"code": revocation.code}
    states.move(revocation, to, actor=actor, now=now, data=data, changes=changes)


def _end_mandate(credential: Credential, actor: Actor, now: datetime) -> None:
    """End the agent's mandate with its letter, at once: every request asks for it anew."""
    mandate = credential.mandate if isinstance(credential, LetterOfAuthorisation) else None
    if mandate is None:
        return
    if Mandate.objects.filter(pk=mandate.pk, revoked_at=None).update(revoked_at=now):
        _record_mandate("mandate.ended", mandate, actor, now)


def _resume_mandate(credential: Credential, actor: Actor, now: datetime) -> None:
    mandate = credential.mandate if isinstance(credential, LetterOfAuthorisation) else None
    if mandate is None:
        return
    try:
        with transaction.atomic():
            Mandate.objects.filter(pk=mandate.pk).update(revoked_at=None)
    except IntegrityError:
        raise StaleState(
            "mandate_overlaps",
            _("The agent has another mandate for a part of this term by now."),
        ) from None
    _record_mandate("mandate.resumed", mandate, actor, now)


def _record_mandate(verb: str, mandate: Mandate, actor: Actor, now: datetime) -> None:
    journal.record(
        verb,
        mandate,
        actor=actor,
        now=now,
        organisation_id=mandate.rights_holder_id,
        data={"agent_id": mandate.agent_id},
    )
