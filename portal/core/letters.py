"""Letters: mail written from templates in the reader's language and zone, as text and as HTML.

A letter ``pushes/mail/new_links`` has ``.subject.txt``, ``.txt`` and ``.html`` beside each other
in a room's templates. Subjects hold numbers and the portal's own words, never a seller's data.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from portal.core import mail
from portal.core.models import Member
from portal.core.services import notices


def absolute(path: str) -> str:
    """The address of a page as people outside the portal need it."""
    public: str = settings.PUBLIC_URL
    return public.rstrip("/") + path


def send(
    *,
    key: str,
    member: Member,
    name: str,
    context: Mapping[str, Any],
    unsubscribe: str,
    now: datetime,
) -> None:
    """Ask for one letter to a member in the caller's transaction; the same key is sent once.

    ``unsubscribe`` is the kind of mail its link stops (``notices.NEWS`` or ``REMINDERS``); mail
    programs offer it with one click (RFC 8058).
    """
    token = notices.token_for(member, unsubscribe)
    stop = absolute(reverse("core:unsubscribe", args=[token]))
    with (
        translation.override(member.user.language),
        timezone.override(notices.zone_of_member(member)),
    ):
        given = {
            **context,
            "member": member,
            "unsubscribe_url": stop,
            "preferences_url": absolute(reverse("core:notifications")),
            "language": translation.get_language(),
        }
        subject = " ".join(render_to_string(f"{name}.subject.txt", given).split())
        text = render_to_string(f"{name}.txt", given).strip() + "\n"
        html = render_to_string(f"{name}.html", {**given, "subject": subject})
    mail.send(
        key=key,
        to=[member.user.email],
        subject=subject,
        text=text,
        html=html,
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        now=now,
    )
