"""What a brand would have been pushed: its rules on recent listings, before they count.

A job of chunks: each scans some listings, newest first, and commits its count with the place where
the next one starts. Nothing is pushed. The brand is treated as if its registration were approved
and the characteristics that are still being checked were live.
"""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Brand
from brands.policies import may_edit_brand
from brands.selectors import DRY_RUN
from portal.core import jobs
from portal.core.actors import Actor
from portal.core.errors import NotFound
from portal.core.models import Job
from portal.core.policies import Permission
from pushes.matching import Match
from pushes.models import Listing, ListingVersion
from pushes.services.matching import engine_listing, has_second_signal, resolved
from pushes.services.preview import recent_listings
from pushes.services.registry import Loaded, as_if_live

LISTINGS: Final = 100_000
CHUNK: Final = 2_000
EXAMPLES: Final = 10
_OPEN: Final = (Job.State.QUEUED, Job.State.RUNNING)
# The engine of the job this process last worked on; building one costs more than a small chunk.
_engines: dict[int, Loaded] = {}


@transaction.atomic
def start(*, actor: Actor, now: datetime, brand: Brand) -> Job:
    """Queue a dry run over up to 100,000 live listings; an open one of the brand is returned."""
    may_edit_brand(actor, brand).require()
    open_job = Job.objects.filter(
        kind=DRY_RUN, organisation=brand.organisation, params__brand=brand.pk, state__in=_OPEN
    ).first()
    if open_job is not None:
        return open_job
    live = Listing.objects.filter(status=Listing.Status.LIVE, head__isnull=False)
    return jobs.create(
        DRY_RUN,
        actor=actor,
        now=now,
        organisation=brand.organisation,
        params={"brand": brand.pk},
        total=live[:LISTINGS].count(),
    )


def step(job: Job, now: datetime) -> bool:
    """Scan the next chunk; return whether anything is left."""
    jobs.actor_of(job, Permission.EDIT_REGISTRY, now)
    loaded = _loaded(job)
    left = (job.total or 0) - job.done
    versions = next(
        recent_listings(min(CHUNK, left), before=job.checkpoint.get("before"), batch=CHUNK), []
    )
    if not versions:
        job.total = job.done
        _engines.clear()
        return False
    listings = [engine_listing(version) for version in versions]
    found = loaded.engine.scan(listings)
    hits = [
        (version, match)
        for version, listing, matches in zip(versions, listings, found, strict=True)
        for match in resolved(matches, listing, loaded)
        if has_second_signal(match, loaded)
    ]
    examples = job.result.get("examples", []) + [_example(*hit) for hit in hits]
    examples.sort(key=lambda example: -example["score"])
    job.result = {
        "would": job.result.get("would", 0) + len(hits),
        "examples": examples[:EXAMPLES],
    }
    job.done += len(versions)
    job.checkpoint = {"before": versions[-1].pk}
    return True


def _loaded(job: Job) -> Loaded:
    if job.pk not in _engines:
        brand = Brand.objects.filter(pk=job.params["brand"]).first()
        if brand is None:
            raise NotFound("brand", _("This brand is not here any more."))
        _engines.clear()
        _engines[job.pk] = as_if_live(brand)
    return _engines[job.pk]


def _example(version: ListingVersion, match: Match) -> dict[str, Any]:
    reasons = [signal for signal in match.signals if signal.contribution > 0]
    return {
        "version": version.pk,
        "score": round(match.score, 4),
        "signals": [signal.to_dict() for signal in reasons],
    }
