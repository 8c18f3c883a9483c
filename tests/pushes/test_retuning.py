"""Verdicts become facts, facts a candidate, a candidate the champion, and back."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from portal.core.actors import Actor, of_member
from portal.core.errors import NotAllowed, StaleState
from portal.core.models import JournalEntry
from pushes import matching
from pushes.models import FeedbackFact, Ruleset, SuspectedLink, Verdict
from pushes.services import feedback, registry, retuning
from tests.factories import BrandFactory, FeedbackFactFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Actor:
    return of_member(MemberFactory(platform_admin=True))


def facts(infringing: int, genuine: int) -> None:
    """Disguised names are fakes, respaced ones are not; four brands say so."""
    brands = [BrandFactory() for _ in range(4)]
    for number in range(infringing):
        FeedbackFactFactory(link__brand=brands[number % 4], vector={"brand_disguised": 1.0})
    for number in range(genuine):
        FeedbackFactFactory(
            link__brand=brands[number % 4],
            outcome="genuine",
            label=0,
            vector={"brand_named": 1.0, "brand_respaced": 1.0, "field_generic": 1.0},
        )


def test_too_few_facts_say_how_many_are_missing(admin: Actor, now: datetime) -> None:
    facts(infringing=3, genuine=5)
    with pytest.raises(StaleState, match="2 more infringing and 0 more genuine"):
        retuning.retune(actor=admin, now=now)
    assert not Ruleset.objects.filter(state="candidate").exists()


def test_a_candidate_shows_what_would_change(admin: Actor, now: datetime) -> None:
    facts(infringing=20, genuine=20)
    candidate = retuning.retune(actor=admin, now=now)
    evaluation = candidate.evaluation
    assert (evaluation["facts"], evaluation["infringing"], evaluation["genuine"]) == (40, 20, 20)
    changed = {change["name"]: change for change in evaluation["changes"]}
    assert changed["brand_respaced"]["new"] < changed["brand_respaced"]["old"]
    assert evaluation["flip_count"] == 20
    assert not any(flip["pushed_after"] for flip in evaluation["flips"])
    assert evaluation["new_precision"] >= evaluation["old_precision"]
    assert candidate.parent == registry.champion()
    assert candidate.content_hash == matching.Ruleset.from_dict(candidate.content).content_hash


def test_retuning_again_without_new_facts_gives_the_same_candidate(
    admin: Actor, now: datetime
) -> None:
    facts(infringing=6, genuine=6)
    first = retuning.retune(actor=admin, now=now)
    assert retuning.retune(actor=admin, now=now + timedelta(hours=1)) == first
    assert Ruleset.objects.filter(state="candidate").count() == 1


def test_a_promoted_candidate_scores_the_next_listing(admin: Actor, now: datetime) -> None:
    facts(infringing=20, genuine=20)
    before = registry.current_engine().engine.ruleset.content_hash
    candidate = retuning.retune(actor=admin, now=now)
    retuning.promote(actor=admin, ruleset=candidate, now=now)
    registry.poll_now()
    after = registry.current_engine()
    assert before != after.engine.ruleset.content_hash == candidate.content_hash
    assert after.ruleset == candidate
    states = set(Ruleset.objects.values_list("state", flat=True))
    assert states == {"champion", "retired"}


def test_rolling_back_returns_to_the_rules_before(admin: Actor, now: datetime) -> None:
    first = registry.champion(now=now)
    facts(infringing=20, genuine=20)
    candidate = retuning.retune(actor=admin, now=now)
    retuning.promote(actor=admin, ruleset=candidate, now=now)
    assert retuning.roll_back(actor=admin, now=now) == first
    candidate.refresh_from_db()
    assert (candidate.state, registry.champion()) == ("rolled_back", first)
    with pytest.raises(StaleState, match="no earlier rules"):
        retuning.roll_back(actor=admin, now=now)


def test_a_candidate_of_earlier_rules_cannot_be_promoted(admin: Actor, now: datetime) -> None:
    facts(infringing=6, genuine=6)
    old = retuning.retune(actor=admin, now=now)
    facts(infringing=6, genuine=6)
    new = retuning.retune(actor=admin, now=now)
    retuning.promote(actor=admin, ruleset=new, now=now)
    with pytest.raises(StaleState, match="Retune again"):
        retuning.promote(actor=admin, ruleset=old, now=now)


def test_a_refused_candidate_stays_refused(admin: Actor, now: datetime) -> None:
    facts(infringing=6, genuine=6)
    candidate = retuning.retune(actor=admin, now=now)
    retuning.refuse(actor=admin, ruleset=candidate, now=now)
    with pytest.raises(StaleState):
        retuning.promote(actor=admin, ruleset=candidate, now=now)
    with pytest.raises(StaleState, match="already decided"):
        retuning.retune(actor=admin, now=now)


def test_only_platform_admins_tune(now: datetime) -> None:
    owner = of_member(MemberFactory())
    ruleset = registry.champion(now=now)
    for refused in (
        lambda: retuning.retune(actor=owner, now=now),
        lambda: retuning.promote(actor=owner, ruleset=ruleset, now=now),
        lambda: retuning.refuse(actor=owner, ruleset=ruleset, now=now),
        lambda: retuning.roll_back(actor=owner, now=now),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_decision_outweighs_the_verdict_whatever_came_last() -> None:
    link = SuspectedLinkFactory()
    FeedbackFactFactory(link=link, source="overturned", outcome="overturned", label=0)
    FeedbackFactFactory(link=link, label=1)
    (evidence,) = retuning.gather()
    assert (evidence.fact.label, evidence.fact.weight) == (0.0, 1.0)


def test_a_correction_replaces_the_first_verdict() -> None:
    link = SuspectedLinkFactory()
    FeedbackFactFactory(link=link, label=1)
    FeedbackFactFactory(link=link, label=0, outcome="genuine")
    (evidence,) = retuning.gather()
    assert evidence.fact.label == 0.0


def test_one_loud_brand_cannot_outvote_the_others() -> None:
    brands = [BrandFactory() for _ in range(10)]
    for brand in brands[1:]:
        FeedbackFactFactory(link__brand=brand)
    for _ in range(91):
        FeedbackFactFactory(link__brand=brands[0])
    weights: dict[str, float] = {}
    for item in retuning.gather():
        weights[item.fact.brand_id] = weights.get(item.fact.brand_id, 0.0) + item.fact.weight
    # Ten brands, so one may have 2 / 10 of everything that counts: 2.25 beside the others' 9.
    assert weights[str(brands[0].uuid)] == pytest.approx(2.25 * retuning.VERDICT_TRUST)
    assert weights[str(brands[1].uuid)] == pytest.approx(retuning.VERDICT_TRUST)


def test_facts_without_a_label_teach_nothing() -> None:
    FeedbackFactFactory(outcome="appraisal", label=None)
    assert retuning.gather() == []


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


@pytest.mark.django_db(transaction=True)
def test_of_two_promotions_at_once_one_wins(now: datetime) -> None:
    admin = of_member(MemberFactory(platform_admin=True))
    facts(infringing=6, genuine=6)
    one = retuning.retune(actor=admin, now=now)
    facts(infringing=6, genuine=6)
    two = retuning.retune(actor=admin, now=now)
    results: list[str] = []
    barrier = threading.Barrier(2)

    def promote(ruleset: Ruleset) -> None:
        barrier.wait()
        try:
            retuning.promote(actor=admin, ruleset=ruleset, now=now)
            results.append("promoted")
        except StaleState:
            results.append("late")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=promote, args=(ruleset,)) for ruleset in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["late", "promoted"]
    assert Ruleset.objects.filter(state="champion").count() == 1
