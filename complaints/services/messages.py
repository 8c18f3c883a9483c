"""Messages between the complainant and the platform about one complaint.

The other side is told in the page and by mail. Neither carries what was written: both lead to the
complaint's page, which shows it to whoever may read it then.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from complaints import policies
from complaints.models import Complaint, ComplaintMessage
from complaints.services import hearing_mail
from complaints.services.facts import facts_of
from portal.core import journal, mail, notices, scope
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import Member, Organisation, Role
from portal.core.services.notices import give

KIND: Final = "complaints.message"
LONGEST: Final = 2000
Side = ComplaintMessage.Side


@transaction.atomic
def write(*, actor: Actor, complaint: Complaint, text: str, now: datetime) -> ComplaintMessage:
    """Write to the other side and tell it.

    Raises ``InvalidInput`` naming ``text``, ``NotAllowed`` for whoever is on neither side.
    """
    policies.may_write(actor, complaint).require()
    if actor.member is None:
        raise NotAllowed("no_member", _("Only a person can write a message."))
    text = text.strip()
    if not text:
        raise InvalidInput.one("text", "required", _("Write something first."))
    if len(text) > LONGEST:
        words = _("A message may have at most %(limit)s characters.") % {"limit": LONGEST}
        raise InvalidInput.one("text", "too_long", words)
    message = ComplaintMessage.objects.create(
        complaint=complaint,
        side=Side.PLATFORM if actor.is_platform else Side.COMPLAINANT,
        member=actor.member,
        text=text,
        at=now,
    )
    data = {**facts_of(complaint), "complaint_id": complaint.pk, "side": message.side}
    journal.record(
        "complaint_message.written",
        message,
        actor=actor,
        now=now,
        organisation_id=complaint.organisation_id,
        data=data,
    )
    _tell(message, now)
    return message


def register_kind() -> None:
    """Say how the notice in the page reads and where it leads."""
    notices.register(notices.Kind(KIND, _text, _url, icon="message-square", tone="info"))


def _tell(message: ComplaintMessage, now: datetime) -> None:
    """Tell everybody on the other side, once each."""
    complaint = message.complaint
    told = _platform() if message.side == Side.COMPLAINANT else _complainants(complaint, now)
    page = settings.PUBLIC_URL.rstrip("/") + complaint.get_absolute_url()
    for member in told:
        key = f"complaint-message:{message.uuid}:{member.pk}"
        data = {"complaint": str(complaint.uuid), "side": message.side}
        give(member=member, kind=KIND, key=key, data=data, now=now)
        with translation.override(member.user.language):
            subject = _("A message about a complaint")
            lines = [
                _text(data),
                _("Complaint: %(id)s") % {"id": complaint.uuid},
                _("Read and answer it here:"),
                page,
            ]
            mail.send(
                key=key, to=[member.user.email], subject=subject, text="\n\n".join(lines), now=now
            )


def _platform() -> Iterable[Member]:
    return Member.objects.select_related("user").filter(
        organisation__kind=Organisation.Kind.PLATFORM, role=Role.PLATFORM_ADMIN, active=True
    )


def _complainants(complaint: Complaint, now: datetime) -> Iterable[Member]:
    """The rights holder's people, and an agent's while its mandate holds."""
    holder = complaint.organisation
    today = now.astimezone(ZoneInfo(holder.zone)).date()
    people = hearing_mail.people_of(complaint)
    brand_id = complaint.link.brand_id
    return [member for member in people if scope.may_act_for(member, holder, today, brand_id)]


def _text(data: Mapping[str, Any]) -> str:
    if data.get("side") == Side.PLATFORM:
        return _("The platform wrote to you about a complaint.")
    return _("A complainant wrote to the platform about a complaint.")


def _url(data: Mapping[str, Any]) -> str:
    return reverse("complaints:complaint", args=[data["complaint"]]) + "#messages"
