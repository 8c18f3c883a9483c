"""Admission of characteristics: a dry run on recent listings before one may count.

A mark that cannot work is refused with a reason that says what to write instead; one that alarms
on more than ``ALARM_BUDGET`` of ordinary listings counts only beside a second signal.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Characteristic
from brands.services import characteristics
from portal.core.actors import SYSTEM
from pushes import matching
from pushes.matching import Engine, RegistryError
from pushes.models import ListingVersion
from pushes.services.engine_facts import SIGNAL_OF, engine_mark, engine_model
from pushes.services.matching import engine_listing

BATCH: Final = 100
DRY_RUN_LISTINGS: Final = 5_000
ALARM_BUDGET: Final = 0.02
# With fewer listings than this a share means nothing.
ENOUGH_LISTINGS: Final = 50
WORDS: Final = (Characteristic.Kind.KEYWORD, Characteristic.Kind.EVASIVE_SPELLING)

Outcome = Literal["live", "needs_co_signal", "refused"]


@dataclass(frozen=True)
class Finding:
    """What the dry run says about one characteristic."""

    outcome: Outcome
    reason: str = ""


def admit_pending(*, now: datetime, limit: int = BATCH) -> int:
    """Decide on up to ``limit`` waiting characteristics, oldest first; return how many."""
    with transaction.atomic():
        waiting = list(
            Characteristic.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("brand", "product_model")
            .filter(state=Characteristic.State.CHECKING)
            .order_by("pk")[:limit]
        )
        findings = _findings(waiting)
        for mark in waiting:
            finding = findings[mark.pk]
            characteristics.admit(
                characteristic=mark,
                outcome=finding.outcome,
                reason=finding.reason,
                actor=SYSTEM,
                now=now,
            )
    return len(waiting)


def _findings(waiting: Sequence[Characteristic]) -> dict[int, Finding]:
    findings: dict[int, Finding] = {}
    usable: list[Characteristic] = []
    for mark in waiting:
        problem = problem_with(mark)
        if problem:
            findings[mark.pk] = Finding("refused", problem)
        else:
            usable.append(mark)
    if usable:
        alarms, listings = _dry_run(usable)
        for mark in usable:
            findings[mark.pk] = _judge(alarms[mark.pk], listings)
    return findings


def _judge(alarms: int, listings: int) -> Finding:
    if not alarms_too_often(alarms, listings):
        return Finding("live")
    return Finding(
        "needs_co_signal",
        _("It fires on %(alarms)d of the %(listings)d newest listings: it needs a second signal.")
        % {"alarms": alarms, "listings": listings},
    )


def alarms_too_often(alarms: int, listings: int) -> bool:
    """Whether so many alarms on so many listings are too many to stand alone."""
    return listings >= ENOUGH_LISTINGS and alarms > ALARM_BUDGET * listings


def problem_with(mark: Characteristic) -> str:
    """Why the mark can never work, with what to write instead; empty when it can."""
    if mark.kind in WORDS:
        letters = [character for character in mark.value if character.isalnum()]
        if len(letters) < (3 if mark.value.isascii() else 2):
            return _("This is too short to tell anything apart. Write a longer word or a phrase.")
        if mark.value.casefold() in _own_names(mark):
            return _("The brand's own name is looked for already. Write what only fakes say.")
    document = {"id": "1", "kind": mark.kind, "value": mark.value}
    try:
        matching.Registry.from_dict(
            {"brands": [{"id": "1", "name": "1", "characteristics": [document]}]}
        )
    except RegistryError as error:
        return f"{error.problem} ({error.hint})"[:200]
    return ""


def _own_names(mark: Characteristic) -> set[str]:
    names = {mark.brand.name, *mark.brand.names.values_list("text", flat=True)}
    return {name.casefold() for name in names}


def _dry_run(marks: Sequence[Characteristic]) -> tuple[Counter[int], int]:
    """(listings each mark fired on, listings looked at), with an engine of just these marks."""
    engine = Engine(matching.Registry(tuple(engine_brands(marks))))
    by_signal: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for mark in marks:
        kind = SIGNAL_OF.get(mark.kind, mark.kind)
        by_signal[str(mark.brand.uuid), kind, mark.value].append(mark.pk)
    alarms: Counter[int] = Counter()
    versions = (
        ListingVersion.objects.select_related("listing__marketplace", "seller")
        .filter(listing__head_id__isnull=False)
        .order_by("-pk")[:DRY_RUN_LISTINGS]
    )
    listings = [engine_listing(version) for version in versions]
    for matches in engine.scan(listings, include_below=True):
        fired = {
            number
            for match in matches
            for signal in match.signals
            if signal.state is matching.SignalState.FIRED and signal.value > 0
            for number in by_signal.get((match.brand_id, signal.kind, signal.registered), ())
        }
        alarms.update(fired)
    return alarms, len(listings)


def engine_brands(marks: Sequence[Characteristic]) -> Iterator[matching.Brand]:
    """Yield the marks' brands as the engine wants them, with these marks alone."""
    grouped: defaultdict[int, list[Characteristic]] = defaultdict(list)
    for mark in marks:
        grouped[mark.brand_id].append(mark)
    for own in grouped.values():
        brand = own[0].brand
        yield matching.Brand(
            id=str(brand.uuid),
            name=brand.name,
            aliases=tuple(brand.names.values_list("text", flat=True)),
            product_models=tuple(
                engine_model(model) for model in brand.product_models.filter(active=True)
            ),
            characteristics=tuple(engine_mark(mark) for mark in own),
        )
