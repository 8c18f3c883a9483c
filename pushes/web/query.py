"""The desk's address: which view, filters and order a query string asks for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brands.models import Brand, ProductModel
from brands.selectors import product_models_visible_to
from portal.core.actors import Actor
from portal.core.models import Marketplace
from portal.core.web.widgets import PlainSelect
from pushes.models import Seller
from pushes.selectors import brands_with_links
from pushes.selectors.queue import ORDERS, VIEWS, Wanted
from pushes.web import labels

MOST_MODELS: Final = 500
VIEW_LABELS: Final[Mapping[str, Promise]] = {
    "pending": _("To judge"),
    "risk": _("At risk"),
    "mine": _("Assigned to me"),
    "second": _("Second look"),
    "lapsed": _("Missed"),
    "appraisal": _("In appraisal"),
    "infringing": _("Infringing"),
    "fine": _("Genuine or authorised"),
    "overflow": _("Above the weekly capacity"),
    "gone": _("Gone"),
}
ORDER_LABELS: Final[Mapping[str, Promise]] = {
    "due": _("At risk first"),
    "due_last": _("Latest deadline first"),
    "score": _("Highest score first"),
    "score_low": _("Lowest score first"),
    "new": _("Newest first"),
    "old": _("Oldest first"),
}
DUE_LABELS: Final[Mapping[str, Promise]] = {
    "day": _("within 24 hours"),
    "risk": _("within 36 hours"),
    "three": _("within three days"),
    "week": _("within a week"),
}
# Parameters that narrow the list; those of the address that are none of them are dropped.
NARROWING: Final = ("q", "brand", "model", "signal", "market", "seller", "min", "due")
# Those whose fields are folded away until somebody opens them.
FOLDED: Final = frozenset(NARROWING) - {"q", "seller"}
_LOOKUPS: Final = {
    "brand": "brand",
    "model": "product_model",
    "market": "marketplace",
    "seller": "seller",
    "min": "score__gte",
}


_SAVED_LOOKUPS: Final = {
    "brand": "brand__uuid",
    "model": "product_model__uuid",
    "market": "marketplace__slug",
    "seller": "seller__uuid",
}


class DeskFilter(forms.Form):
    """What the list is narrowed to. A value that means nothing is left out, so that an old
    address still works.
    """

    q = forms.CharField(label=_("Words in the title"), required=False, max_length=100)
    brand = forms.ModelChoiceField(
        widget=PlainSelect,
        label=_("Brand"),
        queryset=Brand.objects.none(),
        required=False,
        to_field_name="uuid",
        empty_label=_("All brands"),
    )
    model = forms.ModelChoiceField(
        widget=PlainSelect,
        label=_("Product"),
        queryset=ProductModel.objects.none(),
        required=False,
        to_field_name="uuid",
        empty_label=_("All products"),
    )
    signal = forms.ChoiceField(label=_("Reason"), required=False, widget=PlainSelect)
    market = forms.ModelChoiceField(
        widget=PlainSelect,
        label=_("Marketplace"),
        queryset=Marketplace.objects.order_by("name"),
        required=False,
        to_field_name="slug",
        empty_label=_("All marketplaces"),
    )
    min = forms.FloatField(
        label=_("Score from"),
        required=False,
        min_value=0,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "0.05"}),
    )
    due = forms.ChoiceField(
        label=_("Deadline"),
        required=False,
        widget=PlainSelect,
        choices=[("", _("Any deadline")), *DUE_LABELS.items()],
    )
    seller = forms.ModelChoiceField(
        queryset=Seller.objects.all(),
        required=False,
        to_field_name="uuid",
        widget=forms.HiddenInput,
    )

    def __init__(self, data: Mapping[str, Any], *, actor: Actor) -> None:
        super().__init__(data)
        brands = brands_with_links(actor)
        self._offer("brand", brands, _("All brands"), brands.values_list("uuid", "name"))
        markets = Marketplace.objects.order_by("name")
        self._offer("market", markets, _("All marketplaces"), markets.values_list("slug", "name"))
        models = product_models_visible_to(actor).order_by("name", "pk")
        every = models
        if brand := str(data.get("brand", "")):
            models = models.filter(brand__uuid=brand) if _is_uuid(brand) else models.none()
        # Any model of the tenant is understood; a list of thousands would help nobody choose.
        offered = models.values_list("uuid", "name")[:MOST_MODELS]
        self._offer("model", every, _("All products"), offered)
        self.fields["signal"].choices = _reasons  # type: ignore[attr-defined]  # a ChoiceField

    def _offer(
        self, name: str, rows: QuerySet[Any], nothing: Promise, offered: Iterable[tuple[Any, str]]
    ) -> None:
        """Let a field understand ``rows`` and show ``offered``, which are read when it is shown: a
        list whose filter nobody opens does not read them.
        """
        self.fields[name].queryset = rows  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields[name].widget.choices = partial(_offered, nothing, offered)


def _offered(
    nothing: Promise, rows: Iterable[tuple[Any, str]]
) -> Iterator[tuple[Any, str | Promise]]:
    """What a field offers: nothing, or one of ``rows``."""
    yield "", nothing
    yield from rows


def _reasons() -> list[tuple[str, str | Promise]]:
    """Every kind of signal by its name in the reader's language."""
    names = sorted((str(name), kind) for kind, name in labels.SIGNALS.items())
    return [("", _("Any reason")), *((kind, name) for name, kind in names)]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Chip:
    """One filter in force, with the address of the list without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True)
class Asked:
    """What the address asks for, as selectors want it and as the page shows it."""

    wanted: Wanted
    form: DeskFilter
    query: str
    chips: tuple[Chip, ...]

    @property
    def folded(self) -> list[tuple[str, str]]:
        """What the folded fields say, as the address says it."""
        return [(name, value) for name, value in parse_qsl(self.query) if name in FOLDED]


def read(request: HttpRequest, actor: Actor) -> Asked:
    """Understand the request's query string."""
    return parse(request.GET, actor)


