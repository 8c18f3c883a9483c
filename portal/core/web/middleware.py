"""Puts the actor on the request, and turns refusals into pages people can act on."""

from collections.abc import Callable
from datetime import tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget

from portal.core import scope
from portal.core.actors import Actor, of_member
from portal.core.errors import InvalidInput, NotAllowed, PortalError, StaleState
from portal.core.models import Member, Organisation
from portal.core.web.bodies import TOO_LARGE
from portal.core.zones import zone_for

Responder = Callable[[HttpRequest], HttpResponse]
NUL = "\0"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# What may be sent from any page: to act for somebody else, and to leave.
ALWAYS = ("core:switch", "account_logout", "set_language")
MEMBER_KEY, ACTING_FOR_KEY = "member_id", "acting_for_id"


def actor_of(request: HttpRequest) -> Actor | None:
    """Return who acts in this request; ``None`` for strangers and for users of no organisation.

    The session says which membership is used and for whom it acts; both are checked against the
    database on every request, so a removed member or an ended mandate stops working at once.
    """
    if not request.user.is_authenticated:
        return None
    memberships = Member.objects.select_related("organisation", "user").filter(
        user=request.user, active=True
    )
    chosen, other = (request.session.get(key) for key in (MEMBER_KEY, ACTING_FOR_KEY))
    member = memberships.filter(pk=chosen).first() if chosen else None
    member = member or memberships.order_by("pk").first()
    if member is None:
        return None
    if not other or other == member.organisation_id:
        return of_member(member)
    acting_for = Organisation.objects.filter(pk=other).first()
    if acting_for is None:
        return of_member(member)
    try:
        return scope.actor_for(member, acting_for, timezone.now())
    except NotAllowed:
        return of_member(member)


def zone_of(actor: Actor | None) -> tzinfo:
    """Return the zone in which pages show moments to this reader.

    It is the user's own; while they chose none (UTC), that of the organisation acted for.
    """
    if actor is None or actor.member is None or actor.organisation is None:
        return ZoneInfo("UTC")
    return zone_for(actor.member, actor.organisation)


class ActorMiddleware:
    """Sets ``request.actor``, and the time zone of what they read."""

    def __init__(self, get_response: Responder) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        actor = actor_of(request)
        request.actor = actor  # type: ignore[attr-defined]  # our own attribute
        with timezone.override(zone_of(actor)):
            response = self.get_response(request)
        if actor is not None:
            # After signing out, the back button must not bring a tenant's page back.
            response.setdefault("Cache-Control", "private, no-store")
        return response


class ErrorMiddleware:
    """Shows ``PortalError`` as a message on the page it came from, or as an error page."""

    def __init__(self, get_response: Responder) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        if request.META.get(TOO_LARGE):
            # Nothing of the body was kept, so there is nothing that could be checked or done.
            return self.process_exception(request, _too_large()) or self.get_response(request)
        refusal = _unreadable(request) or _other_tab(request)
        if refusal is not None:
            return self.process_exception(request, refusal) or self.get_response(request)
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET":
            return _only_takes_forms(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Translate our own errors; everything else stays a failure."""
        if not isinstance(exception, PortalError):
            return None
        if getattr(request, "htmx", False):
            refusal = render(
                request, "fragments/refusal.html", {"error": exception}, status=exception.status
            )
            # A 422 is otherwise swapped into the form's own target, to show its field errors.
            return reswap(retarget(refusal, "#toasts"), "beforeend")
        back = _page_before(request)
        if request.method == "POST" and back:
            messages.error(request, str(exception))
            return HttpResponseRedirect(back)
        return render(request, "error.html", {"error": exception}, status=exception.status)


def _unreadable(request: HttpRequest) -> PortalError | None:
    """What no database text can hold, so that it is refused in words and not a failure."""
    if request.method != "POST" or request.content_type not in FORMS:
        return None  # searches and identifiers pass such a character over by themselves
    if any(NUL in text for _name, texts in request.POST.lists() for text in texts):
        return InvalidInput.one(
            "text", "unreadable", _("The text has a character that cannot be read. Type it again.")
        )
    return None


def _other_tab(request: HttpRequest) -> PortalError | None:
    """What was sent from a page made for another organisation than the session acts for now."""
    made_for = request.headers.get("X-Acting-For", "")
    if not made_for and request.content_type in FORMS and request.method == "POST":
        made_for = request.POST.get("acting_for", "")
    actor: Actor | None = getattr(request, "actor", None)
    if not made_for or actor is None or actor.organisation is None:
        return None
    if made_for == str(actor.organisation.uuid):
        return None
    if resolve(request.path_info).view_name in ALWAYS:
        return None
    return StaleState(
        "acting_for_another",
        _(
            "You act for “%(name)s” now, but this page was made for another organisation. "
            "Nothing was saved: load the page again or change the organisation back."
        )
        % {"name": actor.organisation.name},
    )


def _only_takes_forms(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    """A page instead of the empty answer: where a form came back with errors, its address is in
    the bar, and reloading it or being sent back to it ends here, with what was to be told.
    """
    error = PortalError(
        "only_forms", _("There is no page at this address; it only takes what a form sends.")
    )
    page = render(request, "error.html", {"error": error}, status=response.status_code)
    page["Allow"] = response["Allow"]
    return page


def _too_large() -> PortalError:
    error = PortalError(
        "too_large",
        _("What you sent is too large: at most %(megabytes)d MB at once. Nothing was saved.")
        % {"megabytes": settings.UPLOAD_MAX_BYTES // (1024 * 1024)},
    )
    error.status = 413
    return error


def _page_before(request: HttpRequest) -> str:
    """Path of the page a form was sent from, if it is one of ours."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return ""
    back = f"{parts.path}?{parts.query}" if parts.query else parts.path
    # A path of two slashes would lead to the host named after them.
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""
