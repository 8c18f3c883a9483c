"""Messages between processes. They carry ids and no truth: a lost one costs a delay."""

import json
import logging
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

WAKE, RECHECK, ANNOUNCE = "wake", "recheck", "announce"


def channel() -> str:
    """The channel of this database: Valkey's channels know no database numbers."""
    return f"portal:live:{settings.DATABASES['default']['NAME']}"


@cache
def _client(address: str) -> redis.Redis:
    # The socket's own time limit: a broker that hangs must not hold a request or a tick.
    return redis.Redis.from_url(address, socket_timeout=2, socket_connect_timeout=2)


def publish(kind: str, content: dict[str, Any] | None = None) -> None:
    """Tell every web process; hubs look for themselves when nobody can be told."""
    if not settings.REDIS_URL:
        return
    message = json.dumps({"kind": kind, **(content or {})})
    try:
        _client(settings.REDIS_URL).publish(channel(), message)
    except redis.RedisError as error:
        logger.warning("live: nobody could be told: %s", error)


def wake() -> None:
    """Say that the journal has new seals."""
    publish(WAKE)


def recheck() -> None:
    """Say, once the transaction is through, that somebody may have lost the right to listen."""
    transaction.on_commit(lambda: publish(RECHECK))


def announce(
    topic: str,
    what: str,
    *,
    uuid: str,
    organisation_id: int,
    by: str = "",
    member_id: int | None = None,
    brand_id: int | None = None,
) -> None:
    """Tell those who hear ``topic`` in an organisation what the journal does not keep.

    Sent when the transaction is through, at once and only once: whoever is not listening never
    hears of it, so the page must be able to read it as well. ``uuid`` is the row's,
    ``by`` that of the member who acts, ``brand_id`` the key of the brand it is about.
    """
    content = {
        "topic": topic,
        "what": what,
        "id": uuid,
        "by": by,
        "organisation_id": organisation_id,
        "member_id": member_id,
        "brand_id": brand_id,
    }
    transaction.on_commit(lambda: publish(ANNOUNCE, content))
