"""Two persons put a listing back, or the law does; what follows, follows once."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from complaints import policies
from complaints.models import (
    Complaint,
    CounterNotice,
    Order,
    Reinstatement,
)
from complaints.services import (
    counter_notices,
    reinstatement,
)
from portal.core import events, journal, outbox
from portal.core.actors import SYSTEM
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import JournalEntry, OutboxMessage, Role
from pushes.models import FeedbackFact, Seller
from tests.complaints.hearing import (
    ADDRESS,
    DAY,
    accepted,
    brand_of,
    established,
    filer_of,
    reached,
    second_admin,
    submitted,
    user_of,
)
from tests.complaints.support import at_once, complainant_of, platform_admin
from tests.factories import ComplaintFactory, InfringingLinkFactory, MemberFactory

pytestmark = pytest.mark.django_db


def test_two_persons_put_a_listing_back_and_everything_follows_once(now: datetime) -> None:
    complaint = established(now)
    seller = Seller.objects.get(strikes__complaint=complaint)
    Order.objects.filter(complaint=complaint).update(
        state="acknowledged", acknowledged_at=now + timedelta(hours=1)
    )
    made = reached(complaint, now + DAY)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now + DAY)
    done = accepted(made, now + 2 * DAY)
    made.refresh_from_db()
    complaint.refresh_from_db()
    seller.refresh_from_db()
    assert (made.state, made.code) == (CounterNotice.State.ACCEPTED, "first_sale")
    assert complaint.state == Complaint.State.OVERTURNED
    assert (complaint.strike.reversed_at, seller.strike_points) == (now + 2 * DAY, 0)
    order = complaint.orders.get(kind=Order.Kind.REINSTATE)
    assert OutboxMessage.objects.filter(key=f"order:{order.uuid}").count() == 1
    fact = FeedbackFact.objects.get(source="overturned")
    assert (fact.key, fact.label) == (f"overturned:{complaint.uuid}", 0)
    assert done.down_from == now + timedelta(hours=1)
    verbs = list(JournalEntry.objects.values_list("verb", flat=True))
    for verb in ("complaint.overturned", "strike.reversed", "reinstatement.confirmed"):
        assert verbs.count(verb) == 1
    told = {mail.payload["to"][0] for mail in OutboxMessage.objects.filter(handler="mail.send")}
    assert {filer_of(complaint), ADDRESS["email"]} <= told
    assert not made.clocks.filter(ended_at=None).exists()


def test_the_loss_ends_when_the_marketplace_put_the_listing_back(now: datetime) -> None:
    complaint = established(now)
    Order.objects.filter(complaint=complaint).update(state="acknowledged", acknowledged_at=now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    done = accepted(made, now + DAY)
    order = complaint.orders.get(kind=Order.Kind.REINSTATE)
    Order.objects.filter(pk=order.pk).update(state="acknowledged", acknowledged_at=now + 2 * DAY)
    data = {"kind": "reinstate"}
    journal.record("order.acknowledged", order, actor=SYSTEM, now=now + 2 * DAY, data=data)
    journal.seal()
    consumer = next(c for c in events.consumers() if c.name == "complaints.loss")
    while events.run(consumer):
        pass
    done.refresh_from_db()
    assert (done.down_from, done.down_until) == (now, now + 2 * DAY)
    entry = JournalEntry.objects.get(verb="reinstatement.completed")
    assert entry.data["seconds_lost"] == 2 * 24 * 3600


def test_nobody_confirms_what_they_asked_for(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    admin = platform_admin()
    asked = reinstatement.request(actor=admin, counter_notice=made, code="first_sale", now=now)
    with pytest.raises(NotAllowed, match="Somebody else"):
        reinstatement.confirm(actor=admin, reinstatement=asked, now=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Reinstatement.objects.filter(pk=asked.pk).update(settled_by=admin.member)
    with pytest.raises(StaleState, match="asked for this before"):
        reinstatement.request(actor=second_admin(), counter_notice=made, code="first_sale", now=now)
    assert not complaint.orders.filter(kind=Order.Kind.REINSTATE).exists()


def test_a_declined_reinstatement_can_be_asked_for_again(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=made, code="first_sale", now=now
    )
    second = second_admin()
    with pytest.raises(InvalidInput):
        reinstatement.decline(actor=second, reinstatement=asked, note=" ", now=now)
    reinstatement.decline(actor=second, reinstatement=asked, note="Look again.", now=now)
    assert accepted(made, now).state == Reinstatement.State.CONFIRMED


@pytest.mark.django_db(transaction=True)
def test_of_many_confirmations_at_once_one_goes_on(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    asked = reinstatement.request(
        actor=platform_admin(), counter_notice=made, code="first_sale", now=now
    )
    second = second_admin()

    def confirm() -> str:
        try:
            reinstatement.confirm(
                actor=second, reinstatement=Reinstatement.objects.get(pk=asked.pk), now=now
            )
        except StaleState:
            return "stale"
        return "done"

    assert sorted(at_once(8, confirm)) == ["done", *["stale"] * 7]
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).count() == 1
    assert FeedbackFact.objects.filter(source="overturned").count() == 1
    assert JournalEntry.objects.filter(verb="strike.reversed").count() == 1


def test_the_rights_holder_takes_its_complaint_back_and_measures_end_at_once(
    now: datetime,
) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.retract(
        actor=brand_of(complaint), complaint=complaint, note="Our mistake.", now=now
    )
    made.refresh_from_db()
    complaint.refresh_from_db()
    assert (made.state, made.code) == (CounterNotice.State.ACCEPTED, "retracted")
    assert complaint.state == Complaint.State.RETRACTED
    assert complaint.orders.filter(kind=Order.Kind.REINSTATE).exists()
    assert not FeedbackFact.objects.filter(source="overturned").exists()
    with pytest.raises(StaleState):
        counter_notices.retract(actor=brand_of(complaint), complaint=complaint, note="", now=now)


def test_a_complaint_can_be_taken_back_without_a_counter_notice(now: datetime) -> None:
    complaint = established(now)
    counter_notices.retract(actor=brand_of(complaint), complaint=complaint, note="", now=now)
    complaint.refresh_from_db()
    assert complaint.state == Complaint.State.RETRACTED


def test_a_listing_that_another_complaint_keeps_down_stays_down(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    link = InfringingLinkFactory(version=complaint.link.version)
    other = ComplaintFactory(link=link, state=Complaint.State.ESTABLISHED)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    done = accepted(made, now)
    assert done.kept_down_by == other
    assert not complaint.orders.filter(kind=Order.Kind.REINSTATE).exists()


def test_a_take_down_never_sent_is_not_sent_after_the_complaint_was_overturned(
    now: datetime,
) -> None:
    complaint = established(now)
    counter_notices.retract(actor=brand_of(complaint), complaint=complaint, note="", now=now)
    order = complaint.orders.get(kind=Order.Kind.TAKE_DOWN)
    assert not outbox.deliver(OutboxMessage.objects.get(key=f"order:{order.uuid}").pk, now)
    order.refresh_from_db()
    assert order.state == Order.State.FAILED
    assert "overturned" in order.error


def test_only_those_who_need_it_see_who_answered(now: datetime) -> None:
    china = submitted(established(now), now)
    union = submitted(established(now, jurisdiction="DE", zone="Europe/Berlin"), now)
    assert policies.may_see_identity(brand_of(china.complaint), china)
    assert policies.may_see_identity(brand_of(union.complaint), union).code == "identity_kept"
    assert policies.may_see_identity(platform_admin(), union)
    viewer = complainant_of(china.complaint, Role.VIEWER)
    stranger = brand_of(union.complaint)
    for actor in (viewer, stranger):
        assert not policies.may_see_identity(actor, china)
        with pytest.raises(NotAllowed):
            counter_notices.see_identity(actor=actor, counter_notice=china, now=now)


def test_another_tenant_cannot_reply_or_take_back(now: datetime) -> None:
    complaint = established(now)
    made = submitted(complaint, now)
    stranger = brand_of(established(now))
    with pytest.raises(NotAllowed):
        counter_notices.reply(actor=stranger, counter_notice=made, text="Hm.", now=now)
    with pytest.raises(NotAllowed):
        counter_notices.retract(actor=stranger, complaint=complaint, note="", now=now)
    with pytest.raises(NotAllowed):
        counter_notices.reply(actor=platform_admin(), counter_notice=made, text="Hm.", now=now)


def test_nobody_decides_a_counter_notice_of_their_own_organisation(now: datetime) -> None:
    complaint = established(now)
    made = reached(complaint, now)
    counter_notices.reply(actor=brand_of(complaint), counter_notice=made, text="Hm.", now=now)
    admin = platform_admin()
    MemberFactory(user=user_of(admin), organisation=complaint.organisation)
    with pytest.raises(NotAllowed, match="somebody else decides"):
        reinstatement.request(actor=admin, counter_notice=made, code="first_sale", now=now)
