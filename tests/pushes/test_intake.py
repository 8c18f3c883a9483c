"""Listings in: idempotent, versioned, in whatever order observations arrive."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.actors import SYSTEM, of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import JournalEntry, OutboxMessage
from pushes.models import Listing, ListingImage, ListingVersion, MatchWork, Seller, SuspectedLink
from pushes.services import intake, listing_status
from pushes.services.observations import LONGEST, MOST_PICTURES, Observation
from tests.factories import (
    ListingVersionFactory,
    MarketplaceFactory,
    MemberFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def market():
    return MarketplaceFactory(image_hosts=["img.market.example"])


@pytest.fixture
def receive(market, now):
    def send(*observations, at=None):
        return intake.receive(marketplace=market, observations=observations, now=at or now)

    return send


def shoe(external_id="a", **changes):
    values: dict[str, Any] = {
        "title": "Shoe",
        "price": Decimal("12.9"),
        "currency": "CNY",
    } | changes
    return Observation(external_id=external_id, **values)


def head(external_id="a"):
    return Listing.objects.select_related("head__seller").get(external_id=external_id).head


def codes(result):
    return [(error.index, error.field, error.code) for error in result.rejected]


def test_a_new_listing_gets_a_head_a_seller_and_matching_work(receive, now):
    result = receive(shoe(seller_id="s1", seller_name="Shop", attributes={"size": "42"}))
    assert (result.accepted, result.unchanged, result.rejected) == (1, 0, [])
    version = head()
    assert (version.title, version.price, version.seen_at) == ("Shoe", Decimal("12.90"), now)
    assert (version.seller.external_id, version.seller.name) == ("s1", "Shop")
    assert MatchWork.objects.get().version_id == version.pk


def test_the_same_content_later_only_moves_the_last_sighting(receive, now):
    receive(shoe())
    result = receive(shoe(), at=now + MINUTE)
    assert (result.accepted, result.unchanged) == (0, 1)
    assert ListingVersion.objects.count() == 1
    assert Listing.objects.get().last_seen_at == now + MINUTE


def test_sending_the_same_call_twice_changes_nothing(receive, now):
    call = [shoe(seen_at=now), shoe("b", seen_at=now - MINUTE, seller_name="Only a name")]
    receive(*call)
    before = list(Listing.objects.order_by("pk").values()), list(ListingVersion.objects.values())
    result = receive(*call, at=now + MINUTE)
    assert (result.accepted, result.unchanged) == (0, 2)
    after = list(Listing.objects.order_by("pk").values()), list(ListingVersion.objects.values())
    assert before == after


def test_new_content_later_becomes_the_head_and_is_matched(receive, now):
    receive(shoe(seen_at=now))
    result = receive(shoe(price=Decimal(9), seen_at=now + MINUTE), at=now + MINUTE)
    assert result.accepted == 1
    assert head().price == 9
    assert MatchWork.objects.filter(version=head()).exists()


def test_older_content_is_history_and_not_matched(receive, now):
    receive(shoe(seen_at=now))
    result = receive(shoe(title="Old", seen_at=now - MINUTE))
    assert result.accepted == 1
    assert head().title == "Shoe"
    assert ListingVersion.objects.count() == 2
    assert MatchWork.objects.count() == 1
    assert Listing.objects.get().first_seen_at == now - MINUTE


def test_content_older_than_a_later_sighting_of_the_head_is_history(receive, now):
    receive(shoe(seen_at=now - 10 * MINUTE))
    receive(shoe(seen_at=now))
    receive(shoe(title="Between", seen_at=now - 5 * MINUTE))
    assert head().title == "Shoe"


def test_history_equal_to_its_neighbour_is_not_stored_again(receive, now):
    receive(shoe(seen_at=now))
    assert receive(shoe(seen_at=now - MINUTE)).unchanged == 1
    assert Listing.objects.get().first_seen_at == now - MINUTE


def test_two_contents_for_one_moment_in_one_call_are_a_row_error(receive, now):
    result = receive(shoe(seen_at=now), shoe(title="Other", seen_at=now))
    assert result.accepted == 1
    assert codes(result) == [(1, "seen_at", "conflict")]
    assert "a" in str(result.rejected[0].message)


def test_two_contents_for_one_moment_in_two_calls_are_a_row_error(receive, now):
    receive(shoe(seen_at=now))
    assert codes(receive(shoe(title="Other", seen_at=now))) == [(0, "seen_at", "conflict")]
    assert head().title == "Shoe"


def test_other_content_at_the_moment_of_a_confirmed_sighting_is_a_row_error(receive, now):
    receive(shoe(seen_at=now - MINUTE))
    receive(shoe(seen_at=now))
    assert codes(receive(shoe(title="Other", seen_at=now))) == [(0, "seen_at", "conflict")]


def test_only_the_last_of_several_new_contents_is_matched(receive, now):
    receive(shoe(title="B", seen_at=now), shoe(title="A", seen_at=now - MINUTE))
    assert ListingVersion.objects.count() == 2
    assert head().title == "B"
    assert [work.version.title for work in MatchWork.objects.all()] == ["B"]


def test_marketplaces_do_not_share_ids(receive, now):
    receive(shoe())
    other = MarketplaceFactory()
    intake.receive(marketplace=other, observations=[shoe(title="Elsewhere")], now=now)
    assert Listing.objects.filter(external_id="a").count() == 2


def test_the_newest_name_of_a_shop_wins_and_no_name_keeps_the_old(receive, now):
    receive(shoe(seller_id="s", seller_name="Old"))
    receive(shoe("b", seller_id="s", seller_name="New"), shoe("c", seller_id="s"))
    assert Seller.objects.get().name == "New"


def test_a_shop_without_id_is_kept_by_name_and_has_no_given_id(receive):
    receive(shoe(seller_name="No id"), shoe("b", seller_name="No id"))
    assert (Seller.objects.get().external_id, Seller.objects.get().given_id) == ("name:No id", "")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title": "  "}, "title", "required"),
        ({"external_id": " "}, "external_id", "required"),
        ({"external_id": "x" * 121}, "external_id", "too_long"),
        ({"title": "a\0b"}, "title", "nul"),
        ({"description": "x" * (LONGEST["description"] + 1)}, "description", "too_long"),
        ({"price": Decimal(-1)}, "price", "negative"),
        ({"price": Decimal("NaN")}, "price", "not_finite"),
        ({"price": Decimal("sNaN")}, "price", "not_finite"),
        ({"price": Decimal("Infinity")}, "price", "not_finite"),
        ({"price": Decimal("1e40")}, "price", "too_high"),
        ({"currency": "XYZ"}, "currency", "unknown"),
        ({"currency": ""}, "currency", "required"),
        ({"url": "javascript:alert(1)"}, "url", "address"),
        ({"url": "http://[bad"}, "url", "address"),
        ({"image_urls": ("ftp://a/b.png",)}, "image_urls[0]", "address"),
        ({"image_urls": ("https://a/b.png",) * (MOST_PICTURES + 1)}, "image_urls", "too_many"),
        ({"attributes": {"a": "x\0"}}, "attributes", "value"),
        ({"attributes": {"a": float("inf")}}, "attributes", "value"),
        ({"attributes": {"a": "x" * 70_000}}, "attributes", "too_large"),
        ({"attributes": {"a": [[[[[["deep"]]]]]]}}, "attributes", "value"),
        ({"seller_id": "s\0"}, "seller.external_id", "nul"),
    ],
)
def test_it_names_the_wrong_field_and_keeps_the_other_rows(receive, changes, field, code):
    result = receive(shoe("good"), shoe(**{"external_id": "a", **changes}))
    assert (1, field, code) in codes(result)
    assert (result.accepted, Listing.objects.count()) == (1, 1)


def test_it_refuses_a_sighting_in_the_future_but_allows_for_clock_skew(receive, now):
    result = receive(
        shoe("a", seen_at=now + 6 * MINUTE),
        shoe("b", seen_at=now + 4 * MINUTE),
        shoe("c", seen_at=now.replace(tzinfo=None)),
    )
    assert codes(result) == [(0, "seen_at", "future"), (2, "seen_at", "zone")]
    assert head("b").seen_at == now + 4 * MINUTE


def test_an_unpaired_surrogate_does_not_keep_a_listing_out(receive):
    result = receive(shoe(title="Sh\ud800oe", attributes={"k\udfff": "v\ud800"}))
    assert result.accepted == 1
    assert head().title == "Sh\ufffdoe"
    assert head().attributes == {"k\ufffd": "v\ufffd"}


def test_a_missing_price_stays_missing(receive):
    receive(shoe(price=None, currency=""))
    assert head().price is None


def test_a_call_of_five_hundred_takes_a_handful_of_statements(receive, now):
    pictures = ("https://img.market.example/1.png", "https://elsewhere.example/2.png")
    call = [
        shoe(str(n), seller_id=f"s{n % 50}", image_urls=pictures, seen_at=now) for n in range(500)
    ]
    with CaptureQueriesContext(connection) as first:
        assert receive(*call).accepted == 500
    with CaptureQueriesContext(connection) as second:
        assert receive(*call).unchanged == 500
    # Savepoints included; the count must not grow with the rows.
    assert len(first) <= 20
    assert len(second) <= 9
    assert MatchWork.objects.count() == 500


def test_every_new_picture_is_asked_for_once_and_strange_hosts_are_refused(receive, now):
    mine, strange = "https://img.market.example/1.png", "https://elsewhere.example/2.png"
    receive(shoe(image_urls=(mine, strange), seen_at=now))
    receive(shoe(title="New", image_urls=(mine,), seen_at=now + MINUTE), at=now + MINUTE)
    states_ = dict(ListingImage.objects.values_list("url", "state"))
    assert states_ == {mine: "waiting", strange: "refused"}
    assert ListingImage.objects.get(url=strange).refusal == "host"
    message = OutboxMessage.objects.get(handler="images.fetch")
    assert message.payload == {"image_id": ListingImage.objects.get(url=mine).pk}


# --------------------------------------------------------------------------- gone and down


def test_a_gone_listing_closes_its_pending_link(market, now):
    version = ListingVersionFactory(listing__marketplace=market, listing__external_id="a")
    link = SuspectedLinkFactory(version=version)
    result = intake.gone(
        marketplace=market, external_ids_with_seen_at=[("a", now + MINUTE)], now=now + MINUTE
    )
    assert (result.accepted, Listing.objects.get().status) == (1, "gone")
    assert SuspectedLink.objects.get(pk=link.pk).state == "gone"
    assert JournalEntry.objects.filter(verb="listing.gone").count() == 1


def test_going_twice_and_going_unknown(receive, market, now):
    receive(shoe())
    call = [("a", now), ("a", now), ("never", now), ("n\0l", now), ("a", now + 9 * MINUTE)]
    result = intake.gone(marketplace=market, external_ids_with_seen_at=call, now=now)
    assert (result.accepted, result.unchanged) == (1, 1)
    assert codes(result) == [
        (2, "external_id", "unknown"),
        (3, "external_id", "unknown"),
        (4, "seen_at", "future"),
    ]


def test_a_late_notice_does_not_hide_a_listing_seen_since(receive, market, now):
    receive(shoe(seen_at=now))
    call = [("a", now - MINUTE)]
    result = intake.gone(marketplace=market, external_ids_with_seen_at=call, now=now)
    assert (result.unchanged, Listing.objects.get().status) == (1, "live")


def test_a_listing_that_comes_back_is_live_and_matched_again(receive, market, now):
    receive(shoe(seen_at=now))
    intake.gone(
        marketplace=market, external_ids_with_seen_at=[("a", now + MINUTE)], now=now + MINUTE
    )
    MatchWork.objects.all().delete()
    assert receive(shoe(seen_at=now - MINUTE)).unchanged == 1
    assert Listing.objects.get().status == "gone"  # a sighting from before it went
    receive(shoe(seen_at=now + 2 * MINUTE), at=now + 2 * MINUTE)
    assert Listing.objects.get().status == "live"
    assert MatchWork.objects.get().version_id == head().pk


def take_down(now):
    listing_status.set_status(listing=Listing.objects.get(), status="down", actor=SYSTEM, now=now)


def test_a_listing_that_is_down_stays_down_and_is_flagged_once_when_seen(receive, now):
    receive(shoe(seen_at=now))
    take_down(now + MINUTE)
    for minutes in (2, 3):
        changed = shoe(title=f"Back {minutes}", seen_at=now + minutes * MINUTE)
        receive(changed, at=now + minutes * MINUTE)
    assert Listing.objects.get().status == "down"
    assert head().title == "Back 3"
    assert JournalEntry.objects.filter(verb="listing.seen_after_take_down").count() == 1


def test_a_sighting_from_before_the_take_down_is_not_flagged(receive, now):
    receive(shoe(seen_at=now - 5 * MINUTE))
    take_down(now)
    receive(shoe(seen_at=now - MINUTE))
    assert not JournalEntry.objects.filter(verb="listing.seen_after_take_down").exists()


def test_a_listing_that_is_down_does_not_become_gone(receive, market, now):
    receive(shoe(seen_at=now))
    take_down(now)
    call = [("a", now + MINUTE)]
    intake.gone(marketplace=market, external_ids_with_seen_at=call, now=now + MINUTE)
    assert Listing.objects.get().status == "down"


def test_setting_a_status_twice_is_journalled_once(receive, now):
    receive(shoe())
    take_down(now)
    take_down(now)
    assert JournalEntry.objects.filter(verb="listing.down").count() == 1


def test_only_down_and_live_can_be_set(receive, now):
    receive(shoe())
    with pytest.raises(InvalidInput):
        listing_status.set_status(
            listing=Listing.objects.get(), status="gone", actor=SYSTEM, now=now
        )


def test_a_rights_holder_cannot_take_a_listing_down(receive, now):
    receive(shoe())
    with pytest.raises(NotAllowed):
        listing_status.set_status(
            listing=Listing.objects.get(), status="down", actor=of_member(MemberFactory()), now=now
        )
