"""The page of working days: what the package says, what operators state, and when it was said."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal.core import calendars
from portal.core.clock import YearState, known_countries
from portal.core.errors import InvalidInput
from portal.core.models import CalendarOverride, CalendarYear, JournalEntry
from portal.core.policies import Permission
from portal.core.web.forms import country_choices, put_errors
from portal.core.web.views import actor, needs

VERBS = {
    "calendar.override_set": gettext_lazy("Day stated"),
    "calendar.override_removed": gettext_lazy("Day removed"),
    "calendar.year_set": gettext_lazy("Year stated"),
}
DEFAULT, LINES = "CN", 20
SOURCE = gettext_lazy("The notice this follows: title, number or address.")


class DayForm(forms.Form):
    """One date that is a working day, or is not one."""

    date = forms.DateField(
        label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"})
    )
    working = forms.ChoiceField(
        label=gettext_lazy("This day is"),
        choices=[("no", gettext_lazy("A day off")), ("yes", gettext_lazy("A working day"))],
    )
    source = forms.CharField(label=gettext_lazy("Source"), max_length=500, help_text=SOURCE)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=500, required=False)


class YearForm(forms.Form):
    """Whether the official notice for a year is known."""

    year = forms.IntegerField(label=gettext_lazy("Year"))
    state = forms.ChoiceField(
        label=gettext_lazy("The year is"), choices=CalendarYear.State.choices, initial="confirmed"
    )
    source = forms.CharField(label=gettext_lazy("Source"), max_length=500, help_text=SOURCE)


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PLATFORM)
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Show a country's calendar, and state a day or a year of it.

    Open deadlines follow: whoever keeps them hears of it by the journal.
    """
    country = _country(request)
    what = request.POST.get("what", "")
    day = DayForm(request.POST if what == "day" else None, prefix="day")
    year = YearForm(request.POST if what == "year" else None, prefix="year")
    told = _stated(request, country, day, year)
    if told:
        messages.success(request, told)
        return redirect(_address(country))
    context = {
        "country": country,
        "countries": country_choices(),
        "version": calendars.calendar_for(country).version,
        "overrides": CalendarOverride.objects.filter(country=country).order_by("-date"),
        "years": CalendarYear.objects.filter(country=country).order_by("-year"),
        "day": day,
        "year": year,
        "history": _history(country),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "core/calendars.html", context, status=status)


@require_POST
@needs(Permission.MANAGE_PLATFORM)
def remove_day(request: HttpRequest) -> HttpResponse:
    """Let the package answer for a date again."""
    country, day = _country(request), parse_date(request.POST.get("date", ""))
    done = day is not None and calendars.remove_override(
        country=country, day=day, actor=actor(request), now=timezone.now()
    )
    if done:
        messages.success(request, _("Removed. Open deadlines follow in some seconds."))
    else:
        messages.error(request, _("Nothing was stated about this day."))
    return redirect(_address(country))


def _country(request: HttpRequest) -> str:
    wanted = request.POST.get("country") or request.GET.get("country") or DEFAULT
    return wanted if wanted in known_countries() else DEFAULT


def _address(country: str) -> str:
    return f"{reverse('core:calendars')}?country={country}"


def _stated(request: HttpRequest, country: str, day: DayForm, year: YearForm) -> str:
    """State what the form that was sent says; return what to tell, '' when nothing was stated."""
    sent = day if day.is_bound else year
    if not sent.is_bound or not sent.is_valid():
        return ""
    try:
        _state(request, country, sent)
    except InvalidInput as refusal:
        put_errors(sent, refusal)
        return ""
    return _("Stated. Open deadlines follow in some seconds.")


def _state(request: HttpRequest, country: str, sent: forms.Form) -> None:
    said, now = sent.cleaned_data, timezone.now()
    if isinstance(sent, DayForm):
        calendars.set_override(
            country=country,
            day=said["date"],
            working=said["working"] == "yes",
            source=said["source"],
            note=said["note"],
            actor=actor(request),
            now=now,
        )
    else:
        calendars.set_year_state(
            country=country,
            year=said["year"],
            state=YearState(said["state"]),
            source=said["source"],
            actor=actor(request),
            now=now,
        )


def _history(country: str) -> list[dict[str, object]]:
    """Return what the journal says about the calendar and the deadlines it moved, newest first."""
    entries = JournalEntry.objects.filter(verb__in=VERBS, data__country=country).order_by("-pk")
    return [
        {
            "at": entry.at,
            "what": VERBS[entry.verb],
            "date": date.fromisoformat(entry.data["date"]) if "date" in entry.data else None,
            "year": entry.data.get("year"),
            "working": entry.data.get("working"),
            "state": entry.data.get("state"),
        }
        for entry in entries[:LINES]
    ]
