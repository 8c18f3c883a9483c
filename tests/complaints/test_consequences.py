"""Repeat infringers: proposed from strikes, ordered by people, ended in time or by reversal."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from complaints.models import Complaint, Order, ShopConsequence
from complaints.services import consequences, decisions, orders, strikes
from portal.core.actors import SYSTEM
from portal.core.errors import InvalidInput, NotAllowed, StaleState
from portal.core.models import OutboxMessage
from tests.complaints.support import complainant_of, platform_admin, read_journal
from tests.factories import (
    ComplaintFactory,
    InfringingLinkFactory,
    ListingVersionFactory,
    RegistrationFactory,
    SellerFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return SellerFactory()


def infringe(seller, now, times=1, category="Shoes", *, read=True):
    """Have so many counterfeits of the seller established; return the complaints."""
    found = []
    for __ in range(times):
        version = ListingVersionFactory(
            listing__marketplace=seller.marketplace, seller=seller, category=category
        )
        complaint = ComplaintFactory(link=InfringingLinkFactory(version=version))
        decisions.decide(
            actor=platform_admin(),
            complaint=complaint,
            outcome="established",
            code="infringement_clear",
            now=now,
        )
        found.append(complaint)
    if read:
        read_journal()
    return found


def order(row, now, actor=None):
    consequences.order(
        actor=actor or platform_admin(), consequence=row, note="Third time.", now=now
    )


def test_thresholds_propose_the_category_then_the_shop(seller, now):
    infringe(seller, now)
    assert not ShopConsequence.objects.exists()
    infringe(seller, now)
    restricted = ShopConsequence.objects.get()
    assert (restricted.kind, restricted.category, restricted.points) == (
        "category_restricted",
        "Shoes",
        6.0,
    )
    assert len(restricted.evidence["strikes"]) == 2
    infringe(seller, now, 2)
    assert ShopConsequence.objects.filter(kind="shop_suspended").count() == 1
    infringe(seller, now)
    assert ShopConsequence.objects.count() == 2, "what is proposed is not proposed again"


def test_goods_that_can_injure_weigh_twice(seller, now):
    version = ListingVersionFactory(listing__marketplace=seller.marketplace, seller=seller)
    link = InfringingLinkFactory(version=version, registered=False)
    RegistrationFactory(organisation=link.organisation, brands=[link.brand], nice_classes=[5])
    complaint = ComplaintFactory(link=link)
    strike = strikes.add(complaint=complaint, actor=SYSTEM, now=now)
    assert strike is not None
    assert strike.points == 6


def test_old_strikes_have_decayed(seller, now):
    infringe(seller, now - timedelta(days=180))
    infringe(seller, now)
    assert consequences.active_points(seller, now) == pytest.approx(4.5)
    assert not ShopConsequence.objects.exists()


def test_a_proposal_made_late_counts_what_had_been_given_by_then(seller, now):
    """The journal is read behind, as after a pause of the worker."""
    early = now - timedelta(days=100)
    for days in (100, 100, 1, 0):
        infringe(seller, now - timedelta(days=days), read=False)
    read_journal()
    restricted = ShopConsequence.objects.get(kind="category_restricted")
    assert restricted.proposed_at == early
    assert restricted.points == 6.0
    assert len(restricted.evidence["strikes"]) == 2


def test_what_waits_is_shown_with_the_points_of_today(seller, signed_in):
    now = timezone.now()
    infringe(seller, now - timedelta(days=180), 2)
    staff = signed_in(platform_admin().member)
    row = ShopConsequence.objects.get()
    listed = staff.get(reverse("complaints:measures")).content.decode()
    assert '<td class="text-number">3.0</td>' in listed
    page = staff.get(reverse("complaints:consequence", args=[row.uuid])).content.decode()
    assert page.count('<td class="text-number">1.5</td>') == 2
    assert "Points when proposed" in page
    assert "6.0" in page


def test_the_proposal_names_linked_shops(seller, now):
    twin = ListingVersionFactory(
        listing__marketplace=seller.marketplace, attributes={"phone": "13800138000"}
    ).seller
    ListingVersionFactory(
        listing__marketplace=seller.marketplace,
        seller=seller,
        attributes={"phone": "13800138000"},
    )
    infringe(seller, now, 2)
    linked = ShopConsequence.objects.get().evidence["linked"]
    assert [(row["seller"], row["shared"]) for row in linked] == [(str(twin.uuid), ["phone"])]


def test_an_order_goes_to_the_marketplace_and_is_acknowledged_about_the_shop(seller, now):
    infringe(seller, now, 4)
    row = ShopConsequence.objects.get(kind="shop_suspended")
    order(row, now)
    sent = Order.objects.get(kind="suspend")
    assert OutboxMessage.objects.filter(key=f"order:{sent.uuid}").count() == 1
    body = orders.body_of(sent)
    assert body["type"] == "order.suspend"
    assert body["data"]["shop"]["external_id"] == seller.external_id
    assert body["data"]["shop"]["reasons"] == "Third time."
    assert len(body["data"]["shop"]["complaints"]) == 4
    assert row.until == now + timedelta(days=180)
    with pytest.raises(IntegrityError), transaction.atomic():
        orders.queue_for_shop(consequence=row, kind="suspend", actor=SYSTEM, now=now)


def test_it_ends_with_its_term_once(seller, now):
    infringe(seller, now, 2)
    row = ShopConsequence.objects.get()
    order(row, now)
    assert consequences.end_due(now=now + timedelta(days=89)) == 0
    assert consequences.end_due(now=now + timedelta(days=91)) == 1
    assert consequences.end_due(now=now + timedelta(days=92)) == 0
    assert list(Order.objects.exclude(consequence=None).values_list("kind", flat=True)) == [
        "restrict",
        "lift",
    ]


def test_reversed_strikes_take_back_what_they_carried(seller, now):
    first, second, *_ = infringe(seller, now, 4)
    order(ShopConsequence.objects.get(kind="shop_suspended"), now)
    strikes.reverse(complaint=first, actor=SYSTEM, now=now)
    read_journal()
    assert ShopConsequence.objects.get(kind="shop_suspended").state == "ended"
    assert Order.objects.filter(kind="restore").count() == 1
    assert ShopConsequence.objects.get(kind="category_restricted").state == "proposed"
    for complaint in (second, *Complaint.objects.exclude(pk__in=[first.pk, second.pk])[:1]):
        strikes.reverse(complaint=complaint, actor=SYSTEM, now=now)
    read_journal()
    assert ShopConsequence.objects.get(kind="category_restricted").state == "dropped"
    seller.refresh_from_db()
    assert seller.strike_points == 3


def test_decay_alone_ends_nothing_early(seller, now):
    infringe(seller, now, 2)
    row = ShopConsequence.objects.get()
    order(row, now)
    consequences.reconsider(seller=seller, now=now + timedelta(days=80))
    row.refresh_from_db()
    assert row.state == "ordered"


def test_it_needs_reasons_a_person_and_happens_once(seller, now):
    infringe(seller, now, 2)
    row = ShopConsequence.objects.get()
    with pytest.raises(InvalidInput):
        consequences.order(actor=platform_admin(), consequence=row, note=" ", now=now)
    for actor in (SYSTEM, complainant_of(Complaint.objects.all()[0])):
        with pytest.raises(NotAllowed):
            order(row, now, actor)
    stale = ShopConsequence.objects.get(pk=row.pk)
    consequences.decline(actor=platform_admin(), consequence=row, note="No.", now=now)
    with pytest.raises(StaleState):
        order(stale, now)


def test_the_pages(seller, now, signed_in):
    infringe(seller, now, 2)
    staff = signed_in(platform_admin().member)
    row = ShopConsequence.objects.get()
    address = reverse("complaints:consequence", args=[row.uuid])
    assert address in staff.get(reverse("complaints:measures")).content.decode()
    shown = staff.get(address).content.decode()
    assert f"{now:%-d %b %Y} · Counterfeit goods" in shown
    assert staff.post(address, {"accept": "yes"}).status_code == 422
    assert staff.post(address, {"accept": "yes", "reasons": "Again"}).status_code == 302
    page = staff.get(reverse("complaints:seller", args=[seller.uuid])).content.decode()
    assert "Category restricted" in page
    sent = staff.get(reverse("complaints:orders")).content.decode()
    assert f'<td class="mono">{seller.external_id}</td>' in sent, "not one of its listings"
    owner = signed_in(complainant_of(Complaint.objects.all()[0]).member)
    assert owner.get(address).status_code == 403


def test_an_order_about_a_shop_names_the_newest_strike_that_stands(seller, now):
    old, *__, newest = infringe(seller, now, 3)
    strikes.reverse(complaint=old, actor=SYSTEM, now=now)
    order(seller.consequences.filter(kind="category_restricted").get(), now)
    assert Order.objects.get(consequence__seller=seller).complaint == newest
