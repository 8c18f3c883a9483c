"""Ticks of the complaints room. Each finds its work in the database, so a lost tick is a delay."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from complaints.services import (
    consequences,
    credit,
    filing,
    hearing_terms,
    misuse,
    retention,
    sampling,
    statement_export,
)


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


@shared_task
def run_hearing_clocks() -> None:
    """Do what follows from clocks of counter-notices that ran out."""
    hearing_terms.run_due(now=timezone.now())


@shared_task
def erase_identities() -> None:
    """Erase who answered, where the time for keeping it is over."""
    retention.erase_due(now=timezone.now())


@shared_task
def send_statements() -> None:
    """Put waiting records for the EU Transparency Database into batches, if one is named."""
    if settings.EU_DATABASE_URL:
        statement_export.put_into_batches(now=timezone.now())
