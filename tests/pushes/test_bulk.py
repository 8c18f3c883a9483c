"""One verdict on many links: one reason, a confirmed number, each link for itself."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.core.actors import of_member
from portal.core.models import JournalEntry, Member, Role
from pushes.models import SuspectedLink, Verdict
from pushes.services import claims, review
from tests.factories import BrandFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def reviewer() -> Member:
    made: Member = MemberFactory(role=Role.REVIEWER)
    return made


def made(reviewer: Member, count: int) -> list[SuspectedLink]:
    brand = BrandFactory(organisation=reviewer.organisation)
    links: list[SuspectedLink] = SuspectedLinkFactory.create_batch(count, brand=brand)
    return links


def body(links: list[SuspectedLink], **more: object) -> dict[str, object]:
    return {
        "link": [str(link.uuid) for link in links],
        "outcome": "counterfeit",
        "reason": "One seller, one stolen picture",
        **more,
    }


def test_thirty_links_get_one_verdict_and_are_taken_back(
    reviewer: Member, signed_in: SignIn
) -> None:
    links, client = made(reviewer, 30), signed_in(reviewer)
    assert client.post("/links/verdicts", body(links)).status_code == 422
    assert not Verdict.objects.exists()
    answer = client.post("/links/verdicts", body(links, confirmed="30")).json()
    assert (len(answer["done"]), answer["refused"]) == (30, [])
    assert JournalEntry.objects.filter(verb="verdict.held").count() == 30
    answer = client.post("/links/undo", {"link": [str(link.uuid) for link in links]}).json()
    assert len(answer["done"]) == 30
    review.settle_due(now=timezone.now() + timedelta(seconds=20))
    assert set(SuspectedLink.objects.values_list("state", flat=True)) == {"pending"}


@pytest.mark.parametrize(
    ("change", "code"),
    [({"reason": " "}, 422), ({"outcome": "odd"}, 422), ({"outcome": "other_infringement"}, 422)],
)
def test_what_is_wrong_is_said_and_nothing_written(
    reviewer: Member, signed_in: SignIn, change: dict[str, str], code: int
) -> None:
    htmx = {"HX-Request": "true"}
    answer = signed_in(reviewer).post(
        "/links/verdicts", body(made(reviewer, 2), **change), headers=htmx
    )
    assert answer.status_code == code
    assert not Verdict.objects.exists()


def test_a_link_that_is_taken_held_or_gone_is_refused_alone(
    reviewer: Member, signed_in: SignIn
) -> None:
    taken, held, gone, free = made(reviewer, 4)
    other = of_member(MemberFactory(organisation=reviewer.organisation, user__name="Ada"))
    now = timezone.now()
    claims.take(actor=other, link=taken, now=now)
    review.give_verdict(actor=of_member(reviewer), link=held, outcome="genuine", now=now)
    SuspectedLink.objects.filter(pk=gone.pk).update(state="gone")
    answer = signed_in(reviewer).post("/links/verdicts", body([taken, held, gone, free])).json()
    assert answer["done"] == [str(free.uuid)]
    assert len(answer["refused"]) == 3
    assert "Ada" in json.dumps(answer)


def test_another_tenants_link_stops_the_call(reviewer: Member, signed_in: SignIn) -> None:
    foreign: SuspectedLink = SuspectedLinkFactory()
    links = [*made(reviewer, 1), foreign]
    answer = signed_in(reviewer).post(
        "/links/verdicts", body(links), headers={"HX-Request": "true"}
    )
    assert answer.status_code == 404
    assert not Verdict.objects.exists()


def test_three_hundred_cost_as_many_queries_as_three(reviewer: Member, signed_in: SignIn) -> None:
    client = signed_in(reviewer)
    counts = []
    for number in (3, 60):
        links = made(reviewer, number)
        with CaptureQueriesContext(connection) as asked:
            client.post("/links/verdicts", body(links, confirmed=str(number)))
        counts.append(len(asked))
    assert counts[0] == counts[1]
