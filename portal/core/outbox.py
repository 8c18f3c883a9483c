"""Effects outside the database: written with their cause, delivered at least once.

``enqueue`` inserts a row in the caller's transaction. A relay hands due rows to Celery by id;
a worker takes the row by compare-and-set, runs its handler outside any transaction, and marks it
done. A worker that dies leaves the row taken, and the relay hands it out again after the lease.
Handlers therefore make their effect idempotent by ``message.key``.

Retry design: a handler raises ``RetryLater`` (or any ``httpx``/OS error it lets through) to be
tried again after 5 s, doubling to 1 h, at most ``MAX_ATTEMPTS`` times; long waits stay in the
table, because the broker's visibility time-out would re-run long tasks.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.core.models import OutboxMessage

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
MAX_ATTEMPTS = 12
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
# The longest the other side's own wish is followed, such as a Retry-After of HTTP.
LONGEST_ASKED = timedelta(hours=24)

Handler = Callable[[OutboxMessage], None]
_handlers: dict[str, Handler] = {}
_abandoned: dict[str, Handler] = {}


class RetryLater(Exception):
    """The other side is not ready; try again later, not before ``after`` if it said so."""

    def __init__(self, reason: str, *, after: timedelta = timedelta()) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(Exception):
    """Trying again cannot help; the message fails at once."""


def register(name: str, handler: Handler, *, abandoned: Handler | None = None) -> None:
    """Bind a handler name; ``abandoned`` runs once when the last attempt has failed."""
    _handlers[name] = handler
    if abandoned is not None:
        _abandoned[name] = abandoned


def enqueue(
    handler: str, *, key: str, now: datetime, payload: dict[str, Any] | None = None
) -> None:
    """Ask for an effect in the caller's transaction. The same ``key`` is the same effect."""
    enqueue_many(handler, payloads={key: payload or {}}, now=now)


def enqueue_many(handler: str, *, payloads: Mapping[str, dict[str, Any]], now: datetime) -> None:
    """Ask for many effects of one kind, by key, in one insert."""
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(key=key, handler=handler, payload=payload, due_at=now, created_at=now)
            for key, payload in payloads.items()
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )


def ask_again(key: str, now: datetime) -> bool:
    """Reopen an effect that was given up or came to nothing; return whether there was one.

    The key stays the same, so the other side still knows it as one effect. A finished message has
    no payload any more: only handlers that find everything by key can be asked again.
    """
    finished = [OutboxMessage.State.DONE, OutboxMessage.State.FAILED]
    return bool(
        OutboxMessage.objects.filter(key=key, state__in=finished).update(
            state=OutboxMessage.State.WAITING,
            attempts=0,
            due_at=now,
            finished_at=None,
            last_error="",
        )
    )


def due(now: datetime, limit: int = 200) -> list[int]:
    """Return ids of messages to hand out: waiting ones, and taken ones whose lease ran out."""
    return list(
        OutboxMessage.objects.filter(
            Q(state=OutboxMessage.State.WAITING) | Q(state=OutboxMessage.State.TAKEN),
            due_at__lte=now,
        )
        .order_by("due_at")
        .values_list("pk", flat=True)[:limit]
    )


def deliver(message_id: int, now: datetime) -> bool:
    """Take one due message and run its handler; return whether it is done.

    Must be called outside a transaction: a handler talks to the network.
    """
    taken = OutboxMessage.objects.filter(
        Q(state=OutboxMessage.State.WAITING) | Q(state=OutboxMessage.State.TAKEN),
        pk=message_id,
        due_at__lte=now,
    ).update(state=OutboxMessage.State.TAKEN, due_at=now + LEASE)
    if not taken:
        return False
    message = OutboxMessage.objects.get(pk=message_id)
    message.attempts += 1
    try:
        _handlers[message.handler](message)
    except GiveUp as error:
        _fail(message, error)
        return False
    except Exception as error:  # noqa: BLE001  # whatever a handler hits, the row must say so
        _retry(message, error)
        return False
    message.state, message.finished_at = OutboxMessage.State.DONE, timezone.now()
    # Addresses and invitation links have no business in the table once the mail is out.
    message.last_error, message.payload = "", {}
    message.save(update_fields=["state", "attempts", "finished_at", "last_error", "payload"])
    return True


def _retry(message: OutboxMessage, error: Exception) -> None:
    if message.attempts >= MAX_ATTEMPTS:
        _fail(message, error)
        return
    delay = min(FIRST_DELAY * 2 ** (message.attempts - 1), LONGEST_DELAY)
    if isinstance(error, RetryLater):
        delay = max(delay, min(error.after, LONGEST_ASKED))
    logger.warning("outbox %s: attempt %s failed: %s", message.key, message.attempts, error)
    message.state = OutboxMessage.State.WAITING
    message.due_at = timezone.now() + delay
    message.last_error = f"{type(error).__name__}: {error}"
    message.save(update_fields=["state", "attempts", "due_at", "last_error"])


@transaction.atomic
def _fail(message: OutboxMessage, error: Exception) -> None:
    """Give up and tell whoever asked, both or neither."""
    logger.error("outbox %s: given up: %s", message.key, error)
    message.state, message.finished_at = OutboxMessage.State.FAILED, timezone.now()
    message.last_error = f"{type(error).__name__}: {error}"
    message.save(update_fields=["state", "attempts", "finished_at", "last_error"])
    if handler := _abandoned.get(message.handler):
        handler(message)
