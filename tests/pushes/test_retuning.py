"""Verdicts become facts, facts a candidate, a candidate the champion, and back."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connections, transaction

from portal.core.actors import Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry
from pushes import matching
from pushes.models import Ruleset
from pushes.services import registry, retuning
from pushes.services.loop_policy import Choices, loop_policy, set_loop_policy
from tests.factories import (
    BrandFactory,
    FeedbackFactFactory,
    MemberFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db
BY_ITSELF = Choices(promotes_alone=True, exploration=0.05)
WHY = "the figures were looked at"


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
    retuning.promote(actor=admin, ruleset=candidate, now=now, reason=WHY)
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
    retuning.promote(actor=admin, ruleset=candidate, now=now, reason=WHY)
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
    retuning.promote(actor=admin, ruleset=new, now=now, reason=WHY)
    with pytest.raises(StaleState, match="Retune again"):
        retuning.promote(actor=admin, ruleset=old, now=now, reason=WHY)


def test_a_refused_candidate_stays_refused(admin: Actor, now: datetime) -> None:
    facts(infringing=6, genuine=6)
    candidate = retuning.retune(actor=admin, now=now)
    retuning.refuse(actor=admin, ruleset=candidate, now=now)
    with pytest.raises(StaleState):
        retuning.promote(actor=admin, ruleset=candidate, now=now, reason=WHY)
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
        lambda: retuning.to_shadow(actor=owner, ruleset=ruleset, now=now),
        lambda: set_loop_policy(actor=owner, choices=BY_ITSELF, now=now),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_candidate_scores_in_shadow_and_decides_nothing(admin: Actor, now: datetime) -> None:
    facts(infringing=20, genuine=20)
    candidate = retuning.retune(actor=admin, now=now)
    retuning.to_shadow(actor=admin, ruleset=candidate, now=now)
    registry.poll_now()
    loaded = registry.current_engine()
    assert loaded.ruleset.state == "champion"
    assert loaded.shadow is not None
    vector = {"brand_named": 1.0, "brand_respaced": 1.0, "field_generic": 1.0}
    champion = loaded.engine.ruleset.weights
    assert loaded.shadow.probability("", vector) < champion.probability("", vector)

    facts(infringing=30, genuine=5)
    later = retuning.retune(actor=admin, now=now)
    retuning.to_shadow(actor=admin, ruleset=later, now=now)
    candidate.refresh_from_db()
    assert (candidate.state, retuning.current_shadow()) == ("refused", later)


def test_the_gate_opens_for_what_is_surely_better(admin: Actor, now: datetime) -> None:
    facts(infringing=40, genuine=40)
    candidate = retuning.retune(actor=admin, now=now)
    gate = candidate.evaluation["gate"]
    assert (gate["links"], gate["step"]) == (80, 1.0)
    assert gate["gain"] > 0.5
    assert retuning.promote(actor=admin, ruleset=candidate, now=now) == candidate


def test_against_a_closed_gate_a_person_says_why(admin: Actor, now: datetime) -> None:
    facts(infringing=6, genuine=6)
    candidate = retuning.retune(actor=admin, now=now)
    assert candidate.evaluation["gate"]["step"] is None
    with pytest.raises(InvalidInput, match="gate is closed"):
        retuning.promote(actor=admin, ruleset=candidate, now=now)
    assert registry.champion() != candidate
    retuning.promote(actor=admin, ruleset=candidate, now=now, reason=WHY)
    entry = JournalEntry.objects.get(verb="ruleset.champion")
    assert entry.data["reason"] == WHY


def test_a_part_of_the_step_is_promoted_where_the_whole_is_too_risky(
    admin: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts(infringing=40, genuine=40)
    candidate = retuning.retune(actor=admin, now=now)
    whole = matching.Ruleset.from_dict(candidate.content).weights
    monkeypatch.setattr("pushes.matching.backtest.STEPS", (0.9,))
    part = retuning.promote(actor=admin, ruleset=candidate, now=now)
    candidate.refresh_from_db()
    assert (part.state, candidate.state) == ("champion", "refused")
    old, new = matching.Ruleset().weights, matching.Ruleset.from_dict(part.content).weights
    for name in ("brand_respaced", "brand_disguised"):
        way = old.weights[name] + 0.9 * (whole.weights[name] - old.weights[name])
        assert new.weights[name] == pytest.approx(way)


def test_a_night_puts_into_shadow_and_the_next_one_promotes(admin: Actor, now: datetime) -> None:
    set_loop_policy(actor=admin, choices=BY_ITSELF, now=now)
    facts(infringing=40, genuine=40)
    first = retuning.nightly(now=now)
    shadow = retuning.current_shadow()
    assert shadow is not None
    assert first == {"promoted": None, "shadow": shadow.pk, "stopped": ""}
    second = retuning.nightly(now=now + timedelta(days=1))
    assert second["promoted"] == registry.champion().pk == shadow.pk


def test_after_a_rollback_a_person_promotes(admin: Actor, now: datetime) -> None:
    set_loop_policy(actor=admin, choices=BY_ITSELF, now=now)
    facts(infringing=40, genuine=40)
    for days in (0, 1):
        retuning.nightly(now=now + timedelta(days=days))
    first = retuning.roll_back(actor=admin, now=now + timedelta(days=1))
    facts(infringing=1, genuine=1)
    for days in (2, 3):
        assert retuning.nightly(now=now + timedelta(days=days))["promoted"] is None
    assert registry.champion() == first
    assert not loop_policy().promotes_alone
    assert loop_policy().exploration == BY_ITSELF.exploration


def test_what_was_decided_on_is_weighed_no_more(admin: Actor, now: datetime) -> None:
    facts(infringing=20, genuine=20)
    candidate = retuning.retune(actor=admin, now=now)
    champion = retuning.promote(actor=admin, ruleset=candidate, now=now, reason=WHY)
    with pytest.raises(StaleState, match="already decided"):
        retuning.weigh(ruleset=champion, now=now)


def test_a_night_run_twice_changes_nothing_more(admin: Actor, now: datetime) -> None:
    facts(infringing=40, genuine=40)
    retuning.nightly(now=now)
    before = list(Ruleset.objects.order_by("pk").values_list("pk", "state"))
    assert retuning.nightly(now=now)["promoted"] is None
    assert list(Ruleset.objects.order_by("pk").values_list("pk", "state")) == before


@pytest.mark.parametrize(
    ("infringing", "genuine", "code"), [(0, 0, "too_few_facts"), (40, 0, "too_few_facts")]
)
def test_a_night_without_enough_facts_leaves_the_champion(
    now: datetime, infringing: int, genuine: int, code: str
) -> None:
    champion = registry.champion(now=now)
    facts(infringing=infringing, genuine=genuine)
    assert retuning.nightly(now=now) == {"promoted": None, "shadow": None, "stopped": code}
    assert registry.champion() == champion


def test_a_shadow_that_cannot_be_read_stops_nobody(admin: Actor, now: datetime) -> None:
    facts(infringing=20, genuine=20)
    candidate = retuning.retune(actor=admin, now=now)
    retuning.to_shadow(actor=admin, ruleset=candidate, now=now)
    Ruleset.objects.filter(pk=candidate.pk).update(content={"format": 99})
    registry.forget()
    assert registry.current_engine().shadow is None


@pytest.mark.django_db(transaction=True)
def test_two_who_retune_at_once_get_one_candidate(now: datetime) -> None:
    admin = of_member(MemberFactory(platform_admin=True))
    facts(infringing=6, genuine=6)
    registry.champion(now=now)
    barrier, found = threading.Barrier(2), []

    def retune() -> None:
        barrier.wait()
        try:
            found.append(retuning.retune(actor=admin, now=now).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=retune) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Ruleset.objects.get(state="candidate").pk] * 2


@pytest.mark.django_db(transaction=True)
def test_links_are_written_while_rules_are_promoted(now: datetime) -> None:
    champion = registry.champion(now=now)
    written: list[int] = []

    def push() -> None:
        try:
            written.append(SuspectedLinkFactory(ruleset=champion).pk)
        finally:
            connections.close_all()

    with transaction.atomic():
        retuning._locked_champion(now)
        thread = threading.Thread(target=push)
        thread.start()
        thread.join(timeout=20)
        assert len(written) == 1
    thread.join()


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
            retuning.promote(actor=admin, ruleset=ruleset, now=now, reason=WHY)
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
