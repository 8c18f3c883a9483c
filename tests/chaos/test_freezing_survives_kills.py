"""``kill -9`` in the middle of freezing; a restart freezes every complaint exactly once."""

import signal

import pytest
from django.utils import timezone

from brands.services import credential_life
from complaints.models import Complaint
from complaints.services import freezing
from portal.core.actors import of_member
from portal.core.models import Cursor, JournalEntry, Role
from tests.factories import ComplaintFactory, InfringingLinkFactory, MemberFactory

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

# Reads the journal as the worker does; dies by SIGKILL after so many complaints.
READER = """
import os, signal, sys, django
django.setup()
from complaints.services import freezing
from portal.core import events, journal
left, real = int(sys.argv[1]), freezing.freeze
def freeze(*args, **values):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    real(*args, **values)
freezing.freeze = freeze
journal.seal()
for consumer in events.consumers():
    if consumer.name == freezing.CONSUMER:
        events.run(consumer)
"""


def test_a_reader_killed_while_it_freezes_leaves_the_rest_to_the_next(spawn) -> None:
    first = ComplaintFactory()
    for _more in range(4):
        link = InfringingLinkFactory(brand=first.link.brand, organisation=first.organisation)
        ComplaintFactory(link=link, registration=first.registration)
    auditor = of_member(MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR))
    credential_life.suspend(
        actor=auditor, now=timezone.now(), credential=first.registration, code="forged", note="x"
    )
    for point in (0, 2, 4):
        reader = spawn("-c", READER, str(point), DJANGO_SETTINGS_MODULE="portal.settings")
        assert reader.wait(timeout=120) == -signal.SIGKILL
        assert Complaint.objects.filter(state="frozen").count() == 0
        assert Cursor.objects.get(name=freezing.CONSUMER).seq == 0
    for _again in range(2):
        reader = spawn("-c", READER, "99", DJANGO_SETTINGS_MODULE="portal.settings")
        assert reader.wait(timeout=120) == 0
    assert Complaint.objects.filter(state="frozen").count() == 5
    assert JournalEntry.objects.filter(verb="complaint.frozen").count() == 5
