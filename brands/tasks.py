"""Ticks of the brands room."""

from celery import shared_task
from django.utils import timezone

from brands.services import credential_life, credential_mail, documents


@shared_task
def expire_credentials() -> None:
    """Expire credentials whose last day has passed."""
    while credential_life.expire(now=timezone.now()) >= 500:
        pass


@shared_task
def read_documents() -> None:
    """Ask for the reading of documents nobody has asked for yet."""
    documents.ask_for_unread(now=timezone.now())


@shared_task
def remind_of_credentials() -> None:
    """Remind people of credentials that end in 90, 30 or 7 days."""
    credential_mail.remind(now=timezone.now())
