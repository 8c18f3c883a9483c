"""Auditing credentials: take one, then approve it, reject it with a code, or ask for more."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from brands.models import CredentialAudit, LetterOfAuthorisation, Registration
from brands.models.right import CredentialState
from brands.policies import Credential, may_audit
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, StaleState
from portal.core.models import Mandate

Code = CredentialAudit.Code
REJECTION_CODES = tuple(code for code in Code if code != Code.COMPLETE)
_MAY_EXPIRE = (CredentialState.APPROVED, CredentialState.SUSPENDED)


@transaction.atomic
def take(*, actor: Actor, now: datetime, credential: Credential) -> None:
    """Take a submitted credential into audit, so that nobody else starts on it."""
    may_audit(actor, credential).require()
    _move(credential, CredentialState.UNDER_AUDIT, actor, now)


@transaction.atomic
def approve(*, actor: Actor, now: datetime, credential: Credential, note: str = "") -> None:
    """Approve a credential. One whose term has ended cannot be approved.

    The approval of a letter of authorisation makes the agent's mandate.
    """
    may_audit(actor, credential).require()
    if credential.valid_to < now.date():
        raise InvalidInput.one(
            "valid_to",
            "expired",
            _("This ended on %(day)s. An expired credential cannot be approved; reject it.")
            % {"day": credential.valid_to.isoformat()},
        )
    changes: dict[str, object] = {}
    if isinstance(credential, LetterOfAuthorisation):
        changes["mandate"] = _mandate(credential, actor, now)
    _close(credential, CredentialState.APPROVED, Code.COMPLETE, note, actor, now, changes)


@transaction.atomic
def reject(
    *, actor: Actor, now: datetime, credential: Credential, code: str, note: str = ""
) -> None:
    """Reject a credential for a reason; “other” needs a note that says which."""
    may_audit(actor, credential).require()
    _check_code(code, note)
    _close(credential, CredentialState.REJECTED, code, note, actor, now)


@transaction.atomic
def ask_more(*, actor: Actor, now: datetime, credential: Credential, code: str, note: str) -> None:
    """Give a credential back to its submitter with a question."""
    may_audit(actor, credential).require()
    _check_code(code, note)
    if not note.strip():
        raise InvalidInput.one("note", "required", _("Say what is missing."))
    _close(credential, CredentialState.MORE_ASKED, code, note, actor, now)


def expire(*, now: datetime, limit: int = 500) -> int:
    """Expire credentials whose last day has passed; return how many. Each is its own act."""
    count = 0
    for model in (Registration, LetterOfAuthorisation):
        ended = model.objects.filter(state__in=_MAY_EXPIRE, valid_to__lt=now.date())
        for credential in ended.order_by("pk")[:limit]:
            count += _expire(credential, now)
    return count


@transaction.atomic
def _expire(credential: Credential, now: datetime) -> int:
    try:
        _move(credential, CredentialState.EXPIRED, SYSTEM, now)
    except StaleState:  # an auditor was first; the next tick looks again
        return 0
    return 1


def _check_code(code: str, note: str) -> None:
    if code not in REJECTION_CODES:
        raise InvalidInput.one("code", "unknown_code", _("Choose a reason."))
    if code == Code.OTHER and not note.strip():
        raise InvalidInput.one("note", "required", _("Say which other reason."))


def _close(
    credential: Credential,
    outcome: CredentialState,
    code: str,
    note: str,
    actor: Actor,
    now: datetime,
    changes: dict[str, object] | None = None,
) -> None:
    if actor.member is None:
        raise TypeError("The policy lets only people audit credentials.")
    CredentialAudit.objects.create(
        registration=None if isinstance(credential, LetterOfAuthorisation) else credential,
        letter=credential if isinstance(credential, LetterOfAuthorisation) else None,
        auditor=actor.member,
        outcome=outcome,
        code=code,
        note=note.strip(),
        at=now,
    )
    _move(credential, outcome, actor, now, code=code, changes=changes)


def _mandate(letter: LetterOfAuthorisation, actor: Actor, now: datetime) -> Mandate:
    try:
        with transaction.atomic():
            mandate = Mandate.objects.create(
                agent=letter.agent,
                rights_holder=letter.organisation,
                valid_from=letter.valid_from,
                valid_to=letter.valid_to,
            )
    except IntegrityError:
        raise StaleState(
            "mandate_overlaps",
            _("The agent has a mandate for a part of this term already."),
        ) from None
    journal.record(
        "mandate.created",
        mandate,
        actor=actor,
        now=now,
        organisation_id=letter.organisation_id,
        data={"agent_id": letter.agent_id},
    )
    return mandate


def _move(
    credential: Credential,
    to: str,
    actor: Actor,
    now: datetime,
    code: str = "",
    changes: dict[str, object] | None = None,
) -> None:
    data: dict[str, object] = {"credential": credential._meta.model_name}
    if code:
        data["code"] = code
    if isinstance(credential, Registration):
        data["brand_ids"] = sorted(credential.brands.values_list("pk", flat=True))
    states.move(credential, to, actor=actor, now=now, data=data, changes=changes)
