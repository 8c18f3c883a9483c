"""The outbox: an effect asked for is delivered, and asked twice is one effect."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.core import mail, outbox
from portal.core.models import OutboxMessage, PageMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def handled(monkeypatch):
    seen: list[str] = []
    monkeypatch.setitem(outbox._handlers, "test.note", lambda message: seen.append(message.key))
    return seen


def enqueue(key="k", handler="test.note", now=None):
    outbox.enqueue(handler, key=key, now=now or timezone.now())
    return OutboxMessage.objects.get(key=key).pk


def test_the_same_key_is_one_effect(handled):
    first, second = enqueue(), enqueue()
    assert first == second
    assert outbox.deliver(first, timezone.now())
    assert not outbox.deliver(first, timezone.now())
    assert handled == ["k"]


def test_a_rolled_back_cause_has_no_effect(handled):
    with transaction.atomic():
        enqueue()
        transaction.set_rollback(True)
    assert outbox.due(timezone.now()) == []


def test_a_dead_worker_s_message_is_handed_out_again_after_its_lease(handled):
    now = timezone.now()
    message_id = enqueue(now=now)
    OutboxMessage.objects.filter(pk=message_id).update(state="taken", due_at=now + outbox.LEASE)
    assert outbox.due(now) == []
    later = now + outbox.LEASE + timedelta(seconds=1)
    assert outbox.due(later) == [message_id]
    assert outbox.deliver(message_id, later)
    assert handled == ["k"]


def test_a_failing_handler_is_retried_with_growing_delays_and_then_given_up(monkeypatch):
    given_up = []

    def refuse(message):
        raise ConnectionError("nobody there")

    monkeypatch.setitem(outbox._handlers, "test.refuse", refuse)
    monkeypatch.setitem(outbox._abandoned, "test.refuse", lambda m: given_up.append(m.key))
    message_id = enqueue(handler="test.refuse")
    delays = []
    for _attempt in range(outbox.MAX_ATTEMPTS):
        OutboxMessage.objects.filter(pk=message_id).update(due_at=timezone.now())
        before = timezone.now()
        assert not outbox.deliver(message_id, before)
        delays.append(OutboxMessage.objects.get(pk=message_id).due_at - before)
    message = OutboxMessage.objects.get(pk=message_id)
    assert message.state == "failed"
    assert "nobody there" in message.last_error
    assert delays[0] < delays[3] < delays[6]
    assert given_up == ["k"]


def test_mail_goes_to_the_staff_page_without_smtp(settings):
    settings.EMAIL_BACKEND = "portal.core.mail.PageBackend"
    mail.send(key="a", to=["x@example.test"], subject="S", text="T", now=timezone.now())
    for message_id in outbox.due(timezone.now()):
        outbox.deliver(message_id, timezone.now())
    stored = PageMail.objects.get()
    assert (stored.to, stored.subject, stored.text) == (["x@example.test"], "S", "T")
