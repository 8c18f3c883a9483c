"""The ground holds: migrations apply from zero, append-only tables refuse changes."""

import pytest
from django.db import DatabaseError, transaction

from portal.core import journal
from portal.core.actors import SYSTEM
from portal.core.models import JournalEntry
from tests.factories import ApiKeyFactory, MemberFactory, RegistrationFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db


def test_every_factory_makes_a_valid_row() -> None:
    for made in (SuspectedLinkFactory, RegistrationFactory, ApiKeyFactory, MemberFactory):
        assert made().pk


def test_a_journal_entry_cannot_be_changed(now) -> None:
    member = MemberFactory()
    entry = journal.record("member.joined", member, actor=SYSTEM, now=now)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JournalEntry.objects.filter(pk=entry.pk).update(verb="x")


def test_sealed_entries_form_an_unbroken_chain(now) -> None:
    member = MemberFactory()
    for number in range(5):
        journal.record("member.joined", member, actor=SYSTEM, now=now, data={"n": number})
    assert journal.seal() == 5
    assert journal.seal() == 0
    assert journal.broken_seals() == []
