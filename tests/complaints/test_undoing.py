"""Taking complaints back in the first seconds, filing them afterwards, and who wins a race."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints.models import Complaint
from complaints.services import filing
from portal.core.actors import Actor, of_member
from portal.core.errors import NotAllowed, StaleState
from portal.core.models import JournalEntry, Member
from pushes.models import SuspectedLink
from tests.complaints.support import at_once, complainant_of
from tests.factories import (
    ComplaintFactory,
    InfringingLinkFactory,
    MemberFactory,
)

pytestmark = pytest.mark.django_db


def file_one(link: SuspectedLink, actor: Actor, now: datetime) -> filing.FilingResult:
    return filing.file(actor=actor, links=[link], now=now, statement_accepted=True)


def test_undo_takes_a_held_complaint_back(now: datetime) -> None:
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    [complaint] = file_one(link, actor, now).filed
    filing.undo(actor=actor, complaint=complaint, now=now + timedelta(seconds=1))
    assert filing.settle_due(now=now + timedelta(minutes=1)) == 0
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.UNDONE
    assert file_one(link, actor, now).filed


def test_undo_comes_too_late_after_its_time(now: datetime) -> None:
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    [complaint] = file_one(link, actor, now).filed
    with pytest.raises(NotAllowed) as refused:
        filing.undo(actor=actor, complaint=complaint, now=complaint.held_until)
    assert refused.value.code == "too_late"


def test_one_that_is_too_late_keeps_no_other_from_being_taken_back(
    now: datetime, signed_in: Callable[[Member], Client]
) -> None:
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    other = InfringingLinkFactory(brand=link.brand, organisation=link.organisation)
    moment = timezone.now()
    [late] = file_one(link, actor, moment - timedelta(minutes=5)).filed
    [kept] = file_one(other, actor, moment + timedelta(minutes=5)).filed
    assert actor.member is not None
    page = signed_in(actor.member).post(
        reverse("complaints:undo_many"), {"complaint": [kept.uuid, late.uuid]}, follow=True
    )
    kept.refresh_from_db()
    late.refresh_from_db()
    assert (kept.state, late.state) == (Complaint.State.UNDONE, Complaint.State.HELD)
    assert "1 complaint was taken back" in page.content.decode()
    assert "was not taken back: The time for undoing is over" in page.content.decode()


def test_nobody_else_can_undo(now: datetime) -> None:
    link = InfringingLinkFactory()
    [complaint] = file_one(link, complainant_of(link), now).filed
    stranger = of_member(MemberFactory())
    with pytest.raises(NotAllowed):
        filing.undo(actor=stranger, complaint=complaint, now=now)


def test_settling_files_what_is_due_and_only_once(now: datetime) -> None:
    link = InfringingLinkFactory()
    [complaint] = file_one(link, complainant_of(link), now).filed
    assert filing.settle_due(now=now) == 0
    later = complaint.held_until
    stale = Complaint.objects.get(pk=complaint.pk)
    assert filing.settle_due(now=later) == 1
    assert filing.settle_due(now=later) == 0
    with pytest.raises(StaleState):
        filing.settle(complaint=stale, now=later)
    complaint.refresh_from_db()
    assert (complaint.state, complaint.filed_at) == (Complaint.State.FILED, later)
    verbs = JournalEntry.objects.filter(subject_type="complaints.complaint").order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == ["complaint.held", "complaint.filed"]
    assert verbs[1].data["brand_id"] == link.brand_id


@pytest.mark.django_db(transaction=True)
def test_of_many_concurrent_calls_one_files(now: datetime) -> None:
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    answers = at_once(12, lambda: file_one(link, actor, now))
    filed = [answer for answer in answers if answer.filed]
    refused = [answer.refused[0].code for answer in answers if answer.refused]
    assert len(filed) == 1
    assert refused == ["duplicate"] * 11
    assert Complaint.objects.filter(link=link).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_admits_one_standing_complaint_a_link(now: datetime) -> None:
    made = ComplaintFactory(state=Complaint.State.UNDONE)

    def insert() -> bool:
        try:
            ComplaintFactory(
                link=made.link, organisation=made.organisation, registration=made.registration
            )
        except IntegrityError:
            return False
        return True

    assert sum(at_once(8, insert)) == 1


@pytest.mark.django_db(transaction=True)
def test_undo_and_settling_race_to_one_outcome(now: datetime) -> None:
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    [complaint] = file_one(link, actor, now).filed
    just_before = complaint.held_until - timedelta(microseconds=1)
    row = complaint.pk

    def undo() -> str:
        try:
            filing.undo(actor=actor, complaint=Complaint.objects.get(pk=row), now=just_before)
        except StaleState:
            return "late"
        return "undone"

    outcomes = at_once(2, undo, lambda: filing.settle_due(now=complaint.held_until))
    state = Complaint.objects.get(pk=row).state
    assert state in {"undone", "filed"}
    assert outcomes.count("undone") + outcomes.count(1) == 1
    entries = JournalEntry.objects.filter(verb__in=["complaint.undone", "complaint.filed"])
    assert entries.count() == 1
