"""What the platform's own listings teach: which words are usual there, which names are words.

Shipped dictionaries know few of the words a market really uses ("flashdisk", "intl", a city's
name), and none of a language they do not cover; the stock does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType

from pushes.matching.engine import Engine
from pushes.matching.normalise import CharClass, fold, normalise
from pushes.matching.score import Ruleset
from pushes.matching.types import Listing

LEAST_SHARE = 0.0002
"""Rarer words are not kept: they cannot be told from misspellings."""
LEAST_COUNT = 5
MENTIONS = 5
"""Listings that name a brand and say something in the brand field, before a share is believed."""


def learn_stock(engine: Engine, listings: Sequence[Listing]) -> Ruleset:
    """The engine's ruleset with word frequencies and word shares of these listings.

    Listings should be a fair sample of the stock, some thousands at least.
    """
    return replace(
        engine.ruleset,
        token_frequency=MappingProxyType(token_frequency(listing.title for listing in listings)),
        word_share=MappingProxyType(_word_share(engine, listings)),
    )


def token_frequency(titles: Iterable[str]) -> dict[str, float]:
    """Folded word → share of the titles that hold it, for words that are usual."""
    counts: Counter[str] = Counter()
    number = 0
    for title in titles:
        number += 1
        counts.update(words_of(title))
    return {
        word: count / number
        for word, count in counts.items()
        if count >= LEAST_COUNT and count / number >= LEAST_SHARE
    }


def words_of(title: str) -> set[str]:
    """The folded words of letters in a title."""
    source = normalise(title)
    text = "".join(
        char if kind == CharClass.LETTER else " "
        for char, kind in zip(source.text, source.classes, strict=True)
    )
    return {word for word in text.split() if len(word) >= 3}


def _word_share(engine: Engine, listings: Sequence[Listing]) -> dict[str, float]:
    claims: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for matches in engine.scan(listings, include_below=True):
        for match in matches:
            kinds = {signal.kind for signal in match.signals}
            names = {fold(s.registered) for s in match.signals if s.kind == "brand_named"}
            if "field_agrees" in kinds:
                claims.update(names)
            elif "field_differs" in kinds:
                others.update(names)
    return {
        name: others[name] / (claims[name] + others[name])
        for name in claims.keys() | others.keys()
        if claims[name] + others[name] >= MENTIONS
    }
