"""A year of cases: New Year, a make-up Saturday, a calendar confirmed late, DST in New York."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints.models import Complaint, CounterNotice, HearingClock
from complaints.services import counter_notices, filing, hearing_terms
from portal.core import calendars, events, journal
from portal.core.clock import YearState, calendar_deadline, working_deadline
from portal.core.models import JournalEntry
from tests.complaints.hearing import brand_of, established, submitted
from tests.complaints.support import complainant_of, platform_admin
from tests.factories import ComplaintFactory, InfringingLinkFactory

pytestmark = pytest.mark.django_db

CHINA = ZoneInfo("Asia/Shanghai")
PAGE = CounterNotice.ReachedBy.PAGE
TICK = timedelta(microseconds=1)


def reached(
    at: datetime, *, jurisdiction: str = "CN", zone: str = "Asia/Shanghai"
) -> CounterNotice:
    complaint = established(at - timedelta(days=2), jurisdiction=jurisdiction, zone=zone)
    made = submitted(complaint, at)
    counter_notices.note_reached(counter_notice=made, how=PAGE, actor=brand_of(complaint), now=at)
    return made


def due(row: CounterNotice, kind: str) -> datetime:
    return HearingClock.objects.get(counter_notice=row, kind=kind).due_at


def local(row: CounterNotice, kind: str) -> date:
    clock = HearingClock.objects.get(counter_notice=row, kind=kind)
    return clock.due_at.astimezone(ZoneInfo(clock.zone)).date()


def follow_calendars() -> None:
    journal.seal()
    consumer = next(c for c in events.consumers() if c.name == "complaints.clocks")
    while events.run(consumer):
        pass


def test_a_year_of_cases_each_ends_on_its_day_and_on_no_other() -> None:
    """One case a month; at each clock's last instant nothing happens, a tick later it does."""
    started = datetime(2025, 6, 10, 2, 0, tzinfo=UTC)
    cases = []
    for month in range(12):
        at = started + timedelta(days=30 * month)
        cases.append(reached(at))
    # Those that end last are handled last: time only goes forward.
    for row in sorted(cases, key=lambda made: due(made, "silence")):
        end = due(row, "silence")
        hearing_terms.run_due(now=end)
        row.refresh_from_db()
        assert row.state == CounterNotice.State.FORWARDED
        hearing_terms.run_due(now=end + TICK)
        row.refresh_from_db()
        assert (row.state, row.code) == (CounterNotice.State.ACCEPTED, "no_proceedings")
        last = row.reached_at.astimezone(CHINA).date() + timedelta(days=15)  # type: ignore[union-attr]
        ended = local(row, "silence")
        calendar = calendars.calendar_for("CN")
        assert ended >= last
        assert calendar.is_working_day(ended)
        days = (ended - last).days
        assert not any(calendar.is_working_day(last + timedelta(days=n)) for n in range(days))
    assert Complaint.objects.filter(state=Complaint.State.OVERTURNED).count() == 12
    assert JournalEntry.objects.filter(verb="complaint.overturned").count() == 12


def test_across_new_year_the_days_of_both_years_count() -> None:
    # Wednesday 31 December 2025; 1 to 3 January are off and Sunday the 4th is worked.
    row = reached(datetime(2025, 12, 31, 2, 0, tzinfo=UTC))
    assert local(row, "reply") == date(2026, 1, 8)
    assert local(row, "silence") == date(2026, 1, 15)


def test_a_make_up_saturday_brings_the_reply_forward_and_the_term_of_the_law_not() -> None:
    # Saturday 9 May 2026 is worked for the Labour Day holiday.
    row = reached(datetime(2026, 5, 8, 2, 0, tzinfo=UTC))
    assert local(row, "reply") == date(2026, 5, 14)
    plain = calendar_deadline(datetime(2026, 5, 8, 2, 0, tzinfo=UTC), "Asia/Shanghai", 15)
    # The 23rd is a Saturday off, so the term rolls to Monday.
    assert plain.local_date == date(2026, 5, 23)
    assert local(row, "silence") == date(2026, 5, 25)


def test_the_spring_festival_stretches_working_days_but_not_calendar_days() -> None:
    row = reached(datetime(2026, 2, 13, 2, 0, tzinfo=UTC))
    assert local(row, "reply") == date(2026, 2, 27)
    assert local(row, "silence") == date(2026, 2, 28)  # a Saturday, worked for the festival


