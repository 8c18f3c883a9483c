"""Self-service: decided at once, drawn by lot, reviewed blind, and queued by deadline and harm."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from complaints import statement_schema
from complaints.models import (
    Complaint,
    CreditAccount,
    Decision,
    Order,
    SampledReview,
    Strike,
)
from complaints.selectors import decision_queue
from complaints.services import corrections, credit, decisions, filing, sampling
from complaints.similar import similar_decisions
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, OutboxMessage, Role
from pushes.services import rates
from tests.complaints.support import complainant_of, platform_admin, read_journal
from tests.factories import (
    ComplaintFactory,
    CreditAccountFactory,
    InfringingLinkFactory,
    ListingVersionFactory,
    MemberFactory,
    give_past,
)

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=9)


def trusted_with(account: CreditAccount, now: datetime, established: int = 200) -> CreditAccount:
    give_past(account, today=now.date(), established=established)
    credit.assess(account=account, now=now)
    return account


@pytest.fixture
def link():
    return InfringingLinkFactory()


@pytest.fixture
def account(link, now):
    """A self-service account of the link's rights holder."""
    account = trusted_with(CreditAccountFactory(organisation=link.organisation), now)
    assert account.tier == "self_service"
    return account


def file(link, now, actor=None):
    result = filing.file(
        actor=actor or complainant_of(link), links=[link], now=now, statement_accepted=True
    )
    filing.settle_due(now=now + LATER)
    return Complaint.objects.get(pk=result.filed[0].pk)


class TestDecidedAtOnce:
    def test_a_self_service_complaint_is_decided_when_it_can_no_longer_be_undone(
        self, link, account, now
    ):
        complaint = file(link, now)
        assert complaint.state == "established"
        decision = complaint.decision
        assert (decision.automated, decision.decided_by) == (True, None)
        assert decision.statement.eu_record["automated_decision"] == "AUTOMATED_DECISION_FULLY"
        assert not statement_schema.problems(decision.statement.eu_record)
        assert (Order.objects.count(), Strike.objects.count()) == (1, 1)
        assert JournalEntry.objects.get(verb="decision.made").data["automated"] is True
        assert OutboxMessage.objects.filter(key=f"mail:decision:{complaint.uuid}").count() == 1
        assert filing.settle_due(now=now + LATER) == 0
        assert Decision.objects.count() == 1

    def test_other_accounts_go_to_the_queue(self, link, now):
        complaint = file(link, now)
        assert complaint.state == "filed"
        assert list(decision_queue(platform_admin())) == [complaint]
        assert not Decision.objects.exists()

    def test_a_new_reason_code_follows_the_pool(self, link, account, now):
        CreditAccount.objects.filter(pk=account.pk).update(reason="design")
        assert file(link, now).state == "established"
        assert CreditAccount.objects.get(reason="counterfeit").tier == "self_service"

    def test_an_agents_tier_is_not_the_rights_holders(self, link, account, now):
        from_agent = ComplaintFactory(
            link=link, filed_by=MemberFactory(), state=Complaint.State.HELD
        )
        filing.settle_due(now=now + LATER)
        from_agent.refresh_from_db()
        assert from_agent.state in {"filed", "frozen"}, "without a letter it does not even stand"
        assert not Decision.objects.exists()

    def test_a_right_that_lapsed_meanwhile_sends_it_to_people(self, link, account, now):
        result = filing.file(
            actor=complainant_of(link), links=[link], now=now, statement_accepted=True
        )
        link.brand.registrations.update(valid_to=now.date() - timedelta(days=1))
        filing.settle_due(now=now + LATER)
        complaint = Complaint.objects.get(pk=result.filed[0].pk)
        assert complaint.state in {"filed", "frozen"}
        assert not Decision.objects.exists()

    def test_a_statement_that_cannot_be_written_leaves_it_filed_for_people(
        self, link, account, now, monkeypatch
    ):
        monkeypatch.setitem(statement_schema.SCHEMA["properties"], "puid", {"const": "never"})
        complaint = file(link, now)
        assert complaint.state == "filed"
        assert not Decision.objects.exists()
        assert not Order.objects.exists()

    def test_people_still_decide_only_as_people(self, link, now):
        with pytest.raises(NotAllowed):
            decisions.decide(
                actor=SYSTEM,
                complaint=file(link, now),
                outcome="established",
                code="infringement_clear",
                now=now,
            )


