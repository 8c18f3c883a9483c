"""The desk: the list of suspected links beside the one that is read."""

from functools import cache, partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from brands.models import Registration
from portal.core import live
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.policies import Permission, permissions_of
from portal.core.web.views import actor, needs
from pushes.models import SuspectedLink, Verdict
from pushes.selectors import beside, queue
from pushes.services.deadlines import Deadlines
from pushes.web import diff, evidence, keys, pane, query, views
from pushes.web.finding import find, mask
from pushes.web.forms import VerdictForm
from pushes.web.query import Asked


@require_GET
@needs(Permission.VIEW_LINKS)
def inbox(request: HttpRequest) -> HttpResponse:
    """The list of one view, at-risk links first, with nothing opened."""
    who = actor(request)
    asked = query.read(request, who)
    return render(request, "pushes/desk.html", _desk(request, who, asked, None, Deadlines()))


@require_GET
@needs(Permission.VIEW_LINKS)
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One link, with the list around it: the address that survives a reload."""
    return whole(request, find(request, uuid))


def whole(
    request: HttpRequest, link: SuspectedLink, form: VerdictForm | None = None, status: int = 200
) -> HttpResponse:
    """The whole desk with one link opened; ``form`` carries what was wrong with a verdict."""
    who = actor(request)
    form = form or VerdictForm(actor=who, link=link)
    asked = query.read(request, who)
    deadlines = Deadlines()  # the list and the pane count by one calendar
    context = {
        **_desk(request, who, asked, link, deadlines),
        **pane.of_link(request, link, form, deadlines),
    }
    return render(request, "pushes/desk.html", context, status=status)


@require_GET
@needs(Permission.VIEW_LINKS)
def fragment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The pane alone, as the list opens it."""
    link, who = find(request, uuid), actor(request)
    form = VerdictForm(actor=who, link=link)
    shown = pane.of_link(request, link, form, Deadlines())
    context = {**shown, **reader(who), "query": query.plain(request.GET)}
    return render(request, "pushes/desk/pane.html", context)


@require_GET
@needs(Permission.VIEW_LINKS)
def rows(request: HttpRequest) -> HttpResponse:
    """More rows: those after or before a link of the list."""
    who, now = actor(request), timezone.now()
    asked = query.read(request, who)
    forward = "after" in request.GET
    try:
        place = UUID(request.GET.get("after" if forward else "before", ""))
    except ValueError:
        raise InvalidInput.one("after", "not_a_uuid", _("This is not an id.")) from None
    links = queue.narrowed(who, asked.wanted, now)
    page = queue.page_beside(links, asked.wanted, find(request, place), forward=forward)
    context = {
        "cards": _cards(page, who, Deadlines(), is_blind=asked.wanted.view == "second"),
        "more_before": page.more_before and not forward,
        "more_after": page.more_after and forward,
        "query": asked.query,
        **reader(who),
    }
    return render(request, "pushes/desk/rows.html", context)


@require_GET
@needs(Permission.VIEW_LINKS)
def filter_fields(request: HttpRequest) -> HttpResponse:
    """The fields that narrow the list: they offer every brand, so they wait to be opened."""
    asked = query.read(request, actor(request))
    return render(request, "pushes/desk/filter_fields.html", {"filter": asked.form})


@require_GET
@needs(Permission.VIEW_LINKS)
def toasts(request: HttpRequest) -> HttpResponse:
    """What the last act of another room has to say, for a page that stays where it is."""
    return render(request, "pushes/desk/toasts.html", {})


@require_GET
@needs(Permission.VIEW_LINKS)
def similar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Links that look like this one, to be judged as one case."""
    link, who = find(request, uuid), actor(request)
    context = {"link": link, "likenesses": beside.similar(who, link), **reader(who)}
    return render(request, "pushes/desk/similar.html", context)


@require_GET
@needs(Permission.VIEW_LINKS)
def versions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Earlier versions of the listing, each with what changed."""
    link = find(request, uuid)
    context = {"link": link, "changes": diff.between(beside.versions(link))}
    return render(request, "pushes/desk/versions.html", context)


def reader(who: Actor) -> dict[str, Any]:
    """What the reader may do, for every fragment of the desk."""
    granted = permissions_of(who)
    return {
        "may_judge": Permission.JUDGE_LINKS in granted,
        "may_complain": Permission.FILE_COMPLAINT in granted,
        "may_set_policy": Permission.EDIT_REGISTRY in granted,
        "may_appraise": Permission.DECIDE_COMPLAINT in granted,
        "shows_organisation": who.is_platform,
        # Asked by the template: a row alone shows no keys.
        "keys": cache(partial(keys.of_member, who.member)),
    }


def _desk(
    request: HttpRequest,
    who: Actor,
    asked: Asked,
    link: SuspectedLink | None,
    deadlines: Deadlines,
) -> dict[str, Any]:
    live_after = live.head()  # before the rows, so that no event falls between
    now = timezone.now()
    links = queue.narrowed(who, asked.wanted, now)
    page = queue.window(links, asked.wanted, at=link)
    return {
        "cards": _cards(page, who, deadlines, is_blind=asked.wanted.view == "second"),
        "more_before": page.more_before,
        "more_after": page.more_after,
        "form": None,
        "filter": asked.form,
        "folded": asked.folded,
        "chips": asked.chips,
        "query": asked.query,
        "view": asked.wanted.view,
        "is_filtered": asked.wanted.is_filtered,
        "orders": [
            (name, label, name == asked.wanted.order) for name, label in query.ORDER_LABELS.items()
        ],
        "link": link,
        "live_after": live_after,
        "key_actions": keys.sheet(who.member),
        "address": reverse("pushes:links"),
        "outcome_choices": Verdict.Outcome.choices,
        "right_choices": Registration.Kind.choices,
        "current_view": views.current(who, asked, page, now),
        **reader(who),
    }


def _cards(
    page: queue.Window, who: Actor, deadlines: Deadlines, *, is_blind: bool
) -> list[evidence.LinkCard]:
    now = timezone.now()
    links = queue.rows(page.ids)
    if is_blind:
        links = [mask(link, None) for link in links]
    return [evidence.card(link, deadlines, now, who) for link in links]
