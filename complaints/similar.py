"""Earlier decisions like a case: same listing, seller, pictures, brand, or nearly the same text.

Candidates come from two reads of a bounded size (the seller's and the brand's newest decisions, and
those of the same listing); likeness is then measured here, so that a page costs the same queries
however many decisions there are.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from rapidfuzz import fuzz, utils

from complaints.models import Complaint, Decision

NEWEST = 200
SHOWN = 8
# Token-sort ratio of titles (0–100), without case and punctuation, from which texts count as
# nearly the same.
SAME_TEXT = 85.0
# How much each likeness says; used for the order only.
WEIGHTS = {"listing": 100, "pictures": 60, "text": 40, "seller": 30, "brand": 10}


@dataclass(frozen=True)
class Similar:
    """An earlier decision, and in what it is like: codes of ``WEIGHTS``, the strongest first."""

    decision: Decision
    marks: tuple[str, ...]
    text: int

    @property
    def weight(self) -> int:
        """The order of the list."""
        return sum(WEIGHTS[mark] for mark in self.marks)


def similar_decisions(complaint: Complaint) -> list[Similar]:
    """Return the earlier decisions most like a complaint, the most alike first."""
    found = [_compared(complaint, decision) for decision in _candidates(complaint)]
    # The brand alone makes nothing similar; it is shown beside another likeness.
    alike = [each for each in found if set(each.marks) - {"brand"}]
    alike.sort(key=lambda each: (-each.weight, -each.text, -each.decision.at.timestamp()))
    return alike[:SHOWN]


def _candidates(complaint: Complaint) -> list[Decision]:
    link = complaint.link
    rows = (
        Decision.objects.exclude(complaint=complaint)
        .select_related("complaint__link__brand", "complaint__link__version__seller")
        .order_by("-at", "-pk")
    )
    near = Q(complaint__link__listing=link.listing_id)
    if link.version.seller_id is not None:
        near |= Q(complaint__link__version__seller=link.version.seller_id)
    known: dict[int, Decision] = {}
    for part in (rows.filter(near), rows.filter(complaint__link__brand=link.brand_id)):
        known |= {decision.pk: decision for decision in _newest(part)}
    return list(known.values())


def _newest(rows: QuerySet[Decision]) -> QuerySet[Decision]:
    return rows[:NEWEST]


def _compared(complaint: Complaint, decision: Decision) -> Similar:
    mine, other = complaint.link, decision.complaint.link
    text = fuzz.token_sort_ratio(
        mine.version.title, other.version.title, processor=utils.default_process
    )
    seller = mine.version.seller_id
    marks = {
        "listing": mine.listing_id == other.listing_id,
        "pictures": bool(_pictures(mine.snapshot) & _pictures(other.snapshot)),
        "text": text >= SAME_TEXT,
        "seller": seller is not None and seller == other.version.seller_id,
        "brand": mine.brand_id == other.brand_id,
    }
    return Similar(decision, tuple(mark for mark in WEIGHTS if marks[mark]), round(text))


def _pictures(snapshot: dict[str, Any]) -> set[str]:
    return set(snapshot.get("image_hashes", [])) | set(snapshot.get("image_urls", []))
