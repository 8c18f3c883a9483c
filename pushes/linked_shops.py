"""Shops that belong together: shared phone, address, payout account, device, pictures, texts.

A link between two shops is evidence, never proof: each says what is shared and where it was seen.
Values that many shops share (a courier's phone, a stock picture) say nothing and are left out.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from pushes.models import ListingImage, ListingVersion, Seller

# Names under which listings' attributes carry what identifies a seller.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "payout": ("seller_payout", "payout_account", "payout", "收款账号"),
    "device": ("seller_device", "device_id", "device", "设备号"),
    "phone": ("seller_phone", "phone", "telephone", "电话", "手机"),
    "address": ("seller_address", "return_address", "address", "地址", "退货地址"),
}
# How telling a shared value is, between 0 and 1; ``strength`` joins them as independent.
TELLING: Final[Mapping[str, float]] = {
    "payout": 0.9,
    "device": 0.8,
    "phone": 0.7,
    "address": 0.5,
    "picture": 0.4,
    "text": 0.4,
}
# A value that more shops share identifies nobody.
MOST_SHOPS = 20
# Newest observations of a shop that are read, and rows compared with at most.
OBSERVATIONS, COMPARED = 200, 2000
SHORTEST_PHONE, SHORTEST_TEXT = 7, 60
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Evidence:
    """One thing two shops share: ``kind`` of ``TELLING``, the value, how often it was seen."""

    kind: str
    value: str
    times: int


@dataclass(frozen=True)
class LinkedShop:
    """A shop that may belong to the same people, and why."""

    seller: Seller
    evidence: tuple[Evidence, ...]

    @property
    def strength(self) -> float:
        """How telling all evidence is together: 1 − Π(1 − each), between 0 and 1."""
        left = 1.0
        for kind in {each.kind for each in self.evidence}:
            left *= 1 - TELLING[kind]
        return 1 - left


def linked_shops(seller: Seller) -> list[LinkedShop]:
    """Return shops linked with one, the strongest link first. A fixed number of queries."""
    own = list(_observations().filter(seller=seller).order_by("-seen_at")[:OBSERVATIONS])
    if not own:
        return []
    shared: dict[int, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    _share(shared, _identities(own), _others(seller, own))
    _share_pictures(shared, seller)
    sellers = Seller.objects.select_related("marketplace").in_bulk(_telling(shared))
    found = [
        LinkedShop(
            sellers[pk],
            tuple(Evidence(kind, value, times) for (kind, value), times in sorted(marks.items())),
        )
        for pk, marks in shared.items()
        if pk in sellers
    ]
    return sorted(found, key=lambda each: (-each.strength, each.seller.pk))


def identities_of(version: ListingVersion) -> set[tuple[str, str]]:
    """Return what an observation says about who sells: (kind, normalised value)."""
    attributes = {str(key).strip().casefold(): value for key, value in version.attributes.items()}
    found = set()
    for kind, keys in KEYS.items():
        for key in keys:
            if value := _normalised(kind, attributes.get(key)):
                found.add((kind, value))
    text = _NOISE.sub("", unicodedata.normalize("NFKC", version.description).casefold())
    if len(text) >= SHORTEST_TEXT:
        found.add(("text", text[:200]))
    return found


def _normalised(kind: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = unicodedata.normalize("NFKC", str(value)).casefold()
    if kind == "phone":
        digits = "".join(c for c in text if c.isdigit())
        # Country and trunk prefixes differ from listing to listing; the end is the number.
        return digits[-11:] if len(digits) >= SHORTEST_PHONE else ""
    return _NOISE.sub("", text)


def _observations() -> QuerySet[ListingVersion]:
    return ListingVersion.objects.only("seller_id", "attributes", "description", "seen_at")


def _identities(rows: Iterable[ListingVersion]) -> set[tuple[str, str]]:
    return set().union(*(identities_of(row) for row in rows))


def _others(seller: Seller, own: Iterable[ListingVersion]) -> Iterable[ListingVersion]:
    """Return observations of other shops that hold one of the same raw values or texts.

    Raw values are looked for, so a phone written in another way is found only when its listing
    also shares something else; both are then compared in their normalised form.
    """
    wanted: dict[str, set[str | int]] = defaultdict(set)
    kinds = {key: kind for kind, keys in KEYS.items() for key in keys}
    for row in own:
        for key, value in row.attributes.items():
            kind = kinds.get(str(key).strip().casefold())
            if kind is not None and _normalised(kind, value):
                wanted[str(key)].add(value)
    rows = _observations().exclude(seller=None).exclude(seller=seller)
    texts = {row.description for row in own if len(row.description) >= SHORTEST_TEXT}
    found = {row.pk: row for row in rows.filter(description__in=texts)[:COMPARED]}
    for key, values in sorted(wanted.items()):
        found |= {
            row.pk: row for row in rows.filter(**{f"attributes__{key}__in": values})[:COMPARED]
        }
    return found.values()


def _share(
    shared: dict[int, dict[tuple[str, str], int]],
    mine: set[tuple[str, str]],
    others: Iterable[ListingVersion],
) -> None:
    for row in others:
        for mark in mine & identities_of(row):
            if row.seller_id is not None:
                shared[row.seller_id][mark] += 1


def _share_pictures(shared: dict[int, dict[tuple[str, str], int]], seller: Seller) -> None:
    mine = ListingImage.objects.filter(listing__head__seller=seller, file__isnull=False)
    rows = (
        ListingImage.objects.filter(file__in=mine.values("file_id"))
        .exclude(listing__head__seller=seller)
        .exclude(listing__head__seller=None)
        .values_list("listing__head__seller_id", "file__sha256")[:COMPARED]
    )
    for seller_id, sha256 in rows:
        if seller_id is not None:
            shared[seller_id]["picture", sha256] += 1


def _telling(shared: dict[int, dict[tuple[str, str], int]]) -> list[int]:
    """Drop values shared by too many shops; return the shops that still share something."""
    holders: dict[tuple[str, str], int] = defaultdict(int)
    for marks in shared.values():
        for mark in marks:
            holders[mark] += 1
    for marks in shared.values():
        for mark in [mark for mark in marks if holders[mark] > MOST_SHOPS]:
            del marks[mark]
    for pk in [pk for pk, marks in shared.items() if not marks]:
        del shared[pk]
    return list(shared)
