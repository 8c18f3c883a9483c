"""Verdicts: held, undone or final; who may, and what stands in the way."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections
from pytest_django import Settings

from brands.models import AuthorisedSeller
from portal.core.actors import SYSTEM, Actor, of_key, of_member
from portal.core.errors import InvalidInput, NotAllowed, PortalError, StaleState
from portal.core.models import ApiKey, JournalEntry, Role
from portal.core.policies import ALLOWED, Answer, denied
from pushes import policies
from pushes.models import FeedbackFact, SuspectedLink, Verdict
from pushes.services import links, review
from tests.factories import ApiKeyFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> SuspectedLink:
    made: SuspectedLink = SuspectedLinkFactory(vector={"brand_disguised": 1.0})
    return made


@pytest.fixture
def reviewer(link: SuspectedLink) -> Actor:
    return of_member(MemberFactory(organisation=link.organisation, role=Role.REVIEWER))


def give(link: SuspectedLink, actor: Actor, now: datetime, **more: object) -> Verdict:
    outcome = str(more.pop("outcome", "counterfeit"))
    return review.give_verdict(actor=actor, link=link, outcome=outcome, now=now, **more)  # type: ignore[arg-type]  # test shorthand


def settle(link: SuspectedLink, now: datetime) -> SuspectedLink:
    review.settle_due(now=now + timedelta(seconds=9))
    link.refresh_from_db()
    return link


def test_a_verdict_is_held_and_the_link_waits(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    verdict = give(link, reviewer, now)
    link.refresh_from_db()
    assert (verdict.state, link.state) == ("held", "pending")
    assert verdict.held_until == now + timedelta(seconds=8)


def test_it_settles_after_the_time_to_undo(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    give(link, reviewer, now)
    assert review.settle_due(now=now + timedelta(seconds=7)) == 0
    settle(link, now)
    assert (link.state, link.judged_at) == ("counterfeit", now)
    entry = JournalEntry.objects.get(verb="verdict.final")
    assert entry.data["brand_id"] == link.brand_id
    assert (entry.data["outcome"], entry.data["in_time"]) == ("counterfeit", True)
    assert entry.actor_id == reviewer.id
    fact = FeedbackFact.objects.get()
    assert (fact.label, fact.vector) == (1, {"brand_disguised": 1.0})


def test_settling_twice_changes_nothing(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    verdict = give(link, reviewer, now)
    assert review.settle(verdict=verdict, now=now)
    assert not review.settle(verdict=verdict, now=now)
    assert FeedbackFact.objects.count() == 1


def test_undo_leaves_the_link_and_the_facts_untouched(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    verdict = give(link, reviewer, now)
    review.undo(actor=reviewer, verdict=verdict, now=now + timedelta(seconds=3))
    settle(link, now)
    assert link.state == "pending"
    assert not FeedbackFact.objects.exists()


def test_undo_comes_too_late(link: SuspectedLink, reviewer: Actor, now: datetime) -> None:
    verdict = give(link, reviewer, now)
    with pytest.raises(StaleState, match="time to undo is over"):
        review.undo(actor=reviewer, verdict=verdict, now=now + timedelta(seconds=9))


def test_only_the_author_can_undo(link: SuspectedLink, reviewer: Actor, now: datetime) -> None:
    verdict = give(link, reviewer, now)
    colleague = of_member(MemberFactory(organisation=link.organisation, role=Role.OWNER))
    with pytest.raises(NotAllowed, match="Only its author"):
        review.undo(actor=colleague, verdict=verdict, now=now)


def test_it_refuses_a_second_verdict_while_one_is_held(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    give(link, reviewer, now)
    with pytest.raises(StaleState, match="Undo it first"):
        give(link, reviewer, now, outcome="genuine")


def test_it_refuses_the_same_verdict_again(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    give(link, reviewer, now)
    settle(link, now)
    with pytest.raises(StaleState, match="already has"):
        give(link, reviewer, now, reason="Again")


def test_it_refuses_a_verdict_on_a_listing_that_is_gone(reviewer: Actor, now: datetime) -> None:
    gone = SuspectedLinkFactory(state="gone", brand__organisation=reviewer.organisation)
    with pytest.raises(StaleState, match="listing is gone"):
        give(gone, reviewer, now)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PLATFORM_ADMIN])
def test_it_refuses_roles_that_do_not_review(
    link: SuspectedLink, now: datetime, role: Role
) -> None:
    member = (
        MemberFactory(platform_admin=True)
        if role == Role.PLATFORM_ADMIN
        else MemberFactory(organisation=link.organisation, role=role)
    )
    with pytest.raises(NotAllowed):
        give(link, of_member(member), now)


def test_it_refuses_another_tenants_link(link: SuspectedLink, now: datetime) -> None:
    with pytest.raises(NotAllowed, match="another organisation"):
        give(link, of_member(MemberFactory()), now)


def test_it_refuses_a_verdict_without_an_author(link: SuspectedLink, now: datetime) -> None:
    with pytest.raises(NotAllowed, match="needs an author"):
        give(link, SYSTEM, now)


def test_an_api_key_can_judge(link: SuspectedLink, now: datetime) -> None:
    key = ApiKeyFactory(
        marketplace=None, organisation=link.organisation, scopes=[ApiKey.Scope.VERDICTS_WRITE]
    )
    assert give(link, of_key(key), now).api_key == key
    assert settle(link, now).state == "counterfeit"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"outcome": "perhaps"}, "outcome"),
        ({"outcome": "other_infringement"}, "right"),
        ({"outcome": "other_infringement", "right": "moral"}, "right"),
        ({"reason": "x" * 2001}, "reason"),
    ],
)
def test_it_names_the_field_that_is_wrong(
    link: SuspectedLink, reviewer: Actor, now: datetime, given: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        give(link, reviewer, now, **given)
    assert refusal.value.field == field
    assert not Verdict.objects.exists()


def test_another_infringement_keeps_its_right(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    give(link, reviewer, now, outcome="other_infringement", right="design")
    assert settle(link, now).state == "other_infringement"
    assert Verdict.objects.get().right == "design"


def test_a_correction_needs_a_reason(link: SuspectedLink, reviewer: Actor, now: datetime) -> None:
    give(link, reviewer, now)
    settle(link, now)
    with pytest.raises(InvalidInput, match="correction needs a reason"):
        give(link, reviewer, now, outcome="genuine")
    give(link, reviewer, now + timedelta(hours=1), outcome="genuine", reason="Parallel import")
    assert settle(link, now + timedelta(hours=1)).state == "genuine"
    assert list(FeedbackFact.objects.order_by("id").values_list("label", flat=True)) == [1, 0]
    assert JournalEntry.objects.filter(verb="verdict.final", data__correction=True).count() == 1


def test_an_upper_app_can_bar_corrections(
    link: SuspectedLink, reviewer: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    barred: list[int] = []

    def bar(asked: SuspectedLink) -> Answer:
        return denied("complaint", "A complaint stands.") if asked.pk in barred else ALLOWED

    monkeypatch.setattr(policies, "_bars", [bar])
    give(link, reviewer, now)
    settle(link, now)
    barred.append(link.pk)
    with pytest.raises(NotAllowed, match="A complaint stands"):
        give(link, reviewer, now, outcome="genuine", reason="Mistake")


def test_a_lapsed_link_can_still_be_judged_but_not_in_time(reviewer: Actor, now: datetime) -> None:
    late = SuspectedLinkFactory(state="lapsed", brand__organisation=reviewer.organisation)
    after = late.due_at + timedelta(days=1)
    give(late, reviewer, after)
    assert settle(late, after).state == "counterfeit"
    assert JournalEntry.objects.get(verb="verdict.final").data["in_time"] is False


def test_an_appraisal_can_be_judged_without_a_reason_and_counts_nothing(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    give(link, reviewer, now, outcome="appraisal")
    assert settle(link, now).state == "appraisal"
    assert FeedbackFact.objects.get().label is None


def test_authorised_can_add_the_seller_to_the_list(link: SuspectedLink, now: datetime) -> None:
    owner = of_member(MemberFactory(organisation=link.organisation))
    give(link, owner, now, outcome="authorised", authorises_seller=True)
    assert not AuthorisedSeller.objects.exists()
    settle(link, now)
    seller = AuthorisedSeller.objects.get()
    assert (seller.brand, seller.external_id, seller.marketplace) == (
        link.brand,
        link.version.seller.external_id,  # type: ignore[union-attr]  # the factory gives one
        link.listing.marketplace,
    )


def test_a_reviewer_cannot_add_sellers(link: SuspectedLink, reviewer: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        give(link, reviewer, now, outcome="authorised", authorises_seller=True)


def test_a_verdict_stands_although_its_author_may_no_longer_add_sellers(
    link: SuspectedLink, now: datetime
) -> None:
    member = MemberFactory(organisation=link.organisation)
    give(link, of_member(member), now, outcome="authorised", authorises_seller=True)
    member.role = Role.REVIEWER
    member.save()
    assert settle(link, now).state == "authorised"
    assert not AuthorisedSeller.objects.exists()
    assert JournalEntry.objects.filter(verb="verdict.seller_not_added").exists()


def test_a_complaint_settles_a_held_verdict_at_once(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    give(link, reviewer, now)
    assert review.settle_held(link=link, now=now)
    assert link.state == "counterfeit"
    assert not review.settle_held(link=link, now=now)


def test_a_verdict_given_in_time_is_not_overtaken_by_the_lapse(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    assert link.due_at is not None
    give(link, reviewer, link.due_at)
    after = link.due_at + timedelta(seconds=1)
    assert links.lapse_due(now=after) == 0
    settle(link, after)
    assert link.state == "counterfeit"
    assert JournalEntry.objects.get(verb="verdict.final").data["in_time"] is True


def test_a_pending_link_lapses_after_its_term_and_is_not_lost(
    link: SuspectedLink, now: datetime
) -> None:
    assert link.due_at is not None
    assert links.lapse_due(now=link.due_at) == 0
    assert links.lapse_due(now=link.due_at + timedelta(microseconds=1)) == 1
    link.refresh_from_db()
    assert link.state == "lapsed"
    assert JournalEntry.objects.get(verb="link.lapsed").data["brand_id"] == link.brand_id


def test_a_listing_that_goes_closes_its_pending_links(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    assert links.listing_gone(listing=link.listing, now=now) == 1
    link.refresh_from_db()
    assert link.state == "gone"


def test_a_held_verdict_survives_a_listing_that_goes(
    link: SuspectedLink, reviewer: Actor, now: datetime
) -> None:
    give(link, reviewer, now)
    assert links.listing_gone(listing=link.listing, now=now) == 0
    assert settle(link, now).state == "counterfeit"


def test_without_time_to_undo_the_next_tick_settles(
    link: SuspectedLink, reviewer: Actor, now: datetime, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 0
    give(link, reviewer, now)
    assert review.settle_due(now=now) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_verdicts_at_once_one_wins(now: datetime) -> None:
    link = SuspectedLinkFactory()
    members = [MemberFactory(organisation=link.organisation) for _ in range(8)]
    results: list[str] = []
    barrier = threading.Barrier(len(members))

    def judge(actor: Actor) -> None:
        barrier.wait()
        try:
            give(link, actor, now)
            results.append("given")
        except PortalError as refusal:
            results.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=judge, args=(of_member(m),)) for m in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["given"] + ["verdict_held"] * 7
    assert connection.in_atomic_block is False
