"""Many judged links of a brand at once: factories would take a second for every hundred."""

from collections.abc import Mapping
from typing import TypeVar

from django.db.models import Model

from brands.models import Brand
from pushes.models import FeedbackFact, Listing, ListingVersion, Seller, SuspectedLink
from tests.factories import FeedbackFactFactory

M = TypeVar("M", bound=Model)
# With the shipped weights: 0.57, 0.96 and 0.999.
FAINT: Mapping[str, float] = {"brand_disguised": 1.0}
SURE: Mapping[str, float] = {"brand_disguised": 1.0, "imitation_phrase": 1.0}
SUREST: Mapping[str, float] = {**SURE, "seller": 1.0}


def judge(
    brand: Brand,
    count: int,
    label: int,
    vector: Mapping[str, float],
    *,
    source: str = "verdict",
    category: str = "",
    seller: Seller | None = None,
    propensity: float = 1.0,
) -> None:
    """``count`` links, each with one fact. A decision (``established``) is believed as it is."""
    first = FeedbackFactFactory(
        link__brand=brand,
        link__version__category=category,
        link__version__seller=seller,
        link__vector=dict(vector),
        link__propensity=propensity,
        link__explores=propensity < 1,
        **_said(label, source, vector, propensity),
    )
    link = first.link
    listings = Listing.objects.bulk_create(
        Listing(
            marketplace=link.listing.marketplace,
            external_id=f"{link.listing.external_id}-{number}",
            first_seen_at=link.pushed_at,
            last_seen_at=link.pushed_at,
        )
        for number in range(1, count)
    )
    versions = ListingVersion.objects.bulk_create(
        _like(link.version, listing=listing) for listing in listings
    )
    links = SuspectedLink.objects.bulk_create(
        _like(link, uuid=None, listing=version.listing, version=version) for version in versions
    )
    FeedbackFact.objects.bulk_create(
        _like(first, link=one, key=f"{first.key}-{one.pk}") for one in links
    )


def _said(
    label: int, source: str, vector: Mapping[str, float], propensity: float
) -> dict[str, object]:
    outcome = source if source != "verdict" else ("counterfeit" if label else "genuine")
    return {
        "label": label,
        "source": source,
        "outcome": outcome,
        "vector": dict(vector),
        "propensity": propensity,
    }


def _like(row: M, **changes: object) -> M:
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in changes
    }
    return type(row)(**values, **{name: one for name, one in changes.items() if one is not None})
