"""What a brand's confirmed fakes have in common, suggested as characteristics: words and sellers.

Nothing is added by itself: the brand accepts, then the characteristic goes through its dry run like
any declared one; or refuses, then it is not suggested again.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from scipy.stats import binomtest

from brands.models import AuthorisedSeller, Brand, Characteristic
from brands.policies import may_edit_brand
from brands.services import characteristics
from portal.core import journal
from portal.core.actors import Actor
from pushes.matching.learning.terms import telling_terms
from pushes.models import FeedbackFact, ListingVersion, RefusedSuggestion

# Judged links and listings nobody judged that words are compared over.
JUDGED: Final = 5_000
BACKGROUND: Final = 1_000
FEWEST_OF_A_SELLER: Final = 3
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
    """

    kind: str
    value: str
    label: str
    fakes: int
    genuine: int
    low: float
    background: int = 0


@dataclass(frozen=True)
class _Judged:
    words: frozenset[str]
    seller: str
    seller_name: str
    infringes: bool


def suggestions_for(brand: Brand) -> list[Suggestion]:
    """Words first, then sellers, each the most telling first."""
    judged = list(_judged(brand))
    return [*_words(brand, judged), *_sellers(brand, judged)]


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
    for link, label, title, seller, name in facts.values_list(
        "link_id", "label", "link__title", "link__seller__external_id", "link__seller__name"
    )[:JUDGED]:
        if link not in newest:
            newest.add(link)
            yield _Judged(words_of(title), seller or "", name or "", label == 1)


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