class TestTheSample:
    def test_the_first_are_all_drawn(self, link, account, now):
        complaint = file(link, now)
        drawn = SampledReview.objects.get()
        assert (drawn.complaint, drawn.account, drawn.why) == (complaint, account, "first")
        account.refresh_from_db()
        assert account.self_service_count == 1

    def test_afterwards_the_lot_decides(self, link, account, now, monkeypatch):
        CreditAccount.objects.update(self_service_count=50)
        monkeypatch.setattr(sampling, "MONTH", timedelta(0))  # no volume: 10 a month is all
        file(link, now)
        assert SampledReview.objects.get().why == "drawn"

    def test_lots_are_even_and_can_be_repeated(self):
        lots = [sampling.lot_of(Complaint()) for __ in range(2000)]
        assert 0.46 < sum(lots) / len(lots) < 0.54
        assert 35 <= sum(lot < 0.03 for lot in lots) <= 90
        one = Complaint()
        assert sampling.lot_of(one) == sampling.lot_of(one)

    def test_a_month_that_fell_short_is_topped_up_once(self, account, now):
        CreditAccount.objects.update(self_service_count=80)
        for __ in range(14):
            complaint = ComplaintFactory(
                link=InfringingLinkFactory(brand__organisation=account.organisation),
                state="established",
                decided_at=now,
            )
            Decision.objects.create(
                complaint=complaint,
                outcome="established",
                code="infringement_clear",
                automated=True,
                at=now,
            )
        next_month = datetime(2026, 7, 1, 0, 5, tzinfo=UTC)
        assert sampling.top_up_due(now=next_month) == 10
        assert sampling.top_up_due(now=next_month) == 0
        drawn = {row.complaint.pk for row in SampledReview.objects.all()}
        lowest = sorted(Complaint.objects.all(), key=sampling.lot_of)[:10]
        assert drawn == {complaint.pk for complaint in lowest}


class TestTheReview:
    @pytest.fixture
    def sampled(self, link, account, now):
        file(link, now)
        return SampledReview.objects.get()

    def review(self, sampled, now, outcome="established", code="infringement_clear", actor=None):
        return sampling.review(
            actor=actor or platform_admin(), sampled=sampled, outcome=outcome, code=code, now=now
        )

    def test_agreement_enters_the_ledger(self, sampled, account, now):
        self.review(sampled, now)
        assert sampled.state == "agreed"
        read_journal()
        assert account.lines.filter(kind="audit_passed").count() == 1
        account.refresh_from_db()
        assert account.tier == "self_service"

    def test_an_early_error_enters_the_ledger_and_ends_self_service(self, sampled, account, now):
        self.review(sampled, now, "rejected", "first_sale")
        assert sampled.state == "disagreed"
        read_journal()
        account.refresh_from_db()
        assert account.tier == "trusted"
        assert account.locked_until is not None

    def test_an_error_is_put_right_by_a_second_person_once(self, sampled, account, now):
        first = platform_admin()
        self.review(sampled, now, "rejected", "first_sale", actor=first)
        with pytest.raises(NotAllowed) as refused:
            corrections.confirm(actor=first, sampled=sampled, now=now)
        assert refused.value.code == "second_person"
        second = of_member(MemberFactory(organisation=first.organisation, role=Role.PLATFORM_ADMIN))
        stale = SampledReview.objects.get(pk=sampled.pk)
        corrections.confirm(actor=second, sampled=sampled, now=now)
        with pytest.raises(StaleState):
            corrections.uphold(actor=second, sampled=stale, now=now)
        complaint = Complaint.objects.get()
        assert complaint.state == "overturned"
        assert list(complaint.orders.values_list("kind", flat=True).order_by("pk")) == [
            "take_down",
            "reinstate",
        ]
        assert complaint.strike.reversed_at == now
        done = complaint.reinstatements.get()
        assert (done.asked_by, done.settled_by) == (first.member, second.member)
        assert (done.ground, done.code, done.state) == ("corrected", "first_sale", "confirmed")
        told = OutboxMessage.objects.filter(key__startswith=f"mail:reinstated:{done.uuid}")
        assert "second look" in told.earliest("pk").payload["text"]
        read_journal()
        assert set(account.lines.exclude(complaint=None).values_list("kind", flat=True)) == {
            "established",
            "audit_failed",
            "overturned",
        }

    def test_one_reviewer_wins_and_the_code_must_fit(self, sampled, now):
        stale = SampledReview.objects.get(pk=sampled.pk)
        with pytest.raises(InvalidInput):
            self.review(sampled, now, "rejected", "infringement_clear")
        self.review(sampled, now)
        with pytest.raises(StaleState):
            self.review(stale, now, "rejected", "first_sale")

    def test_nobody_reviews_their_own_organisation_nor_without_the_role(self, sampled, now):
        own = MemberFactory(organisation=platform_admin().organisation, role=Role.PLATFORM_ADMIN)
        MemberFactory(user=own.user, organisation=sampled.complaint.organisation)
        for actor in (of_member(own), complainant_of(sampled.complaint), SYSTEM):
            with pytest.raises(NotAllowed):
                self.review(sampled, now, actor=actor)

    def test_the_page_shows_the_case_but_not_the_decision(self, sampled, now, signed_in):
        staff = signed_in(platform_admin().member)
        assert str(sampled.uuid) in staff.get(reverse("complaints:reviews")).content.decode()
        address = reverse("complaints:review", args=[sampled.uuid])
        page = staff.get(address).content.decode()
        main = page[page.index("<main") :]
        assert sampled.complaint.link.version.title in main
        button = main.count('value="established"')
        assert (button, main.lower().count("established")) == (1, 1)
        for told in ("sor-", "self-service", "Strike points", "Take-down", "Similar decisions"):
            assert told not in main
        assert staff.post(address, {"outcome": "rejected"}).status_code == 422
        data = {"outcome": "rejected", "code": "wrong_item"}
        assert staff.post(address, data).status_code == 302
        assert staff.get(address).status_code == 404

    def test_tenants_have_no_such_pages(self, sampled, signed_in):
        owner = signed_in(MemberFactory(organisation=sampled.complaint.organisation))
        assert owner.get(reverse("complaints:reviews")).status_code == 403
        assert owner.get(reverse("complaints:review", args=[sampled.uuid])).status_code == 403


