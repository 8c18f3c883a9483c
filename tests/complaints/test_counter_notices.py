"""A seller answers a statement of reasons: what is taken, and what is refused."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from complaints.models import (
    Complaint,
    CounterNotice,
    Decision,
    SellerIdentity,
)
from complaints.selectors import counter_notices_visible_to, orders_visible_to
from complaints.services import (
    counter_notices,
    decisions,
    statements,
)
from complaints.services.counter_notice_input import Upload
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, OutboxMessage
from pushes.models import SecondLook, Verdict
from tests.complaints.hearing import (
    ADDRESS,
    DAY,
    answer,
    brand_of,
    established,
    filer_of,
    picture,
    statement_of,
    submitted,
)
from tests.complaints.support import at_once, platform_admin

pytestmark = pytest.mark.django_db


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
    assert set(results) <= {"sent", "sent_before", "busy"}


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


def test_whoever_is_asked_blind_about_the_listing_sees_no_answer_about_it(now: datetime) -> None:
    complaint = established(now)
    submitted(complaint, now)
    actor, colleague = brand_of(complaint), brand_of(complaint)
    assert actor.member is not None
    verdict = Verdict.objects.create(
        link=complaint.link,
        outcome="counterfeit",
        member=colleague.member,
        given_at=now,
        held_until=now,
        state="final",
    )
    SecondLook.objects.create(
        link=complaint.link, first=verdict, reviewer=actor.member, asked_at=now
    )
    assert counter_notices_visible_to(colleague).count() == 1
    assert orders_visible_to(colleague).count() == 1
    assert not counter_notices_visible_to(actor).exists()
    assert not orders_visible_to(actor).exists()
