"""The transparency report as page, CSV and JSON. Public: it needs no account."""

import csv

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from portal.core.web.limits import limit
from portal.figures.report import Half, closed_halves, report

READS = "600/hour"


def _halves(request: HttpRequest) -> list[Half]:
    limit(request, "transparency", READS)
    return [report(half) for half in closed_halves(timezone.now())]


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show every closed half-year, newest first."""
    halves = _halves(request)
    lines = zip(*(half.lines for half in halves), strict=True) if halves else ()
    rows = [{"first": cells[0], "cells": cells} for cells in lines]
    return render(request, "figures/transparency.html", {"halves": halves, "rows": rows})


@require_GET
@cache_control(public=True, max_age=3600)
def as_json(request: HttpRequest) -> JsonResponse:
    """Send the same figures as JSON; a hidden one is ``null``."""
    return JsonResponse({"half_years": [half.to_dict() for half in _halves(request)]})


@require_GET
@cache_control(public=True, max_age=3600)
def as_csv(request: HttpRequest) -> HttpResponse:
    """Send the same figures as CSV, in English; a hidden one is empty."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="transparency.csv"'
    response.write("\ufeff")  # spreadsheets read UTF-8 only with the mark
    writer = csv.writer(response)
    with translation.override("en"):
        writer.writerow(["half_year", "measure", "label", "value"])
        for half in _halves(request):
            for line in half.lines:
                writer.writerow([half.half, line.measure, str(line.label), _cell(line.value)])
            for name, figure in (
                ("automated_share", half.automated_share),
                ("median_hours_to_decide", half.median_hours),
            ):
                writer.writerow([half.half, name, name.replace("_", " "), _cell(figure)])
    return response


def _cell(figure: float | None) -> float | str:
    return "" if figure is None else figure
