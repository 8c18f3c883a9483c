"""Brands' declared facts as the engine wants them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from brands import models as declared
from brands.selectors import proven
from portal.core.models import Organisation
from pushes import matching

# Half of a mark's evidence is what it keeps when it alarms too often to stand alone.
WEAK_SHARE: Final = 0.5
# The engine names its signals after the kinds of marks, but for this one.
SIGNAL_OF: Final = {"price_below": "price_low"}
IN_FORCE: Final = (
    declared.Characteristic.State.LIVE,
    declared.Characteristic.State.NEEDS_CO_SIGNAL,
)


@dataclass(frozen=True)
class Facts:
    """What the engine matches. ``weak``: (brand uuid, signal kind, value), as in ``Loaded``."""

    engine_brands: Sequence[matching.Brand]
    brands: Mapping[str, declared.Brand]
    weak: frozenset[tuple[str, str, str]]


def facts_of(brand_ids: Iterable[int] | None) -> Facts:
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
    return Facts(
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


def facts_as_if_live(brand: declared.Brand) -> Facts:
    """Facts of this brand alone, as if it were proven and its waiting marks were in force.

    Names that are claimed count, those that were refused do not.
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
    return Facts([facts], {key: brand}, weak)
