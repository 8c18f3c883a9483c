"""What the platform's own listings teach: which words are usual there, which names are words.

Shipped dictionaries know few of the words a market really uses ("flashdisk", "intl", a city's
name), and none of a language they do not cover; the stock does. Words are counted in every
language apart, as far as the letters of a title tell it: a word that is usual among a few thousand
Indonesian titles is rare among all the platform's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from pushes.matching.engine import Engine
from pushes.matching.normalise import CharClass, fold, normalise
from pushes.matching.score import Ruleset
from pushes.matching.types import Listing
from pushes.matching.words import EVERYWHERE, language_group, stock_key

LEAST_SHARE = 0.0002
"""Rarer words are not kept: they cannot be told from misspellings."""
LEAST_COUNT = 10
"""A file of a few hundred trials must not teach that the spellings it tries are words."""
LEAST_COMPANY = 3
"""Different neighbours that a usual word has. A misspelling that is repeated has fewer: its seller
writes the same title again and again, and a file of trials has a handful of patterns."""
LEAST_TITLES = 1_000
"""Titles (of one language, or of all) from which shares are believed."""
MENTIONS = 5
"""Listings that name a brand and say something in the brand field, before a share is believed."""

Company = dict[str, set[str]]


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
    """Share of the titles that hold a folded word, for words that are usual.

    Keys are ``words.stock_key(group, word)``: for all titles together, and for each group of
    titles in the same kind of letters (``words.language_group``).
    """
    numbers: Counter[str] = Counter()
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    company: defaultdict[str, Company] = defaultdict(lambda: defaultdict(set))
    for title in titles:
        words = words_of(title)
        for group in (EVERYWHERE, language_group(title)):
            numbers[group] += 1
            counts[group].update(set(words))
            _keep_company(company[group], words)
    return {
        stock_key(group, word): share
        for group, number in numbers.items()
        if number >= LEAST_TITLES
        for word, share in _usual(counts[group], company[group], number).items()
    }


def _usual(counts: Mapping[str, int], company: Company, number: int) -> dict[str, float]:
    return {
        word: count / number
        for word, count in counts.items()
        if count >= LEAST_COUNT
        and count / number >= LEAST_SHARE
        and len(company[word]) >= LEAST_COMPANY
    }


def _keep_company(company: Company, words: Sequence[str]) -> None:
    """Note the neighbours of every word, until it has enough of them."""
    for at, word in enumerate(words):
        known = company[word]
        if len(known) < LEAST_COMPANY:
            known.update(words[max(0, at - 1) : at])
            known.update(words[at + 1 : at + 2])


def words_of(title: str) -> list[str]:
    """The folded words of letters in a title, in their order."""
    source = normalise(title)
    text = "".join(
        char if kind == CharClass.LETTER else " "
        for char, kind in zip(source.text, source.classes, strict=True)
    )
    return [word for word in text.split() if len(word) >= 3]


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
