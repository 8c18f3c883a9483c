"""How long an event takes to many streams: a short version of ``make bench-live``."""

import asyncio
import time

import pytest
from django.conf import settings
from django.utils import timezone

from benchmarks.live import measure
from portal.core import journal, live
from portal.core.actors import SYSTEM
from portal.core.models import Role
from tests.factories import MemberFactory, SuspectedLinkFactory
from tests.live.conftest import signed_in_client

pytestmark = pytest.mark.django_db(transaction=True)

STREAMS, EVENTS = 30, 10


def test_thirty_streams_get_every_event_in_bounded_time(web):
    """The bound is loose: the machine has other work. ``make bench-live`` measures properly."""
    link = SuspectedLinkFactory()
    members = [MemberFactory(organisation=link.organisation, role=Role.REVIEWER) for _ in range(5)]
    name = settings.SESSION_COOKIE_NAME
    cookies = [f"{name}={signed_in_client(member).cookies[name].value}" for member in members]

    def send():
        journal.record("link.pushed", link, actor=SYSTEM, now=timezone.now())
        journal.seal()
        at = time.perf_counter()
        live.wake()
        return live.head(), at

    delivery = asyncio.run(
        measure("127.0.0.1", web.port, cookies * (STREAMS // 5), events=EVENTS, send=send)
    )
    assert delivery.delivered == STREAMS * EVENTS
    assert delivery.p99 < 10_000
