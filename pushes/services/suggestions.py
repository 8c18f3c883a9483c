"""What a brand's confirmed fakes have in common, suggested: words, sellers, prices.

Nothing is added by itself: the brand accepts, then the characteristic goes through its dry run like
any declared one; or refuses, then it is not suggested again.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

import numpy as np
from django.db import transaction
from scipy.stats import binomtest

from brands.models import AuthorisedSeller, Brand, Characteristic
from brands.policies import may_edit_brand
from brands.services import characteristics
from portal.core import journal
from portal.core.actors import Actor
from pushes import matching
from pushes.matching import Rates
from pushes.matching.learning.gate import precision
from pushes.matching.learning.price_limits import round_limits, telling_limit
from pushes.matching.learning.terms import telling_terms
from pushes.matching.registry import parse_price_rule
from pushes.models import FeedbackFact, ListingVersion, RefusedSuggestion
from pushes.services import rates
from pushes.services.engine_facts import SIGNAL_OF
from pushes.services.registry import champion

# Judged links and listings nobody judged that words are compared over.
JUDGED: Final = 5_000
BACKGROUND: Final = 1_000
FEWEST_OF_A_SELLER: Final = 3
PERCENTS: Final = tuple(number / 100 for number in range(5, 100))
# A seller is suggested when at least half of its listings are fakes, surely (95 %).
LEAST_SHARE: Final = 0.5
_WORD: Final = re.compile(r"[^\W_][\w\-.]*")
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
Kind = Characteristic.Kind


@dataclass(frozen=True)
class Suggestion:
    """A characteristic worth declaring.

    Of the judged links that carry it ``fakes`` infringe and ``genuine`` do not; ``low`` is the
    lower end of the 95 % interval of that share; ``background`` of the newest listings carry it.
    ``gain`` is what it would have brought the precision of past pushes, in points (hundredths).
    """

    kind: str
    value: str
    label: str
    fakes: int
    genuine: int
    low: float
    background: int = 0
    gain: float = 0.0


@dataclass(frozen=True)
class _Judged:
    words: frozenset[str]
    seller: str
    seller_name: str
    infringes: bool
    vector: Mapping[str, float]
    price: Decimal | None
    currency: str
    list_price: Decimal | None
    list_currency: str


def suggestions_for(brand: Brand) -> list[Suggestion]:
    """Words first, then sellers, each the most telling first; then a price."""
    judged = list(_judged(brand))
    found = [*_words(brand, judged), *_sellers(brand, judged), *_prices(brand, judged)]
    if not found:
        return []
    tried = _BackTest(brand, judged)
    return [replace(one, gain=tried.gain(one)) for one in found]


@transaction.atomic
def accept(*, actor: Actor, brand: Brand, kind: str, value: str, now: datetime) -> Characteristic:
    """Declare what was suggested; it is checked before it counts. Raises ``InvalidInput``."""
    declared = characteristics.Declared(kind=kind, value=value)
    return characteristics.declare(actor=actor, now=now, brand=brand, declared=declared)


@transaction.atomic
def refuse(*, actor: Actor, brand: Brand, kind: str, value: str, now: datetime) -> None:
    """Do not suggest this again. Refusing twice is refusing once."""
    may_edit_brand(actor, brand).require()
    refused, is_new = RefusedSuggestion.objects.get_or_create(
        brand=brand,
        kind=kind[:20],
        value=value[:300],
        defaults={"refused_by": actor.member, "refused_at": now},
    )
    if is_new:
        data = {"brand_id": brand.pk, "kind": refused.kind}
        journal.record(
            "suggestion.refused",
            refused,
            actor=actor,
            now=now,
            organisation_id=brand.organisation_id,
            data=data,
        )


def words_of(title: str) -> frozenset[str]:
    """Folded words; Chinese, which has no spaces, as pairs of neighbouring characters."""
    text = unicodedata.normalize("NFKC", title).casefold()
    pairs = {run[place : place + 2] for run in _HAN.findall(text) for place in range(len(run) - 1)}
    return frozenset(pairs | {word for word in _WORD.findall(_HAN.sub(" ", text)) if len(word) > 1})


def _judged(brand: Brand) -> Iterator[_Judged]:
    newest: set[int] = set()
    facts = FeedbackFact.objects.filter(brand=brand, label__isnull=False).order_by("-id")
    for link, label, vector, title, seller, name, snapshot, *listed in facts.values_list(
        *("link_id", "label", "vector", "link__title", "link__seller__external_id"),
        *("link__seller__name", "link__snapshot"),
        *("link__product_model__list_price", "link__product_model__currency"),
    )[:JUDGED]:
        if link not in newest:
            newest.add(link)
            yield _Judged(
                words=words_of(title),
                seller=seller or "",
                seller_name=name or "",
                infringes=label == 1,
                vector=vector,
                price=_amount(snapshot.get("price")),
                currency=snapshot.get("currency") or "",
                list_price=listed[0],
                list_currency=listed[1] or "",
            )


def _amount(price: object) -> Decimal | None:
    return Decimal(price) if isinstance(price, str) else None


def _words(brand: Brand, judged: list[_Judged]) -> list[Suggestion]:
    fakes = [one.words for one in judged if one.infringes]
    genuine = [one.words for one in judged if not one.infringes]
    newest = ListingVersion.objects.exclude(listing__suspected_links__brand=brand)
    titles = newest.order_by("-id").values_list("title", flat=True)[:BACKGROUND]
    background = [words_of(title) for title in titles]
    known = _known(brand, Kind.KEYWORD) | words_of(" ".join(_names(brand)))
    in_genuine = Counter(word for words in genuine for word in words)
    in_background = Counter(word for words in background for word in words)
    return [
        Suggestion(
            kind=Kind.KEYWORD,
            value=term.word,
            label=term.word,
            fakes=term.fakes,
            genuine=in_genuine[term.word],
            low=_surely(term.fakes, term.fakes + in_genuine[term.word]),
            background=in_background[term.word],
        )
        for term in telling_terms(fakes, [*genuine, *background], known)
    ]


def _sellers(brand: Brand, judged: list[_Judged]) -> list[Suggestion]:
    authorised = set(
        AuthorisedSeller.objects.filter(brand=brand).values_list("external_id", flat=True)
    )
    unwanted = _known(brand, Kind.SELLER) | authorised
    every = Counter(one.seller for one in judged)
    fakes = Counter(one.seller for one in judged if one.infringes)
    names = {one.seller: one.seller_name for one in judged}
    found = [
        Suggestion(
            kind=Kind.SELLER,
            value=seller,
            label=names[seller] or seller,
            fakes=count,
            genuine=every[seller] - count,
            low=_surely(count, every[seller]),
        )
        for seller, count in fakes.items()
        if seller and seller.casefold() not in unwanted and count >= FEWEST_OF_A_SELLER
    ]
    sure = [one for one in found if one.low >= LEAST_SHARE]
    return sorted(sure, key=lambda one: (-one.low, one.value))


def _prices(brand: Brand, judged: list[_Judged]) -> Iterator[Suggestion]:
    """A share of the list price where products have one, else an amount in the usual currency."""
    exchange = rates.current()
    labels = np.array([one.infringes for one in judged], np.float64)
    shares = np.array([_share_of_list(one, exchange) for one in judged], np.float64)
    found = telling_limit(shares, labels, PERCENTS)
    if found is not None:
        rule = f"{round(100 * found.limit)}%"
    else:
        usual = Counter(one.currency for one in judged if one.price is not None).most_common(1)
        if not usual:
            return
        currency = usual[0][0]
        amounts = [one.price if one.currency == currency else None for one in judged]
        prices = np.array([math.nan if x is None else float(x) for x in amounts], np.float64)
        found = telling_limit(prices, labels, round_limits(prices))
        if found is None:
            return
        rule = f"{Decimal(str(found.limit)).normalize():f} {currency}"
    if not _is_known_price(brand, rule):
        yield Suggestion(
            kind=Kind.PRICE_BELOW,
            value=rule,
            label=rule,
            fakes=found.fakes,
            genuine=found.genuine,
            low=found.low,
        )


def _share_of_list(one: _Judged, exchange: Rates) -> float:
    if one.price is None or not one.list_price:
        return math.nan
    price = exchange.convert(one.price, one.currency, one.list_currency)
    return math.nan if price is None else float(price / one.list_price)


def _is_known_price(brand: Brand, rule: str) -> bool:
    """Whether a limit as high is declared, or one that differs by less than a fifth was refused."""
    asked = parse_price_rule(rule)
    if asked is None:
        return True
    limit, unit = asked
    declared = Characteristic.objects.filter(brand=brand, kind=Kind.PRICE_BELOW).exclude(
        state__in=(Characteristic.State.WITHDRAWN, Characteristic.State.REFUSED)
    )
    refused = RefusedSuggestion.objects.filter(brand=brand, kind=Kind.PRICE_BELOW)
    known = [parse_price_rule(value) for value in declared.values_list("value", flat=True)]
    no = [parse_price_rule(value) for value in refused.values_list("value", flat=True)]
    return any(one and one[1] == unit and one[0] >= limit for one in known) or any(
        one and one[1] == unit and abs(one[0] - limit) <= one[0] / 5 for one in no
    )


class _BackTest:
    """Past links with and without a mark: precision among as many best-scored as infringe.

    The mark is tried on the links it was mined from, so the gain is the most to be hoped for.
    """

    def __init__(self, brand: Brand, judged: list[_Judged]) -> None:
        self._weights = matching.Ruleset.from_dict(champion().content).weights
        self._brand = str(brand.uuid)
        self._judged = judged
        self._exchange = rates.current()
        self._labels = np.array([one.infringes for one in judged], np.float64)
        self._odds = np.array(
            [self._weights.log_odds(self._brand, one.vector) for one in judged], np.float64
        )

    def gain(self, suggestion: Suggestion) -> float:
        """Points of precision; negative when the mark would have pushed worse links."""
        signal = SIGNAL_OF.get(suggestion.kind, suggestion.kind)
        weight = self._weights.weight_for(self._brand, signal)
        adds = [
            weight * max(0.0, 1.0 - one.vector.get(signal, 0.0)) * self._carries(one, suggestion)
            for one in self._judged
        ]
        before, after = (
            precision(np.argsort(-odds, kind="stable"), self._labels, np.ones(len(odds)))
            for odds in (self._odds, self._odds + np.array(adds, np.float64))
        )
        return 100 * (after - before)

    def _carries(self, one: _Judged, suggestion: Suggestion) -> bool:
        if suggestion.kind == Kind.KEYWORD:
            return suggestion.value in one.words
        if suggestion.kind == Kind.SELLER:
            return suggestion.value == one.seller
        rule = parse_price_rule(suggestion.value)
        if rule is None or one.price is None:
            return False
        if rule[1] == "%":
            return _share_of_list(one, self._exchange) < float(rule[0])
        price = self._exchange.convert(one.price, one.currency, rule[1])
        return price is not None and price < rule[0]


def _known(brand: Brand, kind: str) -> set[str]:
    """Values declared or refused already, folded."""
    declared = Characteristic.objects.filter(brand=brand, kind=kind).values_list("value", flat=True)
    refused = RefusedSuggestion.objects.filter(brand=brand, kind=kind)
    return {value.casefold() for value in [*declared, *refused.values_list("value", flat=True)]}


def _names(brand: Brand) -> list[str]:
    return [brand.name, *brand.names.values_list("text", flat=True)]


def _surely(hits: int, every: int) -> float:
    """Lower end of the 95 % interval of a share (Wilson 1927)."""
    interval = binomtest(hits, every).proportion_ci(0.95, method="wilson")
    return float(interval.low)
