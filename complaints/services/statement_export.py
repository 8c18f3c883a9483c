"""Records for the EU Transparency Database: put into batches, posted, followed until each is there.

A batch is 1 to 100 records and is taken as a whole or not at all. Retry design: a time-out, 401,
403, 408, 425, 429 (not before its Retry-After) and 5xx are tried again by the outbox, which gives
up after its bounded number of attempts. Of a batch that was refused (422) the records named in the
answer are set aside, those whose puid is known already count as sent, and the others go again as
a new batch; where the answer names none, the batch is halved. A record set aside waits for a
person. The puid is the key of the effect: a record posted twice is in the database once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from complaints import statement_schema
from complaints.models import StatementBatch, StatementDelivery, StatementOfReasons
from portal.core import outbox, states
from portal.core.actors import SYSTEM, Actor
from portal.core.models import OutboxMessage
from portal.core.policies import Permission, may

HANDLER = "statements.send"
KEY_PREFIX = "eu-batch:"
LARGEST_BATCH: Final = 100
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
LONGEST_ERROR = 500
State = StatementDelivery.State
WORTH_RETRYING = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


def body_of(statements: Sequence[StatementOfReasons]) -> dict[str, Any]:
    """Return the body of one call: ``{"statements": [...]}`` with 1 to 100 records."""
    if not 1 <= len(statements) <= LARGEST_BATCH:
        raise ValueError(f"A batch has 1 to {LARGEST_BATCH} records, not {len(statements)}.")
    return {"statements": [statement.eu_record for statement in statements]}


@transaction.atomic
def put_into_batches(*, now: datetime) -> int:
    """Put waiting records into batches and ask for their posting; return how many batches."""
    waiting = (
        StatementDelivery.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("statement__decision__complaint")
        .filter(state=State.WAITING, batch=None)
        .order_by("pk")[: 10 * LARGEST_BATCH]
    )
    good = []
    for delivery in waiting:
        if wrong := statement_schema.problems(delivery.statement.eu_record):
            _set_aside(delivery, {"schema": wrong}, now)
        else:
            good.append(delivery)
    groups = [good[n : n + LARGEST_BATCH] for n in range(0, len(good), LARGEST_BATCH)]
    for group in groups:
        _new_batch(group, now)
    return len(groups)


@transaction.atomic
def send_again(*, actor: Actor, delivery: StatementDelivery, now: datetime) -> None:
    """Let a record that was set aside wait for the next batch. Raises ``StaleState`` otherwise."""
    may(actor, Permission.MANAGE_PLATFORM).require()
    changes: dict[str, Any] = {"batch": None, "errors": {}}
    states.move(delivery, State.WAITING, actor=actor, now=now, changes=changes)


def deliver(message: OutboxMessage) -> None:
    """Post the batch of an outbox message and keep what became of each record.

    Called outside any transaction. Raises ``outbox.RetryLater`` or ``outbox.GiveUp``.
    """
    batch = _read(message)
    rows = list(batch.deliveries.select_related("statement").filter(state=State.WAITING))
    if batch.finished_at is not None or not rows:
        return
    rows.sort(key=lambda row: row.pk)
    with httpx.Client(
        base_url=settings.EU_DATABASE_URL.rstrip("/"),
        headers={"Authorization": f"Bearer {settings.EU_DATABASE_TOKEN}"},
        timeout=TIMEOUT,
        follow_redirects=False,
    ) as client:
        answer = client.post("/api/v1/statements", json=body_of([row.statement for row in rows]))
        if answer.status_code == HTTPStatus.CREATED:
            _taken(batch, rows, answer, timezone.now())
        elif answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            _refused(batch, rows, answer, client, timezone.now())
        else:
            raise _failure(answer, timezone.now())


def give_up(message: OutboxMessage) -> None:
    """Set the records of a batch aside when the outbox gives it up."""
    now = timezone.now()
    batch = _read(message)
    for row in batch.deliveries.filter(state=State.WAITING):
        _set_aside(row, {"batch": [message.last_error[:LONGEST_ERROR]]}, now)
    _finish(batch, {"given_up": message.last_error[:LONGEST_ERROR]}, now)


def _failure(answer: httpx.Response, now: datetime) -> Exception:
    status = answer.status_code
    text = f"the database answered {status}"
    if status in WORTH_RETRYING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return outbox.RetryLater(text, after=_asked_for(answer, now))
    return outbox.GiveUp(f"{text}: {answer.text[:200]}")


def _asked_for(answer: httpx.Response, now: datetime) -> timedelta:
    """Return how long Retry-After asks to wait: seconds or a date (RFC 9110, 10.2.3)."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isdigit():
        return timedelta(seconds=min(int(value), 10**6))
    try:
        return max(parsedate_to_datetime(value).astimezone(UTC) - now, timedelta())
    except ValueError:
        return timedelta()


