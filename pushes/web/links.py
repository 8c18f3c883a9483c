"""Verdicts on one link, and what the page asks about links while it is open."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from pushes import selectors
from pushes.models import SuspectedLink, Verdict
from pushes.selectors import queue
from pushes.selectors.claims import claims_on
from pushes.services import assignment, claims, notes, review, second_looks
from pushes.services.deadlines import Deadlines
from pushes.services.reviewers import reviewers_of
from pushes.web import desk, evidence, pane
from pushes.web.finding import find
from pushes.web.forms import VerdictForm

# Rows whose leases one heartbeat asks about: what fits a page of the list.
MOST_WATCHED = 200


@require_POST
@needs(Permission.JUDGE_LINKS)
def verdict(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give a verdict; it can be undone for some seconds."""
    link, who = find(request, uuid, queue.with_row), actor(request)
    form = VerdictForm(request.POST, actor=who, link=link)
    if not form.is_valid():
        return _refused(request, link, form)
    try:
        given = _give(who, link, form.cleaned_data)
    except InvalidInput as refusal:
        for error in refusal.errors:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _refused(request, link, form)
    if given is not None and _is_row_asked(request):
        link.held = [given]  # type: ignore[attr-defined]  # all that a held verdict changes of a row
        return _row(request, link)
    return _answer(request, uuid)


@require_POST
@needs(Permission.JUDGE_LINKS)
def undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the held verdict of a link back."""
    link, who, now = find(request, uuid), actor(request), timezone.now()
    if look := getattr(link, "second_look", None):
        second_looks.undo(actor=who, look=look, now=now)
    elif held := review.held_verdict(link):
        review.undo(actor=who, verdict=held, now=now)
    else:
        raise NotFound("verdict", _("There is no verdict left to undo."))
    if not request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        messages.success(request, _("The verdict was undone."))
    return _answer(request, uuid)


@require_GET
@needs(Permission.VIEW_LINKS)
def panel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The verdict panel or the row alone, asked for when the time to undo is over."""
    return _fragment(request, uuid, as_row=request.GET.get("as") == "row")


@require_POST
@needs(Permission.JUDGE_LINKS)
def claim(request: HttpRequest) -> JsonResponse:
    """Take or renew the lease on ``open``, give ``left`` back, and say who works on ``shown``.

    Answers ``{"mine": bool, "by": name or null, "claims": {uuid: name}, "people": {uuid: name}}``;
    ``people`` names those whom live events tell by their id only.
    """
    who, now = actor(request), timezone.now()
    if left := _asked(request, "left"):
        for link in left:
            claims.give_back(actor=who, link=link)
    opened = _asked(request, "open")
    mine = bool(opened) and claims.take(actor=who, link=opened[0], now=now)
    shown = _uuids(request, "shown")
    members = claims_on(who, [*shown, *_uuids(request, "open")], now)
    others = {uuid: str(member.user) for uuid, member in members.items()}
    people = {str(member.uuid): str(member.user) for member in members.values()}
    by = others.get(str(opened[0].uuid)) if opened else None
    return JsonResponse({"mine": mine, "by": by, "claims": others, "people": people})


@require_POST
@needs(Permission.JUDGE_LINKS)
def note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write a note on a link for colleagues."""
    link = find(request, uuid)
    text = request.POST.get("text", "")
    notes.write(actor=actor(request), link=link, text=text, now=timezone.now())
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        if pane.is_blind(link):
            return render(request, "pushes/desk/notes.html", {"notes": [], "link": link})
        shown = link.notes.select_related("member__user").order_by("at")
        return render(request, "pushes/desk/notes.html", {"notes": shown, "link": link})
    return redirect("pushes:link", uuid)


@require_POST
@needs(Permission.JUDGE_LINKS)
def assign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give a link to a reviewer, or to nobody."""
    link, who, now = find(request, uuid), actor(request), timezone.now()
    chosen = request.POST.get("assignee", "")
    asked = reviewers_of(link.organisation_id, now=now, brand_id=link.brand_id)
    reviewers = {str(member.uuid): member for member in asked}
    if chosen and chosen not in reviewers:
        raise InvalidInput.one("assignee", "not_a_reviewer", _("Choose one of the reviewers."))
    assignment.assign(actor=who, link=link, member=reviewers.get(chosen), now=now)
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return HttpResponse(status=204)
    return redirect("pushes:link", uuid)


def _give(who: Actor, link: SuspectedLink, said: dict[str, Any]) -> Verdict | None:
    """A first verdict, or ``None`` for the second answer of somebody who was asked blind."""
    now = timezone.now()
    if look := getattr(link, "second_look", None):
        said = {name: said.get(name, "") for name in ("outcome", "right", "reason")}
        second_looks.answer(actor=who, look=look, now=now, **said)
        return None
    return review.give_verdict(actor=who, link=link, now=now, **said)


def _asked(request: HttpRequest, name: str) -> list[SuspectedLink]:
    ids = _uuids(request, name)
    return list(selectors.links_to_judge(actor(request)).filter(uuid__in=ids)) if ids else []


def _uuids(request: HttpRequest, name: str) -> list[UUID]:
    found = []
    for value in request.POST.getlist(name)[:MOST_WATCHED]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The changed row or panel for htmx; otherwise back to where the form was."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return _fragment(request, uuid, as_row=_is_row_asked(request))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("pushes:link", args=[uuid])
    return redirect(back)


def _fragment(request: HttpRequest, uuid: UUID, *, as_row: bool) -> HttpResponse:
    who = actor(request)
    link = find(request, uuid, queue.with_row if as_row else None)
    if as_row:
        return _row(request, link)
    form = VerdictForm(actor=who, link=link)
    context = {**pane.verdict_panel(request, link, form), **desk.reader(who)}
    return render(request, "pushes/desk/verdict.html", context)


def _is_row_asked(request: HttpRequest) -> bool:
    """Whether the desk's script judged from the list: it needs the row back, and nothing else."""
    return bool(request.htmx) and request.POST.get("as") == "row"  # type: ignore[attr-defined]  # set by django-htmx


def _row(request: HttpRequest, link: SuspectedLink) -> HttpResponse:
    who = actor(request)
    card = evidence.card(link, Deadlines(), timezone.now(), who)
    context = {"card": card, "query": request.POST.get("query", ""), **desk.reader(who)}
    return render(request, "pushes/desk/row.html", context)


def _refused(request: HttpRequest, link: SuspectedLink, form: VerdictForm) -> HttpResponse:
    """Show the form again with what is wrong at its fields."""
    if not request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return desk.whole(request, link, form, status=422)
    context = {**pane.verdict_panel(request, link, form), **desk.reader(actor(request))}
    return render(request, "pushes/desk/verdict.html", context, status=422)
