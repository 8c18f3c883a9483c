"""What a marketplace is told follows from what stands now, whatever failed and came late before."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from complaints.models import Complaint, Order
from complaints.services import consequences, counter_notices, decisions, orders
from portal.core import outbox
from portal.core.models import OutboxMessage
from pushes.models import Listing
from tests.complaints.hearing import brand_of, established
from tests.complaints.support import platform_admin
from tests.complaints.test_consequences import infringe
from tests.complaints.test_orders import SECRET, Marketplace, deliver
from tests.factories import ComplaintFactory, InfringingLinkFactory, SellerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def peer() -> Iterator[Marketplace]:
    market = Marketplace()
    yield market
    market.close()


def at_peer(peer: Marketplace, now: datetime) -> Complaint:
    """An established complaint about a listing of the peer."""
    complaint = established(now)
    market = complaint.link.listing.marketplace
    market.order_url, market.order_secret = peer.url, SECRET
    market.save()
    return complaint


def of_another_brand(complaint: Complaint, now: datetime) -> Complaint:
    """Another brand's complaint about the same listing, established now."""
    other = ComplaintFactory(link=InfringingLinkFactory(version=complaint.link.version))
    decisions.decide(
        actor=platform_admin(),
        complaint=other,
        outcome="established",
        code="infringement_clear",
        now=now,
    )
    return other


def retract(complaint: Complaint, now: datetime) -> None:
    counter_notices.retract(actor=brand_of(complaint), complaint=complaint, note="", now=now)


def order_of(complaint: Complaint, kind: str) -> Order:
    return complaint.orders.get(kind=kind)


def kinds_at(peer: Marketplace) -> list[str]:
    return [body["data"]["kind"] for body in peer.bodies]


def status_of(complaint: Complaint) -> str:
    return Listing.objects.get(pk=complaint.link.listing_id).status


def test_a_take_down_tried_before_is_not_tried_after_the_listing_went_back(
    peer: Marketplace, now: datetime
) -> None:
    complaint = at_peer(peer, now)
    take_down = order_of(complaint, Order.Kind.TAKE_DOWN)
    peer.answers = [(503, b"")]
    assert not deliver(take_down)
    assert take_down.state == Order.State.SENT
    retract(complaint, now)
    assert deliver(order_of(complaint, Order.Kind.REINSTATE))
    assert not deliver(take_down)
    assert kinds_at(peer) == ["take_down", "reinstate"]
    assert (take_down.state, status_of(complaint)) == (Order.State.FAILED, Listing.Status.LIVE)
    # Nor when a person sends it again.
    orders.send_again(actor=platform_admin(), order=take_down, now=now)
    assert not deliver(take_down)
    assert len(peer.bodies) == 2


def test_a_late_reinstatement_does_not_undo_another_brands_take_down(
    peer: Marketplace, now: datetime
) -> None:
    complaint = at_peer(peer, now)
    assert deliver(order_of(complaint, Order.Kind.TAKE_DOWN))
    retract(complaint, now)
    late = order_of(complaint, Order.Kind.REINSTATE)
    peer.answers = [(503, b"")]
    assert not deliver(late)
    other = of_another_brand(complaint, now)
    assert deliver(order_of(other, Order.Kind.TAKE_DOWN))
    assert not deliver(late)
    assert kinds_at(peer) == ["take_down", "reinstate", "take_down"]
    assert (late.state, status_of(complaint)) == (Order.State.FAILED, Listing.Status.DOWN)
    retract(other, now)
    assert deliver(order_of(other, Order.Kind.REINSTATE))
    assert status_of(complaint) == Listing.Status.LIVE


def test_an_order_does_not_overtake_its_opposite_that_a_worker_holds(
    peer: Marketplace, now: datetime
) -> None:
    complaint = at_peer(peer, now)
    take_down = order_of(complaint, Order.Kind.TAKE_DOWN)
    held = OutboxMessage.objects.filter(key=f"order:{take_down.uuid}")
    held.update(state="taken", due_at=timezone.now() + outbox.LEASE)
    retract(complaint, now)
    back = order_of(complaint, Order.Kind.REINSTATE)
    assert not deliver(back)
    assert (kinds_at(peer), back.state) == ([], Order.State.QUEUED)
    held.update(due_at=timezone.now() - timedelta(seconds=1))  # that worker died
    assert deliver(back)
    assert kinds_at(peer) == ["reinstate"]


def test_a_restriction_that_ended_is_not_sent_any_more(now: datetime) -> None:
    seller = SellerFactory()
    infringe(seller, now, 2)
    row = seller.consequences.get()
    consequences.order(actor=platform_admin(), consequence=row, note="Third time.", now=now)
    restrict = Order.objects.get(consequence=row)
    Order.objects.filter(pk=restrict.pk).update(state=Order.State.SENT)
    consequences.end_due(now=now + timedelta(days=400))
    with pytest.raises(outbox.GiveUp, match="has ended"):
        orders.deliver(OutboxMessage.objects.get(key=f"order:{restrict.uuid}"))


def test_of_two_complaints_that_end_at_once_the_second_puts_the_listing_back(
    now: datetime,
) -> None:
    first = established(now)
    second = of_another_brand(first, now)
    brand = brand_of(second)
    ended = threading.Event()

    def end_second() -> None:
        close_old_connections()
        try:
            counter_notices.retract(actor=brand, complaint=second, note="", now=now)
        finally:
            connection.close()
            ended.set()

    other = threading.Thread(target=end_second)
    with transaction.atomic():
        retract(first, now)
        other.start()
        # Commit only when the other has come as far as it can.
        while not ended.is_set() and not someone_waits():
            ended.wait(0.01)
    other.join()
    back = Order.objects.filter(listing=first.link.listing_id, kind=Order.Kind.REINSTATE)
    assert [order.complaint_id for order in back] == [second.pk]


def someone_waits() -> bool:
    """Whether another connection waits for a lock this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
