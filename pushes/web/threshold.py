"""What a threshold would bring a brand, with a slider; the brand tightens its own or proposes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from brands.models import Brand
from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission, permissions_of
from portal.core.web.views import actor, needs
from pushes.selectors import brands_to_judge, brands_with_links
from pushes.services import control_wishes
from pushes.services.registry import champion
from pushes.services.threshold_curve import Curve, Point, curve_of
from pushes.web.rules import share_of

WIDTH, HEIGHT = 600, 160
MOST_BRANDS = 200


@require_GET
@needs(Permission.VIEW_LINKS)
def index(request: HttpRequest) -> HttpResponse:
    """One brand's precision, recall and pushes a week at the threshold asked about."""
    who = actor(request)
    brands = list(brands_with_links(who).select_related("organisation")[:MOST_BRANDS])
    wanted = request.GET.get("brand", "")
    brand = next((one for one in brands if str(one.uuid) == wanted), brands[0] if brands else None)
    context: dict[str, Any] = {"brands": brands, "brand": brand}
    if brand is not None:
        rules = champion()
        platform = control_wishes.platform_threshold(brand, rules)
        own = control_wishes.own_threshold(brand)
        curve = curve_of(brand, now=timezone.now())
        if curve is None:
            return render(request, "pushes/threshold.html", context)
        shown = point_at(curve, request.GET.get("threshold", ""), own or platform)
        may_wish = Permission.EDIT_REGISTRY in permissions_of(who) and not who.is_platform
        context |= {
            "curve": curve,
            "shown": shown,
            "first": curve.points[0].percent,
            "last": curve.points[-1].percent,
            "platform": 100 * platform,
            "own": None if own is None else 100 * own,
            "may_wish": may_wish,
            "is_platform": who.is_platform,
            "lines": lines_of(curve),
            "marker": place_of(shown),
        }
    return render(request, "pushes/threshold.html", context)


@require_POST
@needs(Permission.EDIT_REGISTRY)
def wish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tighten the brand's own threshold, or propose a looser one to the platform."""
    who = actor(request)
    own = brands_to_judge(who).select_related("organisation").filter(organisation=who.organisation)
    brand: Brand | None = own.filter(uuid=uuid).first()
    if brand is None:
        raise NotFound("brand", _("There is no such brand."))
    value = request.POST.get("value", "")
    try:
        outcome = control_wishes.wish(
            actor=who,
            brand=brand,
            value=share_of(value),
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
        if outcome == "in_force":
            messages.success(request, _("In force: the next listings are measured by it."))
        else:
            messages.success(request, _("Proposed: the platform decides whether to push more."))
    except InvalidInput as refusal:
        messages.error(request, str(refusal))
    response = redirect("pushes:threshold-curve")
    response["Location"] = f"{reverse('pushes:threshold-curve')}?brand={brand.uuid}"
    return response


def point_at(curve: Curve, percent: str, otherwise: float) -> Point:
    """The point nearest to what was asked for; what is no number shows the one in force."""
    wanted = share_of(percent)
    if not wanted >= 0:
        wanted = otherwise
    return min(curve.points, key=lambda point: abs(point.threshold - wanted))


def place_of(point: Point) -> float:
    """Where a threshold stands in the drawing."""
    return round(WIDTH * point.threshold, 1)


def lines_of(curve: Curve) -> dict[str, str]:
    """Precision and recall as SVG points, free of locale; empty where nothing is known."""
    precision = [(point, point.precision.estimate) for point in curve.points
                 if point.precision.links >= 1]  # fmt: skip
    recall = [(point, point.recall.value) for point in curve.points if point.recall]
    return {"precision": _line(precision), "recall": _line(recall)}


def _line(values: list[tuple[Point, float]]) -> str:
    return " ".join(f"{place_of(point)},{HEIGHT * (1 - share):.1f}" for point, share in values)
