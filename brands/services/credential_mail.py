"""Mail about credentials: what an auditor said, and that a term ends in 90, 30 or 7 days."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brands.models import CredentialAudit, LetterOfAuthorisation, Registration
from brands.models.right import CredentialState
from brands.policies import Credential
from portal.core import mail
from portal.core.clock import local_date
from portal.core.models import Member, Role, User

# Days before the last one on which people are reminded.
REMINDERS = (90, 30, 7)
_DECIDERS = (Role.OWNER, Role.ADMIN)


def tell_outcome(audit: CredentialAudit, credential: Credential, *, now: datetime) -> None:
    """Mail the submitter what the auditor said, in their language, in the caller's transaction."""
    submitter = credential.submitted_by
    if not submitter.active or not submitter.user.is_active:
        return
    with translation.override(submitter.user.language):
        subject = _("%(credential)s: %(outcome)s") % {
            "credential": credential,
            "outcome": audit.get_outcome_display(),
        }
        lines = [
            subject,
            _("Reason: %(code)s.") % {"code": audit.get_code_display()},
            audit.note,
            address_of(credential),
        ]
        mail.send(
            key=f"credential-audit:{audit.pk}",
            to=[submitter.user.email],
            subject=subject,
            text="\n\n".join(line for line in lines if line),
            now=now,
        )


def days_left(credential: Credential, now: datetime) -> int:
    """Return the days until the last one where the rights holder is; 0 on the last day."""
    return (credential.valid_to - local_date(now, credential.organisation.zone)).days


def due_reminder(left: int) -> int | None:
    """Return which reminder is due with so many days left: the latest passed; none after the end.

    A credential approved twenty days before its end gets the one of 30 days, not that of 90 too.
    """
    passed = [days for days in REMINDERS if 0 <= left <= days]
    return min(passed, default=None)


def remind(*, now: datetime) -> int:
    """Mail owners and administrators of credentials that end soon; return how many credentials.

    The mail's key names credential, term, reminder and person: run as often as you like.
    """
    today = now.date()
    count = 0
    for rows in ending(today + timedelta(days=max(REMINDERS) + 1)):
        for credential in rows.iterator(chunk_size=500):
            due = due_reminder(days_left(credential, now))
            if due is not None:
                count += 1
                _remind(credential, due, now)
    return count


def ending(
    latest: date,
) -> tuple[QuerySet[Registration], QuerySet[LetterOfAuthorisation]]:
    """Return approved credentials which end by a day and which no approved renewal follows."""
    approved = CredentialState.APPROVED
    registrations = Registration.objects.select_related("organisation").filter(
        state=approved, valid_to__lte=latest
    )
    letters = LetterOfAuthorisation.objects.select_related("organisation", "agent").filter(
        state=approved, valid_to__lte=latest
    )
    return (
        registrations.exclude(renewals__state=approved),
        letters.exclude(renewals__state=approved),
    )


def _remind(credential: Credential, due: int, now: datetime) -> None:
    kind = credential._meta.model_name
    left = days_left(credential, now)
    for user in _concerned(credential):
        with translation.override(user.language):
            subject = ngettext(
                "%(credential)s ends in %(count)d day",
                "%(credential)s ends in %(count)d days",
                left,
            ) % {"credential": credential, "count": left}
            last = formats.date_format(credential.valid_to, "DATE_FORMAT")
            mail.send(
                key=f"credential-ends:{kind}:{credential.pk}:{credential.valid_to}:{due}:{user.pk}",
                to=[user.email],
                subject=subject,
                text=_(
                    "Its last day is %(day)s. After that no complaint can rest on it, and what is "
                    "open is frozen.\n\nRenew it: %(address)s"
                )
                % {"day": last, "address": address_of(credential)},
                now=now,
            )


def _concerned(credential: Credential) -> Iterable[User]:
    """Owners and administrators of the organisations the credential names."""
    parties = [credential.organisation_id]
    if isinstance(credential, LetterOfAuthorisation):
        parties.append(credential.agent_id)
    members = Member.objects.select_related("user").filter(
        organisation__in=parties, active=True, user__is_active=True, role__in=_DECIDERS
    )
    return {member.user_id: member.user for member in members.order_by("pk")}.values()


def address_of(credential: Credential) -> str:
    """Return the full address of the credential's page."""
    public: str = settings.PUBLIC_URL
    return public.rstrip("/") + reverse("brands:credential", args=[credential.uuid])