@transaction.atomic
def _taken(
    batch: StatementBatch, rows: list[StatementDelivery], answer: httpx.Response, now: datetime
) -> None:
    """Everything was taken: keep the ids the database gave, where it gave any."""
    ids = {}
    for made in _json(answer).get("statements") or []:
        if isinstance(made, dict):
            ids[str(made.get("puid"))] = str(made.get("uuid") or "")[:64]
    for row in rows:
        _sent(row, now, database_id=ids.get(row.statement.puid, ""))
    _finish(batch, {"sent": len(rows)}, now)


def _refused(
    batch: StatementBatch,
    rows: list[StatementDelivery],
    answer: httpx.Response,
    client: httpx.Client,
    now: datetime,
) -> None:
    """Nothing was taken: find out which records are to blame, and let the others go again."""
    errors = _json(answer).get("errors")
    blamed = _blamed(rows, errors if isinstance(errors, dict) else {})
    known = {row.pk for row in rows if row.pk in blamed and _is_known(row, blamed[row.pk], client)}
    text = answer.text[:LONGEST_ERROR]
    if not blamed and len(rows) == 1:
        blamed = {rows[0].pk: {"batch": [text]}}
    with transaction.atomic():
        for row in rows:
            if row.pk in known:
                _sent(row, now, was_there=True)
            elif row.pk in blamed:
                _set_aside(row, blamed[row.pk], now)
        rest = [row for row in rows if row.pk not in blamed]
        # Named by nobody: the halves tell which one is wrong.
        halves = [rest] if blamed else [rest[: len(rest) // 2], rest[len(rest) // 2 :]]
        for group in halves:
            if group:
                _new_batch(group, now)
        result = {"known": len(known), "set_aside": len(blamed) - len(known), "again": len(rest)}
        _finish(batch, result, now)


def _blamed(rows: list[StatementDelivery], errors: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Return the errors by delivery: from ``statement_N`` and from ``existing_puids``."""
    blamed: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(rows):
        if named := errors.get(f"statement_{place}"):
            blamed[row.pk] = named if isinstance(named, dict) else {"statement": [str(named)]}
    listed = errors.get("existing_puids")
    existing = {str(puid) for puid in listed} if isinstance(listed, list) else set()
    for row in rows:
        if row.statement.puid in existing:
            blamed.setdefault(row.pk, {"puid": ["known already"]})
    return blamed


def _is_known(row: StatementDelivery, errors: dict[str, Any], client: httpx.Client) -> bool:
    """Whether the record is refused only because it is in the database already: ask it."""
    if set(errors) != {"puid"}:
        return False
    puid = quote(row.statement.puid, safe="")
    answer = client.get(f"/api/v1/statement/existing-puid/{puid}")
    if answer.status_code in {HTTPStatus.FOUND, HTTPStatus.OK}:
        return True
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return False
    raise outbox.RetryLater(f"the database answered {answer.status_code} about a puid")


def _new_batch(rows: list[StatementDelivery], now: datetime) -> None:
    batch = StatementBatch.objects.create(created_at=now)
    StatementDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(batch=batch)
    outbox.enqueue(HANDLER, key=f"{KEY_PREFIX}{batch.uuid}", now=now)


def _sent(
    row: StatementDelivery, now: datetime, *, database_id: str = "", was_there: bool = False
) -> None:
    changes = {"sent_at": now, "database_id": database_id, "was_there": was_there, "errors": {}}
    states.move(row, State.SENT, actor=SYSTEM, now=now, changes=changes)


def _set_aside(row: StatementDelivery, errors: dict[str, Any], now: datetime) -> None:
    states.move(row, State.REFUSED, actor=SYSTEM, now=now, changes={"errors": errors})


def _finish(batch: StatementBatch, result: dict[str, Any], now: datetime) -> None:
    batch.finished_at, batch.result = now, result
    batch.save(update_fields=["finished_at", "result"])


def _read(message: OutboxMessage) -> StatementBatch:
    return StatementBatch.objects.get(uuid=message.key.removeprefix(KEY_PREFIX))


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
