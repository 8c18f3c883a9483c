"""Brands' declared facts → the engine, kept current in every process.

Each process holds one ``Loaded`` value and swaps it. At most every ``POLL_SECONDS`` a caller asks
the database for the newest registry revision and the champion; when one of them moved, that
caller builds while all others go on with the old engine. A revision that names its brand costs
one small delta; an unnamed one, or too many at once, a new index.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from brands import models as declared
from brands.selectors import proven
from portal.core.models import JournalEntry, Organisation
from pushes import matching
from pushes.matching import Engine, MatchingError
from pushes.matching.strategy import NO_CONTROL, Control
from pushes.models import RegistryRevision, Ruleset
from pushes.services import control_table, rates

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 1.0
# Above this many changed brands a new index is cheaper than a big second one.
LARGEST_DELTA: Final = 500
# Half of a mark's evidence is what it keeps when it alarms too often to stand alone.
WEAK_SHARE: Final = 0.5
SCOPE: Final = "global"
# The engine names its signals after the kinds of marks, but for this one.
SIGNAL_OF: Final = {"price_below": "price_low"}
IN_FORCE: Final = (
    declared.Characteristic.State.LIVE,
    declared.Characteristic.State.NEEDS_CO_SIGNAL,
)


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
        facts = _facts(changed)
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
    facts = _facts(None)
    engine = Engine(
        matching.Registry(tuple(facts.engine_brands)),
        matching.Ruleset.from_dict(ruleset.content),
        rates.current(),
    )
    return Loaded(engine, revision, ruleset, facts.brands, facts.weak)


# --------------------------------------------------------------------------- rows → facts


@dataclass(frozen=True)
class _Facts:
    engine_brands: Sequence[matching.Brand]
    brands: Mapping[str, declared.Brand]
    weak: frozenset[tuple[str, str, str]]


def _facts(brand_ids: Iterable[int] | None) -> _Facts:
    """Facts of active brands of rights holders, in five queries however many there are."""
    brands = (
        proven(declared.Brand.objects.all())
        .select_related("organisation")
        .filter(active=True, organisation__kind=Organisation.Kind.RIGHTS_HOLDER)
    )
    if brand_ids is not None:
        brands = brands.filter(pk__in=list(brand_ids))
    rows = {brand.pk: brand for brand in brands.order_by("pk")}
    wanted = None if brand_ids is None else list(rows)
    names, sellers = _names(wanted), _sellers(wanted)
    models, marks = _models(wanted), _marks(wanted)
    weak = {
        (str(brand.uuid), SIGNAL_OF.get(mark.kind, mark.kind), mark.value)
        for brand in rows.values()
        for mark in marks[brand.pk]
        if mark.state == declared.Characteristic.State.NEEDS_CO_SIGNAL
    }
    engine_brands = [
        matching.Brand(
            id=str(brand.uuid),
            name=brand.name,
            aliases=tuple(name for name in names[brand.pk] if name != brand.name),
            authorised_sellers=tuple(sellers[brand.pk]),
            product_models=tuple(engine_model(model) for model in models[brand.pk]),
            characteristics=tuple(engine_mark(mark) for mark in marks[brand.pk]),
        )
        for brand in rows.values()
    ]
    return _Facts(
        engine_brands, {str(brand.uuid): brand for brand in rows.values()}, frozenset(weak)
    )


def _names(wanted: list[int] | None) -> defaultdict[int, list[str]]:
    # A claimed name is nobody's yet.
    rows = declared.BrandName.objects.filter(state=declared.BrandName.State.IN_FORCE).order_by("pk")
    if wanted is not None:
        rows = rows.filter(brand_id__in=wanted)
    grouped: defaultdict[int, list[str]] = defaultdict(list)
    for brand_id, text in rows.values_list("brand_id", "text"):
        grouped[brand_id].append(text)
    return grouped


def _sellers(wanted: list[int] | None) -> defaultdict[int, list[matching.AuthorisedSeller]]:
    rows = declared.AuthorisedSeller.objects.order_by("pk")
    if wanted is not None:
        rows = rows.filter(brand_id__in=wanted)
    grouped: defaultdict[int, list[matching.AuthorisedSeller]] = defaultdict(list)
    for brand_id, external_id, name, slug in rows.values_list(
        "brand_id", "external_id", "name", "marketplace__slug"
    ):
        grouped[brand_id].append(matching.AuthorisedSeller(external_id, name, slug or ""))
    return grouped


def _models(wanted: list[int] | None) -> defaultdict[int, list[declared.ProductModel]]:
    rows = declared.ProductModel.objects.filter(active=True).order_by("pk")
    if wanted is not None:
        rows = rows.filter(brand_id__in=wanted)
    grouped: defaultdict[int, list[declared.ProductModel]] = defaultdict(list)
    for model in rows:
        grouped[model.brand_id].append(model)
    return grouped


def _marks(wanted: list[int] | None) -> defaultdict[int, list[declared.Characteristic]]:
    rows = declared.Characteristic.objects.filter(state__in=IN_FORCE).order_by("pk")
    if wanted is not None:
        rows = rows.filter(brand_id__in=wanted)
    grouped: defaultdict[int, list[declared.Characteristic]] = defaultdict(list)
    for mark in rows.select_related("product_model"):
        # A mark of a product that is not sold any more says nothing.
        if mark.product_model is None or mark.product_model.active:
            grouped[mark.brand_id].append(mark)
    return grouped


def engine_model(model: declared.ProductModel) -> matching.ProductModel:
    """A product model as the engine wants it."""
    return matching.ProductModel(
        id=str(model.uuid),
        name=model.name,
        model_number=model.model_number,
        aliases=tuple(model.aliases),
        gtin=(model.gtin,) if model.gtin else (),
        list_price=model.list_price,
        lowest_price=model.lowest_price,
        currency=model.currency,
        category=model.category,
    )


def engine_mark(mark: declared.Characteristic) -> matching.Characteristic:
    """A characteristic as the engine wants it; one that needs a second signal counts half."""
    weight = mark.weight
    if mark.state == declared.Characteristic.State.NEEDS_CO_SIGNAL:
        weight = WEAK_SHARE * (1.0 if weight is None else weight)
    return matching.Characteristic(
        id=str(mark.uuid),
        kind=matching.CharacteristicKind(mark.kind),
        value=mark.value,
        product_model=str(mark.product_model.uuid) if mark.product_model else None,
        weight=weight,
    )


def as_if_live(brand: declared.Brand) -> Loaded:
    """An engine of this brand alone, as if it were proven and its waiting marks were in force.

    For dry runs. Names that are claimed count, those that were refused do not.
    """
    wanted = [brand.pk]
    waiting = declared.Characteristic.State.CHECKING
    marks = declared.Characteristic.objects.filter(brand=brand, state__in=(*IN_FORCE, waiting))
    names = brand.names.exclude(state=declared.BrandName.State.REFUSED).order_by("pk")
    key = str(brand.uuid)
    facts = matching.Brand(
        id=key,
        name=brand.name,
        aliases=tuple(names.exclude(text=brand.name).values_list("text", flat=True)),
        authorised_sellers=tuple(_sellers(wanted)[brand.pk]),
        product_models=tuple(engine_model(model) for model in _models(wanted)[brand.pk]),
        characteristics=tuple(
            engine_mark(mark) for mark in marks.select_related("product_model").order_by("pk")
        ),
    )
    weak = frozenset(
        (key, SIGNAL_OF.get(mark.kind, mark.kind), mark.value)
        for mark in marks.filter(state=declared.Characteristic.State.NEEDS_CO_SIGNAL)
    )
    ruleset = champion()
    engine = Engine(
        matching.Registry((facts,)), matching.Ruleset.from_dict(ruleset.content), rates.current()
    )
    loaded = Loaded(engine, _newest_revision(), ruleset, {key: brand}, weak)
    return _with_control(loaded)
