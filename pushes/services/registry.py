"""Brands' declared facts → the engine, kept current in every process.

Each process holds one ``Loaded`` value and swaps it. At most every ``POLL_SECONDS`` a caller asks
the database for the newest registry revision and the champion; when one of them moved, that
caller builds while all others go on with the old engine. A revision that names its brand costs
one small delta; an unnamed one, or too many at once, a new index.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from brands import models as declared
from portal.core.models import JournalEntry
from pushes import matching
from pushes.matching import Engine, MatchingError
from pushes.matching.strategy import NO_CONTROL, Control
from pushes.models import RegistryRevision, Ruleset
from pushes.services import control_table, rates
from pushes.services.engine_facts import facts_as_if_live, facts_of

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 1.0
# Above this many changed brands a new index is cheaper than a big second one.
LARGEST_DELTA: Final = 500
SCOPE: Final = "global"


@dataclass(frozen=True)
class Loaded:
    """An engine and what it was built from.

    ``weak`` holds (brand uuid, signal kind, value) of marks that count only beside a second one;
    ``shadow`` are the weights that score silently. ``rules`` are the champion's as they were
    learned; the engine scans with the thresholds of ``control`` on them.
    """

    engine: Engine
    revision: int
    ruleset: Ruleset
    brands: Mapping[str, declared.Brand]
    weak: frozenset[tuple[str, str, str]]
    shadow: matching.Weights | None = None
    shadow_id: int | None = None
    rules: matching.Ruleset | None = None
    control: Control = NO_CONTROL
    control_stamp: control_table.Stamp = (0, 0, 0)

    @property
    def weights(self) -> matching.Weights:
        """The champion's weights, without what ``control`` changes."""
        return (self.rules or self.engine.ruleset).weights


@dataclass
class _Cache:
    loaded: Loaded | None = None
    checked_at: float = float("-inf")


_cache = _Cache()
_building = threading.Lock()


def current_engine() -> Loaded:
    """The engine in force, at most ``POLL_SECONDS`` plus one build behind the database.

    A registry or ruleset the engine refuses leaves the old one in force and is logged; only a
    process that has none yet raises ``MatchingError``.
    """
    loaded = _cache.loaded
    if loaded is not None and time.monotonic() - _cache.checked_at < POLL_SECONDS:
        return loaded
    # Only the first caller waits for a build; later ones go on with what there is.
    if not _building.acquire(blocking=loaded is None):
        return _cache.loaded or current_engine()
    try:
        _cache.loaded = _refreshed(_cache.loaded)
        _cache.checked_at = time.monotonic()
        return _cache.loaded
    finally:
        _building.release()


def forget() -> None:
    """Drop the cached engine; the next caller builds a new one."""
    _cache.loaded, _cache.checked_at = None, float("-inf")


def poll_now() -> None:
    """Make the next caller look at the database at once."""
    _cache.checked_at = float("-inf")


def note_change(entry: JournalEntry) -> None:
    """Turn a journal entry about declared facts into a registry revision.

    Only the journal's reader calls this, one entry after the other: therefore a higher number
    never commits before a lower one, and polling the highest misses nothing.
    """
    # A registration covers several brands, everything else is about one or about all.
    ids = entry.data.get("brand_ids") or [entry.data.get("brand_id")]
    brands = declared.Brand.objects.in_bulk([brand_id for brand_id in ids if brand_id])
    for brand_id in ids:
        RegistryRevision.objects.create(
            reason=entry.verb[:64], brand=brands.get(brand_id), created_at=entry.at
        )


def champion(*, now: datetime | None = None) -> Ruleset:
    """The ruleset in force; the first caller ever installs the one shipped with the engine."""
    found = Ruleset.objects.filter(scope=SCOPE, state=Ruleset.State.CHAMPION).first()
    return found or _install_shipped(now or timezone.now())


def _install_shipped(now: datetime) -> Ruleset:
    shipped = matching.Ruleset()
    try:
        with transaction.atomic():
            return Ruleset.objects.create(
                scope=SCOPE,
                state=Ruleset.State.CHAMPION,
                content=shipped.to_dict(),
                content_hash=shipped.content_hash,
                created_at=now,
                promoted_at=now,
            )
    except IntegrityError:
        # Another process installed it at the same moment.
        return Ruleset.objects.get(scope=SCOPE, state=Ruleset.State.CHAMPION)


def _refreshed(old: Loaded | None) -> Loaded:
    return _with_shadow(_with_control(_with_champion(old)))


