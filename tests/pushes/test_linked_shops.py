"""Shops that share what identifies people are linked, with the evidence."""

import pytest

from pushes.linked_shops import MOST_SHOPS, linked_shops
from pushes.models import ListingImage
from tests.factories import ListingVersionFactory, SellerFactory
from tests.factories.core import StoredFileFactory

pytestmark = pytest.mark.django_db
COPY = "Brand new in the original box, sent the same day, ask before you buy, thank you."


def shop_with(**version):
    return ListingVersionFactory(**version).seller


def kinds(found):
    return {each.seller: {evidence.kind for evidence in each.evidence} for each in found}


def test_each_kind_of_evidence_links_two_shops():
    file = StoredFileFactory()
    mine = ListingVersionFactory(
        description=COPY,
        attributes={
            "phone": "+86 138-0013-8000",
            "seller_payout": "6222 0001",
            "device_id": "aa-1",
            "return_address": "1 Long Street",
        },
    )
    phone = shop_with(attributes={"phone": "+86 138-0013-8000"})
    payout = shop_with(attributes={"seller_payout": "6222 0001", "device_id": "aa-1"})
    text = shop_with(description=COPY)
    address = shop_with(attributes={"return_address": "1 Long Street"})
    picture = ListingVersionFactory()
    shop_with(attributes={"phone": "+86 139 0000 0000"}, description="Other words " * 9)
    for version in (mine, picture):
        ListingImage.objects.create(listing=version.listing, url="u", state="stored", file=file)
    found = linked_shops(mine.seller)
    assert kinds(found) == {
        payout: {"payout", "device"},
        phone: {"phone"},
        address: {"address"},
        text: {"text"},
        picture.seller: {"picture"},
    }
    assert found[0].seller == payout
    assert found[0].strength == pytest.approx(0.98)


def test_a_phone_is_the_same_however_it_is_written_once_something_else_is_shared():
    mine = shop_with(attributes={"phone": "+86 138 0013 8000", "device": "d"})
    other = shop_with(attributes={"phone": "013800138000", "device": "d"})
    assert kinds(linked_shops(mine))[other] == {"phone", "device"}


def test_what_everybody_shares_links_nobody():
    mine = shop_with(attributes={"phone": "4008001234"})
    for __ in range(MOST_SHOPS + 1):
        shop_with(attributes={"phone": "4008001234"})
    assert linked_shops(mine) == []


def test_a_shop_without_listings_is_linked_with_nobody():
    assert linked_shops(SellerFactory()) == []


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    mine = shop_with(attributes={"phone": "4008001234", "device": "d"}, description=COPY)
    for number in range(12):
        shop_with(attributes={"phone": "4008001234", "device": f"d{number}"}, description=COPY)
    with django_assert_max_num_queries(7):
        assert len(linked_shops(mine)) == 12


@pytest.mark.parametrize("value", [None, ["x"], {"a": 1}, True, "", "12", 3.5])
def test_values_of_any_shape_break_nothing(value):
    mine = shop_with(attributes={"phone": value, "device": value})
    shop_with(attributes={"phone": value, "device": value})
    linked_shops(mine)
