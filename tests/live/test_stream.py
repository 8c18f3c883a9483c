"""The event stream: who hears what, and that nothing is lost on the way."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.core import journal, live
from portal.core.actors import SYSTEM, of_member
from portal.core.models import JournalSeal, Mandate, Role
from portal.core.services import organisations
from portal.core.tasks import seal
from pushes.models import SuspectedLink
from pushes.services import review
from tests.factories import MemberFactory, OrganisationFactory, SuspectedLinkFactory
from tests.live.conftest import PATIENCE, signed_in_client

pytestmark = pytest.mark.django_db(transaction=True)


def push(link: SuspectedLink) -> None:
    """Say in the journal that a link was pushed, as the matching does, and seal it."""
    journal.record("link.pushed", link, actor=SYSTEM, now=timezone.now())
    seal()


@pytest.fixture
def link():
    return SuspectedLinkFactory()


@pytest.fixture
def reviewer(link):
    return MemberFactory(organisation=link.organisation, role=Role.REVIEWER)


def test_a_pushed_link_arrives_as_an_id(listen, link, reviewer):
    stream = listen(reviewer)
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store"
    push(link)
    name, number, data = stream.next("links")
    assert (name, int(number)) == ("links", live.head())
    assert data == {"id": str(link.uuid), "what": "pushed", "by": ""}


def test_a_colleague_s_verdict_names_its_author_by_id_only(listen, link, reviewer):
    colleague = MemberFactory(organisation=link.organisation, role=Role.REVIEWER)
    stream = listen(reviewer)
    review.give_verdict(
        actor=of_member(colleague), link=link, outcome="counterfeit", now=timezone.now()
    )
    seal()
    _name, _number, data = stream.next("verdicts")
    assert data == {"id": str(link.uuid), "what": "held", "by": str(colleague.uuid)}


def test_another_brand_hears_nothing(listen, link, reviewer):
    other = SuspectedLinkFactory()
    stranger = listen(MemberFactory(organisation=other.organisation))
    own = listen(reviewer)
    push(link)
    own.next("links")
    push(other)
    _name, _number, data = stranger.next("links")
    assert data["id"] == str(other.uuid)


def test_the_platform_hears_every_brand(listen, link):
    stream = listen(MemberFactory(platform_admin=True))
    push(link)
    assert stream.next("links")[2]["id"] == str(link.uuid)


def test_strangers_and_people_without_an_organisation_get_no_stream(listen, web):
    assert listen(Client()).status == 403
    member = MemberFactory(active=False)
    assert listen(member).status == 403


def test_what_was_missed_is_replayed_in_order_and_once(listen, reviewer, link):
    before = live.head()
    links = [SuspectedLinkFactory(brand=link.brand) for _number in range(5)]
    other = SuspectedLinkFactory()
    for one in [*links, other]:
        push(one)
    stream = listen(reviewer, last=before, wait=False)
    told = [stream.next("links")[2]["id"] for _number in links]
    assert told == [str(one.uuid) for one in links]
    push(link)
    assert stream.next("links")[2]["id"] == str(link.uuid)


def test_the_page_s_place_is_taken_when_the_browser_has_none_yet(listen, reviewer, link):
    before = live.head()
    push(link)
    assert listen(reviewer, query=f"?after={before}", wait=False).next("links")


def test_an_entry_committed_late_is_replayed_by_its_seal_and_not_by_its_id(listen, reviewer, link):
    """Order is that of sealing: an entry with a smaller id may be sealed after a larger one."""
    late = SuspectedLinkFactory(brand=link.brand)
    push(link)
    seen = live.head()
    push(late)
    stream = listen(reviewer, last=seen, wait=False)
    assert stream.next("links")[2]["id"] == str(late.uuid)


def test_too_much_to_tell_is_a_request_to_load_anew(listen, reviewer, link, monkeypatch):
    before = live.head()
    entry = journal.unsaved("link.pushed", link, actor=SYSTEM, now=timezone.now())
    entries = [entry]
    for _number in range(500):
        entries.append(journal.unsaved("link.pushed", link, actor=SYSTEM, now=timezone.now()))
    journal.record_many(entries)
    seal()
    stream = listen(reviewer, last=before, wait=False)
    assert stream.names_until("reset", "caught-up") == ["reset"]


def test_nothing_is_lost_when_the_web_process_is_killed(listen, web, reviewer, link):
    client = signed_in_client(reviewer)
    stream = listen(client)
    push(link)
    last = int(stream.next("links")[1])
    web.kill()
    assert stream.ended.wait(PATIENCE)
    meanwhile = [SuspectedLinkFactory(brand=link.brand) for _number in range(3)]
    for one in meanwhile:
        push(one)
    web.start()
    stream = listen(client, last=last, wait=False)
    told = [stream.next("links")[2]["id"] for _one in meanwhile]
    assert told == [str(one.uuid) for one in meanwhile]


def test_signing_out_ends_the_stream(listen, reviewer, web):
    client = signed_in_client(reviewer)
    stream, other = listen(client), listen(signed_in_client(reviewer))
    client.post(reverse("account_logout"))
    assert stream.ended.wait(PATIENCE), "the stream outlived its session"
    assert not other.ended.is_set(), "another session of the same member ended as well"


def test_a_removed_member_hears_nothing_more(listen, link, reviewer):
    owner = MemberFactory(organisation=link.organisation)
    stream = listen(reviewer)
    organisations.change_member(
        actor=of_member(owner), member=reviewer, now=timezone.now(), active=False
    )
    seal()
    assert stream.ended.wait(PATIENCE), "a removed member kept the stream"


def test_an_ended_mandate_ends_the_agent_s_stream(listen, link):
    agent = OrganisationFactory(agent=True)
    member = MemberFactory(organisation=agent)
    today = timezone.now().date()
    mandate = Mandate.objects.create(
        agent=agent,
        rights_holder=link.organisation,
        valid_from=today - timedelta(days=2),  # whatever day it is where the agent is
        valid_to=today + timedelta(days=2),
    )
    client = signed_in_client(member)
    client.post(reverse("core:switch"), {"organisation": link.organisation.uuid})
    stream = listen(client)
    push(link)
    assert stream.next("links")
    Mandate.objects.filter(pk=mandate.pk).update(revoked_at=timezone.now())
    live.recheck()
    assert stream.ended.wait(PATIENCE)


def test_a_page_made_for_another_organisation_is_told_so(listen, reviewer):
    assert listen(reviewer, query=f"?for={OrganisationFactory().uuid}").status == 410
    assert listen(reviewer, query=f"?for={reviewer.organisation.uuid}").status == 200


def test_an_announcement_is_heard_at_once_by_its_tenant_alone(listen, link, reviewer):
    stranger, stream = listen(MemberFactory()), listen(reviewer)
    live.announce(
        "links", "claimed", uuid=str(link.uuid), organisation_id=link.organisation_id, by="somebody"
    )
    _name, number, data = stream.next("links")
    assert data == {"id": str(link.uuid), "what": "claimed", "by": "somebody", "kept": False}
    assert number == ""
    assert stranger.events.empty()


def test_streams_hold_no_database_connection(listen, reviewer, link):
    client = signed_in_client(reviewer)
    streams = [listen(client) for _number in range(6)]  # the pool has four
    push(link)
    assert all(stream.next("links") for stream in streams)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        row = cursor.fetchone()
    assert row == (0,)


def test_a_member_has_only_so_many_streams_and_may_poll_beyond(listen, reviewer, settings):
    client = signed_in_client(reviewer)
    streams = [listen(client) for _number in range(settings.LIVE_STREAMS_PER_MEMBER)]
    extra = listen(client, wait=False)
    assert extra.names_until("full", "caught-up") == ["full"]
    assert extra.ended.wait(5)
    assert not any(stream.ended.is_set() for stream in streams)
    assert client.get(reverse("live-since"), {"after": 0}).status_code == 200


def test_the_process_ends_within_three_seconds_with_streams_open(listen, web, reviewer):
    streams = [listen(reviewer) for _number in range(3)]
    assert web.stop() < 3.0
    assert all(stream.ended.wait(1) for stream in streams)
    assert "Traceback" not in web.log.read_text()


def test_every_entry_sealed_while_streams_come_and_go_reaches_each_once(listen, reviewer, link):
    """Joining never falls between a reading and its handing out."""
    stream = listen(reviewer)
    links = [SuspectedLinkFactory(brand=link.brand) for _number in range(20)]
    before, late = live.head(), []
    for number, one in enumerate(links):
        push(one)
        if number % 5 == 2:
            late.append(listen(reviewer, last=before, wait=False))
    wanted = [str(one.uuid) for one in links]
    for each in [stream, *late]:
        assert [each.next("links")[2]["id"] for _one in links] == wanted


def test_the_same_events_come_by_polling(link, reviewer, signed_in):
    client = signed_in(reviewer)
    push(link)
    push(SuspectedLinkFactory())
    answer = client.get(reverse("live-since"), {"after": 0}).json()
    assert answer["head"] == JournalSeal.objects.count()
    assert [event["id"] for event in answer["events"]] == [str(link.uuid)]
    assert client.get(reverse("live-since"), {"after": answer["head"]}).json()["events"] == []
    assert client.get(reverse("live-since")).json()["events"] == []
    assert client.get(reverse("live-since"), {"after": "9" * 40}).status_code == 200
    assert Client().get(reverse("live-since")).status_code == 403


def test_a_server_that_cannot_stream_says_so_without_holding_the_request(reviewer, signed_in):
    assert signed_in(reviewer).get(reverse("live")).status_code == 204
