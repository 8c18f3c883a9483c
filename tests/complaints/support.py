"""Helpers of this room's tests."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections, connection

from complaints.models import Complaint
from portal.core import events, journal
from portal.core.actors import Actor, of_member
from portal.core.models import Member, Organisation, Role
from pushes.models import SuspectedLink
from tests.factories import MemberFactory


def complainant_of(row: SuspectedLink | Complaint, role: str = Role.COMPLAINANT) -> Actor:
    """Return a person of the rights holder the row belongs to."""
    return of_member(MemberFactory(organisation=row.organisation, role=role))


def platform_admin() -> Actor:
    """Return a person who decides."""
    known = Member.objects.select_related("organisation").filter(role=Role.PLATFORM_ADMIN).first()
    if known is not None:
        return of_member(known)
    platform = Organisation.objects.filter(kind=Organisation.Kind.PLATFORM).first()
    if platform is None:
        return of_member(MemberFactory(platform_admin=True))
    return of_member(MemberFactory(organisation=platform, role=Role.PLATFORM_ADMIN))


def at_once(times: int, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in ``times`` threads that start together; each has its own connection."""
    barrier = threading.Barrier(times)
    results: list[Any] = []

    def run(call: Callable[[], Any]) -> None:
        close_old_connections()
        try:
            barrier.wait()
            results.append(call())
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(calls[number % len(calls)],)) for number in range(times)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == times
    return results


def read_journal() -> None:
    """Seal what was written and show it to every consumer, as the tick does."""
    while journal.seal():
        pass
    for consumer in events.consumers():
        while events.run(consumer):
            pass
