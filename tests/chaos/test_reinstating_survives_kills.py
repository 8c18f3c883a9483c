"""``kill -9`` before every single statement of a hearing's acts: all of it happens, or nothing.

A child process does the act and kills itself before its n-th statement, for every n, until one gets
through; then the act is tried once more. Each effect is there exactly once.
"""

import os
import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from complaints.models import Complaint, CounterNotice, HearingClock, Order, Reinstatement
from complaints.services import counter_notices, reinstatement
from portal.core.models import JournalEntry, OutboxMessage
from pushes.models import FeedbackFact, Seller
from tests.complaints.hearing import brand_of, established, second_admin, submitted
from tests.complaints.support import platform_admin

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

MOST_STATEMENTS = 200
PAGE = CounterNotice.ReachedBy.PAGE
# Connections of the parent, which a child must neither use nor close.
_inherited: list[Any] = []


def in_child(act: Callable[[], object], die_at: int) -> int:
    """Do the act in a process that dies before its n-th statement; return how it ended."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _inherited.append(connection.connection)
            connection.connection = None
            done = 0

            def count(execute: Any, *arguments: Any) -> Any:
                nonlocal done
                done += 1
                if done == die_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return execute(*arguments)

            with connection.execute_wrapper(count):
                act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def counted() -> dict[str, int]:
    """Everything an act may leave behind."""
    return {
        "orders": Order.objects.count(),
        "facts": FeedbackFact.objects.count(),
        "journal": JournalEntry.objects.count(),
        "outbox": OutboxMessage.objects.count(),
        "reinstatements": Reinstatement.objects.count(),
        "answers": CounterNotice.objects.count(),
        "clocks": HearingClock.objects.count(),
        "points": sum(Seller.objects.values_list("strike_points", flat=True)),
        "settled": Reinstatement.objects.filter(state="confirmed").count(),
    }


def killed_everywhere(act: Callable[[], object]) -> int:
    """Kill the act before each of its statements, then let it through; return how many kills."""
    before = counted()
    for die_at in range(1, MOST_STATEMENTS):
        ended = in_child(act, die_at)
        if ended == 0:
            after = counted()
            assert after != before
            assert in_child(act, 0) == 1  # once more: somebody was first
            assert counted() == after
            return die_at - 1
        assert ended == -signal.SIGKILL, f"statement {die_at}: ended with {ended}"
        assert counted() == before, f"statement {die_at} left something behind"
    raise AssertionError("it never came through")


def test_confirming_a_reinstatement(now: datetime) -> None:
    complaint = established(now)
    made = submitted(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=made, code="first_sale", now=now
    )
    second = second_admin()

    def confirm() -> None:
        row = Reinstatement.objects.get(pk=asked.pk)
        reinstatement.confirm(actor=second, reinstatement=row, now=now)

    assert killed_everywhere(confirm) > 15
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.OVERTURNED
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).count() == 1
    assert FeedbackFact.objects.filter(source="overturned").count() == 1
    verbs = list(JournalEntry.objects.values_list("verb", flat=True))
    for verb in (
        "complaint.overturned",
        "counter_notice.accepted",
        "reinstatement.confirmed",
        "strike.reversed",
    ):
        assert verbs.count(verb) == 1
    keys = list(OutboxMessage.objects.values_list("key", flat=True))
    assert sum(key.startswith(f"mail:reinstated:{asked.uuid}:") for key in keys) >= 2
    assert len(keys) == len(set(keys))


def test_taking_a_complaint_back(now: datetime) -> None:
    complaint = established(now)
    submitted(complaint, now)
    brand = brand_of(complaint)

    def retract() -> None:
        counter_notices.retract(actor=brand, complaint=complaint, note="", now=now)

    assert killed_everywhere(retract) > 15
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).count() == 1
    assert JournalEntry.objects.filter(verb="complaint.retracted").count() == 1


def test_handing_in_a_counter_notice(now: datetime) -> None:
    complaint = established(now)
    assert killed_everywhere(lambda: submitted(complaint, now)) > 10
    assert CounterNotice.objects.get().state == CounterNotice.State.FORWARDED
    assert JournalEntry.objects.filter(verb="complaint.contested").count() == 1
