"""Properties of intake: order, repetition and grouping of observations do not matter."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.models import Marketplace
from pushes.models import Listing, ListingVersion, MatchWork
from pushes.services import intake
from pushes.services.observations import Observation
from tests.factories import MarketplaceFactory

pytestmark = pytest.mark.django_db
FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# One content for a moment of a listing, so that nothing conflicts.
histories = st.dictionaries(
    st.tuples(st.sampled_from("ab"), st.integers(0, 9)), st.sampled_from("XYZ"), min_size=1
)


def observations(history, now):
    return [
        Observation(external_id=name, title=title, seen_at=now - timedelta(minutes=10 - minute))
        for (name, minute), title in history.items()
    ]


def heads(market: Marketplace):
    rows = Listing.objects.filter(marketplace=market)
    return {
        name: tuple(rest)
        for name, *rest in rows.values_list(
            "external_id", "head__title", "first_seen_at", "last_seen_at"
        )
    }


@FEW
@given(history=histories, data=st.data())
def test_heads_do_not_depend_on_order_or_on_calls(history, data, now):
    one, other = MarketplaceFactory(), MarketplaceFactory()
    seen = observations(history, now)
    intake.receive(marketplace=one, observations=seen, now=now)
    shuffled = data.draw(st.permutations(seen))
    cut = data.draw(st.integers(0, len(seen)))
    for part in (shuffled[:cut], shuffled[cut:]):
        result = intake.receive(marketplace=other, observations=part, now=now)
        assert result.rejected == []
    assert heads(one) == heads(other)
    for name, (title, first, last) in heads(one).items():
        moments = {o.seen_at: o.title for o in seen if o.external_id == name}
        assert (title, first, last) == (moments[max(moments)], min(moments), max(moments))


@FEW
@given(history=histories, again=st.integers(1, 3))
def test_receiving_again_changes_nothing(history, again, now):
    market = MarketplaceFactory()
    seen = observations(history, now)
    intake.receive(marketplace=market, observations=seen, now=now)
    versions = ListingVersion.objects.filter(listing__marketplace=market)
    before = heads(market), versions.count(), MatchWork.objects.count()
    for _time in range(again):
        result = intake.receive(marketplace=market, observations=seen, now=now)
        assert (result.accepted, result.unchanged) == (0, len(seen))
    assert before == (heads(market), versions.count(), MatchWork.objects.count())


@FEW
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=()), max_size=30), min_size=3, max_size=3
    )
)
def test_any_text_is_stored_or_refused_by_name(texts, now):
    market = MarketplaceFactory()
    title, description, value = texts
    seen = Observation(
        external_id="a", title=title, description=description, attributes={"k": value}
    )
    result = intake.receive(marketplace=market, observations=[seen], now=now)
    if result.rejected:
        assert {error.field for error in result.rejected} <= {"title", "description", "attributes"}
        assert "\0" in title + description + value or not title.strip()
    else:
        stored = ListingVersion.objects.get(listing__marketplace=market)
        assert stored.title == re.sub("[\ud800-\udfff]", "\ufffd", title)
