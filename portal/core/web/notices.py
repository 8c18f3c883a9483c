"""A member's notices, how they want to be told by mail, and the way out of every mail."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.core import notices as kinds
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import MailPreference, Member, Notice
from portal.core.services import notices as service
from portal.core.web.forms import put_errors, zone_choices
from portal.core.web.views import actor

PAGE_SIZE = 30


class PreferenceForm(forms.Form):
    """How often, about what, and in which zone."""

    news = forms.ChoiceField(
        label=gettext_lazy("New suspected links"),
        choices=MailPreference.Frequency.choices,
        help_text=gettext_lazy("Daily and weekly mails come at 09:00, weekly ones on Monday."),
    )
    reminders = forms.BooleanField(
        label=gettext_lazy("Remind me by mail before deadlines end"),
        required=False,
        help_text=gettext_lazy("One mail a day at most. The reminder in the page always comes."),
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Your time zone"),
        choices=zone_choices,
        help_text=gettext_lazy("Your 09:00, and the times on every page, follow it."),
    )


def _member(request: HttpRequest) -> Member:
    member = actor(request).member
    if member is None:
        raise NotAllowed("no_organisation", _("You are not a member of any organisation yet."))
    return member


@login_required
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """The member's notices, newest first."""
    found = Notice.objects.filter(member=_member(request)).order_by("-created_at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "lines": [kinds.line(notice) for notice in page]}
    return render(request, "core/notices.html", context)


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    service.mark_read(member=_member(request), now=timezone.now())
    return redirect("core:notices")


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and keep how the member wants to be told."""
    member = _member(request)
    kept = MailPreference.objects.filter(member=member).first() or MailPreference(member=member)
    initial: dict[str, Any] = {
        "news": kept.news,
        "reminders": kept.reminders,
        "zone": service.zone_of_member(member).key,
    }
    form = PreferenceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            service.set_preferences(actor=actor(request), now=timezone.now(), **form.cleaned_data)
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("core:notifications")
    status = 422 if form.is_bound else 200
    return render(request, "core/notifications.html", {"form": form}, status=status)


# Mail programs send the one click of RFC 8058 without cookies and without a token of ours; the
# signed link is the right, and all it can do is send less.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails of a signed link: a POST does it, a GET only asks.

    Mail scanners open every link, so opening one must change nothing.
    """
    if request.method == "POST":
        member, kind = service.unsubscribe(token=token, now=timezone.now())
    else:
        member, kind = service.read_token(token)
    context = {"is_done": request.method == "POST", "is_news": kind == service.NEWS}
    return render(request, "core/unsubscribe.html", {**context, "address": member.user.email})