def parse(params: QueryDict, actor: Actor) -> Asked:
    """Understand a query string; what it names in vain is ignored."""
    given = {name: value for name in NARROWING if (value := params.get(name, "").strip())}
    form = _form(given, actor)
    view, order = params.get("view", ""), params.get("order", "")
    cleaned = {name: value for name, value in form.cleaned_data.items() if value not in {"", None}}
    filters = {lookup: cleaned[name] for name, lookup in _LOOKUPS.items() if name in cleaned}
    if signal := cleaned.get("signal"):
        filters["signal_kinds__contains"] = [signal]
    wanted = Wanted(
        view=view if view in VIEWS else "pending",
        order=order if order in ORDERS else "due",
        words=str(cleaned.get("q", "")).replace("\0", ""),
        due=str(cleaned.get("due", "")),
        filters=filters,
    )
    kept: dict[str, str] = {name: given[name] for name in NARROWING if name in cleaned}
    return Asked(wanted, form, _query(wanted, kept), _chips(form, wanted, kept))


def plain(params: QueryDict) -> str:
    """The query string as given, without what is none of the list's."""
    names = ("view", "order", *NARROWING)
    return urlencode({name: value for name in names if (value := params.get(name, ""))})


def saved(text: str) -> Wanted:
    """What a saved view asks for, without reading a row: ids become lookups of the one query."""
    params = QueryDict(text)
    filters: dict[str, Any] = {}
    for name, lookup in _SAVED_LOOKUPS.items():
        value = params.get(name, "")
        if value and (name == "market" or _is_uuid(value)):
            filters[lookup] = value
    if signal := params.get("signal"):
        filters["signal_kinds__contains"] = [signal]
    if _is_share(params.get("min", "")):
        filters["score__gte"] = float(params["min"])
    view, order = params.get("view", ""), params.get("order", "")
    return Wanted(
        view=view if view in VIEWS else "pending",
        order=order if order in ORDERS else "due",
        words=params.get("q", "")[:100].replace("\0", ""),
        due=params.get("due", ""),
        filters=filters,
    )


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _form(given: Mapping[str, str], actor: Actor) -> DeskFilter:
    """The form with what it accepts of ``given``."""
    form = DeskFilter(given, actor=actor)
    if form.is_valid():
        return form
    accepted = {name: value for name, value in given.items() if name not in form.errors}
    form = DeskFilter(accepted, actor=actor)
    form.is_valid()
    return form


def _query(wanted: Wanted, kept: Mapping[str, str], *, without: str = "") -> str:
    named = {"view": wanted.view, "order": wanted.order}
    shown = {name: value for name, value in named.items() if value != getattr(Wanted, name)}
    shown |= {name: value for name, value in kept.items() if name != without}
    return urlencode(shown)


def _chips(form: DeskFilter, wanted: Wanted, kept: Mapping[str, str]) -> tuple[Chip, ...]:
    chips = []
    for name in kept:
        label = str(form.fields[name].label or _("Seller"))
        chips.append(Chip(label, _shown(form, name), _query(wanted, kept, without=name)))
    return tuple(chips)


def _shown(form: DeskFilter, name: str) -> str:
    value = form.cleaned_data[name]
    if name == "signal":
        return labels.signal_label(value)
    if name == "due":
        return str(DUE_LABELS[value])
    return str(value)
