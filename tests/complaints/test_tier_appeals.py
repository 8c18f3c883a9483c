"""Appeals of a tier: made by the rights holder, answered with reasons by the platform."""

from datetime import timedelta

import pytest

from complaints.models import MisuseStep
from complaints.services import credit, tier_appeals
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, Mandate, OutboxMessage, Role
from tests.complaints.support import platform_admin
from tests.factories import CreditAccountFactory, MemberFactory, OrganisationFactory, give_past

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(now):
    """A trusted account that has just fallen."""
    account = CreditAccountFactory(tier="trusted")
    give_past(account, today=now.date(), established=100, overturned=20)
    credit.assess(account=account, now=now)
    assert account.tier == "standard"
    return account


@pytest.fixture
def owner(account):
    return of_member(MemberFactory(organisation=account.organisation))


def make(account, actor, now, wanted="trusted", statement="Twenty were one listing."):
    return tier_appeals.make(
        actor=actor, account=account, statement=statement, wanted=wanted, now=now
    )


def answer(appeal, now, granted, reasons="Counted wrongly.", actor=None):
    tier_appeals.answer(
        actor=actor or platform_admin(), appeal=appeal, granted=granted, reasons=reasons, now=now
    )


def test_a_granted_appeal_restores_the_tier_and_holds_it(account, owner, now):
    appeal = make(account, owner, now)
    answer(appeal, now, granted=True)
    account.refresh_from_db()
    assert (account.tier, account.locked_until) == ("trusted", None)
    assert account.held_until == now.date() + timedelta(days=30)
    credit.assess(account=account, now=now + timedelta(days=29))
    assert account.tier == "trusted"
    credit.assess(account=account, now=now + timedelta(days=30))
    assert account.tier == "standard"
    assert JournalEntry.objects.filter(verb="tier_appeal.granted").count() == 1
    assert OutboxMessage.objects.filter(key__startswith="mail:tier-appeal:").count() == 1


def test_a_granted_appeal_gives_nothing_back_that_misuse_takes(account, owner, now):
    factors = {"number": 6, "total": 6, "gravity": 1, "intent": "unknown"}
    MisuseStep.objects.create(
        organisation=account.organisation,
        level="reduced",
        state="in_force",
        **factors,
        proposed_at=now,
        decided_at=now,
        until=now + timedelta(days=90),
    )
    appeal = make(account, owner, now)
    answer(appeal, now, granted=True)
    account.refresh_from_db()
    assert account.tier == "standard"


def test_a_refused_appeal_changes_nothing_but_is_answered(account, owner, now):
    appeal = make(account, owner, now)
    answer(appeal, now, granted=False, reasons="They were twenty listings.")
    account.refresh_from_db()
    assert account.tier == "standard"
    assert account.locked_until is not None
    assert appeal.answer == "They were twenty listings."
    make(account, owner, now)


def test_one_appeal_at_a_time_and_each_answered_once(account, owner, now):
    appeal = make(account, owner, now)
    with pytest.raises(StaleState):
        make(account, owner, now)
    tier_appeals.withdraw(actor=owner, appeal=appeal, now=now)
    with pytest.raises(StaleState):
        answer(appeal, now, granted=True)


@pytest.mark.parametrize(
    ("wanted", "statement", "field"),
    [("standard", "Why", "wanted"), ("gold", "Why", "wanted"), ("trusted", "  ", "statement")],
)
def test_it_says_what_is_missing(account, owner, now, wanted, statement, field):
    with pytest.raises(InvalidInput) as refused:
        make(account, owner, now, wanted, statement)
    assert refused.value.field == field
    with pytest.raises(InvalidInput):
        answer(make(account, owner, now), now, granted=True, reasons="")


def test_who_may_appeal_and_who_may_answer(account, owner, now):
    viewer = of_member(MemberFactory(organisation=account.organisation, role=Role.VIEWER))
    stranger = of_member(MemberFactory())
    for actor in (viewer, stranger, SYSTEM, platform_admin()):
        with pytest.raises(NotAllowed):
            make(account, actor, now)
    appeal = make(account, owner, now)
    own = MemberFactory(organisation=platform_admin().organisation, role=Role.PLATFORM_ADMIN)
    MemberFactory(user=own.user, organisation=account.organisation)
    for actor in (owner, of_member(own), SYSTEM):
        with pytest.raises(NotAllowed):
            answer(appeal, now, granted=True, actor=actor)


def test_an_agent_does_not_appeal_for_another_agent_of_its_client(account, now):
    agent = OrganisationFactory(agent=True)
    Mandate.objects.create(
        agent=agent,
        rights_holder=account.organisation,
        valid_from=now.date(),
        valid_to=now.date(),
    )
    acting = of_member(MemberFactory(organisation=agent), account.organisation)
    with pytest.raises(NotAllowed) as refused:
        make(account, acting, now)
    assert refused.value.code == "other_agent"
