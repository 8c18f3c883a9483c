"""Deciding: everything that follows is written with the decision, once, or not at all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from complaints import statement_schema
from complaints.models import Complaint, Decision, Order, StatementOfReasons, Strike
from complaints.services import decisions, filing, statements
from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, OutboxMessage, Role
from pushes import policies as push_policies
from pushes.models import FeedbackFact
from tests.complaints.support import at_once, complainant_of, platform_admin
from tests.factories import (
    ComplaintFactory,
    InfringingLinkFactory,
    ListingVersionFactory,
    MarketplaceFactory,
    MemberFactory,
    OrganisationFactory,
)

pytestmark = pytest.mark.django_db

CLEAR = Decision.Code.INFRINGEMENT_CLEAR
REJECTIONS = [code for code in Decision.Code if code != CLEAR]


def establish(complaint: Complaint, now: datetime) -> Decision:
    return decisions.decide(
        actor=platform_admin(), complaint=complaint, outcome="established", code=CLEAR, now=now
    )


def reject(complaint: Complaint, code: str, now: datetime, note: str = "") -> Decision:
    return decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="rejected",
        code=code,
        note=note,
        now=now,
    )


def nothing_was_decided(complaint: Complaint) -> bool:
    state = Complaint.objects.get(pk=complaint.pk).state
    made = (Decision, StatementOfReasons, Order, Strike, FeedbackFact)
    return state == Complaint.State.FILED and not any(model.objects.exists() for model in made)


def filed_by_its_own(**values: Any) -> Any:
    """A complaint that one of the rights holder's own people filed."""
    link = InfringingLinkFactory()
    member = MemberFactory(organisation=link.organisation, **values)
    return ComplaintFactory(link=link, filed_by=member)


def test_established_writes_everything_that_follows(now: datetime) -> None:
    complaint = filed_by_its_own()
    seller = complaint.link.version.seller
    decision = establish(complaint, now)
    complaint.refresh_from_db()
    seller.refresh_from_db()
    assert (complaint.state, complaint.decided_at) == (Complaint.State.ESTABLISHED, now)
    assert decision.statement.puid == f"sor-{complaint.uuid}"
    order = complaint.orders.get()
    assert (order.kind, order.state) == (Order.Kind.TAKE_DOWN, Order.State.QUEUED)
    message = OutboxMessage.objects.get(handler="orders.send")
    assert message.key == f"order:{order.uuid}"
    assert (complaint.strike.seller, complaint.strike.points) == (seller, 3)
    assert seller.strike_points == 3
    fact = FeedbackFact.objects.get()
    assert (fact.key, fact.label) == (f"established:{complaint.uuid}", 1)


def test_each_step_enters_the_journal_with_its_brand(now: datetime) -> None:
    complaint = ComplaintFactory()
    establish(complaint, now)
    entries = {entry.verb: entry for entry in JournalEntry.objects.all()}
    for verb in ("complaint.established", "decision.made", "order.queued", "strike.added"):
        assert entries[verb].data["brand_id"] == complaint.link.brand_id
        assert entries[verb].organisation_id == complaint.organisation_id


def test_the_complainant_is_told_in_their_language_once(now: datetime) -> None:
    member = MemberFactory()
    complaint = ComplaintFactory(filed_by=member, organisation=member.organisation)
    reject(complaint, Decision.Code.EVIDENCE_MISSING, now, note="Show the label.")
    mail = OutboxMessage.objects.get(handler="mail.send")
    assert mail.key == f"mail:decision:{complaint.uuid}"
    assert mail.payload["to"] == [member.user.email]
    assert "Show the label." in mail.payload["text"]
    assert f"/complaints/{complaint.uuid}/" in mail.payload["text"]


def test_somebody_who_left_is_not_mailed(now: datetime) -> None:
    complaint = filed_by_its_own(active=False)
    establish(complaint, now)
    assert not OutboxMessage.objects.filter(handler="mail.send").exists()


@pytest.mark.parametrize("code", REJECTIONS)
def test_a_rejection_keeps_its_code_and_touches_no_seller(code: str, now: datetime) -> None:
    complaint = ComplaintFactory()
    decision = reject(complaint, code, now)
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.REJECTED
    assert decision.code == code
    assert not Order.objects.exists()
    assert not Strike.objects.exists()
    assert not StatementOfReasons.objects.exists()


