"""Second looks: drawn without bias, blind everywhere, kept as facts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.core.actors import of_member
from portal.core.errors import NotAllowed
from portal.core.models import ApiKey, JournalEntry, Member, Role
from pushes.models import FeedbackFact, SecondLook, SuspectedLink, Verdict
from pushes.services import review, second_looks
from tests.factories import ApiKeyFactory, MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def link(settings: Settings) -> SuspectedLink:
    settings.SECOND_LOOK_SHARE = 1.0
    made: SuspectedLink = SuspectedLinkFactory(
        pushed_at=timezone.now(), due_at=timezone.now() + timedelta(days=5)
    )
    return made


def reviewer(link: SuspectedLink, name: str) -> Member:
    made: Member = MemberFactory(
        organisation=link.organisation, role=Role.REVIEWER, user__name=name
    )
    return made


def judged(link: SuspectedLink, by: Member, now: datetime) -> Verdict:
    verdict = review.give_verdict(
        actor=of_member(by), link=link, outcome="counterfeit", reason="glue marks", now=now
    )
    review.settle_due(now=now + timedelta(seconds=9))
    link.refresh_from_db()
    return verdict


def test_the_draw_is_even_and_always_the_same() -> None:
    drawn = [second_looks.draw("second look", number) for number in range(20_000)]
    assert drawn == [second_looks.draw("second look", number) for number in range(20_000)]
    # Binomial: 3 % of 20,000 is 600; five standard deviations are 121.
    assert abs(sum(value < 0.03 for value in drawn) - 600) < 121


def test_nobody_without_the_secret_knows_whom_the_draw_will_hit(settings: Settings) -> None:
    before = [second_looks.draw("second look", number) for number in range(20)]
    settings.SECRET_KEY = "another installation's"
    assert [second_looks.draw("second look", number) for number in range(20)] != before


def test_no_share_asks_nobody(link: SuspectedLink, settings: Settings) -> None:
    settings.SECOND_LOOK_SHARE = 0.0
    first = reviewer(link, "Ann")
    reviewer(link, "Ben")
    judged(link, first, timezone.now())
    assert not SecondLook.objects.exists()


def test_another_reviewer_is_asked_and_sees_nothing_of_the_first(
    link: SuspectedLink, signed_in: SignIn
) -> None:
    ann, ben = reviewer(link, "Ann"), reviewer(link, "Ben")
    judged(link, ann, timezone.now())
    assert SecondLook.objects.get().reviewer == ben
    client, path = signed_in(ben), f"/links/{link.uuid}"
    for view in ("pending", "infringing", "fine", "lapsed"):
        page = client.get("/links/", {"view": view})
        assert str(link.uuid) not in page.content.decode().split('id="pane"')[0], view
    assert str(link.uuid) in client.get("/links/", {"view": "second"}).content.decode()
    for address in (path, f"{path}/pane", f"{path}/panel", f"{path}/panel?as=row"):
        shown = client.get(address).content.decode()
        for telling in ("glue marks", "Judged counterfeit", 'data-state="counterfeit"', "Ann<"):
            assert telling not in shown, (address, telling)
    assert client.get(f"/api/v1/links/{link.uuid}").status_code == 404
    assert client.get("/api/v1/links").json()["results"] == []
    assert str(link.uuid) not in client.get("/complaints/").content.decode()
    key = ApiKeyFactory(
        marketplace=None,
        organisation=link.organisation,
        created_by=ben,
        scopes=[ApiKey.Scope.LINKS_READ],
    )
    by_key = Client(headers={"Authorization": f"Api-Key {key.prefix}.secret"})
    assert by_key.get(f"/api/v1/links/{link.uuid}").status_code == 404
    # Everybody else sees the link as it is.
    assert "Counterfeit" in signed_in(ann).get(path).content.decode()


def test_the_second_answer_is_held_undone_and_becomes_a_fact(
    link: SuspectedLink, signed_in: SignIn
) -> None:
    ann, ben = reviewer(link, "Ann"), reviewer(link, "Ben")
    judged(link, ann, timezone.now())
    client = signed_in(ben)
    client.post(f"/links/{link.uuid}/verdict", {"outcome": "genuine"})
    look = SecondLook.objects.get()
    assert (look.state, look.outcome) == ("held", "genuine")
    client.post(f"/links/{link.uuid}/undo")
    look.refresh_from_db()
    assert look.state == "open"
    client.post(f"/links/{link.uuid}/verdict", {"outcome": "genuine"})
    second_looks.settle_due(now=timezone.now() + timedelta(seconds=20))
    look.refresh_from_db()
    assert look.state == "disagreed"
    fact = FeedbackFact.objects.get(source="second_look")
    assert (fact.outcome, fact.label) == ("genuine", None)
    entry = JournalEntry.objects.get(verb="second_look.disagreed")
    assert (entry.data["first"], entry.data["second"]) == ("counterfeit", "genuine")
    # The link stays as it was judged, and its second reviewer sees it again.
    link.refresh_from_db()
    assert link.state == "counterfeit"
    assert "Counterfeit" in client.get(f"/links/{link.uuid}").content.decode()
    assert Verdict.objects.count() == 1


def test_only_who_was_asked_answers(link: SuspectedLink) -> None:
    ann = reviewer(link, "Ann")
    reviewer(link, "Ben")
    judged(link, ann, timezone.now())
    look = SecondLook.objects.get()
    with pytest.raises(NotAllowed, match="Somebody else was asked"):
        second_looks.answer(actor=of_member(ann), look=look, outcome="genuine", now=timezone.now())


def test_a_single_reviewer_is_not_asked_twice(link: SuspectedLink) -> None:
    judged(link, reviewer(link, "Ann"), timezone.now())
    assert not SecondLook.objects.exists()