class TestTheQueue:
    def test_what_is_due_first_comes_first_then_the_greater_harm(self, now):
        rates.seed()
        mild, grave, late = (
            InfringingLinkFactory(version=ListingVersionFactory(attributes=attributes))
            for attributes in ({}, {"sales": "5000"}, {"sales": "9"})
        )
        first = file(late, now)
        harmless, harmful = (
            file(mild, now + timedelta(days=1)),
            file(grave, now + timedelta(days=1, minutes=1)),
        )
        assert list(decision_queue(platform_admin())) == [first, harmful, harmless]
        assert harmful.harm > harmless.harm > 0
        assert harmful.harm_parts["sales"] == 5000
        assert harmful.due_at == harmless.due_at

    def test_a_trusted_account_is_decided_sooner(self, link, now):
        other = InfringingLinkFactory()
        trusted_with(CreditAccountFactory(organisation=link.organisation), now, established=80)
        assert file(link, now).due_at < file(other, now).due_at

    def test_the_page_says_why_a_case_is_where_it_is(self, link, now, signed_in):
        complaint = file(link, now)
        page = signed_in(platform_admin().member).get(
            reverse("complaints:decide", args=[complaint.uuid])
        )
        assert "Why here in the queue" in page.content.decode()


class TestSimilarDecisions:
    def decided(self, link, now, outcome="established"):
        complaint = ComplaintFactory(link=link)
        code = "infringement_clear" if outcome == "established" else "first_sale"
        return decisions.decide(
            actor=platform_admin(), complaint=complaint, outcome=outcome, code=code, now=now
        )

    def test_seller_text_picture_and_listing_are_told_apart(self, now):
        version = ListingVersionFactory(title="Velmora runner shoe red size 42")
        case = ComplaintFactory(
            link=InfringingLinkFactory(version=version, snapshot={"image_hashes": ["a", "b"]})
        )
        brand = case.link.brand
        same_listing = self.decided(InfringingLinkFactory(version=version), now)
        same_seller = self.decided(
            InfringingLinkFactory(
                version=ListingVersionFactory(seller=version.seller, title="Handbag")
            ),
            now,
        )
        same_picture = self.decided(
            InfringingLinkFactory(brand=brand, snapshot={"image_hashes": ["b"]}), now
        )
        same_text = self.decided(
            InfringingLinkFactory(
                brand=brand,
                version=ListingVersionFactory(title="velmora Runner shoe RED, size 42"),
            ),
            now,
            "rejected",
        )
        self.decided(InfringingLinkFactory(brand=brand), now)
        self.decided(InfringingLinkFactory(), now)
        found = {each.decision: each.marks for each in similar_decisions(case)}
        assert found[same_listing] == ("listing", "text", "seller")
        assert found[same_seller] == ("seller",)
        assert found[same_picture] == ("pictures", "brand")
        assert "text" in found[same_text]
        assert len(found) == 4, "the brand alone, or nothing, is not similar"

    def test_a_rejection_says_what_to_do(self, link, now, signed_in):
        complaint = self.decided(link, now, "rejected").complaint
        owner = signed_in(MemberFactory(organisation=link.organisation))
        page = owner.get(complaint.get_absolute_url()).content.decode()
        assert "What to do" in page
        assert "may be sold on" in page
