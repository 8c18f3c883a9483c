"""The inbox of suspected links, and one link with why, when and what to say about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands.models import Registration
from portal.core.actors import Actor
from portal.core.clock import remaining_working_time
from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission, permissions_of
from portal.core.web.views import actor, needs
from pushes import policies, selectors
from pushes.models import SuspectedLink, Verdict
from pushes.services import rates, review
from pushes.services.deadlines import Deadlines
from pushes.web import evidence
from pushes.web.forms import OPEN, VIEWS, InboxFilter, VerdictForm

PAGE_SIZE = 25
ORDERS = {"due": ("due_at", "pk"), "score": ("-score", "pk"), "new": ("-pushed_at", "-pk")}


@require_GET
@needs(Permission.VIEW_LINKS)
def inbox(request: HttpRequest) -> HttpResponse:
    """List links of one view, nearest deadline first."""
    now, who = timezone.now(), actor(request)
    form = InboxFilter(request.GET or None, actor=who)
    found = _filtered(selectors.links_visible_to(who), form)
    by_state = found.order_by().values("state").annotate(number=Count("pk"))
    counts = {row["state"]: row["number"] for row in by_state}
    view = request.GET.get("view", OPEN)
    names = {name: states for name, _label, states in VIEWS}
    view = view if view in names else OPEN
    order = form.cleaned_data.get("order") if form.is_valid() else ""
    links = _with_evidence(found.filter(state__in=names[view])).order_by(*ORDERS[order or "due"])
    page = Paginator(links, PAGE_SIZE).get_page(request.GET.get("page"))
    deadlines = Deadlines()
    context = {
        "form": form,
        "page": page,
        "cards": [evidence.card(link, deadlines, now) for link in page],
        "views": [
            {
                "name": name,
                "label": label,
                "count": sum(counts.get(state, 0) for state in states),
                "current": name == view,
            }
            for name, label, states in VIEWS
        ],
        "view": view,
        "is_filtered": any(form.cleaned_data.get(name) for name in ("q", "brand"))
        if form.is_valid()
        else False,
        "since": now.isoformat(),
        **_permissions(who),
    }
    return render(request, "pushes/inbox.html", context)


@require_GET
@needs(Permission.VIEW_LINKS)
def new_count(request: HttpRequest) -> HttpResponse:
    """How many links came since a moment: the live pill above the inbox."""
    since = _moment(request.GET.get("since", ""))
    links = selectors.links_visible_to(actor(request)).filter(state=SuspectedLink.State.PENDING)
    count = links.filter(pushed_at__gt=since).count() if since else 0
    context = {"count": count, "since": request.GET.get("since", "")}
    return render(request, "pushes/_new_pill.html", context)


@require_GET
@needs(Permission.VIEW_LINKS)
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One link: why it was pushed, the product it is compared with, and the verdict."""
    link = find(request, uuid)
    form = VerdictForm(actor=actor(request), link=link)
    return render(request, "pushes/link.html", _detail(request, link, form))


