"""What happens to a complaint after it was filed: messages, withdrawal, putting back, refiling."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints.models import Complaint, ComplaintMessage, Decision
from complaints.selectors import thread_of
from complaints.services import decisions, filing, messages, refiling, withdrawal
from complaints.web import case_page
from portal.core import notices as kinds
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, Member, Notice, OutboxMessage, Role
from portal.figures import projections
from pushes.models import SuspectedLink
from tests.complaints.support import complainant_of, platform_admin
from tests.factories import ComplaintFactory, InfringingLinkFactory, MemberFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def filed(now: datetime) -> tuple[Complaint, Actor]:
    """A complaint that went through filing, and who filed it."""
    link = InfringingLinkFactory()
    actor = complainant_of(link)
    (complaint,) = filing.file(
        actor=actor, links=[link], now=now - timedelta(minutes=2), statement_accepted=True
    ).filed
    filing.settle(complaint=complaint, now=now - timedelta(minutes=1))
    return complaint, actor


def rejected(now: datetime, code: str) -> tuple[Complaint, Actor]:
    complaint, actor = filed(now)
    decisions.decide(
        actor=platform_admin(), complaint=complaint, outcome="rejected", code=code, now=now
    )
    return Complaint.objects.get(pk=complaint.pk), actor


def page(complaint: Complaint) -> str:
    return reverse("complaints:complaint", args=[complaint.uuid])


# -- messages


def test_a_message_reaches_the_other_side_in_the_page_and_by_mail(now: datetime) -> None:
    complaint, actor = filed(now)
    admin = platform_admin()
    assert admin.member is not None
    assert actor.member is not None
    messages.write(actor=actor, complaint=complaint, text=" The tag is wrong. ", now=now)
    notice = Notice.objects.get(kind=messages.KIND)
    assert notice.member == admin.member
    assert kinds.line(notice).url == page(complaint) + "#messages"
    mail = OutboxMessage.objects.get(key__startswith="mail:complaint-message")
    assert mail.payload["to"] == [admin.member.user.email]
    # What was written stays in the portal.
    assert "tag is wrong" not in str(mail.payload)
    assert "tag is wrong" not in str(notice.data)

    messages.write(actor=admin, complaint=complaint, text="Which tag?", now=now)
    told = Notice.objects.filter(kind=messages.KIND, member=actor.member)
    assert told.count() == 1
    assert [row.side for row in thread_of(complaint)] == ["complainant", "platform"]
    assert JournalEntry.objects.filter(verb="complaint_message.written").count() == 2


def test_only_the_two_sides_write_and_what_they_wrote_stays(now: datetime) -> None:
    complaint, actor = filed(now)
    stranger, viewer = MemberFactory(role=Role.OWNER), complainant_of(complaint, Role.VIEWER)
    for other in (complainant_of(ComplaintFactory()), viewer, complainant_of(ComplaintFactory())):
        with pytest.raises(NotAllowed):
            messages.write(actor=other, complaint=complaint, text="Hello", now=now)
    assert stranger.organisation != complaint.organisation
    for text in ("  ", "x" * (messages.LONGEST + 1)):
        with pytest.raises(InvalidInput):
            messages.write(actor=actor, complaint=complaint, text=text, now=now)
    written = messages.write(actor=actor, complaint=complaint, text="Once", now=now)
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        ComplaintMessage.objects.filter(pk=written.pk).update(text="Twice")


def test_whoever_decides_reads_the_messages_beside_the_case_and_may_ask(
    now: datetime, signed_in: SignIn
) -> None:
    complaint, actor = filed(now)
    messages.write(actor=actor, complaint=complaint, text="See the second picture.", now=now)
    admin = platform_admin().member
    assert admin is not None
    html = (
        signed_in(admin).get(reverse("complaints:decide", args=[complaint.uuid])).content.decode()
    )
    assert "See the second picture." in html
    assert reverse("complaints:write_message", args=[complaint.uuid]) in html


def test_the_thread_shows_names_of_ones_own_side_only(now: datetime, signed_in: SignIn) -> None:
    complaint, actor = filed(now)
    admin = platform_admin()
    messages.write(actor=admin, complaint=complaint, text="Send the receipt.", now=now)
    assert actor.member is not None
    client = signed_in(actor.member)
    client.post(
        reverse("complaints:write_message", args=[complaint.uuid]), {"text": "<b>Here</b> it is."}
    )
    html = client.get(page(complaint)).content.decode()
    assert "Send the receipt." in html
    assert "&lt;b&gt;Here&lt;/b&gt; it is." in html
    assert str(admin.member and admin.member.user) not in html
    assert str(actor.member.user) in html
    refused = client.post(reverse("complaints:write_message", args=[complaint.uuid]), {"text": " "})
    assert refused.status_code == 422
    assert "Write something first." in refused.content.decode()
    other = signed_in(MemberFactory(role=Role.OWNER))
    answer = other.post(
        reverse("complaints:write_message", args=[complaint.uuid]), {"text": "Let me in"}
    )
    assert answer.status_code == 404
    assert thread_of(complaint).count() == 2


def test_the_page_asks_the_same_questions_however_much_happened(
    now: datetime, signed_in: SignIn
) -> None:
    complaint, actor = filed(now)
    assert actor.member is not None
    client = signed_in(actor.member)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(complaint)).status_code == 200
            return len(captured.captured_queries)

    messages.write(actor=actor, complaint=complaint, text="One", now=now)
    messages.write(actor=platform_admin(), complaint=complaint, text="Two", now=now)
    queries()  # the first visit writes the session
    few = queries()
    for number in range(5):
        messages.write(actor=actor, complaint=complaint, text=f"More {number}", now=now)
        messages.write(actor=platform_admin(), complaint=complaint, text="Hm", now=now)
        withdrawal.withdraw(actor=actor, complaint=complaint, now=now)
        withdrawal.reactivate(actor=actor, complaint=complaint, now=now)
    assert queries() == few


# -- taking back and putting back


def test_a_withdrawn_complaint_is_put_back_with_a_new_term(now: datetime) -> None:
    complaint, actor = filed(now - timedelta(days=20))
    first_due = complaint.due_at
    withdrawal.withdraw(actor=actor, complaint=complaint, now=now - timedelta(days=10))
    assert complaint.state == "withdrawn"
    withdrawal.reactivate(actor=actor, complaint=complaint, now=now)
    assert complaint.state == "filed"
    assert complaint.filed_at == now
    assert first_due is not None
    assert complaint.due_at is not None
    assert complaint.due_at > first_due
    term = case_page.of(actor, complaint, now)["term"]
    assert term.started == now
    assert term.counted[0].day.date() <= term.counted[-1].day.date()
    assert not term.remaining.overdue
    # Filed once, however often it was put back.
    counted = [key for entry in JournalEntry.objects.all() for key in projections.keys_of(entry)]
    assert [measure for *_rest, measure in counted].count("complaints") == 1


def test_nothing_is_put_back_beside_another_complaint_or_a_changed_verdict(now: datetime) -> None:
    complaint, actor = filed(now)
    withdrawal.withdraw(actor=actor, complaint=complaint, now=now)
    (second,) = filing.file(
        actor=actor, links=[complaint.link], now=now, statement_accepted=True
    ).filed
    with pytest.raises(StaleState, match="Another complaint"):
        withdrawal.reactivate(actor=actor, complaint=complaint, now=now)
    filing.undo(actor=actor, complaint=second, now=now)
    SuspectedLink.objects.filter(pk=complaint.link_id).update(state="genuine")
    with pytest.raises(StaleState, match="no longer judged"):
        withdrawal.reactivate(actor=actor, complaint=complaint, now=now)
    assert Complaint.objects.get(pk=complaint.pk).state == "withdrawn"


def test_only_the_complainant_takes_back_and_only_before_the_decision(now: datetime) -> None:
    complaint, actor = filed(now)
    for other in (platform_admin(), complainant_of(ComplaintFactory())):
        with pytest.raises(NotAllowed):
            withdrawal.withdraw(actor=other, complaint=complaint, now=now)
    decisions.decide(
        actor=platform_admin(),
        complaint=complaint,
        outcome="rejected",
        code="duplicate",
        now=now,
    )
    with pytest.raises(StaleState):
        withdrawal.withdraw(actor=actor, complaint=complaint, now=now)


def test_the_buttons_of_the_page_do_it(now: datetime, signed_in: SignIn) -> None:
    complaint, actor = filed(now)
    assert actor.member is not None
    client = signed_in(actor.member)
    assert "Why this date" in client.get(page(complaint)).content.decode()
    client.post(reverse("complaints:withdraw", args=[complaint.uuid]))
    html = client.get(page(complaint)).content.decode()
    assert "Put back" in html
    assert "Withdrawn" in html
    client.post(reverse("complaints:reactivate", args=[complaint.uuid]))
    html = client.get(page(complaint)).content.decode()
    assert "Put before the platform again" in html
    assert "Judged counterfeit" not in html  # the factory's link was never judged in the journal


# -- filing again


def test_a_rejection_is_refiled_with_what_it_asked_for(now: datetime) -> None:
    complaint, actor = rejected(now, Decision.Code.EVIDENCE_MISSING)
    shown = refiling.preview(actor=actor, complaint=complaint, now=now)
    assert shown.refusal is None
    assert shown.asks_for_more
    assert not shown.changed
    call: dict[str, Any] = {
        "actor": actor,
        "complaint": complaint,
        "statement_accepted": True,
        "now": now,
    }
    with pytest.raises(InvalidInput) as refused:
        refiling.refile(supplement=" ", **call)
    assert refused.value.errors[0].field == "supplement"
    (again,) = refiling.refile(supplement="The seam is glued, see picture 2.", **call).filed
    assert again.notice["filed_again"] == {
        "complaint": str(complaint.uuid),
        "code": "evidence_missing",
        "supplement": "The seam is glued, see picture 2.",
    }
    assert again.link == complaint.link
    with pytest.raises(NotAllowed):
        refiling.refile(supplement="", **{**call, "complaint": again})


def test_the_page_to_refile_shows_what_changed_and_what_is_in_the_way(
    now: datetime, signed_in: SignIn
) -> None:
    complaint, actor = rejected(now, Decision.Code.RIGHT_NOT_COVERING)
    assert actor.member is not None
    client = signed_in(actor.member)
    address = reverse("complaints:refile", args=[complaint.uuid])
    assert address in client.get(page(complaint)).content.decode()
    assert "Nothing has changed" in client.get(address).content.decode()
    right = complaint.registration
    right.number = "SIM-CN-9999999"
    right.save()
    html = client.get(address).content.decode()
    assert "<mark>CN SIM-CN-9999999</mark>" in html
    answer = client.post(address, {"statement": "on"}, follow=True)
    assert answer.redirect_chain
    again = Complaint.objects.exclude(pk=complaint.pk).get()
    assert str(complaint.uuid) in answer.content.decode()  # the rejected one is named
    filing.undo(actor=actor, complaint=again, now=now)
    right.state = "expired"
    right.save()
    html = client.get(address).content.decode()
    assert "It cannot be filed as things stand" in html
    assert client.post(address, {}).status_code == 422
    other = signed_in(MemberFactory(role=Role.OWNER))
    assert other.get(address).status_code == 404


# -- checks before anything is filed


def test_the_checks_of_a_selection_are_told_before_it_is_filed(
    now: datetime, signed_in: SignIn
) -> None:
    good = InfringingLinkFactory()
    actor = complainant_of(good)
    unjudged = InfringingLinkFactory(brand=good.brand, state="pending", judged_at=None)
    foreign = InfringingLinkFactory()
    assert actor.member is not None
    client = signed_in(actor.member)
    ids = [str(link.uuid) for link in (good, unjudged, foreign)]
    html = client.post(reverse("complaints:checks"), {"link": [*ids, "x"]}).content.decode()
    assert "1 link can be filed now." in html
    assert html.count("<li>") == 1
    assert "Judge the link as an infringement" in html
    assert not Complaint.objects.exists()
