"""Each term starts when the declaration reached, and ends by the law of its place."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from complaints.hearing_rules import SHIPPED
from complaints.models import (
    Complaint,
    CounterNotice,
    Order,
    Reinstatement,
)
from complaints.services import (
    counter_notices,
    hearing_clocks,
    hearing_terms,
    hearings,
    reinstatement,
)
from portal.core import calendars, events, journal, outbox
from portal.core.clock import YearState
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, OutboxMessage
from pushes.models import FeedbackFact
from tests.complaints.hearing import (
    DAY,
    PAGE,
    brand_of,
    clock_of,
    established,
    reached,
    submitted,
)
from tests.complaints.support import platform_admin

pytestmark = pytest.mark.django_db


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
