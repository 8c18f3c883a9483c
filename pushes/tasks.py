"""Ticks of the pushes room. Each finds its work in the database, so a lost tick is a delay."""

import time

from celery import shared_task
from django.utils import timezone

from pushes.services import (
    admission,
    assignment,
    control,
    links,
    matching,
    notices,
    reminders,
    retuning,
    review,
    second_looks,
)

# A tick ends well before the next one's work could pile up behind it.
CHUNK_SECONDS = 20


@shared_task
def match_pending() -> None:
    """Match waiting listing versions, batch after batch for a while."""
    stop = time.monotonic() + CHUNK_SECONDS
    while matching.match_pending(now=timezone.now()) and time.monotonic() < stop:
        pass


@shared_task
def settle_verdicts() -> None:
    """Make verdicts final whose time to undo is over."""
    now = timezone.now()
    review.settle_due(now=now)
    second_looks.settle_due(now=now)


@shared_task
def share_out() -> None:
    """Start the clocks there is room for this week, and share new links among reviewers."""
    now = timezone.now()
    while links.release_overflow(now=now):
        pass
    while assignment.deal_out(now=now):
        pass


@shared_task
def lapse_links() -> None:
    """Mark links whose term has ended, after the verdicts given in time."""
    now = timezone.now()
    review.settle_due(now=now)
    while links.lapse_due(now=now):
        pass


@shared_task
def remind() -> None:
    """Remind reviewers of terms that end, at their 09:00."""
    reminders.remind(now=timezone.now())


@shared_task
def mail_news() -> None:
    """Mail new links to reviewers, as often as each of them chose."""
    notices.send_news(now=timezone.now())


@shared_task
def admit_characteristics() -> None:
    """Decide on declared characteristics that wait for their dry run."""
    stop = time.monotonic() + CHUNK_SECONDS
    while admission.admit_pending(now=timezone.now()) and time.monotonic() < stop:
        pass


@shared_task
def turn_the_loop() -> None:
    """Gate the ruleset in shadow, let it be followed by what the newest facts teach, and ask the
    facts again which thresholds they carry under the rules in force.
    """
    retuning.nightly(now=timezone.now())
    control.nightly(now=timezone.now())
