"""The listing as it was pushed: a full copy with a hash, and what counts as a material change."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from rapidfuzz.distance import Indel

from pushes.matching import Match
from pushes.models import ListingImage, ListingVersion, SuspectedLink

SIMILAR_TEXT = 0.9
PRICE_CHANGE = Decimal("0.10")
# Log-odds from which one reason alone is worth looking at a listing again.
STRONG = 1.0


def snapshot_of(version: ListingVersion, images: Iterable[ListingImage]) -> dict[str, Any]:
    """A copy that stays true when listing, seller and pictures change or vanish.

    ``version.listing.marketplace`` and ``version.seller`` should be loaded. ``image_hashes`` are
    those of pictures already fetched; the rest follow by ``image_urls``.
    """
    listing, seller = version.listing, version.seller
    files = {image.url: image.file.sha256 for image in images if image.file is not None}
    return {
        "marketplace": {
            "slug": listing.marketplace.slug,
            "name": listing.marketplace.name,
            "jurisdiction": listing.marketplace.jurisdiction,
        },
        "external_id": listing.external_id,
        "title": version.title,
        "description": version.description,
        "brand": version.brand,
        "category": version.category,
        "price": None if version.price is None else str(version.price),
        "currency": version.currency,
        "seller": None
        if seller is None
        else {"external_id": seller.external_id, "name": seller.name},
        "ship_from": version.ship_from,
        "url": version.url or _listing_address(version),
        "image_urls": list(version.image_urls),
        "image_hashes": [files[url] for url in version.image_urls if url in files],
        "attributes": version.attributes,
        "seen_at": version.seen_at.isoformat(),
        "content_hash": version.content_hash,
    }


def snapshot_hash(snapshot: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON: sorted keys, no white space, UTF-8."""
    text = json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def changed_materially(
    link: SuspectedLink, version: ListingVersion, match: Match
) -> tuple[str, ...]:
    """Which material changes the listing shows against what was pushed; empty for none.

    Codes: ``new_signal``, ``text``, ``price``, ``pictures``, ``seller``.
    """
    old = link.snapshot
    reasons = []
    if _has_new_strong_signal(link.vector, match):
        reasons.append("new_signal")
    before = f"{old.get('title', '')}\n{old.get('description', '')}"
    after = f"{version.title}\n{version.description}"
    if Indel.normalized_similarity(before, after) < SIMILAR_TEXT:
        reasons.append("text")
    if _price_moved(old, version):
        reasons.append("price")
    if set(old.get("image_urls", [])) != set(version.image_urls):
        reasons.append("pictures")
    if _seller_id(old) != (version.seller.external_id if version.seller else ""):
        reasons.append("seller")
    return tuple(reasons)


def _has_new_strong_signal(vector: Mapping[str, float], match: Match) -> bool:
    return any(
        signal.contribution >= STRONG and signal.kind not in vector for signal in match.signals
    )


def _price_moved(old: Mapping[str, Any], version: ListingVersion) -> bool:
    before = None if old.get("price") is None else Decimal(old["price"])
    if before is None or version.price is None:
        return before != version.price
    if old.get("currency") != version.currency:
        return True
    return abs(version.price - before) > PRICE_CHANGE * before


def _seller_id(snapshot: Mapping[str, Any]) -> str:
    return str((snapshot.get("seller") or {}).get("external_id", ""))


def _listing_address(version: ListingVersion) -> str:
    template = version.listing.marketplace.listing_url
    return template.replace("{external_id}", version.listing.external_id) if template else ""
