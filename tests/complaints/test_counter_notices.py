"""The seller answers, the rights holder replies, people decide; each term ends by its law."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from complaints import policies
from complaints.hearing_rules import SHIPPED
from complaints.models import (
    Complaint,
    CounterNotice,
    Decision,
    HearingClock,
    Order,
    Reinstatement,
    SellerIdentity,
)
from complaints.services import (
    counter_notices,
    decisions,
    hearing_clocks,
    hearing_terms,
    hearings,
    reinstatement,
    statements,
)
from complaints.services.counter_notice_input import Upload
from portal.core import calendars, events, journal, outbox
from portal.core.actors import SYSTEM, Actor
from portal.core.clock import YearState
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, OutboxMessage, Role, User
from pushes.models import FeedbackFact, Seller
from tests.complaints.hearing import (
    ADDRESS,
    answer,
    brand_of,
    established,
    picture,
    second_admin,
    statement_of,
    submitted,
)
from tests.complaints.support import at_once, complainant_of, platform_admin
from tests.factories import ComplaintFactory, InfringingLinkFactory, MemberFactory

pytestmark = pytest.mark.django_db

PAGE = CounterNotice.ReachedBy.PAGE
DAY = timedelta(days=1)


def reached(complaint: Complaint, now: datetime) -> CounterNotice:
    made = submitted(complaint, now)
    counter_notices.note_reached(counter_notice=made, how=PAGE, actor=brand_of(complaint), now=now)
    return made


def clock_of(row: CounterNotice, kind: str) -> HearingClock:
    return row.clocks.get(kind=kind)


def user_of(actor: Actor) -> User:
    assert actor.member is not None
    return actor.member.user


def filer_of(complaint: Complaint) -> str:
    assert complaint.filed_by is not None
    return complaint.filed_by.user.email


def accepted(row: CounterNotice, now: datetime) -> Reinstatement:
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=row, code="first_sale", now=now
    )
    reinstatement.confirm(actor=second_admin(), reinstatement=asked, now=now)
    return asked


# -- handing in


def test_a_counter_notice_is_forwarded_and_contests_the_complaint(now: datetime) -> None:
    complaint = established(now)
    made = submitted(complaint, now)
    complaint.refresh_from_db()
    assert (made.state, made.attempt) == (CounterNotice.State.FORWARDED, 1)
    assert complaint.state == Complaint.State.CONTESTED
    assert made.forwarded_at == now
    assert made.reached_at is None
    assert [file.name for file in made.files.all()] == ["invoice.png"]
    mails = OutboxMessage.objects.filter(handler="counter_notices.forward")
    assert [filer_of(complaint)] in [mail.payload["to"] for mail in mails]
    verbs = set(JournalEntry.objects.filter(actor_kind="seller").values_list("verb", flat=True))
    assert verbs == {"complaint.contested", "counter_notice.submitted"}


def test_a_contested_complaint_is_answered_and_not_decided_again(now: datetime) -> None:
    complaint = established(now)
    submitted(complaint, now)
    complaint.refresh_from_db()
    with pytest.raises(StaleState) as refused:
        decisions.decide(
            actor=platform_admin(),
            complaint=complaint,
            outcome="established",
            code=Decision.Code.INFRINGEMENT_CLEAR,
            now=now,
        )
    assert refused.value.code == "contested"
    assert Decision.objects.count() == 1


def test_who_answered_is_kept_apart_and_never_in_the_journal_or_a_mail_to_the_brand(
    now: datetime,
) -> None:
    complaint = established(now)
    made = submitted(complaint, now)
    counter_notices.see_identity(actor=platform_admin(), counter_notice=made, now=now)
    assert SellerIdentity.objects.get(counter_notice=made).name == "Zhang San"
    told = str(list(JournalEntry.objects.values_list("data", flat=True)))
    told += str(list(OutboxMessage.objects.values_list("payload", flat=True)))
    told += str(statement_of(complaint).eu_record) + str(made.identity)
    for secret in ADDRESS.values():
        assert secret not in told
    assert JournalEntry.objects.filter(verb="counter_notice.identity_seen").count() == 1


def test_every_wrong_field_is_named_at_once_and_nothing_is_kept(now: datetime) -> None:
    complaint = established(now)
    wrong = answer(
        reason="whatever",
        explanation="short",
        name="",
        address="x",
        phone="call me",
        email="no address",
        signature="Somebody else",
        declared=False,
    )
    with pytest.raises(InvalidInput) as refused:
        counter_notices.submit(
            statement=statement_of(complaint),
            answer=wrong,
            uploads=[],
            attempt=1,
            language="en",
            now=now,
        )
    assert {error.field for error in refused.value.errors} == {
        "reason",
        "explanation",
        "name",
        "address",
        "phone",
        "email",
        "signature",
        "evidence",
        "declared",
    }
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.ESTABLISHED
    assert not CounterNotice.objects.exists()


@pytest.mark.parametrize(
    ("uploads", "code"),
    [
        ([Upload(f"{n}.png", picture()) for n in range(6)], "too_many"),
        ([Upload("a.exe", b"MZ\x90")], "unknown_type"),
        ([Upload("a.png", picture()[:50])], "damaged"),
        ([Upload("a.pdf", b"")], "empty"),
    ],
)
def test_bad_evidence_is_refused_and_leaves_the_complaint_standing(
    now: datetime, uploads: list[Upload], code: str
) -> None:
    complaint = established(now)
    with pytest.raises(InvalidInput) as refused:
        counter_notices.submit(
            statement=statement_of(complaint),
            answer=answer(),
            uploads=uploads,
            attempt=1,
            language="en",
            now=now,
        )
    assert (refused.value.errors[0].field, refused.value.code) == ("evidence", code)
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.ESTABLISHED


def test_a_file_name_is_a_name_and_no_path() -> None:
    assert Upload("..\\..\\etc/passwd\n.png", b"x").name == "passwd.png"
    assert Upload("", b"x").name == "evidence"


def test_a_name_signed_in_another_width_and_case_is_the_same_name(now: datetime) -> None:
    made = submitted(established(now), now, signature="ＺＨＡＮＧ ｓａｎ")
    assert made.state == CounterNotice.State.FORWARDED


def test_a_form_sent_twice_is_one_counter_notice(now: datetime) -> None:
    complaint = established(now)
    submitted(complaint, now)
    with pytest.raises(StaleState, match="sent before"):
        submitted(complaint, now)
    assert CounterNotice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_forms_sent_at_once_one_arrives(now: datetime) -> None:
    complaint = established(now)

    def send() -> str:
        try:
            submitted(complaint, now)
        except (StaleState, NotAllowed) as error:
            return error.code
        return "sent"

    results = at_once(6, send)
    assert results.count("sent") == 1
    assert set(results) <= {"sent", "sent_before"}


def test_after_three_attempts_the_seller_is_sent_to_a_court(now: datetime) -> None:
    complaint = established(now, jurisdiction="DE", zone="Europe/Berlin")
    for attempt in (1, 2, 3):
        row = submitted(complaint, now, attempt=attempt)
        counter_notices.reply(
            actor=brand_of(complaint), counter_notice=row, text="It is fake.", now=now
        )
        counter_notices.refuse(
            actor=platform_admin(), counter_notice=row, code="not_shown", now=now
        )
        complaint.refresh_from_db()
        assert complaint.state == Complaint.State.ESTABLISHED
    with pytest.raises(NotAllowed, match="three times"):
        submitted(complaint, now, attempt=4)
    with pytest.raises(DatabaseError), transaction.atomic():
        CounterNotice.objects.filter(pk=row.pk).update(attempt=4)


def test_after_the_redress_is_over_nothing_is_taken(now: datetime) -> None:
    complaint = established(now)
    until = statements.redress_until(statement_of(complaint))
    assert until > now + 183 * DAY
    with pytest.raises(NotAllowed, match="court"):
        submitted(complaint, until + timedelta(microseconds=1))
    assert submitted(complaint, until).state == CounterNotice.State.FORWARDED


def test_what_was_signed_cannot_be_changed(now: datetime) -> None:
    made = submitted(established(now), now)
    for change in ({"explanation": "x"}, {"content_hash": "0" * 64}, {"reason": "other"}):
        with pytest.raises(DatabaseError, match="once signed"), transaction.atomic():
            CounterNotice.objects.filter(pk=made.pk).update(**change)


# -- reaching, and the terms


def test_the_term_starts_when_the_declaration_reached_not_when_it_was_forwarded(
    now: datetime,
) -> None:
    complaint = established(now)
    made = submitted(complaint, now)
    assert not made.clocks.exists()
    later = now + 3 * DAY
    assert counter_notices.note_reached(
        counter_notice=made, how=PAGE, actor=brand_of(complaint), now=later
    )
    assert not counter_notices.note_reached(
        counter_notice=made, how=PAGE, actor=brand_of(complaint), now=later + DAY
    )
    made.refresh_from_db()
    assert (made.reached_at, made.reached_by) == (later, "page")
    # 3 June + 3 days = 6 June; the fifteenth calendar day is Sunday 21 June, closed, and the next
    # days are the Dragon Boat Festival's 19 to 21 June, so the term ends on Monday.
    law, reply = clock_of(made, "silence"), clock_of(made, "reply")
    assert law.due_at == datetime(2026, 6, 22, 15, 59, 59, 999999, tzinfo=UTC)
    assert (law.rule, reply.rule) == ("calendar-days:15:rolled", "working-days:5")
    assert reply.due_at == datetime(2026, 6, 12, 15, 59, 59, 999999, tzinfo=UTC)
    with pytest.raises(DatabaseError, match="once signed"), transaction.atomic():
        CounterNotice.objects.filter(pk=made.pk).update(reached_at=now)


def test_a_mail_server_that_took_the_mail_shows_that_it_reached(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = submitted(established(now), now)
    message = OutboxMessage.objects.filter(handler="counter_notices.forward").earliest("pk")
    monkeypatch.setattr(settings, "EMAIL_URL", "smtp://mail.example")
    OutboxMessage.objects.update(due_at=now)
    assert outbox.deliver(message.pk, now + DAY)
    made.refresh_from_db()
    assert made.reached_by == "mail"


def test_a_mail_kept_for_the_staff_page_reached_nobody(now: datetime) -> None:
    made = submitted(established(now), now)
    for message in OutboxMessage.objects.filter(handler="counter_notices.forward"):
        assert outbox.deliver(message.pk, now)
    made.refresh_from_db()
    assert made.reached_at is None


def test_delivery_by_courier_needs_a_proof(now: datetime) -> None:
    complaint = established(now)
    made = submitted(complaint, now)
    how = CounterNotice.ReachedBy.PROOF
    with pytest.raises(InvalidInput):
        counter_notices.note_reached(counter_notice=made, how=how, actor=platform_admin(), now=now)
    with pytest.raises(NotAllowed):
        counter_notices.note_reached(
            counter_notice=made, how=how, actor=brand_of(complaint), now=now, proof="EMS 1"
        )
    assert counter_notices.note_reached(
        counter_notice=made, how=how, actor=platform_admin(), now=now, proof="EMS 1"
    )


def test_in_china_measures_end_without_notice_of_proceedings(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    due = clock_of(made, "silence").due_at
    hearing_terms.run_due(now=due)
    made.refresh_from_db()
    assert made.state == CounterNotice.State.FORWARDED  # the last instant is still in time
    assert hearing_terms.run_due(now=due + timedelta(microseconds=1)) == 1
    made.refresh_from_db()
    complaint.refresh_from_db()
    assert (made.state, made.code) == (CounterNotice.State.ACCEPTED, "no_proceedings")
    assert complaint.state == Complaint.State.OVERTURNED
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).count() == 1
    done = complaint.reinstatements.get()
    assert (done.ground, done.asked_by, done.state) == ("term_over", None, "confirmed")
    fact = FeedbackFact.objects.get(source="overturned")
    assert fact.label is None  # a term that ran out says nothing about the goods
    assert hearing_terms.run_due(now=due + DAY) == 0


def test_in_china_a_mere_reply_does_not_keep_the_measures(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(
        actor=brand_of(complaint), counter_notice=made, text="It is fake.", now=now
    )
    assert clock_of(made, "silence").ended_at is None
    with pytest.raises(NotAllowed, match="only notice of proceedings"):
        counter_notices.refuse(
            actor=platform_admin(), counter_notice=made, code="not_shown", now=now
        )
    hearing_terms.run_due(now=clock_of(made, "silence").due_at + DAY)
    made.refresh_from_db()
    assert (made.state, made.code) == (CounterNotice.State.ACCEPTED, "no_proceedings")


def test_in_china_notice_of_a_suit_stops_the_term_and_keeps_the_measures(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    brand = brand_of(complaint)
    counter_notices.reply(actor=brand, counter_notice=made, text="It is fake.", now=now)
    counter_notices.reply(
        actor=brand,
        counter_notice=made,
        text="",
        now=now + 10 * DAY,
        proceedings="court",
        reference="(2026) Zhe 01 No. 7",
        begun_on=date(2026, 6, 10),
    )
    silence, decision = clock_of(made, "silence"), clock_of(made, "decision")
    assert (silence.ended_by, decision.rule) == ("acted", "working-days:5")
    hearing_terms.run_due(now=silence.due_at + DAY)
    made.refresh_from_db()
    assert made.state == CounterNotice.State.BRAND_REPLIED
    counter_notices.refuse(
        actor=platform_admin(), counter_notice=made, code="proceedings", now=now + 11 * DAY
    )
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.ESTABLISHED


def test_a_notice_of_proceedings_after_the_term_comes_too_late(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    late = clock_of(made, "silence").due_at + DAY
    hearing_terms.run_due(now=late)
    made.refresh_from_db()
    with pytest.raises(StaleState):
        counter_notices.reply(
            actor=brand_of(complaint),
            counter_notice=made,
            text="",
            now=late,
            proceedings="court",
            reference="7",
            begun_on=date(2026, 6, 10),
        )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"proceedings": "duel", "reference": "1", "begun_on": date(2026, 6, 1)}, "proceedings"),
        ({"proceedings": "court", "begun_on": date(2026, 6, 1)}, "reference"),
        ({"proceedings": "court", "reference": "1"}, "begun_on"),
        ({"proceedings": "court", "reference": "1", "begun_on": date(2027, 1, 1)}, "begun_on"),
    ],
)
def test_a_bad_reply_names_its_field(now: datetime, values: dict[str, Any], field: str) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    with pytest.raises(InvalidInput) as refused:
        counter_notices.reply(
            actor=brand_of(complaint),
            counter_notice=made,
            now=now,
            **({"text": "It is fake."} | values),
        )
    assert field in {error.field for error in refused.value.errors}


def test_in_the_union_silence_lets_people_decide(now: datetime) -> None:
    complaint = established(now, jurisdiction="DE", zone="Europe/Berlin")
    made = reached(complaint, now)
    hearing_terms.run_due(now=clock_of(made, "silence").due_at + DAY)
    made.refresh_from_db()
    complaint.refresh_from_db()
    assert made.state == CounterNotice.State.BRAND_SILENT
    assert complaint.state == Complaint.State.CONTESTED
    assert clock_of(made, "decision").rule == "working-days:10"
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=made, code="first_sale", now=now
    )
    assert asked.state == Reinstatement.State.REQUESTED


def test_an_operator_states_another_rule_and_open_cases_keep_theirs(now: datetime) -> None:
    complaint = established(now)
    before = reached(complaint, now)
    shipped = SHIPPED["CN", ""].to_dict() | {"term_days": 20, "source": "Draft of 2027, art. 45"}
    rule = SHIPPED["CN", ""].from_dict(shipped)
    hearings.set_rule(jurisdiction="CN", right="", rule=rule, actor=platform_admin(), now=now)
    assert before.rule["term_days"] == 15
    after = reached(established(now), now)
    assert clock_of(after, "silence").rule == "calendar-days:20:rolled"
    entry = JournalEntry.objects.get(verb="hearing_rule.set")
    assert entry.data["term_days"] == 20


def test_a_rule_without_its_source_is_refused(now: datetime) -> None:
    values = SHIPPED["CN", ""].to_dict() | {"source": " ", "term_days": 0}
    rule = SHIPPED["CN", ""].from_dict(values)
    with pytest.raises(InvalidInput) as refused:
        hearings.set_rule(jurisdiction="XX", right="x", rule=rule, actor=platform_admin(), now=now)
    assert {e.field for e in refused.value.errors} == {
        "jurisdiction",
        "right",
        "term_days",
        "source",
    }
    with pytest.raises(NotAllowed):
        hearings.set_rule(
            jurisdiction="CN",
            right="",
            rule=SHIPPED["CN", ""],
            actor=brand_of(established(now)),
            now=now,
        )


def test_american_copyright_counts_business_days_from_submission() -> None:
    rule = hearings.rule_for("US", "copyright")
    assert (rule.term_kind, rule.term_days, rule.term_from) == ("working", 10, "submitted")
    assert hearings.rule_for("US", "trademark").on_silence == "decide"


def test_a_calendar_confirmed_late_moves_the_running_clocks_with_an_audit_line() -> None:
    # A reply due at the end of 2026 counts days of 2027, whose notice is not out.
    now = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
    complaint = established(now)
    made = reached(complaint, now)
    reply = clock_of(made, "reply")
    assert reply.provisional
    admin = platform_admin()
    calendars.set_override(
        country="CN",
        day=date(2027, 1, 2),
        working=True,
        source="Notice for 2027",
        actor=admin,
        now=now,
    )
    calendars.set_year_state(
        country="CN",
        year=2027,
        state=YearState.CONFIRMED,
        source="Notice for 2027",
        actor=admin,
        now=now,
    )
    journal.seal()
    consumer = next(c for c in events.consumers() if c.name == "complaints.clocks")
    while events.run(consumer):
        pass
    moved = clock_of(made, "reply")
    assert not moved.provisional
    assert moved.due_at < reply.due_at
    entries = JournalEntry.objects.filter(verb="hearing_clock.recomputed", subject_id=reply.pk)
    first, last = entries.order_by("pk")[0], entries.order_by("-pk")[0]
    assert first.data["old_due_at"] == reply.due_at.isoformat()
    assert last.data["new_calendar"] == moved.calendar_version


def test_the_decision_stands_still_for_an_appraisal_and_for_nothing_else(now: datetime) -> None:
    complaint = established(now, jurisdiction="DE", zone="Europe/Berlin")
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="No.", now=now)
    before = clock_of(made, "decision").due_at
    admin = platform_admin()
    with pytest.raises(NotAllowed):
        hearing_clocks.pause(counter_notice=made, code="holiday", actor=admin, now=now)
    hearing_clocks.pause(counter_notice=made, code="appraisal", actor=admin, now=now + DAY)
    with pytest.raises(StaleState):
        hearing_clocks.pause(counter_notice=made, code="appraisal", actor=admin, now=now + DAY)
    assert hearing_terms.run_due(now=before + 9 * DAY) == 0  # it stands still
    hearing_clocks.resume(counter_notice=made, actor=admin, now=now + 4 * DAY)
    after = clock_of(made, "decision")
    # Thursday and Friday stood still: two working days more, and the 19th is a day off in China.
    assert before == datetime(2026, 6, 17, 15, 59, 59, 999999, tzinfo=UTC)
    assert after.due_at == datetime(2026, 6, 22, 15, 59, 59, 999999, tzinfo=UTC)
    assert len(after.pauses) == 1


# -- deciding


def test_two_persons_put_a_listing_back_and_everything_follows_once(now: datetime) -> None:
    complaint = established(now)
    seller = Seller.objects.get(strikes__complaint=complaint)
    Order.objects.filter(complaint=complaint).update(
        state="acknowledged", acknowledged_at=now + timedelta(hours=1)
    )
    made = reached(complaint, now + DAY)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now + DAY)
    done = accepted(made, now + 2 * DAY)
    made.refresh_from_db()
    complaint.refresh_from_db()
    seller.refresh_from_db()
    assert (made.state, made.code) == (CounterNotice.State.ACCEPTED, "first_sale")
    assert complaint.state == Complaint.State.OVERTURNED
    assert (complaint.strike.reversed_at, seller.strike_points) == (now + 2 * DAY, 0)
    order = complaint.orders.get(kind=Order.Kind.REINSTATE)
    assert OutboxMessage.objects.filter(key=f"order:{order.uuid}").count() == 1
    fact = FeedbackFact.objects.get(source="overturned")
    assert (fact.key, fact.label) == (f"overturned:{complaint.uuid}", 0)
    assert done.down_from == now + timedelta(hours=1)
    verbs = list(JournalEntry.objects.values_list("verb", flat=True))
    for verb in ("complaint.overturned", "strike.reversed", "reinstatement.confirmed"):
        assert verbs.count(verb) == 1
    told = {mail.payload["to"][0] for mail in OutboxMessage.objects.filter(handler="mail.send")}
    assert {filer_of(complaint), ADDRESS["email"]} <= told
    assert not made.clocks.filter(ended_at=None).exists()


def test_the_loss_ends_when_the_marketplace_put_the_listing_back(now: datetime) -> None:
    complaint = established(now)
    Order.objects.filter(complaint=complaint).update(state="acknowledged", acknowledged_at=now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    done = accepted(made, now + DAY)
    order = complaint.orders.get(kind=Order.Kind.REINSTATE)
    Order.objects.filter(pk=order.pk).update(state="acknowledged", acknowledged_at=now + 2 * DAY)
    data = {"kind": "reinstate"}
    journal.record("order.acknowledged", order, actor=SYSTEM, now=now + 2 * DAY, data=data)
    journal.seal()
    consumer = next(c for c in events.consumers() if c.name == "complaints.loss")
    while events.run(consumer):
        pass
    done.refresh_from_db()
    assert (done.down_from, done.down_until) == (now, now + 2 * DAY)
    entry = JournalEntry.objects.get(verb="reinstatement.completed")
    assert entry.data["seconds_lost"] == 2 * 24 * 3600


def test_nobody_confirms_what_they_asked_for(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    admin = platform_admin()
    asked = reinstatement.request(actor=admin, counter_notice=made, code="first_sale", now=now)
    with pytest.raises(NotAllowed, match="Somebody else"):
        reinstatement.confirm(actor=admin, reinstatement=asked, now=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Reinstatement.objects.filter(pk=asked.pk).update(settled_by=admin.member)
    with pytest.raises(StaleState, match="asked for this before"):
        reinstatement.request(actor=second_admin(), counter_notice=made, code="first_sale", now=now)
    assert not complaint.orders.filter(kind=Order.Kind.REINSTATE).exists()


def test_a_declined_reinstatement_can_be_asked_for_again(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=made, code="first_sale", now=now
    )
    second = second_admin()
    with pytest.raises(InvalidInput):
        reinstatement.decline(actor=second, reinstatement=asked, note=" ", now=now)
    reinstatement.decline(actor=second, reinstatement=asked, note="Look again.", now=now)
    assert accepted(made, now).state == Reinstatement.State.CONFIRMED


@pytest.mark.django_db(transaction=True)
def test_of_many_confirmations_at_once_one_goes_on(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=made, code="first_sale", now=now
    )
    second = second_admin()

    def confirm() -> str:
        try:
            reinstatement.confirm(
                actor=second, reinstatement=Reinstatement.objects.get(pk=asked.pk), now=now
            )
        except StaleState:
            return "stale"
        return "done"

    assert sorted(at_once(8, confirm)) == ["done", *["stale"] * 7]
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).count() == 1
    assert FeedbackFact.objects.filter(source="overturned").count() == 1
    assert JournalEntry.objects.filter(verb="strike.reversed").count() == 1


def test_the_rights_holder_takes_its_complaint_back_and_measures_end_at_once(
    now: datetime,
) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.retract(
        actor=brand_of(complaint), complaint=complaint, note="Our mistake.", now=now
    )
    made.refresh_from_db()
    complaint.refresh_from_db()
    assert (made.state, made.code) == (CounterNotice.State.ACCEPTED, "retracted")
    assert complaint.state == Complaint.State.RETRACTED
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).exists()
    assert not FeedbackFact.objects.filter(source="overturned").exists()
    with pytest.raises(StaleState):
        counter_notices.retract(actor=brand_of(complaint), complaint=complaint, note="", now=now)


def test_a_complaint_can_be_taken_back_without_a_counter_notice(now: datetime) -> None:
    complaint = established(now)
    counter_notices.retract(actor=brand_of(complaint), complaint=complaint, note="", now=now)
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.RETRACTED


def test_a_listing_that_another_complaint_keeps_down_stays_down(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    link = InfringingLinkFactory(version=complaint.link.version)
    other = ComplaintFactory(link=link, state=Complaint.State.ESTABLISHED)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    done = accepted(made, now)
    assert done.kept_down_by == other
    assert not complaint.orders.filter(kind=Order.Kind.REINSTATE).exists()


def test_a_take_down_never_sent_is_not_sent_after_the_complaint_was_overturned(
    now: datetime,
) -> None:
    complaint = established(now)
    counter_notices.retract(actor=brand_of(complaint), complaint=complaint, note="", now=now)
    order = complaint.orders.get(kind=Order.Kind.TAKE_DOWN)
    assert not outbox.deliver(OutboxMessage.objects.get(key=f"order:{order.uuid}").pk, now)
    order.refresh_from_db()
    assert order.state == Order.State.FAILED
    assert "overturned" in order.error


def test_only_those_who_need_it_see_who_answered(now: datetime) -> None:
    china = submitted(established(now), now)
    union = submitted(established(now, jurisdiction="DE", zone="Europe/Berlin"), now)
    assert policies.may_see_identity(brand_of(china.complaint), china)
    assert policies.may_see_identity(brand_of(union.complaint), union).code == "identity_kept"
    assert policies.may_see_identity(platform_admin(), union)
    viewer = complainant_of(china.complaint, Role.VIEWER)
    stranger = brand_of(union.complaint)
    for actor in (viewer, stranger):
        assert not policies.may_see_identity(actor, china)
        with pytest.raises(NotAllowed):
            counter_notices.see_identity(actor=actor, counter_notice=china, now=now)


def test_another_tenant_cannot_reply_or_take_back(now: datetime) -> None:
    complaint = established(now)
    made = submitted(complaint, now)
    stranger = brand_of(established(now))
    with pytest.raises(NotAllowed):
        counter_notices.reply(actor=stranger, counter_notice=made, text="Hm.", now=now)
    with pytest.raises(NotAllowed):
        counter_notices.retract(actor=stranger, complaint=complaint, note="", now=now)
    with pytest.raises(NotAllowed):
        counter_notices.reply(actor=platform_admin(), counter_notice=made, text="Hm.", now=now)


def test_nobody_decides_a_counter_notice_of_their_own_organisation(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    admin = platform_admin()
    MemberFactory(user=user_of(admin), organisation=complaint.organisation)
    with pytest.raises(NotAllowed, match="somebody else decides"):
        reinstatement.request(actor=admin, counter_notice=made, code="first_sale", now=now)
