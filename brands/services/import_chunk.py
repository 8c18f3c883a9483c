"""One chunk of an import, written with a handful of statements.

Rows are inserted with ``ON CONFLICT DO NOTHING`` and then looked up by their own ids, so that
writers at the same time cannot break a chunk; what was there already counts as unchanged.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from brands.models import AuthorisedSeller, Brand, BrandName, Characteristic, ProductModel
from brands.services import claims
from brands.services.product_models import ProductFacts, apply, facts_of
from brands.services.registration import NewName
from brands.services.registry_facts import (
    BadRow,
    BrandFact,
    Fact,
    Item,
    MarkFact,
    ModelReference,
    Payload,
    SellerFact,
)
from portal.core import journal
from portal.core.actors import Actor
from portal.core.models import JournalEntry, Marketplace, Organisation
from portal.core.policies import Permission, may

State = Characteristic.State
P = TypeVar("P", bound=Payload)
M = TypeVar("M", bound=Model)


@dataclass
class Counts:
    """How many facts were created, changed, or there already."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.created + self.changed + self.unchanged

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass(frozen=True)
class Trace:
    """A row that a chunk made (``before is None``) or changed, as it was before."""

    row: int
    subject: Model
    before: dict[str, Any] | None = None


@dataclass(frozen=True)
class Placed:
    """A fact whose brand was found."""

    fact: Fact
    brand: Brand


