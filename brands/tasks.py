"""Ticks of the brands room."""

from celery import shared_task
from django.utils import timezone

from brands.services import credential_audit


@shared_task
def expire_credentials() -> None:
    """Expire credentials whose last day has passed."""
    while credential_audit.expire(now=timezone.now()) >= 500:
        pass