def _with_control(loaded: Loaded) -> Loaded:
    """The thresholds in force on the champion's weights; the engine is made anew if they moved."""
    stamp = control_table.stamp()
    if loaded.rules is not None and stamp == loaded.control_stamp:
        return loaded
    rules = loaded.rules or matching.Ruleset.from_dict(loaded.ruleset.content)
    control = control_table.load(loaded.ruleset.pk)
    return replace(
        loaded,
        engine=loaded.engine.with_ruleset(control.applied(rules)),
        rules=rules,
        control=control,
        control_stamp=stamp,
    )


def _with_shadow(loaded: Loaded) -> Loaded:
    """The newest shadow; one that cannot be read scores nothing and stops nobody."""
    shadow = Ruleset.objects.filter(scope=SCOPE, state=Ruleset.State.SHADOW).first()
    if (shadow.pk if shadow else None) == loaded.shadow_id:
        return loaded
    if shadow is None:
        return replace(loaded, shadow=None, shadow_id=None)
    try:
        weights = matching.Ruleset.from_dict(shadow.content).weights
    except MatchingError:
        logger.exception("ruleset %s in shadow cannot be read", shadow.pk)
        weights = None
    return replace(loaded, shadow=weights, shadow_id=shadow.pk)


def _with_champion(old: Loaded | None) -> Loaded:
    ruleset, revision = champion(), _newest_revision()
    if old is not None and (old.revision, old.ruleset.pk) == (revision, ruleset.pk):
        return old
    try:
        return _built(old, ruleset, revision)
    except MatchingError:
        if old is None:
            raise
        logger.exception("the engine refused revision %s, ruleset %s", revision, ruleset.pk)
        return old


def _newest_revision() -> int:
    newest = RegistryRevision.objects.order_by("-number").values_list("number", flat=True)
    return newest.first() or 0


def _built(old: Loaded | None, ruleset: Ruleset, revision: int) -> Loaded:
    changed = None if old is None else _changed_brands(old.revision)
    if old is None or changed is None or revision < old.revision:
        return _from_scratch(ruleset, revision)
    engine, brands, weak = old.engine, dict(old.brands), old.weak
    if changed:
        facts = facts_of(changed)
        gone = {str(uuid) for uuid in changed.values()} - facts.brands.keys()
        if engine.delta_size + len(changed) > LARGEST_DELTA:
            return _from_scratch(ruleset, revision)
        engine = engine.with_delta(facts.engine_brands, gone)
        touched = gone | facts.brands.keys()
        brands = {key: brand for key, brand in brands.items() if key not in touched}
        brands |= facts.brands
        weak = frozenset(mark for mark in weak if mark[0] not in touched) | facts.weak
    rules = old.rules
    if ruleset.pk != old.ruleset.pk:
        rules = None  # the thresholds in force are put on the new ones next
        engine = engine.with_ruleset(matching.Ruleset.from_dict(ruleset.content))
    return replace(
        old,
        engine=engine,
        revision=revision,
        ruleset=ruleset,
        brands=brands,
        weak=weak,
        rules=rules,
    )


def _changed_brands(after: int) -> dict[int, str] | None:
    """Ids and uuids of the brands changed since a revision; ``None`` for "read everything"."""
    rows = RegistryRevision.objects.filter(number__gt=after).values_list("brand_id", "brand__uuid")[
        : 20 * LARGEST_DELTA
    ]
    changed: dict[int, str] = {}
    for brand_id, uuid in rows:
        if brand_id is None:
            return None
        changed[brand_id] = str(uuid)
    return changed if len(changed) <= LARGEST_DELTA else None


def _from_scratch(ruleset: Ruleset, revision: int) -> Loaded:
    facts = facts_of(None)
    engine = Engine(
        matching.Registry(tuple(facts.engine_brands)),
        matching.Ruleset.from_dict(ruleset.content),
        rates.current(),
    )
    return Loaded(engine, revision, ruleset, facts.brands, facts.weak)


def as_if_live(brand: declared.Brand) -> Loaded:
    """An engine of this brand alone, as if it were proven and its waiting marks were in force.

    For dry runs. Names that are claimed count, those that were refused do not.
    """
    facts, ruleset = facts_as_if_live(brand), champion()
    engine = Engine(
        matching.Registry(tuple(facts.engine_brands)),
        matching.Ruleset.from_dict(ruleset.content),
        rates.current(),
    )
    loaded = Loaded(engine, _newest_revision(), ruleset, facts.brands, facts.weak)
    return _with_control(loaded)
