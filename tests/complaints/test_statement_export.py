"""Records on their way to the EU database: batches, all or nothing, each there exactly once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from complaints import statement_schema, tasks
from complaints.models import (
    Complaint,
    Decision,
    StatementBatch,
    StatementDelivery,
    StatementOfReasons,
)
from complaints.services import statement_export
from portal.core import checks, outbox
from portal.core.errors import StaleState
from portal.core.models import Member, OutboxMessage
from tests.complaints.eu_database import TOKEN, Database, running
from tests.complaints.hearing import established, statement_of
from tests.complaints.support import platform_admin
from tests.factories import ComplaintFactory, MemberFactory

pytestmark = pytest.mark.django_db

State = StatementDelivery.State
SignIn = Callable[[Member], Client]


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with running() as found:
        settings.EU_DATABASE_URL, settings.EU_DATABASE_TOKEN = found.url, TOKEN
        yield found


def admin_member() -> Member:
    member = platform_admin().member
    assert member is not None
    return member


def waiting(count: int, now: datetime) -> list[StatementOfReasons]:
    """So many statements that wait; the first is real and the others have its record."""
    first = statement_of(established(now, jurisdiction="DE", zone="Europe/Berlin"))
    made = [first]
    complaint = first.decision.complaint
    for number in range(1, count):
        row = ComplaintFactory(link__version=complaint.link.version)
        decision = Decision.objects.create(
            complaint=row,
            outcome="established",
            code=Decision.Code.INFRINGEMENT_CLEAR,
            decided_by=first.decision.decided_by,
            at=now,
        )
        puid = f"sor-{row.uuid}"
        statement = StatementOfReasons.objects.create(
            decision=decision,
            puid=puid,
            seller_copy=first.seller_copy,
            eu_record=first.eu_record | {"puid": puid, "decision_facts": f"Case {number}."},
            created_at=now,
        )
        StatementDelivery.objects.create(statement=statement)
        made.append(statement)
    return made


def post_all(times: int = 10) -> None:
    """Post every batch that is due, and those that follow from it."""
    for _round in range(times):
        messages = OutboxMessage.objects.filter(
            handler=statement_export.HANDLER, state__in=["waiting", "taken"]
        )
        OutboxMessage.objects.filter(pk__in=messages).update(due_at=timezone.now())
        ids = list(messages.values_list("pk", flat=True))
        if not ids:
            return
        for pk in ids:
            outbox.deliver(pk, timezone.now())


def post_once() -> OutboxMessage:
    message = OutboxMessage.objects.get(handler=statement_export.HANDLER, state="waiting")
    outbox.deliver(message.pk, timezone.now())
    message.refresh_from_db()
    return message


def states() -> dict[str, str]:
    rows = StatementDelivery.objects.values_list("statement__puid", "state")
    return dict(rows.order_by("pk"))


def test_a_batch_is_taken_and_its_ids_are_kept(database: Database, now: datetime) -> None:
    made = waiting(3, now)
    tasks.send_statements()
    post_all()
    assert database.calls == [3]
    for statement in made:
        delivery = StatementDelivery.objects.get(statement=statement)
        assert delivery.state == State.SENT
        assert delivery.database_id == database.stored[statement.puid]["uuid"]
    tasks.send_statements()
    post_all()
    assert database.calls == [3]


def test_batches_have_at_most_a_hundred_records(now: datetime) -> None:
    waiting(3, now)
    first = StatementOfReasons.objects.earliest("pk")
    with pytest.raises(ValueError, match="1 to 100"):
        statement_export.body_of([])
    with pytest.raises(ValueError, match="1 to 100"):
        statement_export.body_of([first] * 101)
    assert len(statement_export.body_of([first] * 100)["statements"]) == 100


def test_more_than_a_hundred_go_in_several_batches(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_export, "LARGEST_BATCH", 2)
    waiting(5, now)
    assert statement_export.put_into_batches(now=now) == 3
    post_all()
    assert sorted(database.calls) == [1, 2, 2]
    assert set(states().values()) == {State.SENT}


def test_the_wrong_one_is_set_aside_and_the_others_arrive(
    database: Database, now: datetime
) -> None:
    made = waiting(4, now)
    database.wrong = {made[2].puid}
    tasks.send_statements()
    post_all()
    assert states() == {
        made[0].puid: State.SENT,
        made[1].puid: State.SENT,
        made[2].puid: State.REFUSED,
        made[3].puid: State.SENT,
    }
    assert made[2].puid not in database.stored
    errors = StatementDelivery.objects.get(statement=made[2]).errors
    assert errors == {"decision_facts": ["The decision facts are invalid."]}
    assert database.calls == [4, 3]


def test_a_refusal_that_names_nobody_is_narrowed_down_by_halves(
    database: Database, now: datetime
) -> None:
    made = waiting(5, now)
    database.wrong, database.is_vague = {made[3].puid}, True
    tasks.send_statements()
    post_all()
    refused = [puid for puid, state in states().items() if state == State.REFUSED]
    assert refused == [made[3].puid]
    assert len(database.stored) == 4


def test_one_that_is_there_already_counts_as_sent(database: Database, now: datetime) -> None:
    made = waiting(3, now)
    database.stored[made[1].puid] = made[1].eu_record
    tasks.send_statements()
    post_all()
    assert set(states().values()) == {State.SENT}
    assert StatementDelivery.objects.get(statement=made[1]).was_there
    assert database.calls == [3, 2]


def test_a_lost_answer_is_posted_again_and_known_as_sent(database: Database, now: datetime) -> None:
    waiting(3, now)
    database.loses_answers = 1
    tasks.send_statements()
    message = post_once()
    assert message.state == "waiting"
    assert len(database.stored) == 3
    post_all()
    assert set(states().values()) == {State.SENT}
    assert StatementDelivery.objects.filter(was_there=True).count() == 3
    assert len(database.stored) == 3


@pytest.mark.parametrize("as_date", [False, True])
def test_too_many_requests_wait_as_long_as_they_are_told(
    database: Database, now: datetime, as_date: bool
) -> None:
    waiting(1, now)
    until = timezone.now() + timedelta(seconds=900)
    asked = format_datetime(until.astimezone(UTC), usegmt=True) if as_date else "900"
    database.instead = [(429, {"Retry-After": asked}, "{}")]
    tasks.send_statements()
    message = post_once()
    assert message.state == "waiting"
    assert timedelta(seconds=890) < message.due_at - timezone.now() < timedelta(seconds=910)
    assert not outbox.deliver(message.pk, timezone.now() + timedelta(seconds=800))
    post_all()
    assert set(states().values()) == {State.SENT}


def test_tries_are_bounded_and_then_a_person_lets_them_go_again(
    database: Database, now: datetime
) -> None:
    waiting(2, now)
    database.instead = [(503, {}, "{}")] * outbox.MAX_ATTEMPTS
    tasks.send_statements()
    post_all(times=outbox.MAX_ATTEMPTS + 3)
    assert len(database.calls) == outbox.MAX_ATTEMPTS
    assert set(states().values()) == {State.REFUSED}
    tasks.send_statements()
    assert len(database.calls) == outbox.MAX_ATTEMPTS
    for delivery in StatementDelivery.objects.all():
        statement_export.send_again(actor=platform_admin(), delivery=delivery, now=now)
        with pytest.raises(StaleState):
            statement_export.send_again(actor=platform_admin(), delivery=delivery, now=now)
    tasks.send_statements()
    post_all()
    assert set(states().values()) == {State.SENT}


def test_a_wrong_token_loses_nothing(database: Database, settings: Settings, now: datetime) -> None:
    waiting(1, now)
    settings.EU_DATABASE_TOKEN = "wrong"
    tasks.send_statements()
    assert post_once().state == "waiting"
    settings.EU_DATABASE_TOKEN = TOKEN
    post_all()
    assert set(states().values()) == {State.SENT}


def test_an_answer_that_means_nothing_sets_the_batch_aside(
    database: Database, now: datetime
) -> None:
    waiting(2, now)
    database.instead = [(404, {}, "<h1>Not here</h1>")]
    tasks.send_statements()
    assert post_once().state == "failed"
    assert set(states().values()) == {State.REFUSED}
    assert "404" in StatementBatch.objects.get().result["given_up"]


def test_a_message_delivered_twice_posts_once(database: Database, now: datetime) -> None:
    waiting(1, now)
    tasks.send_statements()
    message = post_once()
    statement_export.deliver(message)
    assert database.calls == [1]


def test_a_record_that_fails_our_schema_is_never_posted(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = waiting(2, now)
    real = statement_schema.problems
    monkeypatch.setattr(
        statement_schema,
        "problems",
        lambda record: ["$.puid: wrong"] if record["puid"] == made[0].puid else real(record),
    )
    tasks.send_statements()
    post_all()
    assert list(database.stored) == [made[1].puid]
    assert states()[made[0].puid] == State.REFUSED


def test_without_an_address_records_wait(now: datetime) -> None:
    waiting(1, now)
    tasks.send_statements()
    assert set(states().values()) == {State.WAITING}
    assert not StatementBatch.objects.exists()


def test_only_the_european_economic_area_waits_to_be_sent(now: datetime) -> None:
    assert not StatementDelivery.objects.exists()
    china = established(now)
    assert "territorial_scope" not in statement_of(china).eu_record
    assert not StatementDelivery.objects.exists()
    union = established(now, jurisdiction="FR", zone="Europe/Paris")
    assert statement_of(union).eu_record["territorial_scope"] == ["FR"]
    assert StatementDelivery.objects.count() == 1


def test_an_address_without_its_token_fails_at_boot(settings: Settings) -> None:
    settings.EU_DATABASE_URL, settings.EU_DATABASE_TOKEN = "https://database.example", ""
    assert [found.id for found in checks.check_eu_database(None)] == ["portal.E003"]
    settings.EU_DATABASE_TOKEN = "x"
    assert checks.check_eu_database(None) == []
    settings.EU_DATABASE_URL = "database.example"
    assert [found.id for found in checks.check_eu_database(None)] == ["portal.E003"]


# -- the pages


def test_the_platform_downloads_a_batch_as_the_api_takes_it(
    signed_in: SignIn, database: Database, now: datetime
) -> None:
    made = waiting(2, now)
    china = statement_of(established(now))
    admin = signed_in(admin_member())
    answer = admin.get("/complaints/eu-records/batch.json")
    body: dict[str, Any] = answer.json()
    assert [record["puid"] for record in body["statements"]] == [
        *(statement.puid for statement in made),
        china.puid,
    ]
    assert database.take(body["statements"])[0] == 201
    for page in ("2", "0", "-1", "x"):
        wrong = admin.get("/complaints/eu-records/batch.json", {"page": page})
        assert wrong.status_code == 404, f"page {page} is no batch, and no other takes its place"
    waiting_only = admin.get("/complaints/eu-records/batch.json?state=waiting").json()
    assert len(waiting_only["statements"]) == 2
    assert admin.get("/complaints/eu-records/batch.json?state=sent").status_code == 404


def test_the_page_shows_what_the_database_said_and_sends_again(
    signed_in: SignIn, now: datetime
) -> None:
    [statement] = waiting(1, now)
    StatementDelivery.objects.update(state="refused", errors={"puid": ["wrong form"]})
    admin = signed_in(admin_member())
    page = admin.get("/complaints/eu-records/?state=refused").content.decode()
    assert "wrong form" in page
    assert admin.post(f"/complaints/eu-records/{statement.puid}/again/").status_code == 302
    assert set(states().values()) == {State.WAITING}
    complaint = Complaint.objects.earliest("pk")
    brand = signed_in(MemberFactory(organisation=complaint.organisation))
    assert brand.get("/complaints/eu-records/").status_code == 403
    assert brand.get("/complaints/eu-records/batch.json").status_code == 403
