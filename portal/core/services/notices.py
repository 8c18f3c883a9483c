"""Notices in the page, and how a member wants to be told by mail."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.core import journal
from portal.core.actors import SYSTEM, Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed, NotFound
from portal.core.models import MailPreference, Member, Notice, User
from portal.core.zones import known_zones, zone_for

# Signs unsubscribe links; they never expire, because a mail may be read years later.
SALT: Final = "portal.unsubscribe"
NEWS, REMINDERS = "news", "reminders"


@transaction.atomic
def give(*, member: Member, kind: str, key: str, data: dict[str, Any], now: datetime) -> bool:
    """Put a notice into the member's list; the same key is one notice. Return whether it is new.

    ``data`` holds numbers, codes and ids, never personal data.
    """
    notice, made = Notice.objects.get_or_create(
        member=member, key=key, defaults={"kind": kind, "data": data, "created_at": now}
    )
    if made:
        journal.record(
            "notice.given",
            notice,
            actor=SYSTEM,
            now=now,
            organisation_id=member.organisation_id,
            data={"member_id": member.pk, "kind": kind},
        )
    return made


@transaction.atomic
def mark_read(*, member: Member, now: datetime) -> int:
    """Mark every notice of the member as read; return how many were not."""
    unread = Notice.objects.filter(member=member, read_at=None)
    return unread.update(read_at=now)


@transaction.atomic
def set_preferences(
    *, actor: Actor, news: str, reminders: bool, zone: str, now: datetime
) -> MailPreference:
    """Keep how often the member is mailed, and the zone in which their days begin.

    Raises ``InvalidInput`` naming the field, ``NotAllowed`` for a key.
    """
    if actor.member is None:
        raise NotAllowed("no_member", _("Only a person has preferences."))
    if news not in MailPreference.Frequency.values:
        raise InvalidInput.one("news", "unknown", _("Choose one of the frequencies."))
    if zone not in known_zones():
        raise InvalidInput.one("zone", "unknown_zone", _("Choose a time zone from the list."))
    User.objects.filter(pk=actor.member.user_id).update(zone=zone)
    preference, _made = MailPreference.objects.update_or_create(
        member=actor.member, defaults={"news": news, "reminders": reminders}
    )
    _record(preference, actor, now)
    return preference


@transaction.atomic
def unsubscribe(*, token: str, now: datetime) -> tuple[Member, str]:
    """Stop the mails an unsubscribe link is about; return the member and the kind of mail.

    Needs no sign-in: the signed link is the right. Raises ``NotFound`` for a link that is not ours.
    """
    member, kind = read_token(token)
    preference, _made = MailPreference.objects.get_or_create(member=member)
    if kind == NEWS:
        preference.news = MailPreference.Frequency.OFF
    else:
        preference.reminders = False
    preference.save(update_fields=["news", "reminders"])
    _record(preference, of_member(member), now)
    return member, kind


def token_for(member: Member, kind: str) -> str:
    """The signed part of an unsubscribe link."""
    return signing.dumps([str(member.uuid), kind], salt=SALT)


def read_token(token: str) -> tuple[Member, str]:
    """The member and kind of mail of an unsubscribe link. Raises ``NotFound``."""
    refusal = NotFound("unsubscribe", _("This link is not complete. Open it from the mail again."))
    try:
        uuid, kind = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise refusal from error
    member = Member.objects.select_related("user", "organisation").filter(uuid=uuid).first()
    if member is None or kind not in {NEWS, REMINDERS}:
        raise refusal
    return member, kind


def zone_of_member(member: Member) -> ZoneInfo:
    """The zone of a member's days: their own; while they chose none, their organisation's."""
    return zone_for(member, member.organisation)


def _record(preference: MailPreference, actor: Actor, now: datetime) -> None:
    member = preference.member
    journal.record(
        "mail_preference.changed",
        preference,
        actor=actor,
        now=now,
        organisation_id=member.organisation_id,
        data={"news": preference.news, "reminders": preference.reminders},
    )
