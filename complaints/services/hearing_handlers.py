"""Outbox handlers of counter-notices."""

from django.conf import settings
from django.utils import timezone

from complaints.models import CounterNotice
from complaints.services import counter_notices, hearing_mail
from portal.core import mail
from portal.core.actors import SYSTEM
from portal.core.models import OutboxMessage


def deliver_forward(message: OutboxMessage) -> None:
    """Send a forwarding mail. A real mail server that took it shows that the declaration reached.

    A mail that is only kept for the staff page reached nobody.
    """
    mail.deliver(message)
    if settings.EMAIL_URL:
        counter_notices.note_reached(
            counter_notice=hearing_mail.counter_notice_of(message),
            how=CounterNotice.ReachedBy.MAIL,
            actor=SYSTEM,
            now=timezone.now(),
        )
