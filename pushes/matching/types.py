"""What goes into the engine and what comes out: plain immutable values.

Ids are opaque strings. Prices are ``Decimal`` with an ISO 4217 currency, or ``None`` when not
known: missing is never zero. The registry of all brands and its JSON form are in ``registry``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class CharacteristicKind(StrEnum):
    """What a fake looks like, as a rights holder can declare it.

    How ``Characteristic.value`` is read: keyword, evasive spelling and the image kinds take the
    text or file name itself; ``phrase_pattern`` and ``seller_pattern`` an RE2 expression;
    ``price_below`` an amount with currency ("99.90 USD") or a share of the list price ("40%");
    ``seller`` a seller id or shop name; ``ship_from`` a place or country; ``category_mismatch``
    the rightful categories, parts separated by ``|``; ``attribute_mismatch`` "name=expected";
    ``missing_attribute`` the attribute's name.
    """

    KEYWORD = "keyword"
    PHRASE_PATTERN = "phrase_pattern"
    EVASIVE_SPELLING = "evasive_spelling"
    PRICE_BELOW = "price_below"
    IMAGE = "image"
    LOGO = "logo"
    TEXT_IN_IMAGE = "text_in_image"
    SELLER = "seller"
    SELLER_PATTERN = "seller_pattern"
    SHIP_FROM = "ship_from"
    CATEGORY_MISMATCH = "category_mismatch"
    ATTRIBUTE_MISMATCH = "attribute_mismatch"
    MISSING_ATTRIBUTE = "missing_attribute"


IMAGE_KINDS = frozenset(
    {CharacteristicKind.IMAGE, CharacteristicKind.LOGO, CharacteristicKind.TEXT_IN_IMAGE}
)


@dataclass(frozen=True, slots=True)
class ProductModel:
    """One product of a brand. ``lowest_price`` is the lowest plausible price of a genuine item."""

    id: str
    name: str = ""
    model_number: str = ""
    aliases: tuple[str, ...] = ()
    gtin: tuple[str, ...] = ()
    list_price: Decimal | None = None
    lowest_price: Decimal | None = None
    currency: str = ""
    category: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A declared mark of a fake; ``weight`` multiplies the learned weight of its kind."""

    id: str
    kind: CharacteristicKind
    value: str
    product_model: str | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class AuthorisedSeller:
    """A seller the rights holder trusts; matched by ``seller_id`` first, else by shop name."""

    seller_id: str = ""
    name: str = ""
    marketplace: str = ""


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand with all its names and declared facts.

    ``common_word`` says whether a name is also an ordinary word (True needs a second signal
    before anything is pushed); None lets the engine decide from word frequencies.
    """

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    logos: tuple[str, ...] = ()
    authorised_sellers: tuple[AuthorisedSeller, ...] = ()
    product_models: tuple[ProductModel, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    common_word: bool | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Main name first, then the aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Listing:
    """One observation of an offer, as the marketplace showed it. Empty string = not given."""

    id: str
    title: str = ""
    description: str = ""
    brand: str = ""
    price: Decimal | None = None
    currency: str = ""
    seller_id: str = ""
    seller: str = ""
    category: str = ""
    marketplace: str = ""
    ship_from: str = ""
    image_urls: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


class SignalState(StrEnum):
    """Whether a signal had what it needed."""

    FIRED = "fired"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason for (or against) suspicion.

    ``field`` names the listing's column; ``start`` and ``end`` are code-point offsets into its
    *original* text (both 0 when the reason is not a piece of text). ``matched`` is what stood
    there, ``registered`` the declared fact it was compared with. ``value`` is the feature value
    (0 to 1, times a declared multiplier), ``contribution`` the log-odds it added to the score.
    """

    kind: str
    field: str = ""
    start: int = 0
    end: int = 0
    matched: str = ""
    registered: str = ""
    value: float = 1.0
    contribution: float = 0.0
    state: SignalState = SignalState.FIRED

    def to_dict(self) -> dict[str, Any]:
        """JSON form, keys as the field names."""
        return {
            "kind": self.kind,
            "field": self.field,
            "start": self.start,
            "end": self.end,
            "matched": self.matched,
            "registered": self.registered,
            "value": round(self.value, 6),
            "contribution": round(self.contribution, 6),
            "state": self.state.value,
        }


@dataclass(frozen=True, slots=True)
class Match:
    """A listing that may infringe a brand's rights.

    ``score`` is a probability: ``sigmoid(intercept + sum of contributions)``. ``threshold`` is the
    one that held for this brand; ``is_suspect`` says whether the score reached it.
    """

    listing_id: str
    brand_id: str
    product_model_id: str | None
    score: float
    signals: tuple[Signal, ...]
    intercept: float = 0.0
    threshold: float = 0.5

    @property
    def is_suspect(self) -> bool:
        """Whether the score reached the threshold in force."""
        return self.score >= self.threshold

    def to_dict(self) -> dict[str, Any]:
        """JSON form for evidence snapshots and the command line."""
        return {
            "listing_id": self.listing_id,
            "brand_id": self.brand_id,
            "product_model_id": self.product_model_id,
            "score": round(self.score, 6),
            "intercept": round(self.intercept, 6),
            "threshold": self.threshold,
            "signals": [signal.to_dict() for signal in self.signals],
        }