class Chunk:
    """Writes facts into one organisation's registry, with one journal entry an aggregate."""

    def __init__(self, organisation: Organisation, actor: Actor, now: datetime) -> None:
        self.counts = Counts()
        self.traces: list[Trace] = []
        self._organisation = organisation
        self._actor = actor
        self._now = now
        self._entries: list[JournalEntry] = []
        self._refused: list[BadRow] = []

    def write(self, items: Sequence[Item]) -> list[BadRow]:
        """Write the facts in the caller's transaction; return the rows that were refused."""
        self._refused = [item for item in items if isinstance(item, BadRow)]
        facts = [item for item in items if isinstance(item, Fact)]
        new = self._write_brands([f for f in facts if isinstance(f.payload, BrandFact)])
        placed = self._placed([f for f in facts if not isinstance(f.payload, BrandFact)])
        self._write_names(_of(placed, NewName), new)
        self._write_models(_of(placed, ProductFacts))
        self._write_marks(_of(placed, MarkFact))
        self._write_sellers(_of(placed, SellerFact))
        journal.record_many(self._entries)
        return sorted(self._refused, key=lambda row: row.row)

    # ------------------------------------------------------------------ brands and names

    def _write_brands(self, facts: list[Fact]) -> list[Brand]:
        if self._actor.brands:
            for fact in facts:
                self._refuse(fact, "brand", "outside_mandate", _outside_mandate())
            return []
        known = self._brands(fact.brand for fact in facts)
        rows = [
            (
                fact.row,
                Brand(
                    organisation=self._organisation,
                    name=fact.brand,
                    vouched=self._actor.kind == "system",
                    created_at=self._now,
                ),
            )
            for fact in facts
            if fact.brand.lower() not in known
        ]
        created = self._insert(Brand.objects.all(), rows)
        self.counts.created += len(created)
        self.counts.unchanged += len(facts) - len(created)
        return created

    def _brands(self, names: Iterable[str]) -> dict[str, Brand]:
        """Registered brands by lowered name; the database says which spellings are equal."""
        wanted = dict.fromkeys(names)
        found = Brand.objects.filter(organisation=self._organisation).annotate(low=Lower("name"))
        brands = {b.name: b for b in found.filter(name__in=wanted)}
        missing = [name for name in wanted if name not in brands]
        by_low: dict[str, Brand] = {
            b.name.lower(): b for b in found.filter(low__in=[Lower(Value(n)) for n in missing])
        }
        by_low.update({name.lower(): brand for name, brand in brands.items()})
        return by_low

    def _placed(self, facts: list[Fact]) -> list[Placed]:
        brands = self._brands(fact.brand for fact in facts)
        placed = []
        for fact in facts:
            brand = brands.get(fact.brand.lower())
            if brand is None:
                message = _("The brand “%s” is not registered; give it a row of kind brand.")
                self._refuse(fact, "brand", "unknown_brand", message % fact.brand)
            elif not may(self._actor, Permission.EDIT_REGISTRY, brand_id=brand.pk):
                self._refuse(fact, "brand", "outside_mandate", _outside_mandate())
            else:
                brand.organisation = self._organisation
                placed.append(Placed(fact, brand))
        return placed

    def _write_names(self, placed: list[tuple[Placed, NewName]], new: list[Brand]) -> None:
        brands = {place.brand.pk: place.brand for place, _name in placed}
        known = {
            (name.brand_id, name.text.lower())
            for name in BrandName.objects.filter(brand__in=brands)
        }
        covered = claims.covered_words(list(brands))
        rows = [
            (
                place.fact.row,
                BrandName(
                    brand=place.brand,
                    kind=name.kind,
                    text=name.text,
                    language=name.language,
                    state=claims.state_of(name.text, covered[place.brand.pk], self._actor),
                    claimed_at=self._now,
                ),
            )
            for place, name in placed
            if (place.brand.pk, name.text.lower()) not in known
            and name.text.lower() != place.brand.name.lower()
        ]
        created = self._insert(BrandName.objects.all(), rows)
        self.counts.created += len(created)
        self.counts.unchanged += len(placed) - len(created)
        counts = Counter(name.brand_id for name in created)
        for brand in new:
            self._journal("brand.registered", brand, brand, names=counts.pop(brand.pk, 0))
        for brand_id, count in counts.items():
            brand = brands[brand_id]
            self._journal("brand.changed", brand, brand, what="names", names=count)

    # ------------------------------------------------------------------ product models

    def _write_models(self, placed: list[tuple[Placed, ProductFacts]]) -> None:
        known = {
            (model.brand_id, model.name, model.model_number): model
            for model in ProductModel.objects.filter(
                brand__in={place.brand.pk for place, _facts in placed},
                name__in={facts.name for _place, facts in placed},
            )
        }
        rows, changed = [], []
        for place, facts in placed:
            model = known.get((place.brand.pk, facts.name, facts.model_number))
            if model is None:
                new = ProductModel(brand=place.brand, created_at=self._now, **asdict(facts))
                rows.append((place.fact.row, new))
                continue
            before = facts_of(model)
            if what := apply(model, facts):
                model.brand = place.brand
                changed.append(model)
                self.traces.append(Trace(place.fact.row, model, before))
                self._journal("product_model.changed", model, place.brand, what=what)
        created = self._insert(ProductModel.objects.all(), rows)
        for model in created:
            self._journal("product_model.registered", model, model.brand)
        columns = ["aliases", "gtin", "category", "list_price", "lowest_price", "currency"]
        ProductModel.objects.bulk_update(changed, columns)
        self._count(len(placed), len(created), len(changed))

    # ------------------------------------------------------------------ characteristics

    def _write_marks(self, placed: list[tuple[Placed, MarkFact]]) -> None:
        models = self._models_meant(placed)
        known = {
            (row.brand_id, row.product_model_id, row.kind, row.value): row
            for row in Characteristic.objects.filter(
                brand__in={place.brand.pk for place, _mark in placed},
                value__in={mark.declared.value for _place, mark in placed},
            ).exclude(state=State.WITHDRAWN)
        }
        rows, changed, accepted = [], [], 0
        for place, mark in placed:
            model = models.get((place.brand.pk, mark.product_model))
            if mark.product_model is not None and model is None:
                continue
            accepted += 1
            row = self._mark(place.brand, model, mark)
            key = (place.brand.pk, row.product_model_id, row.kind, row.value)
            existing = known.get(key)
            if existing is None:
                rows.append((place.fact.row, row))
            elif existing.weight != row.weight:
                self.traces.append(Trace(place.fact.row, existing, {"weight": existing.weight}))
                existing.weight, existing.brand = row.weight, place.brand
                changed.append(existing)
                self._journal("characteristic.changed", existing, place.brand, kind=row.kind)
        created = self._insert(Characteristic.objects.all(), rows)
        for row in created:
            data = {"kind": row.kind, "from": State.DRAFT.value}
            self._journal("characteristic.checking", row, row.brand, **data)
        Characteristic.objects.bulk_update(changed, ["weight"])
        self._count(accepted, len(created), len(changed))

    def _mark(self, brand: Brand, model: ProductModel | None, mark: MarkFact) -> Characteristic:
        return Characteristic(
            brand=brand,
            product_model=model,
            kind=mark.declared.kind,
            value=mark.declared.value,
            weight=mark.declared.weight,
            state=State.CHECKING,
            created_at=self._now,
        )

    def _models_meant(
        self, placed: list[tuple[Placed, MarkFact]]
    ) -> dict[tuple[int, ModelReference | None], ProductModel]:
        """The product model each characteristic names; unclear ones are refused."""
        naming = [(p, m, m.product_model) for p, m in placed if m.product_model is not None]
        texts = {reference.name for _place, _mark, reference in naming}
        candidates: dict[int, list[ProductModel]] = defaultdict(list)
        for model in ProductModel.objects.filter(
            Q(name__in=texts) | Q(model_number__in=texts),
            brand__in={place.brand.pk for place, _mark, _reference in naming},
        ):
            candidates[model.brand_id].append(model)
        meant: dict[tuple[int, ModelReference | None], ProductModel] = {}
        for place, _mark, reference in naming:
            fitting = [m for m in candidates[place.brand.pk] if _fits(m, reference)]
            if len(fitting) == 1:
                meant[place.brand.pk, reference] = fitting[0]
            else:
                self._refuse_model(place.fact, reference, len(fitting))
        return meant

    def _refuse_model(self, fact: Fact, reference: ModelReference, count: int) -> None:
        if count:
            message = _("The brand has %(count)d product models “%(name)s”; give a model number.")
            code = "unclear_product_model"
        else:
            message = _("The brand has no product model “%(name)s”.")
            code = "unknown_product_model"
        self._refuse(
            fact, "product_model", code, message % {"count": count, "name": reference.name}
        )

    # ------------------------------------------------------------------ sellers

    def _write_sellers(self, placed: list[tuple[Placed, SellerFact]]) -> None:
        marketplaces = _marketplaces() if placed else {}
        known = set(
            AuthorisedSeller.objects.filter(
                brand__in={place.brand.pk for place, _seller in placed}
            ).values_list("brand_id", "marketplace_id", "external_id", "name")
        )
        rows, accepted = [], 0
        for place, seller in placed:
            marketplace = marketplaces.get(seller.marketplace.lower())
            if seller.marketplace and marketplace is None:
                message = _("There is no marketplace “%s” here.") % seller.marketplace
                self._refuse(place.fact, "marketplace", "unknown_marketplace", message)
                continue
            accepted += 1
            key = (place.brand.pk, marketplace and marketplace.pk, seller.external_id, seller.name)
            if key not in known:
                rows.append((place.fact.row, self._seller(place.brand, marketplace, seller)))
        created = self._insert(AuthorisedSeller.objects.all(), rows)
        for row in created:
            self._journal("authorised_seller.added", row, row.brand)
        self._count(accepted, len(created), 0)

    def _seller(
        self, brand: Brand, marketplace: Marketplace | None, seller: SellerFact
    ) -> AuthorisedSeller:
        return AuthorisedSeller(
            brand=brand,
            marketplace=marketplace,
            external_id=seller.external_id,
            name=seller.name,
            created_at=self._now,
        )

    # ------------------------------------------------------------------ shared

    def _insert(self, queryset: QuerySet[M], rows: list[tuple[int, M]]) -> list[M]:
        """Insert rows that are not there yet; return those this call made, with their keys."""
        queryset.bulk_create([row for _number, row in rows], ignore_conflicts=True)
        by_uuid = {row.uuid: (number, row) for number, row in rows}  # type: ignore[attr-defined]  # all have one
        created = []
        for key, uuid in queryset.filter(uuid__in=by_uuid).values_list("pk", "uuid"):
            number, row = by_uuid[uuid]
            row.pk = key
            created.append(row)
            self.traces.append(Trace(number, row))
        return created

    def _count(self, accepted: int, created: int, changed: int) -> None:
        self.counts.created += created
        self.counts.changed += changed
        self.counts.unchanged += accepted - created - changed

    def _refuse(self, fact: Fact, field: str, code: str, message: str) -> None:
        path = f"{fact.path}.{field}" if fact.path else field
        self._refused.append(BadRow(fact.row, path, code, message, {"brand": fact.brand}))

    def _journal(self, verb: str, subject: Model, brand: Brand, **data: Any) -> None:
        self._entries.append(
            journal.unsaved(
                verb,
                subject,
                actor=self._actor,
                now=self._now,
                organisation_id=self._organisation.pk,
                data={"brand_id": brand.pk, **data},
            )
        )


def _outside_mandate() -> str:
    return _("Your letter of authorisation does not let you change this.")


def _of(placed: list[Placed], kind: type[P]) -> list[tuple[Placed, P]]:
    return [(p, p.fact.payload) for p in placed if isinstance(p.fact.payload, kind)]


def _fits(model: ProductModel, reference: ModelReference) -> bool:
    if reference.number is not None:
        return (model.name, model.model_number) == (reference.name, reference.number)
    return reference.name in (model.name, model.model_number)


def _marketplaces() -> dict[str, Marketplace]:
    found = {}
    for marketplace in Marketplace.objects.all():
        found[marketplace.name.lower()] = found[marketplace.slug.lower()] = marketplace
    return found
