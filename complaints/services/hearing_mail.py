"""Mails about a counter-notice: to the rights holder's people, and to a seller who left an address.

A mail never carries what the seller said or who the seller is; it leads to the page.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.models import (
    Complaint,
    CounterNotice,
    MisuseStep,
    Reinstatement,
    StatementOfReasons,
)
from complaints.services import statements
from portal.core import mail, outbox
from portal.core.models import Member, OutboxMessage, Role, User

HANDLER = "counter_notices.forward"
KEY_PREFIX = "counter-notice:"
_ADDRESSED = (Role.OWNER, Role.ADMIN, Role.COMPLAINANT)
Words = Callable[[], tuple[str, list[str]]]


def forward(counter_notice: CounterNotice, now: datetime) -> None:
    """Ask for the mails that forward it; taken by a mail server, they show that it reached."""
    page = settings.PUBLIC_URL.rstrip("/") + counter_notice.get_absolute_url()
    for user in _people(counter_notice.complaint):
        with translation.override(user.language):
            subject = _("A seller answered your complaint about %(brand)s") % {
                "brand": counter_notice.complaint.link.brand.name
            }
            text = "\n\n".join(
                [
                    _("Read the counter-notice and reply, or take the complaint back. Terms run."),
                    page,
                ]
            )
        outbox.enqueue(
            HANDLER,
            key=f"{KEY_PREFIX}{counter_notice.uuid}:{user.pk}",
            now=now,
            payload={"to": [user.email], "subject": subject, "text": text, "html": ""},
        )


def counter_notice_of(message: OutboxMessage) -> CounterNotice:
    """Return the counter-notice a forwarding mail is about, by the message's key."""
    uuid = message.key.removeprefix(KEY_PREFIX).partition(":")[0]
    return CounterNotice.objects.select_related("complaint__link__listing__marketplace").get(
        uuid=uuid
    )


def tell_reply_due(counter_notice: CounterNotice, now: datetime) -> None:
    """Tell the rights holder that its term to reply is over."""

    def words() -> tuple[str, list[str]]:
        return _("No reply to the seller's counter-notice yet"), [
            _("Your term to reply is over. Without a word from you the platform goes on alone."),
            settings.PUBLIC_URL.rstrip("/") + counter_notice.get_absolute_url(),
        ]

    _tell_brand(counter_notice.complaint, f"reply-due:{counter_notice.uuid}", words, now)


def tell_refused(counter_notice: CounterNotice, now: datetime) -> None:
    """Tell both sides that the counter-notice is refused and the decision stands."""

    def words() -> tuple[str, list[str]]:
        return _("The counter-notice was refused"), [
            _("The decision about the listing “%(title)s” stands. Reason: %(code)s.")
            % {
                "title": counter_notice.complaint.link.version.title,
                "code": CounterNotice.Code(counter_notice.code).label,
            }
        ]

    key = f"counter-notice-refused:{counter_notice.uuid}"
    _tell_brand(counter_notice.complaint, key, words, now)
    _tell_seller(counter_notice, key, words, now)


def tell_warned(counter_notice: CounterNotice, step: MisuseStep, now: datetime) -> None:
    """Warn a seller, who left an address, that many counter-notices were unfounded."""

    def words() -> tuple[str, list[str]]:
        return _("Many of your counter-notices were unfounded"), [
            _("%(number)d of %(total)d decided counter-notices were found unfounded.")
            % {"number": step.number, "total": step.total},
            _("Whoever goes on is not heard for 30 days. The page says how to object."),
        ]

    _tell_seller(counter_notice, f"seller-warned:{step.uuid}", words, now)


def tell_reinstated(row: Reinstatement, now: datetime) -> None:
    """Tell both sides that the listing goes back, or why it stays down nevertheless."""

    def words() -> tuple[str, list[str]]:
        text = (
            _("The listing “%(title)s” stays down because of another complaint.")
            if row.kept_down_by_id
            else _("The listing “%(title)s” is being put back.")
        )
        return _("A take-down was ended"), [
            *_why_ended(row),
            text % {"title": row.complaint.link.version.title},
            _("Reason: %(code)s.") % {"code": CounterNotice.Code(row.code).label},
        ]

    key = f"reinstated:{row.uuid}"
    _tell_brand(row.complaint, key, words, now)
    if row.counter_notice is not None:
        _tell_seller(row.counter_notice, key, words, now)


def _why_ended(row: Reinstatement) -> list[str]:
    if row.ground == Reinstatement.Ground.CORRECTED:
        return [_("A second look at a complaint decided at once found that it does not stand.")]
    if row.ground == Reinstatement.Ground.NO_RIGHT:
        return [_("The right this complaint rested on does not stand any more.")]
    return []


def people_of(complaint: Complaint) -> list[Member]:
    """Return who answers for the complaint: its rights holder's people and whoever filed it."""
    members = Member.objects.select_related("user").filter(
        organisation=complaint.organisation_id, role__in=_ADDRESSED, active=True
    )
    people = {member.user_id: member for member in members.order_by("pk")}
    filed_by = complaint.filed_by
    if filed_by is not None and filed_by.active:
        people[filed_by.user_id] = filed_by
    return list(people.values())


def _people(complaint: Complaint) -> list[User]:
    return [member.user for member in people_of(complaint)]


def _tell_brand(complaint: Complaint, key: str, words: Words, now: datetime) -> None:
    for user in _people(complaint):
        with translation.override(user.language):
            subject, lines = words()
        page = settings.PUBLIC_URL.rstrip("/") + complaint.get_absolute_url()
        text = "\n\n".join([*lines, page])
        mail.send(key=f"{key}:{user.pk}", to=[user.email], subject=subject, text=text, now=now)


def _tell_seller(counter_notice: CounterNotice, key: str, words: Words, now: datetime) -> None:
    email = counter_notice.identity.email
    statement = StatementOfReasons.objects.filter(
        decision__complaint=counter_notice.complaint_id
    ).first()
    if not email or statement is None:
        return
    with translation.override(counter_notice.language):
        subject, lines = words()
    text = "\n\n".join([*lines, statements.address_of(statement)])
    mail.send(key=f"{key}:seller", to=[email], subject=subject, text=text, now=now)