@pytest.mark.parametrize(
    ("code", "label"),
    [("first_sale", 0), ("seller_authorised", 0), ("wrong_item", 0), ("evidence_missing", None)],
)
def test_only_a_rejection_on_the_merits_says_not_infringing(
    code: str, label: int | None, now: datetime
) -> None:
    reject(ComplaintFactory(), code, now)
    assert FeedbackFact.objects.get().label == label


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("established", "evidence_missing"),
        ("rejected", "infringement_clear"),
        ("rejected", ""),
        ("rejected", "because"),
        ("withdrawn", "infringement_clear"),
    ],
)
def test_a_code_must_fit_its_outcome(outcome: str, code: str, now: datetime) -> None:
    complaint = ComplaintFactory()
    with pytest.raises(InvalidInput):
        decisions.decide(
            actor=platform_admin(), complaint=complaint, outcome=outcome, code=code, now=now
        )
    assert nothing_was_decided(complaint)


def test_a_note_has_a_limit(now: datetime) -> None:
    with pytest.raises(InvalidInput):
        reject(ComplaintFactory(), Decision.Code.DUPLICATE, now, note="x" * 2001)


def test_only_platform_admins_decide(now: datetime) -> None:
    complaint = ComplaintFactory()
    auditor = MemberFactory(
        organisation=OrganisationFactory(platform=True), role=Role.PLATFORM_AUDITOR
    )
    for actor in (complainant_of(complaint, Role.OWNER), of_member(auditor), SYSTEM):
        with pytest.raises(NotAllowed):
            decisions.decide(
                actor=actor, complaint=complaint, outcome="established", code=CLEAR, now=now
            )
    assert nothing_was_decided(complaint)


@pytest.mark.parametrize("state", ["held", "undone", "frozen", "withdrawn", "rejected"])
def test_only_a_filed_complaint_can_be_decided(state: str, now: datetime) -> None:
    with pytest.raises(StaleState):
        establish(ComplaintFactory(state=state), now)
    assert not Decision.objects.exists()


def test_it_refuses_a_second_decision(now: datetime) -> None:
    complaint = ComplaintFactory()
    stale = Complaint.objects.get(pk=complaint.pk)
    establish(complaint, now)
    for again in (complaint, stale):
        with pytest.raises(StaleState):
            reject(again, Decision.Code.DUPLICATE, now)
    assert Decision.objects.count() == Order.objects.count() == Strike.objects.count() == 1


