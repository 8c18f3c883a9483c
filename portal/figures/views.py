"""The figures page and its CSV."""

import csv
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import NotAllowed
from portal.core.models import Organisation
from portal.core.policies import Permission
from portal.core.web.views import actor, needs
from portal.figures.selectors import Table, association_table, platform_table


def _table_for(who: Actor, now: datetime) -> Table:
    """Return what this actor may see, and leave an audit line that it was asked for."""
    organisation = who.organisation
    if organisation is None:
        raise NotAllowed("no_organisation", "")
    journal.record("figures.viewed", organisation, actor=who, now=now)
    if organisation.kind == Organisation.Kind.PLATFORM:
        return platform_table(now.date())
    return association_table(organisation, now.date())


@require_GET
@needs(Permission.VIEW_FIGURES)
def figures(request: HttpRequest) -> HttpResponse:
    """Show the aggregate table."""
    who = actor(request)
    return render(
        request,
        "figures/figures.html",
        {"table": _table_for(who, timezone.now()), "is_platform": who.is_platform},
    )


@require_GET
@needs(Permission.VIEW_FIGURES)
def export(request: HttpRequest) -> HttpResponse:
    """Send the same table as CSV; a suppressed cell is empty."""
    table = _table_for(actor(request), timezone.now())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="figures.csv"'
    response.write("\ufeff")  # spreadsheets read UTF-8 only with the mark
    writer = csv.writer(response)
    writer.writerow(["measure", *(date_format(month.first, "Y-m") for month in table.months)])
    for row in table.rows:
        writer.writerow([str(row.label), *("" if v is None else v for v in row.values)])
    return response
