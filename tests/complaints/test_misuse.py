"""The misuse ladder: four factors at every step, warned first, suspended only by a person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from complaints import misuse_rules
from complaints.misuse_rules import Factors, Gravity, Intent, Level
from complaints.misuse_selectors import Subject, in_force, may_answer, may_complain
from complaints.models import CreditLine, MisuseStep
from complaints.services import counter_notices, credit, filing, misuse, statements
from portal.core.actors import of_member
from portal.core.errors import NotAllowed, StaleState
from portal.core.models import Mandate, OutboxMessage
from tests.complaints.hearing import brand_of, established, statement_of, submitted
from tests.complaints.support import platform_admin, read_journal
from tests.factories import (
    CreditAccountFactory,
    InfringingLinkFactory,
    MemberFactory,
    OrganisationFactory,
    SellerFactory,
    give_past,
)
from tests.factories.complaints import ComplaintFactory

pytestmark = pytest.mark.django_db


def unfounded(account, now, times=6):
    """Have so many of the account's complaints rejected, and the ladder look at them."""
    for __ in range(times):
        complaint = ComplaintFactory(
            link=InfringingLinkFactory(brand__organisation=account.organisation)
        )
        CreditLine.objects.create(
            account=account,
            kind="rejected",
            key=f"complaint:{complaint.pk}:rejected",
            complaint=complaint,
            day=now.date(),
            at=now,
        )
    return misuse.consider_notices(
        organisation_id=account.organisation_id, agent_id=account.agent_id, now=now
    )


@pytest.fixture
def account():
    return CreditAccountFactory()


class TestRules:
    def test_a_step_needs_number_and_share_or_a_forgery(self):
        def due(number, total, gravity=Gravity.NOTHING_HAPPENED):
            return misuse_rules.is_due(Factors(number, total, gravity, Intent.UNKNOWN))

        assert due(5, 20)
        assert not due(5, 21), "a small share of many is chance"
        assert not due(4, 4), "few are no habit"
        assert due(0, 500, Gravity.FORGED)

    def test_nobody_is_suspended_unwarned(self):
        assert misuse_rules.next_level(None) is Level.WARNING
        assert misuse_rules.next_level(Level.WARNING) is Level.REDUCED
        assert misuse_rules.next_level(Level.REDUCED) is Level.SUSPENDED
        assert [each for each in Level if misuse_rules.needs_person(each)] == [Level.SUSPENDED]


class TestLadder:
    def test_it_climbs_step_by_step_and_records_the_four_factors(self, account, now):
        warning = unfounded(account, now)
        assert (warning.level, warning.state) == ("warning", "in_force")
        assert (warning.number, warning.total, warning.gravity, warning.intent) == (
            6,
            6,
            1,
            "unknown",
        )
        assert (
            misuse.consider_notices(organisation_id=account.organisation_id, agent_id=None, now=now)
            is None
        ), "the same cases do not count twice"
        later = now + timedelta(days=1)
        reduced = unfounded(account, later)
        assert (reduced.level, reduced.state, reduced.intent) == ("reduced", "in_force", "careless")
        proposed = unfounded(account, later + timedelta(days=1))
        assert (proposed.level, proposed.state) == ("suspended", "proposed")

    def test_reduced_privileges_cap_the_tier_and_a_warning_does_not(self, account, now):
        give_past(account, today=now.date(), established=500)
        credit.assess(account=account, now=now)
        step = misuse.consider_notices(
            organisation_id=account.organisation_id, agent_id=None, now=now, is_forged=True
        )
        account.refresh_from_db()
        assert step is not None
        assert (step.level, step.gravity, step.intent) == ("warning", 3, "deliberate")
        assert account.tier == "self_service"
        misuse.consider_notices(
            organisation_id=account.organisation_id,
            agent_id=None,
            now=now + timedelta(days=1),
            is_forged=True,
        )
        account.refresh_from_db()
        assert (account.tier, account.locked_until is not None) == ("standard", True)

    def test_a_suspension_needs_a_person_stops_filing_and_ends_by_itself(self, account, now):
        step = self.suspension(account, now)
        link = InfringingLinkFactory(brand__organisation=account.organisation)
        actor = of_member(MemberFactory(organisation=account.organisation))
        assert may_complain(actor, now), "proposed, not in force"
        misuse.confirm(actor=platform_admin(), step=step, note="Third time.", now=now)
        with pytest.raises(NotAllowed) as refused:
            filing.file(actor=actor, links=[link], now=now, statement_accepted=True)
        assert refused.value.code == "suspended_for_misuse"
        after = now + timedelta(days=31)
        assert may_complain(actor, after)
        assert misuse.end_due(now=after) >= 1
        left = in_force(Subject(account.organisation_id), after)
        assert left is not None
        assert left.level == "reduced", "the step below it has a longer term"

    def suspension(self, account, now):
        for number in (3, 2):
            unfounded(account, now - timedelta(days=number))
        step = unfounded(account, now - timedelta(days=1))
        assert step.level == "suspended"
        return step

    def test_the_database_itself_refuses_a_suspension_without_a_person(self, account, now):
        step = self.suspension(account, now)
        with pytest.raises(IntegrityError), transaction.atomic():
            MisuseStep.objects.filter(pk=step.pk).update(state="in_force")

    def test_an_agents_suspension_for_one_client_leaves_the_other_and_the_client_alone(self, now):
        agent = OrganisationFactory(agent=True)
        account = CreditAccountFactory(agent=agent)
        other = CreditAccountFactory(agent=agent)
        step = self.suspension(account, now)
        misuse.confirm(actor=platform_admin(), step=step, note="Yes.", now=now)
        member = MemberFactory(organisation=agent)
        for client in (account.organisation, other.organisation):
            Mandate.objects.create(
                agent=agent,
                rights_holder=client,
                valid_from=now.date(),
                valid_to=now.date() + timedelta(days=9),
            )
        assert not may_complain(of_member(member, account.organisation), now)
        assert may_complain(of_member(member, other.organisation), now)
        assert may_complain(of_member(MemberFactory(organisation=account.organisation)), now)

    def test_a_granted_appeal_lifts_the_step_and_somebody_else_answers(self, account, now):
        step = self.suspension(account, now)
        admin = platform_admin()
        misuse.confirm(actor=admin, step=step, note="Yes.", now=now)
        owner = of_member(MemberFactory(organisation=account.organisation))
        appeal = misuse.appeal(actor=owner, step=step, statement="One seller.", now=now)
        with pytest.raises(StaleState):
            misuse.appeal(actor=owner, step=step, statement="Again.", now=now)
        with pytest.raises(NotAllowed):
            misuse.answer(actor=admin, appeal=appeal, granted=True, reasons="So.", now=now)
        second = of_member(MemberFactory(organisation=admin.organisation, role="platform_admin"))
        misuse.answer(actor=second, appeal=appeal, granted=True, reasons="Right.", now=now)
        step.refresh_from_db()
        assert step.state == "lifted"
        assert may_complain(owner, now)


