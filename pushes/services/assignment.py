"""Who reads what: an assignee by hand, or reviewers in turn. An assignment is no lock."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from portal.core import journal
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput
from portal.core.models import Member
from portal.core.policies import Permission, may
from pushes.models import ReviewPolicy, SuspectedLink
from pushes.services.reviewers import reviewers_of

BATCH = 500
PENDING = SuspectedLink.State.PENDING


@transaction.atomic
def assign(*, actor: Actor, link: SuspectedLink, member: Member | None, now: datetime) -> None:
    """Give a link to one reviewer, or to nobody. Raises ``InvalidInput`` for a stranger."""
    may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id).require()
    if member is not None and member not in list(
        reviewers_of(link.organisation_id, now=now, brand_id=link.brand_id)
    ):
        raise InvalidInput.one("assignee", "not_a_reviewer", _("Choose one of the reviewers."))
    link.assignee = member
    link.save(update_fields=["assignee"])
    data = {"brand_id": link.brand_id, "assignee_id": member.pk if member else None}
    journal.record("link.assigned", link, actor=actor, now=now, data=data)


def deal_out(*, now: datetime, limit: int = BATCH) -> int:
    """Share unassigned waiting links among reviewers, where the organisation wants it.

    Each goes to whoever has the fewest waiting ones; equals take turns in the order they joined.
    """
    dealt = 0
    for policy in ReviewPolicy.objects.filter(round_robin=True).order_by("organisation_id"):
        with transaction.atomic():
            dealt += _deal(policy.organisation_id, now, limit)
    return dealt


def _deal(organisation_id: int, now: datetime, limit: int) -> int:
    reviewers = list(reviewers_of(organisation_id, now=now))
    waiting = SuspectedLink.objects.filter(organisation=organisation_id, state=PENDING)
    links = list(
        waiting.filter(assignee=None)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_at", "pk")[:limit]
    )
    if not reviewers or not links:
        return 0
    load = dict.fromkeys((member.pk for member in reviewers), 0)
    counted = waiting.filter(assignee__in=reviewers).order_by().values_list("assignee")
    load |= dict(counted.annotate(number=Count("pk")))
    entries = []
    for link in links:
        chosen = min(load, key=lambda pk: (load[pk], pk))
        load[chosen] += 1
        link.assignee_id = chosen
        data = {"brand_id": link.brand_id, "assignee_id": chosen}
        entries.append(journal.unsaved("link.assigned", link, actor=SYSTEM, now=now, data=data))
    SuspectedLink.objects.bulk_update(links, ["assignee"])
    journal.record_many(entries)
    return len(links)
