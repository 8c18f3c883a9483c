"""The ledger: every fact once, the right account, and a tier that follows from it."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import credit_rules
from complaints.credit_rules import Kind, Line
from complaints.credit_selectors import (
    accounts_visible_to,
    cases_of,
    day_of,
    figures_of,
    windows_of_family,
)
from complaints.models import Complaint, CreditAccount, CreditDay, CreditLine, CreditRules
from complaints.services import credit, credit_settings, decisions
from complaints.tier_rules import Rules, Tier
from portal.core import states
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import JournalEntry, OutboxMessage
from pushes.services import links, review
from tests.complaints.support import complainant_of, platform_admin, read_journal
from tests.factories import (
    ComplaintFactory,
    CreditAccountFactory,
    MemberFactory,
    OrganisationFactory,
    SuspectedLinkFactory,
    give_past,
)

pytestmark = pytest.mark.django_db


def decide(complaint: Complaint, now: datetime, outcome: str = "established") -> None:
    code = "infringement_clear" if outcome == "established" else "evidence_missing"
    decisions.decide(
        actor=platform_admin(), complaint=complaint, outcome=outcome, code=code, now=now
    )


def kinds_of(account: CreditAccount) -> list[str]:
    return list(account.lines.order_by("pk").values_list("kind", flat=True))


def test_a_decision_enters_the_ledger_once(now):
    complaint = ComplaintFactory()
    decide(complaint, now)
    read_journal()
    account = CreditAccount.objects.get(reason="counterfeit")
    assert (account.organisation, account.agent) == (complaint.organisation, None)
    line = account.lines.get()
    assert (line.kind, line.day, line.complaint) == ("established", now.date(), complaint)
    assert (
        credit.add(account=account, kind=Kind.ESTABLISHED, key=line.key, day=line.day, now=now)
        is False
    )
    assert CreditDay.objects.get(account=account).established == 1


def test_a_rejection_counts_and_what_is_only_filed_does_not(now):
    decide(ComplaintFactory(), now, "rejected")
    ComplaintFactory()
    read_journal()
    assert kinds_of(CreditAccount.objects.get(reason="counterfeit")) == ["rejected"]


def test_an_overturned_case_counts_on_the_day_it_was_decided(now):
    complaint = ComplaintFactory()
    decide(complaint, now)
    later = now + timedelta(days=40)
    for to in ("contested", "overturned"):
        states.move(complaint, to, actor=SYSTEM, now=later)
    read_journal()
    account = CreditAccount.objects.get(reason="counterfeit")
    assert kinds_of(account) == ["established", "overturned"]
    assert set(account.lines.values_list("day", flat=True)) == {now.date()}


def test_silence_until_the_term_ends_counts_like_taking_the_complaint_back(now):
    complaint = ComplaintFactory()
    decide(complaint, now)
    states.move(complaint, "contested", actor=SYSTEM, now=now)
    states.move(complaint, "overturned", actor=SYSTEM, now=now, data={"ground": "term_over"})
    read_journal()
    account = CreditAccount.objects.get(reason="counterfeit")
    assert kinds_of(account) == ["established", "retracted"]


def test_a_counter_notice_refused_adds_nothing(now):
    complaint = ComplaintFactory()
    decide(complaint, now)
    for to in ("contested", "established", "retracted"):
        states.move(complaint, to, actor=SYSTEM, now=now)
    read_journal()
    account = CreditAccount.objects.get(reason="counterfeit")
    assert kinds_of(account) == ["established", "retracted"]


def test_a_fall_under_one_client_leaves_the_agents_other_accounts_alone(now):
    agent = OrganisationFactory(agent=True)
    fallen, other = (
        CreditAccountFactory(agent=agent, tier="trusted"),
        CreditAccountFactory(agent=agent, tier="trusted"),
    )
    give_past(fallen, today=now.date(), established=100, overturned=20)
    give_past(other, today=now.date(), established=100)
    for account in (fallen, other):
        credit.assess(account=account, now=now)
    assert (fallen.tier, other.tier) == ("standard", "trusted")
    assert fallen.locked_until is not None
    assert other.locked_until is None


def test_verdicts_in_time_and_late_count_once_a_link(now):
    link = SuspectedLinkFactory(due_at=now + timedelta(days=1))
    late = SuspectedLinkFactory(
        brand=link.brand, pushed_at=now - timedelta(days=9), due_at=now - timedelta(days=1)
    )
    links.lapse_due(now=now)
    actor = complainant_of(link)
    for each in (link, late):
        each.refresh_from_db()
        review.give_verdict(actor=actor, link=each, outcome="genuine", now=now)
    review.settle_due(now=now + timedelta(minutes=1))
    read_journal()
    account = CreditAccount.objects.get(reason="", agent=None)
    assert sorted(kinds_of(account)) == ["in_time", "late"]


def test_the_ledger_and_the_rules_cannot_be_changed(now):
    account = CreditAccountFactory()
    give_past(account, today=now.date(), established=1)
    for change in (
        lambda: CreditLine.objects.update(kind="rejected"),
        lambda: CreditLine.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_rise_is_journalled_and_told(now):
    account = CreditAccountFactory()
    owner = MemberFactory(organisation=account.organisation)
    give_past(account, today=now.date(), established=124)
    credit.assess(account=account, now=now)
    assert account.tier == "trusted"
    credit.add(account=account, kind=Kind.ESTABLISHED, key="one", day=now.date(), now=now)
    credit.assess(account=account, now=now)
    assert (account.tier, account.tier_since) == ("self_service", now)
    entry = JournalEntry.objects.filter(verb="credit.tier_raised").latest("id")
    assert entry.data["after"] == "self_service"
    assert {check["code"] for check in entry.data["checks"]} >= {"cases", "established"}
    mails = OutboxMessage.objects.filter(handler="mail.send")
    assert {mail.payload["to"][0] for mail in mails} == {owner.user.email}
    assert mails.count() == 2


def test_time_alone_takes_cases_out_of_the_window(now):
    account = CreditAccountFactory(tier="self_service")
    give_past(account, today=now.date(), span=10, established=200)
    assert credit.reassess_due(now=now) == 1
    account.refresh_from_db()
    assert account.tier == "self_service"
    assert credit.reassess_due(now=now) == 0, "once a day"
    credit.reassess_due(now=now + timedelta(days=190))
    account.refresh_from_db()
    assert (account.tier, account.locked_until) == ("standard", None)


def test_a_new_agent_reason_code_borrows_from_the_pool_of_the_same_agent_only(now):
    agent = OrganisationFactory(agent=True)
    rich = CreditAccountFactory(agent=agent)
    thin = CreditAccountFactory(organisation=rich.organisation, agent=agent, reason="design")
    foreign = CreditAccountFactory(organisation=rich.organisation, reason="design")
    give_past(rich, today=now.date(), established=130)
    for account in (thin, foreign):
        credit.assess(account=account, now=now)
    assert (thin.tier, foreign.tier) == ("self_service", "standard")


LINES = st.lists(
    st.tuples(st.sampled_from(list(Kind)), st.integers(0, 220), st.booleans()), max_size=25
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(LINES)
def test_the_counts_equal_the_recomputation_from_the_ledger(db, lines):
    now = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)
    today, rules = now.date(), Rules()
    with transaction.atomic():
        first = CreditAccountFactory()
        second = CreditAccountFactory(organisation=first.organisation, reason="patent")
        for number, (kind, ago, is_first) in enumerate(lines):
            for __ in range(2):  # a fact told twice counts once
                credit.add(
                    account=first if is_first else second,
                    kind=kind,
                    key=f"line:{number}",
                    day=today - timedelta(days=ago),
                    now=now,
                )
        found = windows_of_family(first, today, rules)
        for account in (first, second):
            ledger = [
                Line(Kind(kind), day) for kind, day in account.lines.values_list("kind", "day")
            ]
            expected = credit_rules.Windows(
                credit_rules.fold(ledger, today, rules.window_long),
                credit_rules.fold(ledger, today, rules.window_short),
            )
            assert found.get(account.pk, credit_rules.Windows()) == expected
            assert credit.recount(account) == credit.counted(account)
        transaction.set_rollback(True)


def test_recount_agrees_and_finds_and_repairs_a_count_that_was_touched(now):
    account = CreditAccountFactory()
    give_past(account, today=now.date(), established=130, rejected=2)
    out = StringIO()
    call_command("recount_credit", stdout=out)
    assert "1 accounts agree" in out.getvalue()
    CreditDay.objects.filter(account=account, rejected=1).update(rejected=0)
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("recount_credit", stdout=out)
    call_command("recount_credit", "--repair", stdout=out)
    assert credit.recount(account) == credit.counted(account)
    call_command("recount_credit", stdout=out)


class TestRules:
    def test_the_operator_changes_them_with_a_reason_on_record(self, now):
        content = Rules().to_dict() | {"lockout": 30}
        content["trusted"] = {**content["trusted"], "cases": 80}
        credit_settings.change(
            actor=platform_admin(), content=content, reason="More cases", now=now
        )
        entry = JournalEntry.objects.get(verb="credit.rules_changed")
        assert entry.data["before"]["trusted"]["cases"] == 73
        assert entry.data["after"]["trusted"]["cases"] == 80
        account = CreditAccountFactory()
        give_past(account, today=now.date(), established=79)
        credit.assess(account=account, now=now)
        assert account.tier == "standard"

    @pytest.mark.parametrize(
        ("content", "reason", "field"),
        [
            ({"lockout": 0}, "Why", "lockout"),
            ({"trusted": {"nonsense": 1}}, "Why", "content"),
            ({"lockout": "many"}, "Why", "content"),
            ({}, " ", "reason"),
        ],
    )
    def test_impossible_rules_are_refused_and_named(self, now, content, reason, field):
        with pytest.raises(InvalidInput) as refused:
            credit_settings.change(actor=platform_admin(), content=content, reason=reason, now=now)
        assert refused.value.field == field
        assert not CreditRules.objects.exists()

    def test_nobody_else_changes_them(self, now):
        for actor in (of_member(MemberFactory()), SYSTEM):
            with pytest.raises(NotAllowed):
                credit_settings.change(actor=actor, content={}, reason="Why", now=now)


class TestWhoSees:
    def test_a_rights_holder_its_own_an_agent_its_own_part_the_platform_all(self):
        agent, other = OrganisationFactory(agent=True), OrganisationFactory(agent=True)
        own = CreditAccountFactory()
        through = CreditAccountFactory(organisation=own.organisation, agent=agent)
        through_other = CreditAccountFactory(organisation=own.organisation, agent=other)
        foreign = CreditAccountFactory(agent=agent)
        owner = of_member(MemberFactory(organisation=own.organisation))
        assert set(accounts_visible_to(owner)) == {own, through, through_other}
        acting = of_member(MemberFactory(organisation=agent), own.organisation)
        assert set(accounts_visible_to(acting)) == {through}
        assert accounts_visible_to(platform_admin()).count() == 4
        assert foreign in accounts_visible_to(platform_admin())
        assert not accounts_visible_to(None).exists()

    def test_every_contributing_case_is_listed(self, now):
        rules, today = Rules(), day_of(now)
        account = CreditAccountFactory()
        sibling = CreditAccountFactory(organisation=account.organisation, reason="patent")
        give_past(account, today=today, established=36)
        give_past(sibling, today=today, established=5, in_time=2)
        assert cases_of(account, today, rules).count() == 38, "own cases, and everybody's verdicts"
        assert cases_of(sibling, today, rules).count() == 43, "thin: the whole pool"
        assert figures_of(sibling, today, rules).pooled
        assert Tier(account.tier) is Tier.STANDARD


def test_a_day_is_a_utc_day():
    shanghai_morning = datetime(2026, 6, 3, 7, 0, tzinfo=UTC) - timedelta(hours=8)
    assert day_of(shanghai_morning) == date(2026, 6, 2)
