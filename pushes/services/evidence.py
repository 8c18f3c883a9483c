"""What the rules learn from, read out of the feedback facts: one say a link, as arrays.

Facts are streamed, so that a million of them take some hundred megabytes. A later fact replaces an
earlier one of the same link; a decision, test purchase or jury is never replaced by the brand's own
word.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.functions import Coalesce
from scipy.sparse import csr_array

from brands.models import Brand
from pushes.matching import Lesson
from pushes.matching.backtest import held_out_log_odds
from pushes.matching.learning import reliability
from pushes.matching.learning.evidence import NO_BRAND, Evidence, Judged, Numbers, Vector
from pushes.matching.learning.reliability import NOTHING_EXPECTED, Expected
from pushes.matching.learning.twins import FOLDS
from pushes.models import FeedbackFact, SecondLook, Verdict
from pushes.services.feedback import AT_ONCE

CHUNK: Final = 20_000
_Source = FeedbackFact.Source
# Who said it: a reviewer, or by minus its number the brand whose key or machine did.
_VOICE: Final = Coalesce(F("reviewer_id"), -F("brand_id"))
# Looked at by somebody who is not the brand: believed as it is.
INDEPENDENT: Final = (
    *(_Source.ESTABLISHED, _Source.REJECTED, _Source.OVERTURNED, _Source.WITHSTOOD),
    *(_Source.PURCHASE, _Source.JURY),
)
INFRINGING: Final = (Verdict.Outcome.COUNTERFEIT, Verdict.Outcome.OTHER_INFRINGEMENT)
# Another reviewer's blind opinion is not yet the truth.
SECOND_LOOK_STRENGTH: Final = 0.5
# Fibonacci hashing: neighbouring keys fall into folds as if by chance, the same ones for ever.
_SPREAD: Final = 2_654_435_761


@dataclass(frozen=True)
class Gathered:
    """Judged links as the engine wants them, and whose they are.

    ``links``: link of each row; ``labels``: what was said, which ``infringing`` and ``genuine``
    count; ``doubted``: probabilities that lean to neither, for what must never be too sure.
    """

    judged: Judged
    links: Numbers
    labels: Vector
    doubted: Vector

    @property
    def infringing(self) -> int:
        """Links found infringing."""
        return int((self.labels >= 0.5).sum())

    @property
    def genuine(self) -> int:
        """Links found not infringing."""
        return len(self.labels) - self.infringing


class _Columns:
    """What is kept of each fact while they stream by."""

    def __init__(self, names: tuple[str, ...], reported: Set[int]) -> None:
        self.column = {name: number for number, name in enumerate(names)}
        self.all_reported = reported
        self.links, self.brands, self.voices = array("q"), array("q"), array("q")
        self.labels, self.days, self.propensity = array("d"), array("d"), array("d")
        self.independent, self.pushed, self.reported = array("b"), array("b"), array("b")
        # Narrow indices: a million facts have some million signals.
        self.values, self.columns, self.ends = array("d"), array("i"), array("i", [0])

    def add(self, row: tuple[Any, ...]) -> None:
        link, brand, voice, label, at, propensity, source, vector = row
        fired = False
        for name, value in vector.items():
            number = self.column.get(name)
            if number is not None and isinstance(value, int | float) and -1e9 < value < 1e9:
                self.columns.append(number)
                self.values.append(value)
                fired = True
        # An authorised seller says something about sellers only; without such a signal, nothing.
        if not fired:
            return
        self.ends.append(len(self.columns))
        self.links.append(link)
        self.brands.append(brand)
        self.voices.append(voice)
        self.labels.append(label)
        self.days.append(at.timestamp() / 86_400)
        self.propensity.append(propensity)
        self.independent.append(source in INDEPENDENT)
        is_reported = link in self.all_reported
        self.reported.append(is_reported)
        # What rules did not find they did not expect either; a key is known by checks alone.
        is_expected = propensity == 1 and not is_reported and voice > 0
        self.pushed.append(source == _Source.VERDICT and is_expected)


def gather(
    names: tuple[str, ...], brand_id: int | None = None, *, champion: Lesson | None = None
) -> Gathered:
    """Every judged link with a label (of one brand, if given), oldest link first.

    Reviewers are known by checks of their verdicts, and beside a ``champion`` by what its twins
    expected of links they never saw. Facts age against the newest one, so that the same facts teach
    the same whenever asked.
    """
    reports = FeedbackFact.objects.filter(source=_Source.SELF_REPORT)
    columns = _Columns(names, set(reports.values_list("link_id", flat=True)))
    for row in _rows(brand_id):
        columns.add(row)
    links, said = np.array(columns.links, np.int64), np.array(columns.labels, np.float64)
    ids, brand = np.unique(np.array(columns.brands, np.int64), return_inverse=True)
    uuids = {row[0]: str(row[1]) for row in Brand.objects.values_list("pk", "uuid")}
    evidence = Evidence(
        names=names,
        signals=csr_array(
            (np.array(columns.values), np.array(columns.columns), np.array(columns.ends)),
            shape=(len(links), len(names)),
        ),
        labels=said,
        weights=np.ones(len(links)),
        brand=brand.astype(np.int64),
        brands=tuple(uuids[pk] for pk in ids.tolist()),
    )
    folds = (links * _SPREAD % 2**32 * FOLDS) >> 32
    judged = Judged(evidence, folds, np.array(columns.propensity, np.float64))
    expected = NOTHING_EXPECTED if champion is None else _expected(columns, judged, champion)
    labels, doubted, weights = _believed(columns, said, expected)
    voices = _voices(columns, weights)
    days = np.array(columns.days, np.float64)
    weights = reliability.aged(weights, days.max(initial=0.0) - days)
    weights = reliability.capped(weights, evidence.brand, len(ids))
    believed = replace(evidence, labels=labels, weights=weights)
    reported = np.array(columns.reported, np.bool_)
    judged = replace(judged, evidence=believed, voices=voices, reported=reported)
    return Gathered(judged, links, said, doubted)


def facts_by_label() -> Counter[int]:
    """How many links were found infringing (1) and not (0)."""
    return Counter(row[3] for row in _rows() if row[7])


def checks() -> Iterator[reliability.Check]:
    """What independent evidence said of each reviewer's verdicts.

    Blind second looks are opinions of colleagues, with half a voice each; decisions on complaints
    by people, answered counter-notices, purchases and juries have a whole one. A reviewer is
    checked once a link, by the first verdict, and only if it came before anything was found.
    """
    looks = SecondLook.objects.filter(
        state__in=("agreed", "disagreed"), first__member__isnull=False
    )
    asked = looks.values_list("first__member", "first__outcome", "outcome", "link__organisation")
    for member, first, second, tenant in asked:
        labels = [_LABEL.get(first), _LABEL.get(second)]
        if None not in labels:
            yield reliability.Check(
                str(member),
                labels[0] == 1,
                float(labels[1] or 0),
                SECOND_LOOK_STRENGTH,
                tenant=str(tenant),
                is_opinion=True,
            )
    decided = FeedbackFact.objects.filter(source__in=INDEPENDENT, label__isnull=False)
    decided = decided.exclude(outcome=AT_ONCE).order_by("id")
    truths: dict[int, float] = {}
    told: dict[int, tuple[datetime, int]] = {}
    for link, label, at, fact in decided.values_list("link_id", "label", "at", "id"):
        truths[link] = float(label or 0)
        told[link] = min(told.get(link, (at, fact)), (at, fact))
    for link, member, label, tenant, at, fact in _first_said(truths):
        # Whoever could see what was found already is not checked by it.
        if (at, fact) < told[link]:
            yield reliability.Check(str(member), label == 1, truths[link], tenant=str(tenant))


def _first_said(links: Iterable[int]) -> Iterator[tuple[Any, ...]]:
    """(link, voice, label, organisation, at, id) of each voice's first verdict on a link."""
    verdicts = FeedbackFact.objects.filter(
        source=_Source.VERDICT, label__isnull=False, link__in=links
    ).annotate(voice=_VOICE)
    first = verdicts.order_by("link_id", "voice", "id").distinct("link_id", "voice")
    return first.values_list(
        "link_id", "voice", "label", "link__organisation", "at", "id"
    ).iterator(chunk_size=CHUNK)


