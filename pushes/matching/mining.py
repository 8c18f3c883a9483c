"""Nicknames and terms proposed from confirmed fakes: no dictionary holds what sellers invent.

Words and short runs of characters that confirmed fakes use more than genuine listings do, by
log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn, "Fightin' Words",
Political Analysis 16, 2008): the prior is the use in all listings, so that a word seen twice does
not outrun one seen fifty times. A proposal is shown to the rights holder with its evidence; nothing
is added by itself.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from pushes.matching.normalise import CharClass, fold_cached, normalise
from pushes.matching.types import Brand, Listing

LEAST_LISTINGS, LEAST_SELLERS = 3, 2
"""A term of one seller is his shop's, not the market's."""
LEAST_SCORE = 1.96
"""Standard deviations above even use: 2.5 % would pass by chance."""
PRIOR = 10.0
"""Listings' worth of prior."""
LONGEST_RUN = 4
MOST_EVIDENCE = 5
MOST = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """A folded term, how sure (standard deviations), and where it was seen.

    ``confirmed`` and ``genuine`` count listings; ``evidence`` holds ids of confirmed fakes and
    ``example`` the term as one of them wrote it.
    """

    term: str
    score: float
    confirmed: int
    genuine: int
    sellers: int
    example: str
    evidence: tuple[str, ...]


def propose_terms(
    brand: Brand, confirmed: Sequence[Listing], genuine: Sequence[Listing]
) -> list[Proposal]:
    """Terms that mark the brand's confirmed fakes, surest first.

    ``genuine`` are listings judged harmless, or a fair sample of the stock. Names and words that
    the brand has registered are left out, and longer terms stand for the shorter ones in them.
    """
    known = _known(brand)
    fakes = [(listing, _terms(listing.title)) for listing in confirmed]
    ours: Counter[str] = Counter(term for _, terms in fakes for term in terms)
    theirs: Counter[str] = Counter(term for listing in genuine for term in _terms(listing.title))
    where: defaultdict[str, list[Listing]] = defaultdict(list)
    for listing, terms in fakes:
        for term in terms:
            where[term].append(listing)
    found = []
    for term, count in ours.items():
        sellers = {listing.seller_id or listing.seller or listing.id for listing in where[term]}
        if term in known or count < LEAST_LISTINGS or len(sellers) < LEAST_SELLERS:
            continue
        score = log_odds(count, len(confirmed), theirs[term], len(genuine))
        if score >= LEAST_SCORE:
            first = where[term][0]
            evidence = tuple(listing.id for listing in where[term][:MOST_EVIDENCE])
            example = _terms(first.title)[term]
            found.append(
                Proposal(term, score, count, theirs[term], len(sellers), example, evidence)
            )
    found.sort(key=lambda p: (-p.score, -len(p.term), p.term))
    return _longest(found)[:MOST]


def log_odds(ours: int, of_ours: int, theirs: int, of_theirs: int) -> float:
    """Standardised log-odds ratio of a term's use in two groups of listings, shrunk by the prior.

    Counts are listings; 0 when used evenly, above when the first group uses it more.
    """
    share = (ours + theirs) / max(1, of_ours + of_theirs)
    prior = PRIOR * share
    rest = PRIOR - prior
    a, b = ours + prior, of_ours - ours + rest
    c, d = theirs + prior, of_theirs - theirs + rest
    if min(a, b, c, d) <= 0:
        return 0.0
    difference = math.log(a / b) - math.log(c / d)
    return difference / math.sqrt(1 / a + 1 / c)


def _known(brand: Brand) -> frozenset[str]:
    texts = [*brand.names, *(mark.value for mark in brand.characteristics)]
    texts += [model.name for model in brand.product_models]
    return frozenset(fold_cached(text) for text in texts)


def _terms(title: str) -> Mapping[str, str]:
    """Folded terms of a title with the way they are written: words, pairs of words, short runs.

    Masked words ("gu*i") are terms too: the mask is part of how they are written.
    """
    source = normalise(title)
    terms: dict[str, str] = {}
    words: list[tuple[int, int]] = []
    at = 0
    for kind, members in groupby(source.classes, key=_script):
        size = len(list(members))
        if kind == CharClass.LETTER:
            words.append((at, at + size))
        elif kind == CharClass.WIDE:
            _add_runs(terms, source.text[at : at + size])
        at += size
    for start, end in (*words, *_pairs(words)):
        term = source.text[start:end].replace(" ", "")
        if len(term.replace("*", "")) >= 3 and not term.isdigit():
            first, last = source.offsets[start], source.offsets[end - 1]
            terms.setdefault(term, title[first : last + 1])
    return terms


def _script(kind: int) -> int:
    if kind in (CharClass.LETTER, CharClass.DIGIT, CharClass.MASK):
        return CharClass.LETTER
    return kind


def _pairs(words: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Neighbouring words with one sign or space between them, as one term."""
    for (start, end), (following, stop) in pairwise(words):
        if following - end == 1:
            yield start, stop


def _add_runs(terms: dict[str, str], text: str) -> None:
    for size in range(2, LONGEST_RUN + 1):
        for at in range(len(text) - size + 1):
            terms.setdefault(text[at : at + size], text[at : at + size])


def _longest(found: Sequence[Proposal]) -> list[Proposal]:
    """Leave out a term that lies in another one seen in as many fakes."""
    return [
        one
        for one in found
        if not any(
            one.term != other.term and one.term in other.term and other.confirmed >= one.confirmed
            for other in found
        )
    ]
