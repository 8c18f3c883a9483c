"""Leases on links: one reviewer each, told to colleagues at once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from brands.models import Brand
from portal.core.actors import of_member
from portal.core.errors import StaleState
from portal.core.live import signals
from portal.core.models import Member, Role
from pushes.models import Claim, SuspectedLink
from pushes.services import claims, review
from tests.factories import BrandFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def brand() -> Brand:
    made: Brand = BrandFactory()
    return made


@pytest.fixture
def reviewer(brand: Brand) -> Member:
    made: Member = MemberFactory(organisation=brand.organisation, role=Role.REVIEWER)
    return made


def links(brand: Brand, count: int) -> list[SuspectedLink]:
    return [SuspectedLinkFactory(brand=brand) for _number in range(count)]


def test_a_lease_is_one_members_until_it_runs_out(brand: Brand, reviewer: Member) -> None:
    (link,) = links(brand, 1)
    now = timezone.now()
    other = of_member(MemberFactory(organisation=brand.organisation, user__name="Ada"))
    mine = of_member(reviewer)
    assert claims.take(actor=mine, link=link, now=now)
    assert not claims.take(actor=other, link=link, now=now + timedelta(seconds=20))
    assert claims.take(actor=mine, link=link, now=now + timedelta(seconds=40))
    assert not claims.take(actor=other, link=link, now=now + timedelta(seconds=80))
    later = now + timedelta(seconds=86)
    assert claims.take(actor=other, link=link, now=later)
    with pytest.raises(StaleState, match="Ada is looking at this link"):
        review.give_verdict(actor=mine, link=link, outcome="genuine", now=later)
    claims.give_back(actor=other, link=link)
    review.give_verdict(actor=mine, link=link, outcome="genuine", now=later)


def test_the_heartbeat_takes_renews_tells_and_gives_back(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    first, second = links(brand, 2)
    ada = MemberFactory(organisation=brand.organisation, user__name="Ada")
    mine, hers = signed_in(reviewer), signed_in(ada)
    shown = [str(first.uuid), str(second.uuid), "odd"]
    answer = mine.post("/links/claim", {"open": str(first.uuid), "shown": shown}).json()
    assert answer == {"mine": True, "by": None, "claims": {}, "people": {}}
    answer = hers.post("/links/claim", {"open": str(first.uuid), "shown": shown}).json()
    name = str(reviewer.user)
    assert answer["claims"] == {str(first.uuid): name}
    assert (answer["mine"], answer["by"]) == (False, name)
    assert answer["people"] == {str(reviewer.uuid): name}
    assert name in hers.get("/links/").content.decode()
    refused = hers.post(
        f"/links/{first.uuid}/verdict", {"outcome": "genuine"}, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 409
    mine.post("/links/claim", {"open": str(second.uuid), "left": str(first.uuid)})
    assert hers.post("/links/claim", {"open": str(first.uuid)}).json()["mine"]
    foreign = signed_in(MemberFactory())
    assert foreign.post("/links/claim", {"open": str(second.uuid)}).json()["mine"] is False
    assert Claim.objects.get(link=second).member == reviewer


def test_taking_and_leaving_are_told_at_once_and_renewing_is_not(
    brand: Brand,
    reviewer: Member,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    (link,), now, mine = links(brand, 1), timezone.now(), of_member(reviewer)
    other = of_member(MemberFactory(organisation=brand.organisation))
    listener = redis.Redis.from_url(settings.REDIS_URL).pubsub(ignore_subscribe_messages=True)
    listener.subscribe(signals.channel())
    listener.get_message(timeout=5)
    with django_capture_on_commit_callbacks(execute=True):
        claims.take(actor=mine, link=link, now=now)
        claims.take(actor=mine, link=link, now=now + timedelta(seconds=15))
        claims.take(actor=other, link=link, now=now + timedelta(seconds=20))
        claims.give_back(actor=other, link=link)
        claims.give_back(actor=mine, link=link)
    heard: list[dict[str, Any]] = []
    while message := listener.get_message(timeout=1):
        heard.append(json.loads(message["data"]))
    told = [event for event in heard if event.get("id") == str(link.uuid)]
    assert [(event["what"], event["by"]) for event in told] == [
        ("claimed", str(reviewer.uuid)),
        ("released", str(reviewer.uuid)),
    ]
    assert {event["organisation_id"] for event in told} == {link.organisation_id}
    listener.close()
