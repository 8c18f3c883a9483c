"""Facts the rules learn from: what is kept, who is believed, what is explored."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from portal.core.actors import Actor, of_member
from portal.core.models import JournalEntry, Member
from pushes import matching
from pushes.matching.learning import reliability
from pushes.models import FeedbackFact, SecondLook, SuspectedLink, Verdict
from pushes.selectors.loop_health import loop_health
from pushes.services import exploring, feedback
from pushes.services.evidence import Gathered, checks, facts_by_label, gather
from pushes.services.matching import match_pending
from tests.factories import (
    BrandFactory,
    FeedbackFactFactory,
    ListingVersionFactory,
    MatchWorkFactory,
    MemberFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db
NAMES = tuple(sorted(matching.Ruleset().weights.weights))
# What a verdict of somebody nobody checked yet weighs.
TRUST = reliability.UNCHECKED.weight


@pytest.fixture
def admin() -> Actor:
    return of_member(MemberFactory(platform_admin=True))


def gathered() -> Gathered:
    return gather(NAMES)


def test_a_decision_outweighs_the_verdict_whatever_came_last() -> None:
    link = SuspectedLinkFactory()
    FeedbackFactFactory(link=link, source="overturned", outcome="overturned", label=0)
    FeedbackFactFactory(link=link, label=1)
    found = gathered()
    assert (found.labels.tolist(), found.judged.evidence.weights.tolist()) == ([0.0], [1.0])


def test_a_correction_replaces_the_first_verdict() -> None:
    link = SuspectedLinkFactory()
    FeedbackFactFactory(link=link, label=1)
    FeedbackFactFactory(link=link, label=0, outcome="genuine")
    assert gathered().labels.tolist() == [0.0]


def test_one_loud_brand_cannot_outvote_the_others() -> None:
    brands = [BrandFactory() for _ in range(10)]
    for brand in brands[1:]:
        FeedbackFactFactory(link__brand=brand)
    for _ in range(91):
        FeedbackFactFactory(link__brand=brands[0])
    evidence = gathered().judged.evidence
    totals = np.bincount(evidence.brand, evidence.weights)
    weights = dict(zip(evidence.brands, totals.tolist(), strict=True))
    # Ten brands, so one may have 2 / 10 of everything that counts: 2.25 beside the others' 9.
    assert weights[str(brands[0].uuid)] == pytest.approx(2.25 * TRUST)
    assert weights[str(brands[1].uuid)] == pytest.approx(TRUST)


def test_facts_without_a_label_teach_nothing() -> None:
    FeedbackFactFactory(outcome="appraisal", label=None)
    found = gathered()
    assert (len(found.links), found.judged.evidence.is_one_sided) == (0, True)


def test_an_authorised_seller_speaks_of_sellers_only(now: datetime) -> None:
    link = SuspectedLinkFactory(vector={"brand_disguised": 1.0, "seller_not_authorised": 1.0})
    member = MemberFactory(organisation=link.organisation)
    verdict = Verdict.objects.create(
        link=link, outcome="authorised", member=member, given_at=now, held_until=now
    )
    fact = feedback.record_verdict(verdict=verdict, actor=of_member(member), now=now)
    assert fact is not None
    assert (fact.label, fact.vector) == (0, {"seller_not_authorised": 1.0})


@pytest.mark.parametrize(
    ("source", "on_the_merits", "label"),
    [
        ("established", False, 1),
        ("overturned", False, 0),
        ("rejected", False, None),
        ("rejected", True, 0),
    ],
)
def test_an_outcome_is_recorded_once_with_its_label(
    admin: Actor, now: datetime, source: str, on_the_merits: bool, label: int | None
) -> None:
    link = SuspectedLinkFactory(vector={"keyword": 1.0})
    for _ in range(2):
        feedback.record_outcome(
            link=link,
            source=FeedbackFact.Source(source),
            actor=admin,
            now=now,
            reference="complaint-1",
            on_the_merits=on_the_merits,
        )
    fact = FeedbackFact.objects.get()
    assert (fact.key, fact.label, fact.vector) == (
        f"{source}:complaint-1",
        label,
        {"keyword": 1.0},
    )
    assert JournalEntry.objects.filter(verb="feedback.recorded").count() == 1


def test_facts_can_never_be_changed() -> None:
    fact = FeedbackFactFactory()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        FeedbackFact.objects.filter(pk=fact.pk).update(label=0)


def test_a_fact_keeps_the_signals_of_its_push(now: datetime) -> None:
    link = SuspectedLinkFactory(vector={"keyword": 1.0})
    member = MemberFactory(organisation=link.organisation)
    verdict = Verdict.objects.create(
        link=link, outcome="counterfeit", member=member, given_at=now, held_until=now
    )
    feedback.record_verdict(verdict=verdict, actor=of_member(member), now=now)
    SuspectedLink.objects.filter(pk=link.pk).update(vector={"price_low": 1.0})
    assert FeedbackFact.objects.get().vector == {"keyword": 1.0}


def test_an_old_fact_counts_less_than_a_new_one(now: datetime) -> None:
    new = FeedbackFactFactory(at=now)
    FeedbackFactFactory(at=now - timedelta(days=365))
    found = gathered()
    weights = dict(zip(found.links.tolist(), found.judged.evidence.weights.tolist(), strict=True))
    old = next(weight for link, weight in weights.items() if link != new.link_id)
    assert old == pytest.approx(weights[new.link_id] / 2)


def test_a_reviewer_is_believed_as_far_as_others_agree() -> None:
    member = MemberFactory()
    for _ in range(12):
        link = SuspectedLinkFactory()
        FeedbackFactFactory(link=link, reviewer=member)
        FeedbackFactFactory(link=link, source="overturned", outcome="overturned", label=0)
    unchecked = FeedbackFactFactory(reviewer=MemberFactory())
    doubted = FeedbackFactFactory(reviewer=member)
    found = gathered()
    weights = dict(zip(found.links.tolist(), found.judged.evidence.weights.tolist(), strict=True))
    assert weights[doubted.link_id] < weights[unchecked.link_id] / 2


def test_what_a_key_says_is_checked_as_the_brands_own_voice() -> None:
    brand, other = BrandFactory(), BrandFactory()
    for _ in range(12):
        link = SuspectedLinkFactory(brand=brand)
        FeedbackFactFactory(link=link, reviewer=None)
        FeedbackFactFactory(link=link, source="overturned", outcome="overturned", label=0)
    doubted = FeedbackFactFactory(link__brand=brand, reviewer=None)
    unchecked = FeedbackFactFactory(link__brand=other, reviewer=None)
    found = gathered()
    weights = dict(zip(found.links.tolist(), found.judged.evidence.weights.tolist(), strict=True))
    assert weights[doubted.link_id] < weights[unchecked.link_id] / 2


def test_reporting_what_the_rules_missed_costs_nobody_a_voice() -> None:
    brand, member = BrandFactory(), MemberFactory()
    expected = {1: {"brand_disguised": 1.0, "price_low": 2.0}, 0: {"brand_disguised": 1.0}}
    missed = {"accessory": 1.0}
    for number in range(20):
        label = number % 2
        FeedbackFactFactory(link__brand=brand, reviewer=member, label=label, vector=expected[label])
    before = _trust_of(member)
    for _ in range(16):
        link = SuspectedLinkFactory(brand=brand)
        FeedbackFactFactory(link=link, source="self_report", reviewer=member, vector=missed)
        FeedbackFactFactory(link=link, reviewer=member, vector=missed)
    assert _trust_of(member) == pytest.approx(before)
    assert gathered().judged.reported is not None


def _trust_of(member: Member) -> float:
    lesson = matching.untaught(matching.Ruleset())
    found = gather(NAMES, champion=lesson)
    link = FeedbackFact.objects.filter(reviewer=member).earliest("id").link_id
    return float(found.judged.evidence.weights[found.links.tolist().index(link)])


def test_a_reviewer_is_checked_once_a_link_by_what_was_said_before_the_truth(
    now: datetime,
) -> None:
    link, first, late = SuspectedLinkFactory(), MemberFactory(), MemberFactory()
    for hours, label in enumerate((1, 0, 1)):
        at = now + timedelta(hours=hours)
        FeedbackFactFactory(link=link, reviewer=first, label=label, at=at)
    found = now + timedelta(hours=3)
    FeedbackFactFactory(link=link, source="jury", outcome="genuine", label=0, at=found)
    after = now + timedelta(hours=4)
    for reviewer in (first, late):
        FeedbackFactFactory(link=link, reviewer=reviewer, label=0, at=after)
    tenant = str(link.organisation_id)
    assert list(checks()) == [reliability.Check(str(first.pk), True, 0.0, tenant=tenant)]


def test_a_blind_second_look_is_half_a_check(now: datetime) -> None:
    link = SuspectedLinkFactory()
    first, second = MemberFactory(), MemberFactory()
    verdict = Verdict.objects.create(
        link=link, outcome="counterfeit", member=first, given_at=now, held_until=now, state="final"
    )
    SecondLook.objects.create(
        link=link, first=verdict, reviewer=second, outcome="genuine", state="disagreed",
        asked_at=now,
    )  # fmt: skip
    tenant = str(link.organisation_id)
    assert list(checks()) == [
        reliability.Check(str(first.pk), True, 0.0, 0.5, tenant=tenant, is_opinion=True)
    ]


def test_signals_that_are_no_numbers_are_absent() -> None:
    FeedbackFactFactory(vector={"keyword": "much", "price_low": 1e300, "brand_disguised": 0.5})
    FeedbackFactFactory(vector={"unheard_of": 1.0})
    found = gathered()
    assert found.judged.evidence.signals.toarray().sum() == 0.5
    assert facts_by_label()[1] == 2


def test_a_link_below_the_threshold_is_pushed_to_explore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everything is looked at and drawn here; the shares are tested without a database."""
    monkeypatch.setattr(exploring, "LOOKED_AT", 1.0)
    monkeypatch.setattr(exploring, "draw", lambda *parts: 0.0)
    BrandFactory(name="Velmora")
    for title in ("V\u0435lm\u043er\u0430 shoes", "Velmora shoes"):
        MatchWorkFactory(version=ListingVersionFactory(title=title))
    match_pending(now=timezone.now())
    pushed, explored = SuspectedLink.objects.order_by("explores")
    assert (pushed.explores, pushed.propensity) == (False, 1.0)
    assert explored.explores
    assert explored.title == "Velmora shoes"
    assert 0 < explored.propensity <= 0.05
    entry = JournalEntry.objects.get(verb="link.pushed", subject_id=explored.pk)
    assert entry.data["explores"] is True

    fact = feedback.record_outcome(
        link=explored, source=FeedbackFact.Source.ESTABLISHED, actor=of_member(MemberFactory()),
        now=timezone.now(),
    )  # fmt: skip
    assert fact is not None
    assert fact.propensity == explored.propensity


def test_the_health_of_the_loop_is_counted_by_week(now: datetime) -> None:
    for number in range(4):
        FeedbackFactFactory(at=now, label=int(number > 0), link__pushed_at=now)
    FeedbackFactFactory(
        at=now, label=1, propensity=0.05, link__explores=True, link__propensity=0.05,
        link__pushed_at=now,
    )  # fmt: skip
    FeedbackFactFactory(at=now - timedelta(weeks=2), label=0, link__pushed_at=now)
    health = loop_health(now=now)
    this_week = health.weeks[-1]
    assert (this_week.pushed, this_week.judged, this_week.precision) == (5, 4, 0.75)
    assert (this_week.explored, this_week.found) == (1, 1)
    assert health.weeks[-3].precision == 0
    assert health.recall is not None
    # Three were pushed and found; the one explored stands for twenty.
    assert health.recall.value == pytest.approx(3 / 23)
    assert health.alarms == []
    reported = FeedbackFactFactory(at=now, label=0, link__pushed_at=now, source="self_report")
    FeedbackFactFactory(at=now, label=0, link=reported.link)
    assert loop_health(now=now).weeks[-1].judged == 4