def test_a_calendar_confirmed_late_moves_open_clocks_and_no_ended_one() -> None:
    at = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)
    ended, running = reached(at - timedelta(days=30)), reached(at)
    hearing_terms.run_due(now=due(ended, "silence") + TICK)
    before = {kind: due(running, kind) for kind in ("reply", "silence")}
    closed = due(ended, "silence")
    assert HearingClock.objects.get(counter_notice=running, kind="reply").provisional
    admin, source = platform_admin(), "Notice of the State Council for 2027"
    for day, working in ((date(2026, 12, 26), True), (date(2026, 12, 31), False)):
        calendars.set_override(
            country="CN", day=day, working=working, source=source, actor=admin, now=at
        )
    calendars.set_year_state(
        country="CN", year=2027, state=YearState.CONFIRMED, source=source, actor=admin, now=at
    )
    follow_calendars()
    calendar = calendars.calendar_for("CN")
    expected = working_deadline(at, "Asia/Shanghai", calendar)
    moved = HearingClock.objects.get(counter_notice=running, kind="reply")
    assert (moved.due_at, moved.provisional) == (expected.due_at, False)
    assert moved.calendar_version == calendar.version
    assert due(ended, "silence") == closed
    lines = JournalEntry.objects.filter(verb="hearing_clock.recomputed")
    assert set(lines.values_list("subject_id", flat=True)) == {
        clock.pk
        for clock in HearingClock.objects.filter(counter_notice=running)
        if clock.calendar_version == calendar.version
    }
    first = lines.filter(subject_id=moved.pk).earliest("pk")
    assert first.data["old_due_at"] == before["reply"].isoformat()
    # Nobody is told twice: following the same calendar again moves nothing.
    count = lines.count()
    follow_calendars()
    assert lines.count() == count


def test_a_corrected_calendar_moves_the_day_to_decide_by_and_leaves_decided_ones() -> None:
    at = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)
    link = InfringingLinkFactory()
    platform_admin()  # a platform in China
    filing.file(actor=complainant_of(link), links=[link], now=at, statement_accepted=True)
    filing.settle_due(now=at + timedelta(minutes=1))
    waiting = Complaint.objects.get()
    decided = ComplaintFactory(
        state="rejected", due_at=at, due_zone="Asia/Shanghai", due_rule="working-days:5"
    )
    source, admin = "Notice of the State Council for 2027", platform_admin()
    calendars.set_override(
        country="CN", day=date(2026, 12, 26), working=True, source=source, actor=admin, now=at
    )
    follow_calendars()
    moved = Complaint.objects.get(pk=waiting.pk)
    calendar = calendars.calendar_for("CN")
    expected = working_deadline(at + timedelta(minutes=1), "Asia/Shanghai", calendar)
    assert waiting.due_at is not None
    assert moved.due_at == expected.due_at < waiting.due_at
    assert moved.calendar_version == calendar.version
    entry = JournalEntry.objects.get(verb="complaint.deadline_moved")
    assert (entry.subject_id, entry.data["old_due_at"]) == (
        waiting.pk,
        waiting.due_at.isoformat(),
    )
    assert Complaint.objects.get(pk=decided.pk).due_at == at
    follow_calendars()
    assert JournalEntry.objects.filter(verb="complaint.deadline_moved").count() == 1


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Clocks go forward on 8 March 2026: the day has 23 hours, the date stays.
        (datetime(2026, 3, 5, 15, 0, tzinfo=UTC), datetime(2026, 3, 13, 3, 59, 59, 999999, UTC)),
        # Clocks go back on 1 November 2026.
        (datetime(2026, 10, 28, 14, 0, tzinfo=UTC), datetime(2026, 11, 5, 4, 59, 59, 999999, UTC)),
    ],
)
def test_in_new_york_the_date_holds_and_the_instant_moves(at: datetime, expected: datetime) -> None:
    complaint = established(at, jurisdiction="US", zone="America/New_York")
    owner = complaint.organisation
    owner.country, owner.zone = "US", "America/New_York"
    owner.save()
    made = submitted(complaint, at)
    counter_notices.note_reached(counter_notice=made, how=PAGE, actor=brand_of(complaint), now=at)
    assert due(made, "reply") == expected
    hearing_terms.run_due(now=expected)
    assert HearingClock.objects.get(counter_notice=made, kind="reply").ended_at is None
    hearing_terms.run_due(now=expected + TICK)
    assert HearingClock.objects.get(counter_notice=made, kind="reply").ended_by == "elapsed"
