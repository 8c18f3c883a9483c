"""A page with every component on it, and the answers its controls ask for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path
from django.utils import timezone
from django_cotton.compiler_regex import CottonCompiler

from portal.core.errors import InvalidInput
from portal.urls import urlpatterns as portal_urls

STATES = ("approved", "counterfeit", "appraisal", "submitted", "pending", "draft")
TONES = ("good", "warn", "bad", "info", "accent", "plain")


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    id: int
    state: str
    price: Decimal | None
    due_at: datetime


class Filters(forms.Form):
    """Filters of a list."""

    q = forms.CharField(label="Search", required=False, widget=forms.SearchInput)
    brand = forms.ChoiceField(
        label="Brand", required=False, choices=[("", "All"), ("1", "Velmora")]
    )


class Everything(forms.Form):
    """Every kind of field."""

    number = forms.CharField(label="Registration number", help_text="As in the <b>register</b>.")
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "Trademark"), ("b", "Design")], widget=forms.RadioSelect
    )
    valid_to = forms.DateField(
        label="Valid to", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    document = forms.FileField(label="Certificate", required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    sworn = forms.BooleanField(label="I state this in good faith.")


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component; the form shows its errors."""
    now = timezone.now()
    due = (timedelta(hours=3), timedelta(days=4), -timedelta(days=2))
    prices = (Decimal("25.00"), None, Decimal("12345.5"))
    rows = [
        Row(number, state, price, now + offset)
        for number, (state, price, offset) in enumerate(zip(STATES[:3], prices, due, strict=True))
    ]
    source = (Path(__file__).parent / "gallery.html").read_text()
    template = engines["django"].from_string(CottonCompiler().process(source))
    context = {
        "rows": rows,
        "states": STATES,
        "tones": TONES,
        "now": now,
        "page_obj": Paginator(range(1204), 50).page(2),
        "filters": Filters(request.GET or None),
        "form": Everything({}),
    }
    return HttpResponse(template.render(context, request))


def save(request: HttpRequest) -> HttpResponse:
    """Say what was sent, as a toast."""
    messages.success(request, f"Saved {request.POST.get('row', 'it')}.")
    return redirect("/gallery/")


def refuse(request: HttpRequest) -> HttpResponse:
    """Refuse, as a service would."""
    raise InvalidInput.one("row", "too_late", "The link is closed.")


def answer(request: HttpRequest) -> HttpResponse:
    """Answer a fragment."""
    return HttpResponse("Answered." if getattr(request, "htmx", False) else "Not asked by htmx.")


urlpatterns = [
    *portal_urls,
    path("gallery/", gallery),
    path("gallery/save", save),
    path("gallery/refuse", refuse),
    path("gallery/answer", answer),
]
