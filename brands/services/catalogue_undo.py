"""Taking a whole import back: every row as it was before, or nothing and the reasons in words.

Each row is locked and compared with what the import left. A row that somebody changed since, or
that something else leans on by now, keeps the whole import as it is: half a catalogue taken back
would be harder to understand than either.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from brands.models import (
    AuthorisedSeller,
    Brand,
    BrandName,
    CatalogueFact,
    CatalogueImport,
    Characteristic,
    ProductModel,
)
from brands.policies import may_edit_import
from brands.services.catalogue_facts import MODELS, Kind, state_of
from brands.services.product_models import facts_of
from portal.core import jobs, journal, states
from portal.core.actors import Actor
from portal.core.errors import PortalError, StaleState
from portal.core.models import Job, JobError, JournalEntry
from portal.core.policies import Permission

UNDO: Final = "brands.undo_catalogue"
State = CatalogueImport.State
# Names the rows of which an upper room has evidence: key of the characteristic → links.
Evidence = Callable[[Sequence[Characteristic], datetime], Mapping[int, int]]
_evidence: list[Evidence] = []
_OPEN: Final = (Job.State.QUEUED, Job.State.RUNNING)
_VERBS: Final = {
    Kind.CHARACTERISTIC: "characteristic",
    Kind.SELLER: "authorised_seller",
    Kind.NAME: "brand_name",
    Kind.PRODUCT_MODEL: "product_model",
    Kind.BRAND: "brand",
}


@dataclass(frozen=True)
class Hold:
    """A row that cannot be taken back, and why."""

    fact: CatalogueFact
    message: str


class _Held(Exception):
    def __init__(self, holds: list[Hold]) -> None:
        super().__init__(len(holds))
        self.holds = holds


def count_evidence(counter: Evidence) -> None:
    """Let an upper room say how many links a characteristic has brought since a moment."""
    _evidence.append(counter)


@transaction.atomic
def request(*, actor: Actor, now: datetime, source: CatalogueImport) -> Job:
    """Queue taking the import back; an import still at work is stopped first."""
    may_edit_import(actor, source).require()
    if source.import_job is not None and source.import_job.state in _OPEN:
        raise StaleState("at_work", _("This is being worked on. Wait, or stop it first."))
    job = jobs.create(
        UNDO,
        actor=actor,
        now=now,
        organisation=source.organisation,
        params={"source": source.pk, "name": source.name, "language": get_language() or "en"},
        total=source.facts.count(),
    )
    states.move(source, State.UNDOING, actor=actor, now=now, changes={"undo_job": job})
    return job


def step(job: Job, now: datetime) -> bool:
    """Take everything back in one go, or nothing; never is anything left for another chunk."""
    source = CatalogueImport.objects.select_related("organisation", "import_job").get(
        pk=job.params["source"]
    )
    if job.created_by is None:
        raise PortalError("no_person", _("Whoever started this is not here any more."))
    with override(job.params["language"]):
        actor = jobs.actor_of(job, Permission.EDIT_REGISTRY, now)
        try:
            with transaction.atomic():
                _take_back(source, actor, now)
        except _Held as held:
            jobs.add_errors(job, [_error(job, hold) for hold in held.holds])
            job.failed = len({hold.fact.pk for hold in held.holds})
            states.move(source, State.IMPORTED, actor=actor, now=now, data={"held": job.failed})
            return False
    job.done = job.total or 0
    states.move(source, State.UNDONE, actor=actor, now=now, data={"facts": job.done})
    return False


def _error(job: Job, hold: Hold) -> JobError:
    return JobError(job=job, row=hold.fact.row, field="", code="in_use", message=hold.message)


def _take_back(source: CatalogueImport, actor: Actor, now: datetime) -> None:
    held: list[Hold] = []
    entries: list[JournalEntry] = []
    for kind, model in MODELS.items():
        facts = {fact.object_id: fact for fact in source.facts.filter(kind=kind)}
        rows = _locked(model, facts)
        holds = _holds(source, kind, rows, facts)
        held += holds
        if held:
            continue
        entries += [_entry(kind, row, facts[row.pk], source, actor, now) for row in rows]
        _restore([row for row in rows if facts[row.pk].before is not None], facts)
        try:
            gone = [row.pk for row in rows if facts[row.pk].before is None]
            model._default_manager.filter(pk__in=gone).delete()
        except ProtectedError as error:
            held += _protected(error, facts)
    if held:
        raise _Held(held)
    journal.record_many(entries)


def _locked(model: type[Model], facts: Mapping[int, CatalogueFact]) -> list[Model]:
    rows: QuerySet[Model] = model._default_manager.filter(pk__in=facts).order_by("pk")
    if model is not Brand:
        rows = rows.select_related("brand")
    return list(rows.select_for_update(of=("self",)))


# --------------------------------------------------------------------------- reasons against


def _holds(
    source: CatalogueImport,
    kind: str,
    rows: Sequence[Model],
    facts: Mapping[int, CatalogueFact],
) -> list[Hold]:
    changed = [row for row in rows if state_of(row) != facts[row.pk].after]
    holds = [
        Hold(facts[row.pk], _("“%s” was changed since the import.") % _title(row))
        for row in changed
    ]
    made = [row for row in rows if facts[row.pk].before is None]
    if kind == Kind.PRODUCT_MODEL:
        reasons = _leaning_on_models(source, [r for r in made if isinstance(r, ProductModel)])
    elif kind == Kind.CHARACTERISTIC:
        reasons = _evidence_of(source, [r for r in made if isinstance(r, Characteristic)])
    elif kind == Kind.BRAND:
        reasons = _leaning_on_brands(source, [r for r in made if isinstance(r, Brand)])
    else:
        reasons = []
    return holds + [Hold(facts[pk], message) for pk, message in reasons]


def _leaning_on_models(
    source: CatalogueImport, models: Sequence[ProductModel]
) -> list[tuple[int, str]]:
    keys = {model.pk: model for model in models}
    marks = Characteristic.objects.filter(product_model__in=keys).exclude(
        pk__in=_own(source, Kind.CHARACTERISTIC)
    )
    pictured = ProductModel.images.through.objects.filter(productmodel__in=keys)
    return [
        *(
            (key, _("“%s” has characteristics that were declared since.") % keys[key].name)
            for key in sorted(set(marks.values_list("product_model_id", flat=True)) - {None})
            if key is not None
        ),
        *(
            (key, _("“%s” has got reference pictures since.") % keys[key].name)
            for key in sorted(set(pictured.values_list("productmodel_id", flat=True)))
        ),
    ]


def _evidence_of(source: CatalogueImport, marks: Sequence[Characteristic]) -> list[tuple[int, str]]:
    reasons = []
    by_key = {mark.pk: mark for mark in marks}
    for counter in _evidence:
        for key, count in counter(marks, source.created_at).items():
            message = ngettext(
                "“%(value)s” is a reason of %(count)d suspected link.",
                "“%(value)s” is a reason of %(count)d suspected links.",
                count,
            )
            reasons.append((key, message % {"value": by_key[key].value, "count": count}))
    return reasons


def _leaning_on_brands(source: CatalogueImport, brands: Sequence[Brand]) -> list[tuple[int, str]]:
    found: dict[int, str] = {}
    keys = {brand.pk: brand.name for brand in brands}
    leaning: tuple[tuple[type[Model], str, str], ...] = (
        (BrandName, Kind.NAME, _("“%s” has got names since.")),
        (ProductModel, Kind.PRODUCT_MODEL, _("“%s” has got product models since.")),
        (Characteristic, Kind.CHARACTERISTIC, _("“%s” has got characteristics since.")),
        (AuthorisedSeller, Kind.SELLER, _("“%s” has got authorised sellers since.")),
    )
    for model, kind, message in leaning:
        rows = model._default_manager.filter(brand__in=keys).exclude(pk__in=_own(source, kind))
        for key in rows.values_list("brand_id", flat=True).distinct():
            found.setdefault(key, message % keys[key])
    for brand in brands:
        if brand.registrations.exists() or brand.letters.exists():
            message = _("“%s” is named by registrations or letters of authorisation.")
            found.setdefault(brand.pk, message % brand.name)
    return list(found.items())


def _own(source: CatalogueImport, kind: str) -> QuerySet[CatalogueFact, int]:
    made = source.facts.filter(kind=kind, before=None)
    return made.values_list("object_id", flat=True)


def _protected(error: ProtectedError, facts: Mapping[int, CatalogueFact]) -> list[Hold]:
    """What an upper room holds on to: a link keeps the product model it was pushed for."""
    counts: dict[int, int] = {}
    for row in error.protected_objects:
        for name in ("product_model_id", "brand_id"):
            key = getattr(row, name, None)
            if key is not None and key in facts:
                counts[key] = counts.get(key, 0) + 1
                break
    return [
        Hold(
            facts[key],
            ngettext(
                "%(count)d suspected link or later record names it.",
                "%(count)d suspected links or later records name it.",
                count,
            )
            % {"count": count},
        )
        for key, count in counts.items()
    ]


def _title(row: Model) -> str:
    return row.value if isinstance(row, Characteristic) else str(row)


# --------------------------------------------------------------------------- putting back


def _restore(rows: Iterable[Model], facts: Mapping[int, CatalogueFact]) -> None:
    models = [row for row in rows if isinstance(row, ProductModel)]
    marks = [row for row in rows if isinstance(row, Characteristic)]
    for row in (*models, *marks):
        for name, value in (facts[row.pk].before or {}).items():
            is_price = name in ("list_price", "lowest_price") and value is not None
            setattr(row, name, Decimal(value) if is_price else value)
    if models:
        ProductModel.objects.bulk_update(models, list(facts_of(models[0])), batch_size=500)
    Characteristic.objects.bulk_update(marks, ["weight"], batch_size=500)


def _entry(
    kind: str,
    row: Model,
    fact: CatalogueFact,
    source: CatalogueImport,
    actor: Actor,
    now: datetime,
) -> JournalEntry:
    data: dict[str, Any] = {
        "brand_id": row.pk if isinstance(row, Brand) else row.brand_id,  # type: ignore[attr-defined]  # all others have one
        "import": source.pk,
    }
    return journal.unsaved(
        f"{_VERBS[Kind(kind)]}.{'removed' if fact.before is None else 'changed'}",
        row,
        actor=actor,
        now=now,
        organisation_id=source.organisation_id,
        data=data,
    )
