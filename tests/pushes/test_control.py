"""Thresholds follow the facts: down by a person only, up by themselves, and the push obeys."""

import threading
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import connections

from brands.models import Brand
from portal.core.actors import Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, Role
from pushes.matching.learning.control import BLOCK_BOUND
from pushes.models import ControlThreshold, SuspectedLink
from pushes.services import control, control_wishes, registry
from pushes.services.control_facts import GLOBAL, scopes_with_facts
from pushes.services.evidence import gather
from pushes.services.loop_policy import Choices, loop_policy, set_loop_policy
from pushes.services.matching import match_pending
from pushes.services.retuning import lesson_of, names_of
from tests.factories import (
    BrandFactory,
    ListingVersionFactory,
    MatchWorkFactory,
    MemberFactory,
    RulesetFactory,
    SellerFactory,
    SuspectedLinkFactory,
)
from tests.pushes.control_rows import in_force, row
from tests.pushes.judged import FAINT, SURE, SUREST, judge

pytestmark = pytest.mark.django_db
DISGUISED = "V\u0435lm\u043er\u0430 shoes"


@pytest.fixture
def admin() -> Actor:
    return of_member(MemberFactory(platform_admin=True))


def proposed() -> dict[tuple[str, str], ControlThreshold]:
    rows = ControlThreshold.objects.filter(state="proposed")
    return {(row.level, row.act): row for row in rows}


