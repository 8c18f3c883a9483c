"""Auditing credentials: take one, then approve it, reject it with a code, or ask for more.

What comes after an approval (suspending, revoking by two, expiring) is in ``credential_life``.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from brands import forgery
from brands.models import BrandName, CredentialAudit, LetterOfAuthorisation, Registration
from brands.models.right import CredentialState
from brands.policies import Credential, may_audit
from brands.registers import ImportedRegister
from brands.services import claims, credential_mail
from portal.core import journal, states
from portal.core.actors import Actor
from portal.core.clock import local_date
from portal.core.errors import InvalidInput, StaleState
from portal.core.models import Mandate

Code = CredentialAudit.Code
_NOT_REJECTING = (Code.COMPLETE, Code.CLEARED)
REJECTION_CODES = tuple(code for code in Code if code not in _NOT_REJECTING)


@transaction.atomic
def take(*, actor: Actor, now: datetime, credential: Credential) -> None:
    """Take a submitted credential into audit, so that nobody else starts on it."""
    may_audit(actor, credential).require()
    refresh_findings(credential, now=now)
    move(credential, CredentialState.UNDER_AUDIT, actor, now)


def refresh_findings(credential: Credential, *, now: datetime) -> list[forgery.Finding]:
    """Look again at what may be wrong, and keep its codes for the queue."""
    found = forgery.findings_of(forgery.Case(credential, now, ImportedRegister()))
    codes = sorted({finding.code for finding in found if finding.severity != "info"})
    type(credential)._default_manager.filter(pk=credential.pk).update(findings=codes)
    credential.findings = codes
    return found


@transaction.atomic
def approve(
    *,
    actor: Actor,
    now: datetime,
    credential: Credential,
    note: str = "",
    names: Iterable[BrandName] = (),
) -> None:
    """Approve a credential. One whose term has ended cannot be approved.

    The approval of a registration brings names of its brands into force: those its mark covers,
    and claimed ``names`` the auditor found proven by it. That of a letter of authorisation makes
    the agent's mandate.
    """
    may_audit(actor, credential).require()
    check_term(credential, now)
    changes: dict[str, object] = {}
    if isinstance(credential, LetterOfAuthorisation):
        changes["mandate"] = _mandate(credential, actor, now)
    close(credential, CredentialState.APPROVED, Code.COMPLETE, note, actor, now, changes)
    if isinstance(credential, Registration):
        claims.prove(credential, names, actor=actor, now=now)


@transaction.atomic
def reject(
    *, actor: Actor, now: datetime, credential: Credential, code: str, note: str = ""
) -> None:
    """Reject a credential for a reason; “other” needs a note that says which."""
    may_audit(actor, credential).require()
    check_code(code, note)
    close(credential, CredentialState.REJECTED, code, note, actor, now)


@transaction.atomic
def ask_more(*, actor: Actor, now: datetime, credential: Credential, code: str, note: str) -> None:
    """Give a credential back to its submitter with a question."""
    may_audit(actor, credential).require()
    check_code(code, note)
    if not note.strip():
        raise InvalidInput.one("note", "required", _("Say what is missing."))
    close(credential, CredentialState.MORE_ASKED, code, note, actor, now)


def check_term(credential: Credential, now: datetime) -> None:
    """Refuse a credential whose last day has passed where its rights holder is."""
    if credential.valid_to < local_date(now, credential.organisation.zone):
        raise InvalidInput.one(
            "valid_to",
            "expired",
            _("This ended on %(day)s. An expired credential cannot be approved; reject it.")
            % {"day": credential.valid_to.isoformat()},
        )


def check_code(code: str, note: str) -> None:
    """Refuse a code that gives no reason, and “other” without a note."""
    if code not in REJECTION_CODES:
        raise InvalidInput.one("code", "unknown_code", _("Choose a reason."))
    if code == Code.OTHER and not note.strip():
        raise InvalidInput.one("note", "required", _("Say which other reason."))


def close(
    credential: Credential,
    outcome: CredentialState,
    code: str,
    note: str,
    actor: Actor,
    now: datetime,
    changes: dict[str, object] | None = None,
) -> None:
    """Move the credential, write the auditor's act into its history, and tell the submitter."""
    if actor.member is None:
        raise TypeError("The policy lets only people audit credentials.")
    move(credential, outcome, actor, now, code=code, changes=changes)
    audit = CredentialAudit.objects.create(
        registration=credential if isinstance(credential, Registration) else None,
        letter=credential if isinstance(credential, LetterOfAuthorisation) else None,
        auditor=actor.member,
        outcome=outcome,
        code=code,
        note=note.strip(),
        at=now,
        findings=credential.findings,
    )
    credential_mail.tell_outcome(audit, credential, now=now)


def _mandate(letter: LetterOfAuthorisation, actor: Actor, now: datetime) -> Mandate:
    """Make the mandate; that of a renewal begins when the one before ends."""
    begins = letter.valid_from
    before = letter.renews
    if isinstance(before, LetterOfAuthorisation) and before.mandate is not None:
        begins = claims.day_after(before.mandate, begins)
    try:
        with transaction.atomic():
            mandate = Mandate.objects.create(
                agent=letter.agent,
                rights_holder=letter.organisation,
                valid_from=begins,
                valid_to=letter.valid_to,
                acts=letter.scope,
                brand_keys=sorted(letter.brands.values_list("pk", flat=True)),
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


def move(
    credential: Credential,
    to: str,
    actor: Actor,
    now: datetime,
    code: str = "",
    changes: dict[str, object] | None = None,
) -> None:
    """Move the credential; the journal says which kind it is and which brands it concerns."""
    data: dict[str, object] = {"credential": credential._meta.model_name}
    if code:
        data["code"] = code
    if isinstance(credential, Registration):
        data["brand_ids"] = sorted(credential.brands.values_list("pk", flat=True))
    else:
        data["agent_id"] = credential.agent_id
    states.move(credential, to, actor=actor, now=now, data=data, changes=changes)
