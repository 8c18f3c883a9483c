"""Mail to reviewers: new links at most once an hour, and a reminder before a term ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import mail
from portal.core.models import Member, Organisation, OutboxMessage
from portal.core.policies import MATRIX, Permission
from pushes.models import SuspectedLink

DIGEST_EVERY = timedelta(hours=1)
REMIND_BEFORE = timedelta(hours=24)
PENDING = SuspectedLink.State.PENDING


def send_digest(*, organisation_id: int, now: datetime) -> bool:
    """Mail the reviewers how many links came since the last digest, unless one went out just now.

    Return whether it was asked for. What is held back goes out with a later tick. The keys
    name the digest before, so two workers asking at once ask for the same mail.
    """
    last = _last_digest(organisation_id)
    if last is not None and now - last < DIGEST_EVERY:
        return False
    fresh = SuspectedLink.objects.filter(organisation=organisation_id, state=PENDING)
    if last is not None:
        fresh = fresh.filter(pushed_at__gt=last)
    summary = fresh.aggregate(count=Count("pk"), due=Min("due_at"))
    if not summary["count"]:
        return False
    after = "first" if last is None else f"{last:%Y%m%dT%H%M%S}"
    for member in reviewers_of(organisation_id, now=now):
        with translation.override(member.user.language):
            mail.send(
                key=f"{_digest_prefix(organisation_id)}{after}:{member.user_id}",
                to=[member.user.email],
                subject=_subject_of_digest(summary["count"]),
                text=_text_of_digest(summary["count"], summary["due"], member),
                now=now,
            )
    return True


def send_held_back_digests(*, now: datetime) -> int:
    """Mail what hourly limits held back; return to how many organisations."""
    waiting = SuspectedLink.objects.filter(state=PENDING, pushed_at__gt=now - 2 * DIGEST_EVERY)
    ids = waiting.values_list("organisation_id", flat=True).distinct().order_by("organisation_id")
    return sum(send_digest(organisation_id=pk, now=now) for pk in ids)


def remind(*, now: datetime) -> int:
    """Mail organisations whose terms end within a day, once for each local day; return how many."""
    ending = Q(
        suspected_links__state=PENDING,
        suspected_links__due_at__gte=now,
        suspected_links__due_at__lte=now + REMIND_BEFORE,
    )
    organisations = Organisation.objects.annotate(
        ending=Count("suspected_links", filter=ending),
        due=Min("suspected_links__due_at", filter=ending),
    ).filter(ending__gt=0)
    for organisation in organisations:
        day = now.astimezone(ZoneInfo(organisation.zone)).date()
        for member in reviewers_of(organisation.pk, now=now):
            with translation.override(member.user.language):
                mail.send(
                    key=f"links-ending:{organisation.pk}:{day}:{member.user_id}",
                    to=[member.user.email],
                    subject=ngettext(
                        "%(count)d suspected link must be judged within a day",
                        "%(count)d suspected links must be judged within a day",
                        organisation.ending,
                    )
                    % {"count": organisation.ending},
                    text=_text_of_reminder(organisation.due, member),
                    now=now,
                )
    return len(organisations)


def reviewers_of(organisation_id: int, *, now: datetime) -> Iterable[Member]:
    """Members who may judge the organisation's links: its own, and those of its agents."""
    roles = [
        role
        for role, granted in MATRIX[Organisation.Kind.RIGHTS_HOLDER].items()
        if Permission.JUDGE_LINKS in granted
    ]
    today = now.date()
    members: QuerySet[Member] = Member.objects.select_related("user").filter(
        Q(organisation=organisation_id)
        | Q(
            organisation__mandates_held__rights_holder=organisation_id,
            organisation__mandates_held__valid_from__lte=today,
            organisation__mandates_held__valid_to__gte=today,
            organisation__mandates_held__revoked_at=None,
        ),
        active=True,
        user__is_active=True,
        role__in=roles,
    )
    return members.distinct().order_by("pk")


def _digest_prefix(organisation_id: int) -> str:
    return f"links-pushed:{organisation_id}:"


def _last_digest(organisation_id: int) -> datetime | None:
    mails = OutboxMessage.objects.filter(key__startswith=f"mail:{_digest_prefix(organisation_id)}")
    return mails.order_by("-created_at").values_list("created_at", flat=True).first()


def _subject_of_digest(count: int) -> str:
    return ngettext(
        "%(count)d new suspected link waits for your verdict",
        "%(count)d new suspected links wait for your verdict",
        count,
    ) % {"count": count}


def _text_of_digest(count: int, due: datetime, member: Member) -> str:
    return _(
        "%(subject)s.\n\nThe first deadline ends on %(due)s.\n\nOpen them: %(address)s\n\n"
        "You get this message at most once an hour."
    ) % {"subject": _subject_of_digest(count), "due": _local(due, member), "address": _inbox()}


def _text_of_reminder(due: datetime, member: Member) -> str:
    return _("The first deadline ends on %(due)s.\n\nOpen the links: %(address)s") % {
        "due": _local(due, member),
        "address": _inbox(),
    }


def _local(moment: datetime, member: Member) -> str:
    local = moment.astimezone(ZoneInfo(member.user.zone))
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} ({member.user.zone})"


def _inbox() -> str:
    public: str = settings.PUBLIC_URL
    return public.rstrip("/") + reverse("pushes:links")