_LABEL: Final[dict[str, int]] = {
    **dict.fromkeys(INFRINGING, 1),
    Verdict.Outcome.GENUINE: 0,
    Verdict.Outcome.AUTHORISED: 0,
}


def _rows(brand_id: int | None = None) -> Iterator[tuple[Any, ...]]:
    """(link, brand, voice, label, at, propensity, source, vector) of each link's say."""
    weight = Case(
        When(source__in=INDEPENDENT, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    # Decided at once on the brand's word: its reviewer's verdict says the same, with its weight.
    facts = FeedbackFact.objects.filter(label__isnull=False).exclude(outcome=AT_ONCE)
    facts = facts.annotate(rank=weight, voice=_VOICE)
    if brand_id is not None:
        facts = facts.filter(brand_id=brand_id)
    newest = facts.order_by("link_id", "-rank", "-id").distinct("link_id")
    return newest.values_list(
        "link_id", "brand_id", "voice", "label", "at", "propensity", "source", "vector"
    ).iterator(chunk_size=CHUNK)


def _expected(columns: _Columns, judged: Judged, champion: Lesson) -> Expected:
    """What everybody's rules say of the links that rules pushed and the brand's word decides."""
    rows = np.flatnonzero(np.array(columns.pushed, np.bool_))
    evidence = judged.evidence.take(rows)
    # A brand's own part was learned from its own word: it could not contradict it.
    nobodys = replace(evidence, brand=np.full(len(rows), NO_BRAND), brands=())
    odds = held_out_log_odds(champion, Judged(nobodys, judged.folds[rows], judged.propensity[rows]))
    reviewers, first, who = np.unique(
        np.array(columns.voices, np.int64)[rows], return_index=True, return_inverse=True
    )
    owners = dict(Brand.objects.values_list("pk", "organisation_id"))
    return Expected(
        [str(reviewer) for reviewer in reviewers],
        [str(owners[columns.brands[row]]) for row in rows[first]],
        who,
        evidence.labels >= 0.5,
        np.asarray(1 / (1 + np.exp(-np.clip(odds, -60, 60))), np.float64),
    )


def _believed(columns: _Columns, said: Vector, expected: Expected) -> tuple[Vector, Vector, Vector]:
    """(fair labels, doubted ones, weights) by who said it."""
    known = reliability.reliabilities(checks(), expected)
    independent = np.array(columns.independent, np.bool_)
    labels, doubted, weights = said.copy(), said.copy(), np.ones(len(said))
    voices = np.array(columns.voices, np.int64)
    for voice in np.unique(voices[~independent]).tolist():
        one = known.of(str(voice))
        rows = ~independent & (voices == voice)
        infringing = said[rows] >= 0.5
        labels[rows] = np.where(infringing, one.fair_label(True), one.fair_label(False))
        doubted[rows] = np.where(infringing, one.soft_label(True), one.soft_label(False))
        weights[rows] = one.weight
    return labels, doubted, weights


def _voices(columns: _Columns, weights: Vector) -> Numbers | None:
    """Whose word each label is: the rights holder's, however many accounts it speaks through."""
    owners = dict(Brand.objects.values_list("pk", "organisation_id"))
    brands, which = np.unique(np.array(columns.brands, np.int64), return_inverse=True)
    word = np.array([owners[pk] for pk in brands.tolist()], np.int64)[which]
    return reliability.voices(word, np.array(columns.independent, np.bool_), weights)
