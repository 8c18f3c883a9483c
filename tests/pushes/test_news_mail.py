"""Mail about new links: as they arrive, daily or weekly, each link told once."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.core.actors import of_member
from portal.core.models import MailPreference, Member, OutboxMessage, Role
from portal.core.services import notices
from pushes.services.notices import send_news
from tests.factories import MemberFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def link(now):
    return SuspectedLinkFactory(pushed_at=now - MINUTE)


@pytest.fixture
def reviewer(link) -> Member:
    member: Member = MemberFactory(organisation=link.organisation, role=Role.REVIEWER)
    return member


def choose(member: Member, news: str, now: datetime) -> None:
    notices.set_preferences(
        actor=of_member(member), news=news, reminders=True, zone="Asia/Shanghai", now=now
    )


def subjects() -> list[str]:
    mails = OutboxMessage.objects.filter(handler="mail.send").order_by("id")
    return [mail.payload["subject"] for mail in mails]


def test_new_links_are_told_as_they_arrive_and_each_once(link, reviewer, now):
    assert send_news(now=now) == 1
    assert send_news(now=now) == send_news(now=now + 11 * MINUTE) == 0
    SuspectedLinkFactory(brand=link.brand, pushed_at=now + 12 * MINUTE)
    SuspectedLinkFactory(brand=link.brand, pushed_at=now + 12 * MINUTE)
    assert send_news(now=now + 13 * MINUTE) == 1
    assert subjects() == [
        "1 new suspected link waits for your verdict",
        "2 new suspected links wait for your verdict",
    ]


def test_a_burst_is_one_mail_in_ten_minutes(link, reviewer, now):
    send_news(now=now)
    SuspectedLinkFactory(brand=link.brand, pushed_at=now + MINUTE)
    assert send_news(now=now + 10 * MINUTE) == 0
    assert send_news(now=now + 11 * MINUTE) == 1


def test_a_link_whose_push_may_not_be_committed_yet_waits_for_the_next_mail(link, reviewer, now):
    link.pushed_at = now - timedelta(seconds=5)
    link.save()
    assert send_news(now=now) == 0
    assert send_news(now=now + MINUTE) == 1


def test_the_daily_mail_comes_at_nine_of_the_reviewer(link, reviewer, now):
    choose(reviewer, "daily", now)
    MailPreference.objects.update(told_at=datetime(2026, 6, 2, 1, 0, tzinfo=UTC))
    nine = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)  # in Shanghai
    link.pushed_at = nine - timedelta(hours=3)
    link.save()
    assert send_news(now=nine - MINUTE) == 0
    assert send_news(now=nine) == 1
    SuspectedLinkFactory(brand=link.brand, pushed_at=nine + MINUTE)
    assert send_news(now=nine + timedelta(hours=20)) == 0
    assert send_news(now=nine + timedelta(hours=24)) == 1


def test_the_weekly_mail_comes_on_monday(link, reviewer, now):
    choose(reviewer, "weekly", now)
    monday = datetime(2026, 6, 8, 1, 0, tzinfo=UTC)
    MailPreference.objects.update(told_at=monday - timedelta(days=7))
    ticks = [monday + timedelta(hours=hours) for hours in range(-120, 120, 6)]
    told = [tick for tick in ticks if send_news(now=tick)]
    assert told == [monday]


def test_never_means_never_and_a_viewer_is_not_asked(link, reviewer, now):
    choose(reviewer, "off", now)
    MemberFactory(organisation=link.organisation, role=Role.VIEWER)
    MemberFactory(role=Role.REVIEWER)
    assert send_news(now=now + timedelta(days=8)) == 0


def test_a_judged_link_is_no_news(link, reviewer, now):
    link.state = "genuine"
    link.save()
    assert send_news(now=now) == 0


def test_the_mail_is_text_and_html_with_a_one_click_way_out(link, reviewer, now):
    send_news(now=now)
    payload = OutboxMessage.objects.get(handler="mail.send").payload
    token = notices.token_for(reviewer, notices.NEWS)
    assert payload["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = payload["headers"]["List-Unsubscribe"]
    assert address.startswith("<http")
    assert address.endswith(">")
    assert "/organisation/unsubscribe/" in address
    assert notices.read_token(token) == (reviewer, notices.NEWS)
    for body in (payload["text"], payload["html"]):
        assert link.organisation.name in body
        assert "/organisation/unsubscribe/" in body


def test_no_subject_names_a_seller_or_a_listing(link, reviewer, now):
    seller = link.version.seller
    send_news(now=now)
    for subject in subjects():
        assert seller.name not in subject
        assert link.version.title not in subject
