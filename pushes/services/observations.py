"""One observation of an offer: read from raw values, checked, and hashed.

``parse`` turns what an API body or a file row holds into an ``Observation``; ``checked`` holds it
to the rules every observation must keep, wherever it came from. Both name every wrong field.

Text keeps every character it came with, with two exceptions. A NUL is refused, because
PostgreSQL cannot store it. An unpaired surrogate is replaced by U+FFFD rather than refused: it
can only be put there on purpose, and must not keep a listing from being looked at.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from portal.core.currencies import CURRENCIES
from portal.core.errors import FieldError, InvalidInput
from pushes.models.seller import NAME_ONLY

LONGEST: Final[Mapping[str, int]] = {
    "external_id": 120,
    "title": 2_000,
    "description": 50_000,
    "brand": 200,
    "category": 200,
    "currency": 3,
    "url": 1_000,
    "ship_from": 120,
    "seller.external_id": 115,
    "seller.name": 200,
}
MOST_PICTURES: Final = 30
ATTRIBUTES_BYTES: Final = 64 * 1024
ATTRIBUTES_DEPTH: Final = 5
HIGHEST_PRICE: Final = Decimal("999999999999.99")
# Clocks of marketplaces run a little ahead of ours; more than that is a mistake.
CLOCK_SKEW: Final = timedelta(minutes=5)
EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
_CENT: Final = Decimal("0.01")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MONTH: Final = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a marketplace says an offer looks like. Empty text: not given.

    ``price`` is in ``currency`` (ISO 4217). ``seen_at`` is aware; ``None`` means on receipt.
    """

    external_id: str
    title: str
    description: str = ""
    brand: str = ""
    category: str = ""
    price: Decimal | None = None
    currency: str = ""
    seller_id: str = ""
    seller_name: str = ""
    url: str = ""
    image_urls: tuple[str, ...] = ()
    ship_from: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    seen_at: datetime | None = None


