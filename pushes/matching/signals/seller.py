"""Who sells it, and from where."""

from __future__ import annotations

from collections.abc import Iterator

from pushes.matching.case import Case
from pushes.matching.normalise import fold_cached as fold
from pushes.matching.signals.declared_text import clean, compiled
from pushes.matching.types import AuthorisedSeller, Characteristic, CharacteristicKind, Signal


class Seller:
    """Authorised, not authorised, declared suspect; place of dispatch."""

    kinds = ("seller_authorised", "seller_not_authorised", "seller", "seller_pattern", "ship_from")

    def evaluate(self, case: Case) -> Iterator[Signal]:
        """Nothing about a listing whose seller is not known."""
        if case.brand.authorised_sellers and case.is_about_brand:
            yield from self._authorised(case)
        if not case.brand.characteristics:
            return
        for kind in (CharacteristicKind.SELLER, CharacteristicKind.SELLER_PATTERN):
            for mark in case.characteristics(kind):
                if self._is_declared(case, mark):
                    yield _declared(case, mark, "seller", case.listing.seller)
        place = fold(case.listing.ship_from)
        for mark in case.characteristics(CharacteristicKind.SHIP_FROM):
            if place and fold(mark.value) in place:
                yield _declared(case, mark, "ship_from", case.listing.ship_from)

    def _authorised(self, case: Case) -> Iterator[Signal]:
        listing = case.listing
        if not listing.seller and not listing.seller_id:
            return
        known = [
            seller
            for seller in case.brand.authorised_sellers
            if not seller.marketplace or fold(seller.marketplace) == fold(listing.marketplace)
        ]
        shown = listing.seller or listing.seller_id
        trusted = next((s for s in known if self._is(case, s)), None)
        if trusted is not None:
            name = trusted.name or trusted.seller_id
            yield Signal("seller_authorised", "seller", 0, 0, shown, name)
        elif known:
            yield Signal("seller_not_authorised", "seller", 0, 0, shown, "")

    def _is(self, case: Case, seller: AuthorisedSeller) -> bool:
        """A given id decides; only a listing without one is compared by shop name.

        A shop name can be copied by anybody, an id cannot.
        """
        listing = case.listing
        if listing.seller_id and seller.seller_id and seller.seller_id != seller.name:
            return listing.seller_id == seller.seller_id
        names = {fold(seller.name), fold(seller.seller_id)} - {""}
        return listing.seller_id == seller.seller_id != "" or fold(listing.seller) in names

    def _is_declared(self, case: Case, mark: Characteristic) -> bool:
        listing = case.listing
        if mark.kind is CharacteristicKind.SELLER_PATTERN:
            return bool(listing.seller) and compiled(mark.value).search(clean(listing.seller))
        same_name = bool(fold(listing.seller)) and fold(listing.seller) == fold(mark.value)
        return mark.value == listing.seller_id or same_name


def _declared(case: Case, mark: Characteristic, field: str, matched: str) -> Signal:
    value = 1.0 if mark.weight is None else mark.weight
    return Signal(mark.kind.value, field, 0, len(matched), matched, mark.value, value)
