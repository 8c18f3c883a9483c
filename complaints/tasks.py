"""Ticks of the complaints room. Each finds its work in the database, so a lost tick is a delay."""

from celery import shared_task
from django.utils import timezone

from complaints.services import credit, filing


@shared_task
def settle_complaints() -> None:
    """File complaints whose time for undoing is over."""
    filing.settle_due(now=timezone.now())


@shared_task
def assess_accounts() -> None:
    """Assess good-faith accounts that nobody looked at today."""
    credit.reassess_due(now=timezone.now())
