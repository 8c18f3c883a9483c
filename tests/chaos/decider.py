"""What web and workers do to complaints, in one process that can be killed: settle, decide, tell.

``python -m tests.chaos.decider`` runs until it is killed. Every pass looks for its work in the
database, as the ticks do.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.utils import timezone  # noqa: E402  # the apps must be loaded first

from complaints.models import Complaint, SampledReview  # noqa: E402
from complaints.services import corrections, decisions, filing, sampling  # noqa: E402
from portal.core import events, journal  # noqa: E402
from portal.core.actors import of_member  # noqa: E402
from portal.core.models import Member, Role  # noqa: E402


def work_once() -> None:
    """File what is due, decide and review all that waits, and let the consumers follow."""
    now = timezone.now()
    filing.settle_due(now=now, limit=5)
    people = [
        of_member(member)
        for member in Member.objects.filter(role=Role.PLATFORM_ADMIN).order_by("pk")
    ]
    for complaint in Complaint.objects.filter(state=Complaint.State.FILED)[:5]:
        decisions.decide(
            actor=people[0],
            complaint=complaint,
            outcome="established",
            code="infringement_clear",
            now=now,
        )
    for sampled in SampledReview.objects.filter(state=SampledReview.State.WAITING)[:3]:
        is_wrong = sampled.complaint_id % 4 == 0
        outcome = ("rejected", "first_sale") if is_wrong else ("established", "infringement_clear")
        sampling.review(
            actor=people[0], sampled=sampled, outcome=outcome[0], code=outcome[1], now=now
        )
    for sampled in SampledReview.objects.filter(state=SampledReview.State.DISAGREED)[:3]:
        corrections.confirm(actor=people[1], sampled=sampled, now=now)
    journal.seal(limit=50)
    for consumer in events.consumers():
        events.run(consumer, limit=50)


if __name__ == "__main__":
    while True:
        work_once()
