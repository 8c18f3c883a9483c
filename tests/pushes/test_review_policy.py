"""What silence means, weekly capacity, turns, and rights holders who disagree."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from brands.models import Brand
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import JournalEntry, Member, Role
from pushes.models import BrandCapacity, Conflict, FeedbackFact, ReviewPolicy, SuspectedLink
from pushes.services import assignment, links, overflow, review, review_policy
from pushes.services.matching import match_pending
from tests.factories import (
    BrandFactory,
    ListingVersionFactory,
    MatchWorkFactory,
    MemberFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def owner() -> Member:
    made: Member = MemberFactory()
    return made


@pytest.fixture
def brand(owner: Member) -> Brand:
    made: Brand = BrandFactory(organisation=owner.organisation, name="Velmora")
    return made


def push(title: str) -> SuspectedLink:
    version = ListingVersionFactory(title=title)
    MatchWorkFactory(version=version)
    match_pending(now=timezone.now())
    return SuspectedLink.objects.get(listing=version.listing)


@pytest.mark.parametrize("meaning", ReviewPolicy.Silence.values)
def test_silence_means_what_the_organisation_chose(
    owner: Member, brand: Brand, meaning: str
) -> None:
    review_policy.set_policy(
        actor=of_member(owner),
        now=timezone.now(),
        on_silence=meaning,
        round_robin=False,
        second_look_share=None,
        capacities={},
    )
    link = SuspectedLinkFactory(brand=brand)
    assert links.lapse_due(now=link.due_at + timedelta(seconds=1)) == 1
    link.refresh_from_db()
    assert link.state == meaning
    # Silence teaches nothing.
    assert not FeedbackFact.objects.exists()
    assert JournalEntry.objects.filter(verb=f"link.{meaning}").exists()


def test_what_is_above_the_capacity_waits_without_a_clock(owner: Member, brand: Brand) -> None:
    BrandCapacity.objects.create(brand=brand, weekly=2)
    made = [push(f"V\u0435lm\u043era shoe {number}") for number in range(4)]
    assert [link.state for link in made] == ["pending", "pending", "overflow", "overflow"]
    assert [link.due_at is None for link in made] == [False, False, True, True]
    assert links.release_overflow(now=timezone.now()) == 0
    SuspectedLink.objects.filter(pk=made[3].pk).update(score=0.999)
    BrandCapacity.objects.update(weekly=3)
    assert links.release_overflow(now=timezone.now()) == 1
    made[3].refresh_from_db()
    assert made[3].state == "pending"
    assert made[3].due_at is not None
    # The next week has room again; without a limit everything starts.
    BrandCapacity.objects.all().delete()
    assert links.release_overflow(now=timezone.now()) == 1


def test_a_week_starts_on_monday_in_the_rights_holders_zone(brand: Brand) -> None:
    start = overflow.week_start(brand.organisation, timezone.now())
    assert (start.weekday(), start.hour, str(start.tzinfo)) == (0, 0, "Asia/Shanghai")


def test_new_links_go_round_in_turn(owner: Member, brand: Brand) -> None:
    others: list[Member] = [
        MemberFactory(organisation=owner.organisation, role=Role.REVIEWER) for _ in range(2)
    ]
    ReviewPolicy.objects.create(
        organisation=owner.organisation, round_robin=True, changed_at=timezone.now()
    )
    for _ in range(6):
        SuspectedLinkFactory(brand=brand)
    assert assignment.deal_out(now=timezone.now()) == 6
    shares = [SuspectedLink.objects.filter(assignee=member).count() for member in (owner, *others)]
    assert shares == [2, 2, 2]
    assert assignment.deal_out(now=timezone.now()) == 0


def test_a_link_is_assigned_by_hand_to_a_reviewer_only(
    owner: Member, brand: Brand, signed_in: SignIn
) -> None:
    link = SuspectedLinkFactory(brand=brand)
    client = signed_in(owner)
    client.post(f"/links/{link.uuid}/assign", {"assignee": str(owner.uuid)})
    link.refresh_from_db()
    assert link.assignee == owner
    page = client.get("/links/", {"view": "mine"})
    assert [card.link for card in page.context["cards"]] == [link]
    with pytest.raises(InvalidInput):
        assignment.assign(
            actor=of_member(owner), link=link, member=MemberFactory(), now=timezone.now()
        )


def test_the_policy_page_keeps_what_is_chosen(
    owner: Member, brand: Brand, signed_in: SignIn
) -> None:
    client = signed_in(owner)
    body = {"on_silence": "appraisal", "second_look_percent": "5", f"capacity-{brand.uuid}": "40"}
    client.post("/links/policy", body)
    policy = ReviewPolicy.objects.get()
    assert (policy.on_silence, policy.second_look_share, policy.round_robin) == (
        "appraisal",
        0.05,
        False,
    )
    assert BrandCapacity.objects.get().weekly == 40
    assert JournalEntry.objects.filter(verb="review_policy.set").exists()
    assert client.post("/links/policy", {**body, "on_silence": "odd"}).status_code == 422
    reviewer = MemberFactory(organisation=owner.organisation, role=Role.REVIEWER)
    assert signed_in(reviewer).get("/links/policy").status_code == 403
    with pytest.raises(NotAllowed):
        review_policy.set_policy(
            actor=of_member(owner),
            now=timezone.now(),
            on_silence="lapsed",
            round_robin=False,
            second_look_share=None,
            capacities={BrandFactory(): 3},
        )


def test_rights_holders_who_disagree_reach_the_admin(owner: Member, signed_in: SignIn) -> None:
    version = ListingVersionFactory()
    now = timezone.now()
    outcomes = ("counterfeit", "genuine")
    for outcome in outcomes:
        link = SuspectedLinkFactory(version=version)
        member = MemberFactory(organisation=link.organisation)
        review.give_verdict(actor=of_member(member), link=link, outcome=outcome, now=now)
        review.settle_due(now=now + timedelta(seconds=9))
    conflict = Conflict.objects.get()
    assert (conflict.infringing.state, conflict.fine.state) == outcomes
    admin = signed_in(MemberFactory(platform_admin=True))
    assert str(conflict.infringing.organisation) in admin.get("/links/conflicts/").content.decode()
    assert signed_in(owner).get("/links/conflicts/").status_code == 403
    admin.post(f"/links/conflicts/{conflict.uuid}", {"note": "Parallel import; both are right."})
    conflict.refresh_from_db()
    assert (conflict.state, conflict.note) == ("resolved", "Parallel import; both are right.")
