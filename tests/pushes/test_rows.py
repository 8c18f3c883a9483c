"""The rows a long list loads at its end."""

from collections.abc import Callable

import pytest
from django.test import Client

from portal.core.models import Member
from pushes.selectors.queue import PAGE
from tests.factories import BrandFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def test_a_long_list_goes_on_where_its_page_ended(signed_in: SignIn) -> None:
    brand = BrandFactory()
    SuspectedLinkFactory.create_batch(PAGE + 12, brand=brand)
    client = signed_in(MemberFactory(organisation=brand.organisation))
    page = client.get("/links/")
    shown = [card.link for card in page.context["cards"]]
    assert len(shown) == PAGE
    assert 'data-more="after"' in page.content.decode()
    more = client.get("/links/rows", {"after": str(shown[-1].uuid)})
    text = more.content.decode()
    assert text.count('class="link-row') == 12
    assert "data-more" not in text
    again = {card.link.pk for card in more.context["cards"]} & {row.pk for row in shown}
    assert not again
