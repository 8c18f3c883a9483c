"""What stands beside a link: its seller's past, earlier versions, links that look like it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, F, QuerySet
from rapidfuzz.distance import Indel

from portal.core.actors import Actor
from pushes import selectors
from pushes.models import ListingVersion, SuspectedLink

MOST_SIMILAR: Final = 12
# Candidates compared in full; an index finds them.
MOST_COMPARED: Final = 60
SIMILAR_TITLE: Final = 0.8
MOST_VERSIONS: Final = 10
MOST_OF_SELLER: Final = 1000


@dataclass(frozen=True)
class Likeness:
    """A link that looks like another one, and in what: ``seller``, ``picture``, ``text``."""

    link: SuspectedLink
    reasons: Sequence[str]


def similar(actor: Actor, link: SuspectedLink) -> list[Likeness]:
    """Visible links of the same seller, with a same picture or a nearly equal title.

    Those that agree in most come first, then the open ones, then the newest.
    """
    visible = selectors.links_visible_to(actor).filter(organisation=link.organisation_id)
    others = visible.exclude(pk=link.pk)
    reasons: dict[int, list[str]] = {}
    for reason, ids in (
        ("seller", _of_seller(others, link)),
        ("picture", _with_pictures(others, link)),
        ("text", _with_title(others, link)),
    ):
        for pk in ids:
            reasons.setdefault(pk, []).append(reason)
    found = (
        SuspectedLink.objects.filter(pk__in=reasons)
        .select_related("brand")
        .prefetch_related("listing__images__file", "verdicts")
        .defer("vector", "signals")
    )
    ranked = sorted(
        (Likeness(other, reasons[other.pk]) for other in found),
        key=lambda like: (
            -len(like.reasons),
            like.link.state != SuspectedLink.State.PENDING,
            -like.link.pk,
        ),
    )
    return ranked[:MOST_SIMILAR]


def _of_seller(others: QuerySet[SuspectedLink], link: SuspectedLink) -> list[int]:
    if link.seller_id is None:
        return []
    same = others.filter(seller=link.seller_id).order_by("-pk")
    return list(same.values_list("pk", flat=True)[:MOST_SIMILAR])


def _with_pictures(others: QuerySet[SuspectedLink], link: SuspectedLink) -> list[int]:
    files = [image.file_id for image in link.listing.images.all() if image.file_id]
    if not files:
        return []
    same = others.filter(listing__images__file__in=files).order_by("-pk").distinct()
    return list(same.values_list("pk", flat=True)[:MOST_SIMILAR])


def _with_title(others: QuerySet[SuspectedLink], link: SuspectedLink) -> list[int]:
    """Titles that share a band, compared in full."""
    if not link.text_bands:
        return []
    # The sum is in no index. Ordered by the key alone, or not at all, PostgreSQL would walk the
    # whole table in the hope of finding sixty soon; so it asks the index of bands.
    newest = (F("pk") + 0).desc()
    candidates = others.filter(text_bands__overlap=link.text_bands).order_by(newest)
    scored = [
        (Indel.normalized_similarity(link.title, title), pk)
        for pk, title in candidates.values_list("pk", "title")[:MOST_COMPARED]
    ]
    near = sorted((pair for pair in scored if pair[0] >= SIMILAR_TITLE), reverse=True)
    return [pk for _score, pk in near[:MOST_SIMILAR]]


def versions(link: SuspectedLink) -> list[ListingVersion]:
    """What the listing said, newest first."""
    rows = ListingVersion.objects.filter(listing=link.listing_id).select_related("seller")
    return list(rows.order_by("-seen_at", "-pk")[:MOST_VERSIONS])


def seller_states(actor: Actor, link: SuspectedLink) -> Mapping[str, int]:
    """How the organisation judged this seller's newest links, by state; at most a thousand."""
    if link.seller_id is None:
        return {}
    newest = (
        selectors.links_visible_to(actor)
        .filter(organisation=link.organisation_id, seller=link.seller_id)
        .exclude(pk=link.pk)
        .order_by("-pk")[:MOST_OF_SELLER]
    )
    counted = (
        SuspectedLink.objects.filter(pk__in=newest.values("pk"))
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    return dict(counted)
