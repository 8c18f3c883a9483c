"""Reminders at 09:00 in the reviewer's zone: on working day 4 of 5 and on the last day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.core.actors import of_member
from portal.core.clock import day_end
from portal.core.models import Mandate, Member, Notice, OutboxMessage, Role
from portal.core.services import notices
from pushes.models import Verdict
from pushes.services.reminders import remind
from tests.factories import (
    BrandFactory,
    MemberFactory,
    OrganisationFactory,
    SuspectedLinkFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(zone: ZoneInfo, day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def a_link(due: date, zone: ZoneInfo = SHANGHAI, **values):
    end = day_end(due, zone)
    return SuspectedLinkFactory(
        pushed_at=end - timedelta(days=8), due_at=end, due_zone=zone.key, **values
    )


def reviewer_of(link, zone="UTC", **values) -> Member:
    member: Member = MemberFactory(
        organisation=link.organisation,
        role=Role.REVIEWER,
        user=UserFactory(zone=zone, **values),
    )
    return member


def days_reminded(member: Member, zone: ZoneInfo, first: date, last: date) -> list[date]:
    """Tick every hour from one day to another; return the days on which a notice came."""
    now = at(zone, first, 0)
    while now < at(zone, last, 23):
        remind(now=now)
        now += timedelta(hours=1)
    given = Notice.objects.filter(member=member).order_by("created_at")
    moments = [notice.created_at.astimezone(zone) for notice in given]
    assert {moment.hour for moment in moments} <= {9}
    return [moment.date() for moment in moments]


def mails() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(handler="mail.send").order_by("id"))


def test_a_reviewer_is_reminded_on_working_day_four_and_on_the_last_day():
    link = a_link(date(2026, 6, 8))  # a Monday; working day 4 is the Friday before
    member = reviewer_of(link)
    days = days_reminded(member, SHANGHAI, date(2026, 6, 1), date(2026, 6, 9))
    assert days == [date(2026, 6, 5), date(2026, 6, 8)]
    assert [mail.payload["to"] for mail in mails()] == [[member.user.email]] * 2


def test_make_up_days_are_working_days():
    # 2026: work on Saturday 14 February, Spring Festival from the 15th to the 23rd.
    link = a_link(date(2026, 2, 24))
    member = reviewer_of(link)
    days = days_reminded(member, SHANGHAI, date(2026, 2, 12), date(2026, 2, 25))
    assert days == [date(2026, 2, 14), date(2026, 2, 24)]


@pytest.mark.parametrize(
    ("due", "day", "utc_hour"),
    [
        (date(2026, 3, 27), date(2026, 3, 27), 8),  # before the clocks change: 09:00 is 08:00 UTC
        (date(2026, 3, 30), date(2026, 3, 30), 7),  # after it: 09:00 is 07:00 UTC
        (date(2026, 10, 26), date(2026, 10, 26), 8),  # and back again
    ],
)
def test_nine_o_clock_is_that_of_the_wall_on_either_side_of_a_change_of_clocks(due, day, utc_hour):
    organisation = OrganisationFactory(country="DE", zone="Europe/Berlin")
    member = reviewer_of(a_link(due, BERLIN, brand=BrandFactory(organisation=organisation)))
    moment = datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    assert remind(now=moment - timedelta(minutes=1)) == 0
    assert remind(now=moment) == 1
    assert Notice.objects.get(member=member).data == {"last_day": 1, "day_before": 0}


def test_a_reviewer_in_the_far_west_is_reminded_while_there_is_time():
    """At the next 09:00 in Los Angeles the term in Shanghai would be over for 1 minute."""
    link = a_link(date(2026, 6, 5))
    los_angeles = ZoneInfo("America/Los_Angeles")
    member = reviewer_of(link, zone=los_angeles.key)
    days = days_reminded(member, los_angeles, date(2026, 6, 1), date(2026, 6, 6))
    assert days == [date(2026, 6, 3), date(2026, 6, 4)]


def test_one_mail_a_day_sums_up_every_link():
    first = a_link(date(2026, 6, 5))
    for _number in range(3):
        a_link(date(2026, 6, 5), brand=first.brand)
    a_link(date(2026, 6, 8), brand=first.brand)
    reviewer_of(first)
    moment = at(SHANGHAI, date(2026, 6, 5), 9)
    assert remind(now=moment) == 1
    assert remind(now=moment) == remind(now=moment + timedelta(hours=5)) == 0
    (mail,) = mails()
    assert mail.payload["subject"] == "4 suspected links must be judged within a day"
    assert "1 link" in mail.payload["text"]
    assert Notice.objects.get().data == {"last_day": 4, "day_before": 1}


def test_a_tick_that_comes_late_still_reminds():
    reviewer_of(a_link(date(2026, 6, 5)))
    assert remind(now=at(SHANGHAI, date(2026, 6, 5), 22, 30)) == 1


def test_judged_held_and_closed_links_remind_nobody(now):
    moment = at(SHANGHAI, date(2026, 6, 5), 9)
    link = a_link(date(2026, 6, 5))
    member = reviewer_of(link)
    Verdict.objects.create(
        link=link, outcome="genuine", member=member, given_at=moment, held_until=moment
    )
    a_link(date(2026, 6, 5), brand=link.brand, state="genuine")
    a_link(date(2026, 6, 5), brand=link.brand, state="gone")
    assert remind(now=moment) == 0


def test_only_those_who_may_judge_are_reminded_of_their_own_links():
    link = a_link(date(2026, 6, 5))
    MemberFactory(organisation=link.organisation, role=Role.VIEWER)
    MemberFactory(organisation=link.organisation, role=Role.REVIEWER, active=False)
    MemberFactory(role=Role.REVIEWER)
    assert remind(now=at(SHANGHAI, date(2026, 6, 5), 9)) == 0


def test_an_agent_gets_one_mail_for_all_its_rights_holders():
    agent = OrganisationFactory(agent=True, zone="Asia/Shanghai")
    links = [a_link(date(2026, 6, 5)), a_link(date(2026, 6, 5))]
    for link in links:
        Mandate.objects.create(
            agent=agent,
            rights_holder=link.organisation,
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 12, 31),
        )
    member = MemberFactory(organisation=agent, role=Role.REVIEWER)
    assert remind(now=at(SHANGHAI, date(2026, 6, 5), 9)) == 1
    (mail,) = mails()
    assert mail.payload["to"] == [member.user.email]
    assert all(link.organisation.name in mail.payload["text"] for link in links)


def test_who_wants_no_mail_is_still_reminded_in_the_page():
    link = a_link(date(2026, 6, 5))
    member = reviewer_of(link)
    notices.set_preferences(
        actor=of_member(member),
        news="off",
        reminders=False,
        zone="Asia/Shanghai",
        now=at(SHANGHAI, date(2026, 6, 1), 9),
    )
    assert remind(now=at(SHANGHAI, date(2026, 6, 5), 9)) == 1
    assert Notice.objects.filter(member=member, read_at=None).count() == 1
    assert mails() == []


def test_the_mail_is_in_the_language_of_the_member_with_its_dates():
    member = reviewer_of(a_link(date(2026, 6, 5)), language="zh-hans")
    remind(now=at(SHANGHAI, date(2026, 6, 5), 9))
    (mail,) = mails()
    assert mail.payload["subject"] == "1 条疑似侵权链接须在一天内判定"
    assert "2026年6月5日" in mail.payload["text"]
    assert '<html lang="zh-hans">' in mail.payload["html"]
    assert member.organisation.name in mail.payload["html"]