def test_what_tightens_comes_into_force_by_itself(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    judge(brand, 60, 0, FAINT)
    judge(brand, 40, 1, SURE)
    outcome = control.reestimate(actor=admin, now=now)
    assert outcome.tightened >= 1
    found = in_force()["global", "push"]
    assert found.value is not None
    assert 0.57 < found.value < 0.96
    assert (found.why, found.old_value, found.created_by) == ("worse", 0.5, admin.member)
    entry = JournalEntry.objects.get(verb="control.in_force", subject_id=found.pk)
    assert entry.data["value"] == found.value


def test_nothing_is_loosened_without_a_person(admin: Actor, brand: Brand, now: datetime) -> None:
    judge(brand, 120, 1, SURE, source="established")
    assert control.nightly(now=now) is not None
    hold = proposed()["global", "hold"]
    assert (hold.old_value, hold.low and hold.low > 0.9) == (None, True)
    assert not in_force()
    with pytest.raises(StaleState, match="not in force"):
        control.withdraw(actor=admin, threshold=hold, reason="never held", now=now)
    control.accept(actor=admin, proposal=hold, now=now)
    assert in_force()["global", "hold"].decided_by == admin.member


def test_a_tightening_waits_for_a_person_where_the_policy_says_so(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    chosen = Choices(promotes_alone=False, exploration=0.05, tightens_alone=False)
    set_loop_policy(actor=admin, choices=chosen, now=now)
    judge(brand, 60, 0, FAINT)
    judge(brand, 40, 1, SURE)
    control.reestimate(actor=admin, now=now)
    assert not in_force()
    assert proposed()["global", "push"].why == "worse"


def test_a_block_needs_a_lower_bound_of_99_percent(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    judge(brand, 380, 1, SUREST, source="established")
    control.reestimate(actor=admin, now=now)
    assert "block" not in {act for _, act in proposed()}
    assert ("global", "hold") in proposed()
    judge(brand, 4, 1, SUREST, source="established")
    control.reestimate(actor=admin, now=now)
    block = proposed()["global", "block"]
    assert block.low is not None
    assert block.low >= BLOCK_BOUND


def test_verdicts_nobody_checked_never_block(admin: Actor, brand: Brand, now: datetime) -> None:
    """A brand cannot vote its competitors' listings off the market by itself."""
    judge(brand, 800, 1, SUREST)
    control.reestimate(actor=admin, now=now)
    assert "block" not in {act for _, act in proposed()}


def test_a_brand_with_three_verdicts_falls_back_to_everybodys(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    judge(BrandFactory(name="Other"), 60, 0, FAINT)
    judge(BrandFactory(name="Third"), 60, 1, SURE)
    judge(brand, 3, 0, SURE)
    control.reestimate(actor=admin, now=now)
    assert not ControlThreshold.objects.filter(brand=brand).exists()
    assert ("global", "push") in in_force()


def test_a_seller_with_enough_facts_gets_a_threshold_of_its_own(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    honest = SellerFactory(external_id="honest")
    judge(brand, 200, 1, SURE, source="established")
    judge(brand, 60, 0, FAINT, seller=honest, category="Shoes")
    judge(brand, 40, 1, SURE, seller=honest, category="Shoes", source="established")
    judge(brand, 20, 1, FAINT, source="established")
    control.reestimate(actor=admin, now=now)
    own = ControlThreshold.objects.get(level="seller", act="push")
    assert (own.state, own.seller, own.brand) == ("in_force", honest, brand)
    registry.poll_now()
    loaded = registry.current_engine()
    listing = ListingVersionFactory(
        title=DISGUISED, seller=honest, listing__marketplace=honest.marketplace
    )
    MatchWorkFactory(version=listing)
    other = ListingVersionFactory(title=DISGUISED)
    MatchWorkFactory(version=other)
    match_pending(now=now)
    assert [link.listing for link in SuspectedLink.objects.filter(title=DISGUISED)] == [
        other.listing
    ]
    assert loaded.control.push


def test_links_nobody_judged_do_not_shift_the_others(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    """Category and seller are read beside the judged links, in the order of all links."""
    shop = SellerFactory(external_id="shop")
    for _ in range(3):
        SuspectedLinkFactory(version__category="Unjudged", version__seller=shop)
    judge(brand, 200, 1, SURE, source="established")
    SuspectedLinkFactory(version__category="Unjudged", version__seller=shop)
    judge(brand, 60, 0, FAINT, category="Bags")
    judge(brand, 40, 1, SURE, category="bags", source="established")
    judge(brand, 20, 1, FAINT, source="established")
    SuspectedLinkFactory(version__category="Unjudged", version__seller=shop)
    control.reestimate(actor=admin, now=now)
    own = ControlThreshold.objects.get(level="category", act="push")
    assert (own.category, own.state) == ("Bags", "in_force")
    assert not ControlThreshold.objects.filter(seller=shop).exists()


def test_estimating_twice_changes_nothing_more(admin: Actor, brand: Brand, now: datetime) -> None:
    judge(brand, 60, 0, FAINT)
    judge(brand, 400, 1, SUREST, source="established")
    control.reestimate(actor=admin, now=now)
    before = list(ControlThreshold.objects.order_by("pk").values())
    again = control.reestimate(actor=admin, now=now)
    assert (again.proposed, again.tightened, again.superseded) == (0, 0, 0)
    assert list(ControlThreshold.objects.order_by("pk").values()) == before
    assert before


def test_a_proposal_the_facts_no_longer_ask_for_ends(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    judge(brand, 60, 1, SURE, source="established")
    control.reestimate(actor=admin, now=now)
    assert ("global", "hold") in proposed()
    judge(brand, 60, 0, SURE, source="overturned")
    control.reestimate(actor=admin, now=now)
    assert ("global", "hold") not in proposed()


def test_a_refusal_needs_a_reason_and_is_remembered(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    judge(brand, 60, 1, SURE, source="established")
    control.reestimate(actor=admin, now=now)
    hold = proposed()["global", "hold"]
    with pytest.raises(InvalidInput, match="why it is refused"):
        control.refuse(actor=admin, proposal=hold, reason=" ", now=now)
    control.refuse(actor=admin, proposal=hold, reason="Sellers first", now=now)
    control.reestimate(actor=admin, now=now)
    assert ("global", "hold") not in proposed()
    # Half as many facts again: it may be asked once more.
    judge(brand, 40, 1, SURE, source="established")
    control.reestimate(actor=admin, now=now)
    assert ("global", "hold") in proposed()


def test_a_threshold_is_withdrawn_with_a_reason(admin: Actor, brand: Brand, now: datetime) -> None:
    judge(brand, 60, 0, FAINT)
    judge(brand, 40, 1, SURE)
    control.reestimate(actor=admin, now=now)
    push = in_force()["global", "push"]
    with pytest.raises(InvalidInput):
        control.withdraw(actor=admin, threshold=push, reason="", now=now)
    control.withdraw(actor=admin, threshold=push, reason="A sale brings odd verdicts", now=now)
    assert ("global", "push") not in in_force()
    control.reestimate(actor=admin, now=now)
    assert ("global", "push") not in in_force()
    with pytest.raises(StaleState):
        control.withdraw(actor=admin, threshold=push, reason="again", now=now)


def test_explored_links_of_one_brand_do_not_move_everybodys_threshold(brand: Brand) -> None:
    for _ in range(5):
        judge(BrandFactory(), 10, 1, SURE, source="established")
    judge(brand, 40, 0, FAINT, source="overturned", propensity=0.01)
    rules = registry.champion()
    gathered = gather(names_of(rules))
    everywhere, scored = next(iter(scopes_with_facts(lesson_of(rules), gathered)))
    assert everywhere is GLOBAL
    loud = gathered.judged.evidence.labels < 0.5
    # Six brands, so none has more than a third, whatever its links stand for.
    for weights in (scored.trust, scored.as_it_is.trust):
        assert weights[loud].sum() / weights.sum() == pytest.approx(1 / 3)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_wins(now: datetime) -> None:
    RulesetFactory()
    proposal = row(BrandFactory(), state="proposed", act="hold", value=0.9, why="better")
    first = MemberFactory(platform_admin=True)
    second = MemberFactory(platform_admin=True, organisation=first.organisation)
    people = [of_member(member) for member in (first, second)]
    start = threading.Barrier(2)
    answers: list[str] = []

    def press(actor: Actor) -> None:
        own = ControlThreshold.objects.get(pk=proposal.pk)
        start.wait()
        try:
            control.accept(actor=actor, proposal=own, now=now)
            answers.append("accepted")
        except StaleState as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(actor,)) for actor in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["accepted", "moved_meanwhile"]
    assert ControlThreshold.objects.get().state == "in_force"
    assert JournalEntry.objects.filter(verb="control.in_force").count() == 1


def test_a_proposal_made_under_other_rules_is_not_accepted(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    old = registry.champion(now=now)
    proposal = row(brand, state="proposed", act="hold", value=0.9, why="better")
    content = {**old.content, "intercept": -2.5}
    type(old).objects.filter(pk=old.pk).update(state="retired")
    RulesetFactory(content=content, content_hash="f" * 64)
    with pytest.raises(StaleState, match="Other rules"):
        control.accept(actor=admin, proposal=proposal, now=now)


def test_a_proposal_beside_a_threshold_that_moved_is_not_accepted(
    admin: Actor, brand: Brand, now: datetime
) -> None:
    row(brand, act="push", value=0.8)
    proposal = row(brand, state="proposed", value=0.4, old_value=0.6, why="better")
    with pytest.raises(StaleState, match="has changed"):
        control.accept(actor=admin, proposal=proposal, now=now)


def test_the_push_obeys_the_brands_threshold(admin: Actor, brand: Brand, now: datetime) -> None:
    set_loop_policy(actor=admin, choices=Choices(promotes_alone=False, exploration=0.0), now=now)
    threshold = row(brand, value=0.97)
    MatchWorkFactory(version=ListingVersionFactory(title=DISGUISED))
    match_pending(now=now)
    assert not SuspectedLink.objects.exists()
    control.withdraw(actor=admin, threshold=threshold, reason="too few", now=now)
    row(brand, value=0.05)
    registry.poll_now()
    MatchWorkFactory(version=ListingVersionFactory(title="Velmora shoes"))
    match_pending(now=now)
    link = SuspectedLink.objects.get()
    assert (link.threshold, link.explores) == (0.05, False)
    assert link.score < 0.5


def test_others_change_nothing(brand: Brand, now: datetime) -> None:
    owner = of_member(MemberFactory(organisation=brand.organisation, role=Role.OWNER))
    stranger = of_member(MemberFactory(role=Role.OWNER))
    proposal = row(brand, state="proposed", act="hold", why="better")
    for refused in (
        lambda: control.reestimate(actor=owner, now=now),
        lambda: control.accept(actor=owner, proposal=proposal, now=now),
        lambda: control.refuse(actor=owner, proposal=proposal, reason="x", now=now),
        lambda: control.withdraw(actor=owner, threshold=proposal, reason="x", now=now),
        lambda: control_wishes.wish(actor=stranger, brand=brand, value=0.9, now=now),
    ):
        with pytest.raises(NotAllowed):
            refused()


@pytest.mark.parametrize(
    ("field", "value"), [("push_target", 0.2), ("hold_target", float("nan")), ("hold_target", 1.0)]
)
def test_a_target_out_of_range_is_refused(
    admin: Actor, now: datetime, field: str, value: float
) -> None:
    shipped = Choices(promotes_alone=False, exploration=0.05)
    if field == "push_target":
        chosen = replace(shipped, push_target=value)
    else:
        chosen = replace(shipped, hold_target=value)
    with pytest.raises(InvalidInput) as refusal:
        set_loop_policy(actor=admin, choices=chosen, now=now)
    assert refusal.value.errors[0].field == field
    assert loop_policy().push_target == 0.7