@require_POST
@needs(Permission.JUDGE_LINKS)
def verdict(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give a verdict; it can be undone for some seconds."""
    link, who = find(request, uuid), actor(request)
    form = VerdictForm(request.POST, actor=who, link=link)
    if not form.is_valid():
        return _refused(request, link, form)
    try:
        review.give_verdict(actor=who, link=link, now=timezone.now(), **form.cleaned_data)
    except InvalidInput as refusal:
        for error in refusal.errors:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _refused(request, link, form)
    return _answer(request, uuid)


@require_POST
@needs(Permission.JUDGE_LINKS)
def undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the held verdict of a link back."""
    link = find(request, uuid)
    held = review.held_verdict(link)
    if held is None:
        raise NotFound("verdict", _("There is no verdict left to undo."))
    review.undo(actor=actor(request), verdict=held, now=timezone.now())
    if not request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        messages.success(request, _("The verdict was undone."))
    return _answer(request, uuid)


@require_GET
@needs(Permission.VIEW_LINKS)
def panel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The verdict panel or the inbox row alone, asked for when the time to undo is over."""
    return _fragment(request, uuid, as_row=request.GET.get("as") == "row")


def find(request: HttpRequest, uuid: UUID) -> SuspectedLink:
    """The link if the actor may see it, else ``NotFound``."""
    visible = _with_evidence(selectors.links_visible_to(actor(request)))
    link = visible.filter(uuid=uuid).first()
    if link is None:
        raise NotFound("link", _("There is no such link."))
    return link


def _with_evidence(links: QuerySet[SuspectedLink]) -> QuerySet[SuspectedLink]:
    held = Verdict.objects.filter(state=Verdict.State.HELD).select_related("member__user")
    return links.select_related(
        "brand", "organisation", "product_model", "listing__marketplace", "ruleset"
    ).prefetch_related(Prefetch("verdicts", queryset=held, to_attr="held"), "listing__images__file")


def _filtered(links: QuerySet[SuspectedLink], form: InboxFilter) -> QuerySet[SuspectedLink]:
    if not form.is_valid():
        return links
    if brand := form.cleaned_data["brand"]:
        links = links.filter(brand=brand)
    if words := form.cleaned_data["q"].strip():
        links = links.filter(snapshot__title__icontains=words)
    return links


def _detail(request: HttpRequest, link: SuspectedLink, form: VerdictForm) -> dict[str, Any]:
    now, deadline = timezone.now(), Deadlines().explained(link)
    snapshot = link.snapshot
    description = str(snapshot.get("description", ""))[: evidence.SHORT_DESCRIPTION]
    return {
        **_panel(request, link, form),
        "title": evidence.segments(str(snapshot.get("title", "")), link.signals, "title"),
        "description": evidence.segments(description, link.signals, "description"),
        "brand_field": evidence.segments(str(snapshot.get("brand", "")), link.signals, "brand"),
        "waterfall": evidence.waterfall(link),
        "band": evidence.price_band(link, rates.current()),
        "pictures": evidence.pictures_of(link),
        "model": link.product_model,
        "model_pictures": list(link.product_model.images.all()) if link.product_model else [],
        "remaining": remaining_working_time(now, deadline),
        "counted": evidence.counted_days(deadline),
        "history": evidence.history(selectors.history_of(link)),
    }


def _panel(request: HttpRequest, link: SuspectedLink, form: VerdictForm) -> dict[str, Any]:
    who = actor(request)
    held: list[Verdict] = getattr(link, "held", [])
    last = link.verdicts.filter(state=Verdict.State.FINAL).order_by("-final_at").first()
    answer = policies.judge(who, link)
    return {
        "link": link,
        "form": form,
        "held": held[0] if held else None,
        "last_verdict": last,
        "last_right": dict(Registration.Kind.choices).get(last.right, "") if last else "",
        "is_judged": policies.is_judged(link),
        "is_open": bool(policies.outcomes_for(link)),
        "judging": answer,
        "may_undo": bool(held) and bool(policies.undo(who, held[0])),
        "next": _next(who, link),
        "outcomes": policies.outcomes_for(link),
    }


def _next(who: Actor, link: SuspectedLink) -> SuspectedLink | None:
    """The link to judge after this one: the next deadline, from here on."""
    pending = (
        selectors.links_visible_to(who)
        .filter(state=SuspectedLink.State.PENDING)
        .exclude(pk=link.pk)
        .exclude(verdicts__state=Verdict.State.HELD)
        .order_by(F("due_at").asc(), "pk")
    )
    return pending.first()


def _answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The changed row or panel for htmx; otherwise back to where the form was."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return _fragment(request, uuid, as_row=request.POST.get("as") == "row")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("pushes:link", args=[uuid])
    return redirect(back)


def _fragment(request: HttpRequest, uuid: UUID, *, as_row: bool) -> HttpResponse:
    link, who = find(request, uuid), actor(request)
    if as_row:
        card = evidence.card(link, Deadlines(), timezone.now())
        return render(request, "pushes/_row.html", {"card": card, **_permissions(who)})
    form = VerdictForm(actor=who, link=link)
    return render(request, "pushes/_verdict.html", _panel(request, link, form))


def _refused(request: HttpRequest, link: SuspectedLink, form: VerdictForm) -> HttpResponse:
    """Show the form again with what is wrong at its fields."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        context = _panel(request, link, form)
        return render(request, "pushes/_verdict.html", context, status=422)
    return render(request, "pushes/link.html", _detail(request, link, form), status=422)


def _permissions(who: Actor) -> dict[str, bool]:
    granted = permissions_of(who)
    return {
        "may_judge": Permission.JUDGE_LINKS in granted,
        "shows_organisation": who.is_platform,
    }


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None