def test_a_failure_anywhere_leaves_nothing_behind(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = ComplaintFactory()
    monkeypatch.setitem(statement_schema.SCHEMA["properties"], "puid", {"const": "never"})
    with pytest.raises(statements.StatementInvalid, match="puid"):
        establish(complaint, now)
    monkeypatch.undo()
    assert nothing_was_decided(complaint)
    assert not JournalEntry.objects.exists()
    complaint.refresh_from_db()
    establish(complaint, now)
    assert Decision.objects.count() == 1


def test_a_listing_without_a_seller_gives_no_strike(now: datetime) -> None:
    link = InfringingLinkFactory(version=ListingVersionFactory(seller=None))
    establish(ComplaintFactory(link=link), now)
    assert not Strike.objects.exists()
    assert Order.objects.count() == 1


@pytest.mark.parametrize("reason", ["trademark", "copyright", "design", "patent"])
def test_other_infringements_weigh_one_point(reason: str, now: datetime) -> None:
    complaint = ComplaintFactory(reason=reason)
    establish(complaint, now)
    assert complaint.strike.points == 1


def test_decisions_and_statements_cannot_be_changed(now: datetime) -> None:
    decision = establish(ComplaintFactory(), now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(note="Changed")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StatementOfReasons.objects.filter(decision=decision).delete()


def test_a_verdict_cannot_be_corrected_while_a_complaint_stands(now: datetime) -> None:
    complaint = ComplaintFactory()
    actor = complainant_of(complaint)
    answer = push_policies.judge(actor, complaint.link)
    assert (bool(answer), answer.code) == (False, "complaint_stands")
    reject(complaint, Decision.Code.WRONG_ITEM, now)
    assert push_policies.judge(actor, complaint.link)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_concurrent_decisions_exactly_one_wins(now: datetime) -> None:
    complaint = filed_by_its_own()
    seller = complaint.link.version.seller
    admin = platform_admin()

    def decide(outcome: str, code: str) -> str:
        try:
            decisions.decide(
                actor=admin,
                complaint=Complaint.objects.select_related("link__listing").get(pk=complaint.pk),
                outcome=outcome,
                code=code,
                now=now,
            )
        except StaleState:
            return "late"
        return outcome

    answers = at_once(
        50,
        lambda: decide("established", CLEAR),
        lambda: decide("rejected", Decision.Code.FIRST_SALE),
    )
    won = [answer for answer in answers if answer != "late"]
    assert len(won) == 1
    complaint.refresh_from_db()
    seller.refresh_from_db()
    assert complaint.state == won[0]
    established = int(won[0] == "established")
    assert Decision.objects.count() == 1
    assert Order.objects.count() == Strike.objects.count() == established
    assert seller.strike_points == 3 * established
    assert FeedbackFact.objects.count() == 1
    assert OutboxMessage.objects.filter(handler="mail.send").count() == 1
    assert JournalEntry.objects.filter(verb="decision.made").count() == 1


@pytest.mark.django_db(transaction=True)
def test_strikes_of_concurrent_decisions_on_one_seller_add_up(now: datetime) -> None:
    version = ListingVersionFactory()
    rows = [
        ComplaintFactory(
            link=InfringingLinkFactory(
                version=ListingVersionFactory(
                    listing__marketplace=version.listing.marketplace, seller=version.seller
                )
            )
        )
        for _number in range(6)
    ]
    platform_admin()  # one for all threads
    calls = [lambda row=row: establish(row, now) for row in rows]
    at_once(len(rows), *calls)
    version.seller.refresh_from_db()
    assert version.seller.strike_points == 18


# -- the statement of reasons


def test_the_eu_record_passes_the_schema_and_names_nobody(now: datetime) -> None:
    complaint = ComplaintFactory()
    record = establish(complaint, now).statement.eu_record
    assert statement_schema.problems(record) == []
    text = str(record)
    seller = complaint.link.version.seller
    for name in (
        seller.name,
        seller.external_id,
        complaint.organisation.name,
        complaint.registration.owner_name,
        complaint.link.version.title,
    ):
        assert name not in text
    assert record["category_specification"] == ["KEYWORD_TRADEMARK_INFRINGEMENT"]
    assert record["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert record["application_date"] == "2026-06-03"


def test_the_schema_refuses_what_the_database_would(now: datetime) -> None:
    record = establish(ComplaintFactory(), now).statement.eu_record
    changes: tuple[dict[str, object], ...] = (
        {"puid": "a b"},
        {"puid": "x\n"},
        {"puid": "x" * 501},
        {"decision_facts": "x" * 5001},
        {"decision_facts": ""},
        {"illegal_content_explanation": "x" * 2001},
        {"illegal_content_legal_ground": "x" * 501},
        {"automated_detection": True},
        {"source_type": "SOMEBODY"},
        {"content_date": "03.06.2026"},
        {"seller": "A name"},
        {"content_type": []},
    )
    for change in changes:
        assert statement_schema.problems(record | change), change
    for name in record:
        if name != "category_specification":
            without = {key: value for key, value in record.items() if key != name}
            assert statement_schema.problems(without), name


def test_the_sellers_copy_tells_the_redress_and_its_last_day(now: datetime) -> None:
    copy = establish(ComplaintFactory(), now).statement.seller_copy
    assert [way["kind"] for way in copy["redress"]] == [
        "internal_complaint",
        "out_of_court",
        "court",
    ]
    last_day = datetime.fromisoformat(copy["redress"][0]["until"])
    assert last_day.replace(tzinfo=now.tzinfo) >= now + timedelta(days=183)
    assert copy["language"] == "zh-hans"  # the marketplace is in China


def test_a_marketplace_elsewhere_gets_english(now: datetime) -> None:
    link = InfringingLinkFactory(marketplace=MarketplaceFactory(jurisdiction="US"))
    copy = establish(ComplaintFactory(link=link), now).statement.seller_copy
    assert copy["language"] == "en"
    assert "internal" not in copy["redress"][0]["text"]
    assert copy["measure"]["territory"] == "US"


def test_from_filing_to_decision_each_effect_happens_once_when_retried(now: datetime) -> None:
    link = InfringingLinkFactory()
    [complaint] = filing.file(
        actor=complainant_of(link), links=[link], now=now, statement_accepted=True
    ).filed
    later = now + timedelta(minutes=1)
    for _again in range(3):
        filing.settle_due(now=later)
    complaint.refresh_from_db()
    establish(complaint, later)
    for _again in range(3):
        filing.settle_due(now=later)
        with pytest.raises(StaleState):
            establish(Complaint.objects.get(pk=complaint.pk), later)
    verbs = list(
        JournalEntry.objects.filter(
            verb__in=["complaint.filed", "complaint.established", "order.queued", "strike.added"]
        ).values_list("verb", flat=True)
    )
    assert sorted(verbs) == [
        "complaint.established",
        "complaint.filed",
        "order.queued",
        "strike.added",
    ]
    assert OutboxMessage.objects.filter(handler="orders.send").count() == 1
    assert OutboxMessage.objects.filter(handler="mail.send").count() == 1


def test_nobody_decides_a_complaint_of_their_own_organisation(now: datetime) -> None:
    complaint = ComplaintFactory(state="filed")
    decider = MemberFactory(platform_admin=True)
    MemberFactory(user=decider.user, organisation=complaint.organisation)
    with pytest.raises(NotAllowed, match="somebody else decides"):
        decisions.decide(
            actor=of_member(decider),
            complaint=complaint,
            outcome="established",
            code="infringement_clear",
            now=now,
        )