class TestSellers:
    def test_unfounded_answers_climb_the_sellers_own_ladder(self, now):
        seller = SellerFactory()
        for number in range(3):
            at = now + timedelta(days=number)
            step = misuse.consider_answers(seller=seller, refused=5, total=6, now=at)
        assert step is not None
        assert (step.level, step.state, step.code) == (
            "suspended",
            "proposed",
            "unfounded_answers",
        )
        assert may_answer(seller, at)
        misuse.confirm(actor=platform_admin(), step=step, note="Yes.", now=at)
        assert not may_answer(seller, at)
        assert may_answer(None, at)
        assert may_answer(SellerFactory(), at)

    def test_a_seller_who_answers_without_grounds_is_warned_then_not_heard(self, client):
        # The page reads the clock.
        now = timezone.now() - timedelta(days=3)
        seller = SellerFactory()
        cases = [
            established(now, jurisdiction="DE", zone="Europe/Berlin", version__seller=seller)
            for __ in range(6)
        ]
        for complaint in cases[:5]:
            self.refused(complaint, now)
            read_journal()
        warning = MisuseStep.objects.get(seller=seller)
        assert (warning.level, warning.state) == ("warning", "in_force")
        assert (warning.number, warning.total, warning.code) == (5, 5, "unfounded_answers")
        assert OutboxMessage.objects.filter(
            key=f"mail:seller-warned:{warning.uuid}:seller"
        ).exists()
        address = statements.address_of(statement_of(cases[5]))
        path = address[address.index("/complaints/") :]
        page = client.get(path).content.decode()
        assert "5 of your 5 decided counter-notices" in page
        assert "Answer with a counter-notice" in page, "warned, and still heard"
        for days in (1, 2):
            at = now + timedelta(days=days)
            last = misuse.consider_answers(seller=seller, refused=5, total=5, now=at)
        assert last is not None
        misuse.confirm(actor=platform_admin(), step=last, note="Third time.", now=at)
        with pytest.raises(NotAllowed) as refused:
            submitted(cases[5], at)
        assert refused.value.code == "suspended_for_misuse"
        assert "Answer with a counter-notice" not in client.get(path).content.decode()
        assert submitted(cases[5], at + timedelta(days=31)).state == "forwarded"

    def refused(self, complaint, now, code="not_shown", **said):
        row = submitted(complaint, now)
        actor = brand_of(complaint)
        counter_notices.reply(actor=actor, counter_notice=row, text="Fake.", now=now, **said)
        counter_notices.refuse(actor=platform_admin(), counter_notice=row, code=code, now=now)

    def test_a_refusal_because_a_court_decides_finds_nothing_unfounded(self, now):
        seller = SellerFactory()
        suit = {"proceedings": "court", "reference": "7", "begun_on": now.date()}
        for __ in range(5):
            self.refused(established(now, version__seller=seller), now, "proceedings", **suit)
        read_journal()
        assert not MisuseStep.objects.exists()

    def test_few_refusals_are_no_misuse(self, now):
        assert misuse.consider_answers(seller=SellerFactory(), refused=4, total=4, now=now) is None


def test_the_pages_show_the_factors_to_whom_it_concerns(account, now, signed_in):
    step = TestLadder().suspension(account, now)
    staff = signed_in(platform_admin().member)
    address = reverse("complaints:misuse_step", args=[step.uuid])
    assert address in staff.get(reverse("complaints:measures")).content.decode()
    page = staff.get(address).content.decode()
    assert "Absolute number" in page
    assert "Careless" in page
    assert staff.post(address, {"accept": "yes"}).status_code == 422
    assert staff.post(address, {"accept": "yes", "reasons": "Frequent."}).status_code == 302
    owner = signed_in(MemberFactory(organisation=account.organisation))
    read = owner.get(address).content.decode()
    assert "Frequent." in read
    assert f'href="{reverse("complaints:accounts")}">' in read, "the way back to where it came from"
    told = owner.post(address, {"statement": "Not so."}, follow=True).content.decode()
    assert "Your appeal was made. A person of the platform answers it." in told
    assert signed_in(MemberFactory()).get(address).status_code == 404
