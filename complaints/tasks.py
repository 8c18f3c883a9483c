"""Ticks of the complaints room. Each finds its work in the database, so a lost tick is a delay."""

from celery import shared_task
from django.utils import timezone

from complaints.services import consequences, credit, filing, misuse, sampling


@shared_task
def settle_complaints() -> None:
    """File complaints whose time for undoing is over."""
    filing.settle_due(now=timezone.now())


@shared_task
def assess_accounts() -> None:
    """Assess good-faith accounts that nobody looked at today."""
    credit.reassess_due(now=timezone.now())


@shared_task
def draw_owed_reviews() -> None:
    """Draw the re-reviews which the month before still owes."""
    sampling.top_up_due(now=timezone.now())


@shared_task
def end_measures() -> None:
    """End consequences for shops and steps against misuse whose term is over."""
    consequences.end_due(now=timezone.now())
    misuse.end_due(now=timezone.now())
