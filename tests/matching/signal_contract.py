"""What every signal must keep to; the test of a signal inherits this and names its source."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import ClassVar

from pushes.matching import SHIPPED_RATES, Brand, Listing, Registry, Ruleset, SignalState
from pushes.matching.case import Case, Context
from pushes.matching.engine import Engine
from pushes.matching.index import Hit
from pushes.matching.signals import SignalSource
from pushes.matching.wording import find_wordings

REGISTRY = Registry.from_dict(
    {
        "brands": [
            {
                "id": "n",
                "name": "Nordvik",
                "authorised_sellers": [{"seller_id": "s1", "marketplace": "m"}],
                "product_models": [
                    {
                        "id": "tr5", "name": "Trail Runner 5", "model_number": "NV-TR500",
                        "gtin": "4006381333931", "list_price": 120, "lowest_price": 60,
                        "currency": "USD", "category": "shoes",
                    }
                ],
                "characteristics": [
                    {"id": "1", "kind": "keyword", "value": "factory outlet"},
                    {"id": "2", "kind": "phrase_pattern", "value": r"grade\s+[ab]\b"},
                    {"id": "3", "kind": "evasive_spelling", "value": "nrdvk"},
                    {"id": "4", "kind": "price_below", "value": "40%"},
                    {"id": "5", "kind": "seller", "value": "bad-shop"},
                    {"id": "6", "kind": "seller_pattern", "value": "^aaa.*"},
                    {"id": "7", "kind": "ship_from", "value": "Nowhere"},
                    {"id": "8", "kind": "category_mismatch", "value": "shoes|boots"},
                    {"id": "9", "kind": "attribute_mismatch", "value": "material=leather"},
                    {"id": "10", "kind": "missing_attribute", "value": "colour"},
                    {"id": "11", "kind": "logo", "value": "logo.png"},
                ],
            },
            {"id": "t", "name": "Talgard"},
            {"id": "v", "name": "Velmora"},
            {"id": "h", "name": "HP"},
        ]
    }
)  # fmt: skip

LISTINGS = (
    Listing("empty"),
    Listing("named", "Nordvik"),
    Listing("odd", "N\u200b0rdvik \ud800 🔥 Nоrdvik NV TR500 4006381333931", "高仿 nrdvk", "OEM"),
    Listing("gift", "Talgard box free Nordvik case for Nordvik"),
    Listing("for", "适用 Nordvik 手机壳 case for Talgard, Nordvik", "Nordvik 高仿 high copy"),
    Listing("talk", "same style as Nordvik replica 1:1 aaa 高仿", "inspired by Nordvik"),
    Listing("short", "HP laptop"),
    Listing("stacked", "Nordvik Talgard Velmora", brand="Talgard"),
    Listing(
        "full", "Nordvik Trail Runner 5 grade a factory outlet 同款", "inspired by Nordvik",
        "No Brand", Decimal(9), "USD", "bad-shop", "AAA shop", "bags", "m", "Nowhere",
        attributes={"material": "plastic"},
    ),
    Listing("trusted", "Nordvik NV-TR500", price=Decimal(100), currency="USD", seller_id="s1",
            marketplace="m", category="shoes"),
    Listing("nan", "Nordvik NV-TR500", price=Decimal("NaN"), currency="USD"),
)  # fmt: skip


def cases() -> list[Case]:
    """A case for every listing and brand the engine would look at."""
    engine = Engine(REGISTRY)
    found: list[Case] = []
    for listing in LISTINGS:
        by_brand: dict[str, list[Hit]] = {}
        for _, hit in engine.find([listing]):
            by_brand.setdefault(hit.pattern.brand_id, []).append(hit)
        for brand in REGISTRY.brands:
            hits = tuple(by_brand.get(brand.id, ()))
            model = brand.product_models[0] if brand.product_models else None
            context = Context(SHIPPED_RATES)
            named = frozenset(by_brand)
            title, described = map(tuple, find_wordings([listing.title, listing.description]))
            case = Case(listing, brand, hits, context, model, named, title, described)
            found.append(case)
    return found


CASES = cases()


class SignalContract:
    """Inherit, set ``source``, and all of this is checked.

    ``elsewhere``: kinds that none of LISTINGS shows, which the signal's own tests must.
    """

    source: ClassVar[SignalSource]
    elsewhere: ClassVar[frozenset[str]] = frozenset()

    def test_its_kinds_have_a_default_weight_and_a_declared_sign(self) -> None:
        weights = Ruleset().weights
        for kind in self.source.kinds:
            assert weights.weights[kind] * weights.signs[kind] >= 0
            assert weights.signs[kind] in (-1, 1)

    # All cases in one test each: a thousand tests of a millisecond would cost the suite a minute.
    def test_its_signals_are_of_its_kinds_finite_and_point_at_the_text(self) -> None:
        for case in CASES:
            where = f"{case.listing.id}-{case.brand.id}"
            for signal in self.source.evaluate(case):
                assert signal.kind in self.source.kinds, where
                assert math.isfinite(signal.value), where
                assert 0 <= signal.value <= 10, where
                if signal.end and case.text(signal.field):
                    text = case.text(signal.field)
                    expected = text[signal.start : signal.end]
                    shown = (expected, expected.replace("\ud800", "\ufffd"))
                    assert signal.matched in shown, where

    def test_it_gives_the_same_answer_twice(self) -> None:
        for case in CASES:
            assert list(self.source.evaluate(case)) == list(self.source.evaluate(case))

    def test_it_says_nothing_about_an_empty_listing_of_a_bare_brand(self) -> None:
        case = Case(Listing("1"), Brand("b", "Bare"), (), Context(SHIPPED_RATES))
        assert list(self.source.evaluate(case)) == []

    def test_each_of_its_kinds_fires_on_at_least_one_listing(self) -> None:
        fired = {s.kind for case in CASES for s in self.source.evaluate(case)}
        assert fired >= set(self.source.kinds) - self.elsewhere
        states = {s.state for case in CASES for s in self.source.evaluate(case)}
        assert states <= {SignalState.FIRED, SignalState.NOT_EVALUATED}
