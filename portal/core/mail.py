"""Mail: asked for through the outbox, shown on a staff page while no SMTP server is set."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import get_language

from portal.core import outbox
from portal.core.models import OutboxMessage, PageMail


class PageBackend(BaseEmailBackend):
    """Keeps messages for the staff page instead of sending them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store every message; return how many."""
        for message in email_messages:
            PageMail.objects.create(
                to=list(message.to),
                subject=str(message.subject),
                text=str(message.body),
                html=_html_of(message),
            )
        return len(email_messages)


def _html_of(message: EmailMessage) -> str:
    for alternative in getattr(message, "alternatives", []):
        if alternative[1] == "text/html":
            return str(alternative[0])
    return ""


def send(
    *,
    key: str,
    to: Sequence[str],
    subject: str,
    text: str,
    now: datetime,
    html: str = "",
    headers: Mapping[str, str] | None = None,
) -> None:
    """Ask for one mail in the caller's transaction; the same key is sent once.

    Every mail is plain text and HTML; without ``html`` the text is laid out in the current
    language.
    """
    outbox.enqueue(
        "mail.send",
        key=f"mail:{key}",
        now=now,
        payload={
            "to": list(to),
            "subject": subject,
            "text": text,
            "html": html or html_of(subject, text),
            "headers": dict(headers or {}),
        },
    )


def html_of(subject: str, text: str) -> str:
    """The text as HTML: paragraphs, and addresses as links."""
    context = {"subject": subject, "text": text, "language": get_language()}
    return render_to_string("mail/plain.html", context)


def deliver(message: OutboxMessage) -> None:
    """Send the mail of one outbox message."""
    payload = message.payload
    mail = EmailMultiAlternatives(
        payload["subject"],
        payload["text"],
        to=payload["to"],
        # The same id on a second delivery lets the receiver drop the duplicate.
        headers={
            "Message-ID": f"<{message.key.replace(':', '.')}@portal>",
            **payload.get("headers", {}),
        },
    )
    if payload["html"]:
        mail.attach_alternative(payload["html"], "text/html")
    mail.send()
