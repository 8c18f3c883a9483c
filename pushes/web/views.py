"""The views above the list: shipped ones and a member's own, each with its count."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.core.actors import Actor
from portal.core.errors import NotFound
from portal.core.policies import Permission, permissions_of
from portal.core.web.views import actor, needs
from pushes.selectors import queue, saved_views_of
from pushes.selectors.queue import MOST_COUNTED, VIEWS, Wanted, Window
from pushes.services import saved_views
from pushes.web import query
from pushes.web.query import Asked


@dataclass(frozen=True)
class ShownView:
    """One view of the menu."""

    label: str
    address: str
    count: str
    current: bool
    remove: str = ""


def current(who: Actor, asked: Asked, page: Window, now: datetime) -> ShownView:
    """The view that is read, with its count: all of the menu that shows before it is opened.

    Where counting takes long (words, reasons) only the ``page`` that is read anyway is counted.
    """
    if asked.wanted.counts_slowly:
        count = f"{len(page.ids)}{'+' if page.goes_on else ''}"
    else:
        one = {"": (queue.narrowed(who, asked.wanted, now), asked.wanted.states)}
        count = capped(queue.counts(one)[""])
    saved = saved_views_of(who).filter(query=asked.query).first()
    label = saved.name if saved is not None else str(query.VIEW_LABELS[asked.wanted.view])
    return ShownView(label=label, address="", count=count, current=True)


@require_GET
@needs(Permission.VIEW_LINKS)
def menu(request: HttpRequest) -> HttpResponse:
    """Every view with its count, asked for when the menu is opened."""
    who = actor(request)
    asked = query.read(request, who)
    context = {
        **_counted(who, asked, timezone.now()),
        "query": asked.query,
        "may_set_policy": Permission.EDIT_REGISTRY in permissions_of(who),
    }
    return render(request, "pushes/desk/views_menu.html", context)


def _counted(who: Actor, asked: Asked, now: datetime) -> dict[str, list[ShownView]]:
    """Shipped views, which keep the filters in force, and the member's own."""
    wanted = {} if asked.wanted.counts_slowly else _by_view(who, asked.wanted, now)
    saved = list(saved_views_of(who))
    for view in saved:
        own = query.saved(view.query)
        if not own.counts_slowly:
            wanted[f"saved:{view.pk}"] = (queue.narrowed(who, own, now), own.states)
    counts = {name: capped(count) for name, count in queue.counts(wanted).items()}
    is_saved = any(view.query == asked.query for view in saved)
    shipped = [
        ShownView(
            label=str(label),
            address=_address(asked.query, view=name),
            count=counts.get(name, ""),
            current=name == asked.wanted.view and not is_saved,
        )
        for name, label in query.VIEW_LABELS.items()
    ]
    kept = [
        ShownView(
            label=view.name,
            address=f"{reverse('pushes:links')}?{view.query}",
            count=counts.get(f"saved:{view.pk}", ""),
            current=view.query == asked.query,
            remove=reverse("pushes:view-remove", args=[view.uuid]),
        )
        for view in saved
    ]
    return {"views": shipped, "own_views": kept}


def capped(count: int) -> str:
    """A count as shown: beyond the cap nobody needs the figure."""
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)


@require_POST
@needs(Permission.VIEW_LINKS)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters in force under a name."""
    who = actor(request)
    asked = query.parse(QueryDict(request.POST.get("query", "")[:600]), who)
    name = request.POST.get("name", "")
    saved_views.save(actor=who, name=name, query=asked.query, now=timezone.now())
    return redirect(f"{reverse('pushes:links')}?{asked.query}")


@require_POST
@needs(Permission.VIEW_LINKS)
def remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Forget a view."""
    who = actor(request)
    view = saved_views_of(who).filter(uuid=uuid).first()
    if view is None:
        raise NotFound("view", _("There is no such view."))
    saved_views.remove(actor=who, view=view)
    return redirect("pushes:links")


def _by_view(who: Actor, wanted: Wanted, now: datetime) -> dict[str, queue.Counted]:
    """What each shipped view counts; most of them differ in their states alone."""
    plain = queue.narrowed(who, replace(wanted, view="pending"), now)
    return {
        name: (
            queue.narrowed(who, replace(wanted, view=name), now)
            if name in queue.NARROWER
            else plain,
            states,
        )
        for name, states in VIEWS.items()
    }


def _address(shown_query: str, **more: str) -> str:
    kept = {name: values[0] for name, values in parse_qs(shown_query).items()}
    kept |= more
    if kept.get("view") == "pending":
        del kept["view"]
    return f"{reverse('pushes:links')}?{urlencode(kept)}"