class _Problems:
    """Collects what is wrong, so that one answer names all of it."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, name: str, code: str, message: str) -> None:
        self.errors.append(FieldError(name, code, message))

    def raise_any(self) -> None:
        if self.errors:
            raise InvalidInput(self.errors)


def parse(record: Mapping[str, object], *, zone: tzinfo | None = None) -> Observation:
    """Read raw values (JSON, or cells of a file) by the field names of the API.

    ``zone`` is where a time without an offset is local; without it such a time is refused.
    Fields that are not known are left alone. Raises ``InvalidInput`` naming every wrong field.
    """
    problems = _Problems()
    seller = record.get("seller") or {}
    if not isinstance(seller, Mapping):
        problems.add("seller", "type", _("Expected an object with external_id and name."))
        seller = {}
    text = {name: _text(record.get(name), name, problems) for name in _TEXTS}
    read = Observation(
        **text,
        seller_id=_text(seller.get("external_id"), "seller.external_id", problems),
        seller_name=_text(seller.get("name"), "seller.name", problems),
        price=_price(record.get("price"), problems),
        image_urls=_addresses(record.get("image_urls"), problems),
        attributes=_attributes(record.get("attributes"), problems),
        seen_at=_moment(record.get("seen_at"), zone, problems),
    )
    problems.raise_any()
    return read


_TEXTS: Final = (
    *("external_id", "title", "description", "brand", "category"),
    *("currency", "url", "ship_from"),
)


def _text(value: object, name: str, problems: _Problems) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # tables turn 123 into 123.0 when a column has gaps
    if isinstance(value, int | float | Decimal | date) and not isinstance(value, bool):
        return str(value)
    problems.add(name, "type", _("Expected text."))
    return ""


def _price(value: object, problems: _Problems) -> Decimal | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        try:
            return Decimal(str(value).strip())
        except InvalidOperation:
            pass
    problems.add(
        "price", "number", _("“%(value)s” is no number: write 12.90.") % {"value": _short(value)}
    )
    return None


def _addresses(value: object, problems: _Problems) -> tuple[str, ...]:
    if value in (None, ""):
        return ()
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        # The same picture twice is one picture.
        return tuple(dict.fromkeys(item.strip() for item in value if item.strip()))
    problems.add("image_urls", "type", _("Expected a list of addresses."))
    return ()


def _attributes(value: object, problems: _Problems) -> Mapping[str, Any]:
    if value in (None, ""):
        return {}
    if isinstance(value, Mapping):
        return {str(name): part for name, part in value.items()}
    problems.add("attributes", "type", _("Expected an object."))
    return {}


def parse_moment(value: object) -> datetime | None:
    """Read one aware moment, ``None`` for none given; raises ``InvalidInput``."""
    problems = _Problems()
    moment = _moment(value, None, problems)
    problems.raise_any()
    return moment


def _moment(value: object, zone: tzinfo | None, problems: _Problems) -> datetime | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    moment = _read_moment(value)
    if moment is None:
        message = _("“%(value)s” is no time: write 2026-06-03T10:00:00Z.")
        problems.add("seen_at", "time", message % {"value": _short(value)})
        return None
    if moment.tzinfo is None:
        if zone is None:
            message = _("“%(value)s” has no time zone: end it with Z or an offset.")
            problems.add("seen_at", "zone", message % {"value": _short(value)})
            return None
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        problems.add("seen_at", "time", _("This time is out of range."))
        return None


def _read_moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the caller knows the zone
    if not isinstance(value, str):
        return None
    text = value.strip().replace("/", "-")
    if _MONTH.fullmatch(text):
        text += "-01"  # some sources know only the month
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def checked(observation: Observation, now: datetime) -> Observation:
    """Return the observation in stored form, or raise ``InvalidInput`` naming every wrong field.

    Stored form: unpaired surrogates replaced, the id without surrounding space, the currency in
    capitals, the price in hundredths (half to even), ``seen_at`` set (by default to ``now``).
    """
    problems = _Problems()
    texts = {name: _clean(getattr(observation, name), name, problems) for name in _TEXTS}
    texts["external_id"] = texts["external_id"].strip()
    texts["currency"] = texts["currency"].strip().upper()
    texts["url"] = texts["url"].strip()
    seller_id = _clean(observation.seller_id, "seller.external_id", problems).strip()
    seller_name = _clean(observation.seller_name, "seller.name", problems).strip()
    for name in ("external_id", "title"):
        if not texts[name].strip():
            problems.add(name, "required", _("This must not be empty."))
    if texts["url"]:
        _check_address(texts["url"], "url", problems)
    stored = replace(
        observation,
        **texts,
        seller_id=seller_id,
        seller_name=seller_name,
        price=_checked_price(observation.price, texts["currency"], problems),
        image_urls=_checked_pictures(observation.image_urls, problems),
        attributes=_checked_attributes(observation.attributes, problems),
        seen_at=_checked_moment(observation.seen_at, now, problems),
    )
    problems.raise_any()
    return stored


def _clean(text: str, name: str, problems: _Problems) -> str:
    if "\0" in text:
        problems.add(name, "nul", _("NUL characters are not allowed."))
    longest = LONGEST.get(name)
    if longest is not None and len(text) > longest:
        problems.add(
            name,
            "too_long",
            _("At most %(longest)s characters are allowed, this has %(length)s.")
            % {"longest": longest, "length": len(text)},
        )
    return _SURROGATE.sub("\ufffd", text)


def _checked_price(price: Decimal | None, currency: str, problems: _Problems) -> Decimal | None:
    if currency and currency not in CURRENCIES:
        message = _("“%(code)s” is no currency in use: write an ISO 4217 code such as CNY.")
        problems.add("currency", "unknown", message % {"code": _short(currency)})
    if price is None:
        return None
    if not currency:
        problems.add("currency", "required", _("A price needs its currency."))
    if not price.is_finite():
        problems.add("price", "not_finite", _("A price must be a finite number."))
    elif price < 0:
        problems.add("price", "negative", _("A price must not be negative."))
    elif price > HIGHEST_PRICE:
        problems.add("price", "too_high", _("This price is too high to be stored."))
    else:
        # abs: there is no negative zero among prices.
        return abs(price.quantize(_CENT, rounding=ROUND_HALF_EVEN))
    return None


def _checked_pictures(addresses: Sequence[str], problems: _Problems) -> tuple[str, ...]:
    if len(addresses) > MOST_PICTURES:
        problems.add(
            "image_urls",
            "too_many",
            _("At most %(most)s pictures are allowed, this has %(count)s.")
            % {"most": MOST_PICTURES, "count": len(addresses)},
        )
        return ()
    kept = []
    for number, address in enumerate(addresses):
        name = f"image_urls[{number}]"
        kept.append(_clean(address, name, problems))
        if len(address) > LONGEST["url"]:
            problems.add(name, "too_long", _("This address is too long."))
        _check_address(address, name, problems)
    return tuple(kept)


def _check_address(address: str, name: str, problems: _Problems) -> None:
    try:
        parts = urlsplit(address)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        message = _("“%(value)s” is no web address: write https://…")
        problems.add(name, "address", message % {"value": _short(address)})


def _checked_attributes(attributes: Mapping[str, Any], problems: _Problems) -> Mapping[str, Any]:
    try:
        kept = {_plain(str(name), 0): _plain(value, 1) for name, value in attributes.items()}
    except ValueError as error:
        problems.add("attributes", "value", str(error))
        return {}
    if len(json.dumps(kept, ensure_ascii=False).encode()) > ATTRIBUTES_BYTES:
        problems.add("attributes", "too_large", _("All attributes together exceed 64 kB."))
    return kept


def _plain(value: object, depth: int) -> Any:
    """Return a JSON value PostgreSQL can store; ``ValueError`` with the reason if there is none."""
    if depth > ATTRIBUTES_DEPTH:
        raise ValueError(_("Attributes are nested too deeply."))
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError(_("NUL characters are not allowed."))
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_plain(str(name), depth + 1): _plain(v, depth + 1) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(_("Numbers must be finite."))
    if value is None or isinstance(value, bool | int | float):
        return value
    return _plain(str(value), depth)  # dates and decimals of typed files


def _checked_moment(moment: datetime | None, now: datetime, problems: _Problems) -> datetime:
    if moment is None:
        return now
    if moment.tzinfo is None:
        problems.add("seen_at", "zone", _("This time has no time zone."))
        return now
    if moment > now + CLOCK_SKEW:
        problems.add("seen_at", "future", _("This time is in the future."))
    if moment < EARLIEST:
        problems.add("seen_at", "too_early", _("This time is before 1995."))
    return moment


def _short(value: object) -> str:
    text = _SURROGATE.sub("\ufffd", str(value).replace("\0", "␀"))
    return text if len(text) <= 40 else f"{text[:40]}…"


# --------------------------------------------------------------------------- identity


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text as it is."""
    return "\0" not in text and not _SURROGATE.search(text)


def seller_key(observation: Observation) -> str:
    """Return the id under which the seller is kept; empty when none was given.

    A shop known only by its name is kept under that name, with a prefix no marketplace uses.
    """
    if observation.seller_id:
        return observation.seller_id
    if not observation.seller_name:
        return ""
    key = NAME_ONLY + observation.seller_name
    if len(key) <= 120:
        return key
    return NAME_ONLY + hashlib.sha256(key.encode()).hexdigest()


def content_hash(observation: Observation) -> str:
    """Return the SHA-256 (hex) over what makes two observations the same content.

    The moment and the shop's display name are no part of it.
    """
    content = [
        observation.title,
        observation.description,
        observation.brand,
        observation.category,
        None if observation.price is None else str(observation.price),
        observation.currency,
        seller_key(observation),
        observation.url,
        list(observation.image_urls),
        observation.ship_from,
        dict(observation.attributes),
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
