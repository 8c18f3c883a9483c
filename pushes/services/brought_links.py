"""Which links a declared characteristic has brought."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from brands.models import Characteristic
from pushes.models import SuspectedLink
from pushes.services.engine_facts import SIGNAL_OF


def links_brought_by(marks: Sequence[Characteristic], since: datetime) -> dict[int, int]:
    """Return how many links pushed since then name each characteristic as a reason, if any do."""
    by_reason: defaultdict[tuple[int, str, str], list[int]] = defaultdict(list)
    for mark in marks:
        kind = SIGNAL_OF.get(mark.kind, mark.kind)
        by_reason[mark.brand_id, kind, mark.value].append(mark.pk)
    links = SuspectedLink.objects.filter(
        brand__in={mark.brand_id for mark in marks}, pushed_at__gte=since
    ).values_list("brand_id", "signals")
    counts: Counter[int] = Counter()
    for brand_id, signals in links.iterator(chunk_size=2000):
        reasons = {(brand_id, signal["kind"], signal["registered"]) for signal in signals}
        for reason in reasons & by_reason.keys():
            counts.update(by_reason[reason])
    return dict(counts)
