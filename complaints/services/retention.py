"""Erasing who answered, once nobody needs to know it any more.

Who signed a counter-notice is kept while a claim can be brought: ``SELLER_IDENTITY_DAYS`` from the
end of the case, three years unless set otherwise (PRC Civil Code art. 188: three years; the storage
limitation of GDPR art. 5(1)(e) and PIPL art. 19 forbid more). What was said stays, and so does the
hash over it; with the identity gone, nobody can recompute that hash any more.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from complaints.models import CounterNotice, SellerIdentity
from portal.core import journal
from portal.core.actors import SYSTEM

BATCH = 500
NOTHING = {"name": "", "address": "", "phone": "", "email": "", "signature": ""}


def erase_due(*, now: datetime, limit: int = BATCH) -> int:
    """Erase identities whose time is over, each in its own transaction; return how many.

    A complaint with a counter-notice still open keeps all of its identities.
    """
    until = now - timedelta(days=settings.SELLER_IDENTITY_DAYS)
    still_open = CounterNotice.objects.filter(state__in=CounterNotice.OPEN)
    due = SellerIdentity.objects.filter(
        erased_at=None, counter_notice__decided_at__lt=until
    ).exclude(counter_notice__complaint__in=still_open.values("complaint"))
    erased = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:limit]):
        erased += _erase(pk, now)
    return erased


@transaction.atomic
def _erase(pk: int, now: datetime) -> int:
    written = SellerIdentity.objects.filter(pk=pk, erased_at=None).update(**NOTHING, erased_at=now)
    if written:
        row = CounterNotice.objects.select_related("complaint").get(identity=pk)
        data = {"complaint_id": row.complaint_id, "attempt": row.attempt}
        journal.record("counter_notice.identity_erased", row, actor=SYSTEM, now=now, data=data)
    return written
