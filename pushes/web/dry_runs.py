"""The dry run of a brand's rules: start it, watch it, see what would have been pushed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from brands import selectors as brand_selectors
from brands.models import Brand
from brands.web.common import found
from portal.core.models import Job
from portal.core.policies import Permission
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs
from pushes.models import ListingVersion
from pushes.services import dry_run
from pushes.web import evidence
from pushes.web.labels import signal_label

_OPEN = (Job.State.QUEUED, Job.State.RUNNING)


@needs(Permission.EDIT_REGISTRY)
def page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the newest dry run of the brand; a POST starts one."""
    actor = actor_of(request)
    rows = brand_selectors.brands_editable_by(actor).select_related("organisation")
    brand = found(rows, uuid)
    if request.method == "POST":
        dry_run.start(actor=actor, now=timezone.now(), brand=brand)
        return redirect("pushes:dry-run", brand.uuid)
    job = brand_selectors.dry_runs_of(brand).first()
    context = {
        "brand": brand,
        "job": job,
        "is_open": job is not None and job.state in _OPEN,
        "is_proven": brand_selectors.proven(Brand.objects.filter(pk=brand.pk)).exists(),
        "examples": _examples(job) if job is not None else [],
    }
    htmx = bool(getattr(request, "htmx", False))
    return render(request, f"pushes/dry_run{'_state' if htmx else ''}.html", context)


def _examples(job: Job) -> list[dict[str, Any]]:
    examples = job.result.get("examples", [])
    versions = ListingVersion.objects.select_related("listing__marketplace").in_bulk(
        [example["version"] for example in examples]
    )
    return [
        {
            "version": versions[example["version"]],
            "score": round(100 * example["score"]),
            "title": evidence.segments(
                versions[example["version"]].title, example["signals"], "title"
            ),
            "reasons": list(dict.fromkeys(signal_label(s["kind"]) for s in example["signals"])),
        }
        for example in examples
        if example["version"] in versions
    ]
