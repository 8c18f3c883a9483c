"""The page of working days: operators state days and years, and open deadlines follow."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.models import CalendarOverride, CalendarYear, JournalEntry, Member, Role
from tests.complaints.support import platform_admin
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
PAGE = "core:calendars"
NOTICE = "State Council notice for 2027"


@pytest.fixture
def staff(signed_in: SignIn) -> Client:
    """A browser of somebody who runs the platform."""
    admin = platform_admin().member
    assert admin is not None
    return signed_in(admin)


def test_a_day_is_stated_shown_and_removed(staff: Client) -> None:
    said = {"what": "day", "country": "CN", "day-date": "2027-01-02", "day-working": "yes"}
    answer = staff.post(reverse(PAGE), {**said, "day-source": NOTICE}, follow=True)
    page = answer.content.decode()
    assert NOTICE in page
    assert "Open deadlines follow" in page
    override = CalendarOverride.objects.get()
    assert (override.country, override.date, override.working) == ("CN", date(2027, 1, 2), True)
    gone = staff.post(
        reverse("core:remove_day"), {"country": "CN", "date": "2027-01-02"}, follow=True
    ).content.decode()
    assert not CalendarOverride.objects.exists()
    assert "Day removed" in gone
    verbs = JournalEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["calendar.override_set", "calendar.override_removed"]


def test_a_year_is_confirmed(staff: Client) -> None:
    said = {"what": "year", "country": "CN", "year-year": "2027", "year-state": "confirmed"}
    answer = staff.post(reverse(PAGE), {**said, "year-source": NOTICE}, follow=True)
    assert "Confirmed" in answer.content.decode()
    assert CalendarYear.objects.get().state == "confirmed"
    assert NOTICE not in staff.get(reverse(PAGE), {"country": "DE"}).content.decode()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"what": "day", "day-date": "soon", "day-working": "yes", "day-source": "x"}, "date"),
        ({"what": "day", "day-date": "2027-01-02", "day-working": "yes"}, "required"),
        ({"what": "day", "day-date": "1900-01-02", "day-working": "no", "day-source": "x"}, "1950"),
        (
            {"what": "year", "year-year": "9999", "year-state": "confirmed", "year-source": "x"},
            "2200",
        ),
        (
            {"what": "year", "year-year": "2027", "year-state": "whatever", "year-source": "x"},
            "valid",
        ),
    ],
)
def test_bad_input_names_its_field_and_states_nothing(
    staff: Client, said: dict[str, str], told: str
) -> None:
    answer = staff.post(reverse(PAGE), {"country": "CN", **said})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not JournalEntry.objects.filter(verb__startswith="calendar.").exists()


def test_nobody_else_states_working_days(signed_in: SignIn) -> None:
    client = signed_in(MemberFactory(role=Role.OWNER))
    said = {"what": "day", "country": "CN", "day-date": "2027-01-02", "day-working": "yes"}
    assert client.get(reverse(PAGE)).status_code == 403
    assert client.post(reverse(PAGE), {**said, "day-source": NOTICE}).status_code == 403
    assert client.post(reverse("core:remove_day"), {"date": "2027-01-02"}).status_code == 403
    assert not CalendarOverride.objects.exists()
