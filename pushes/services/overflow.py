"""Weekly capacity: what a brand cannot read this week waits, ranked, without a clock.

A week runs from Monday, 0:00, in the rights holder's zone. Links already waiting with a clock
keep it. Whoever counts holds the brand's capacity row, so that two workers never both take the
last place.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from brands.models import Brand
from portal.core.models import Organisation
from pushes.models import BrandCapacity, SuspectedLink

RELEASE_BATCH = 500


def week_start(organisation: Organisation, now: datetime) -> datetime:
    """The last Monday, 0:00, in the organisation's zone."""
    local = now.astimezone(ZoneInfo(organisation.zone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time.min, tzinfo=ZoneInfo(organisation.zone))


def fits(brand: Brand, *, now: datetime) -> bool:
    """Whether one more clock may start this week. The caller is in a transaction."""
    room = _room(brand, now)
    return room is None or room > 0


def _room(brand: Brand, now: datetime) -> int | None:
    capacity = BrandCapacity.objects.select_for_update().filter(brand=brand).first()
    if capacity is None:
        return None
    started = SuspectedLink.objects.filter(
        brand=brand, pushed_at__gte=week_start(brand.organisation, now), due_at__isnull=False
    ).count()
    return max(capacity.weekly - started, 0)


def release_due(
    *, now: datetime, start: Callable[[SuspectedLink, datetime], None], limit: int = RELEASE_BATCH
) -> int:
    """Start the clocks of waiting links for which there is room, likeliest first.

    ``start`` writes the term and journals the push. Returns how many were released.
    """
    brands = Brand.objects.filter(suspected_links__state=SuspectedLink.State.OVERFLOW)
    released = 0
    for brand in brands.select_related("organisation").distinct().order_by("pk"):
        with transaction.atomic():
            room = _room(brand, now)
            waiting = (
                SuspectedLink.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("brand__organisation", "listing")
                .filter(brand=brand, state=SuspectedLink.State.OVERFLOW)
                .order_by("-score", "pk")
            )
            for link in waiting[: limit if room is None else min(room, limit)]:
                start(link, now)
                released += 1
    return released
