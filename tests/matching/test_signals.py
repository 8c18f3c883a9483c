"""Every signal keeps the contract; what is particular to one follows below it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pushes.matching import Engine, Listing, Registry, Signal
from pushes.matching.case import Case
from pushes.matching.signals import SOURCES, SUPPORT, SignalSource
from pushes.matching.signals.brand_field import BrandField
from pushes.matching.signals.brand_text import BrandText
from pushes.matching.signals.context import HonestContext
from pushes.matching.signals.declared_text import DeclaredText
from pushes.matching.signals.facts import DeclaredFacts
from pushes.matching.signals.phrase import Phrase
from pushes.matching.signals.picture import Picture
from pushes.matching.signals.price import Price, shortfall
from pushes.matching.signals.product import Product
from pushes.matching.signals.seller import Seller
from pushes.matching.signals.stacking import StackedBrands
from tests.matching.signal_contract import REGISTRY, SignalContract


class TestBrandText(SignalContract):
    source = BrandText()
    elsewhere = frozenset(BrandText.kinds) - {"brand_named", "brand_disguised"}  # test_evasions.py


class TestBrandField(SignalContract):
    source = BrandField()


class TestProduct(SignalContract):
    source = Product()


class TestDeclaredText(SignalContract):
    source = DeclaredText()


class TestPrice(SignalContract):
    source = Price()


class TestSeller(SignalContract):
    source = Seller()


class TestDeclaredFacts(SignalContract):
    source = DeclaredFacts()


class TestStackedBrands(SignalContract):
    source = StackedBrands()


class TestPicture(SignalContract):
    source = Picture()
    elsewhere = frozenset({"image", "text_in_image"})  # told apart by their names only


class TestPhrase(SignalContract):
    source = Phrase()


class TestHonestContext(SignalContract):
    source = HonestContext()


class SupportAlone:
    """The last source, which also looks at what the others found: here they found nothing."""

    kinds = SUPPORT.kinds

    def evaluate(self, case: Case) -> Iterator[Signal]:
        return SUPPORT.evaluate(case, []) if case.hits else iter(())


class TestNameSupport(SignalContract):
    source = SupportAlone()


def test_every_source_is_under_contract() -> None:
    covered: set[type[SignalSource]] = {type(c.source) for c in SignalContract.__subclasses__()}
    assert covered - {SupportAlone} == {type(source) for source in SOURCES}


ENGINE = Engine(REGISTRY)


def kinds(title: str) -> dict[str, float]:
    matches = ENGINE.scan_one(Listing("1", title), include_below=True)
    match = next(match for match in matches if match.brand_id == "n")
    return {signal.kind: signal.value for signal in match.signals}


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Nordvik 高仿", 1.0),
        ("Nordvik ultra kw", 1.0),
        ("Nordvik 1:1", 1.0),
        ("same style as Nordvik", 0.6),
        ("giày tương tự Nordvik", 0.6),
        ("Nordvik aaa", 0.4),
    ],
)
def test_it_knows_imitation_talk(title: str, value: float) -> None:
    assert kinds(title)["imitation_phrase"] == value


def test_words_the_brand_declared_count_once() -> None:
    """Else any brand's goods with these words would be pushed to the one that declared them."""
    keyword = {"id": "k", "kind": "keyword", "value": "莆田工厂版"}
    brand = {"id": "n", "name": "Nordvik", "characteristics": [keyword]}
    engine = Engine(Registry.from_dict({"brands": [brand]}))
    for title, found in (
        ("莆田工厂版 Zorvex 手提包", {"keyword"}),
        ("莆田工厂版 高仿 Zorvex", {"keyword", "imitation_phrase"}),
    ):
        [match] = engine.scan_one(Listing("1", title), include_below=True)
        assert {signal.kind for signal in match.signals} == found


@pytest.mark.parametrize(
    "title",
    ["Nordvik heater 5 kw", "Nordvik ratio 21:1", "Nordvik model car 1:18", "Nordvik cao cấp"],
)
def test_it_does_not_take_other_words_for_imitation_talk_or_accessories(title: str) -> None:
    assert not kinds(title).keys() & {"imitation_phrase", "accessory"}


@pytest.mark.parametrize(
    "title", ["case for Nordvik", "ốp lưng cho Nordvik", "适用Nordvik表带", "untuk hp Nordvik"]
)
def test_it_sees_that_a_good_is_made_for_the_brand(title: str) -> None:
    assert kinds(title)["accessory"] == 1.0


def test_a_gift_beside_another_good_is_no_claim() -> None:
    assert kinds("Talgard box free Nordvik pen")["gift"] == 1.0


def test_the_price_signal_grows_as_the_price_falls() -> None:
    floor = Decimal(100)
    values = [shortfall(Decimal(price), floor) for price in (100, 99, 75, 50, 10)]
    assert values[0] == 0
    assert values == sorted(values)
    assert values[-1] == 1.0


def test_a_copied_shop_name_does_not_make_an_authorised_seller() -> None:
    registry = Registry.from_dict(
        {
            "brands": [
                {
                    "id": "n",
                    "name": "Nordvik",
                    "authorised_sellers": [{"seller_id": "s1", "name": "Nordvik Official"}],
                }
            ]
        }
    )
    listing = Listing("1", "Nordvik", seller_id="s2", seller="Nordvik Official")
    match = Engine(registry).scan_one(listing, include_below=True)[0]
    assert "seller_not_authorised" in {signal.kind for signal in match.signals}


@pytest.mark.parametrize(
    "title",
    ["tay cầm vali dùng cho Talgard, Kakashi, Velmora, Nordvik", "charger for Talgard/Nordvik",
     "Hülle passend für Nordvik", "чехол подходит для Nordvik", "适配Nordvik",
     "Nordvik吸尘器适配滤芯"],
)  # fmt: skip
def test_it_sees_lists_of_what_a_good_is_made_for(title: str) -> None:
    assert kinds(title)["accessory"] == 1.0


@pytest.mark.parametrize(
    "title",
    ["shoes for men Nordvik", "giày dành cho nam Nordvik", "sepatu untuk wanita Nordvik",
     "男女通用Nordvik跑鞋", "Nordvik跑鞋适用男女", "여성용 Nordvik"],
)  # fmt: skip
def test_a_good_for_somebody_is_not_made_for_the_brand(title: str) -> None:
    assert "accessory" not in kinds(title)


@pytest.mark.parametrize(
    ("title", "doubtful"),
    [("coat with lining", True), ("LINING shoes", True), ("Li-Ning shoes", False),
     ("李宁跑鞋", False), ("hm dress", True), ("world champion belt", True),
     ("Champion replica", False)],
)  # fmt: skip
def test_a_name_that_is_a_word_needs_support_unless_it_is_written_as_no_word_is(
    title: str, doubtful: bool
) -> None:
    brands = [
        {"id": "l", "name": "Li-Ning", "aliases": ["李宁"]},
        *({"id": name, "name": name} for name in ("HM", "Champion")),
    ]
    engine = Engine(Registry.from_dict({"brands": brands}))
    signals = engine.scan_one(Listing("1", title), include_below=True)[0].signals
    assert ("name_needs_support" in {signal.kind for signal in signals}) is doubtful


def test_a_model_is_known_by_its_words_in_any_order() -> None:
    def models(title: str) -> list[str | None]:
        found = ENGINE.scan_one(Listing("1", title), include_below=True)
        return [match.product_model_id for match in found]

    in_order, mixed = models("Nordvik Trail Runner 5"), models("Runner 5 by Nordvik for trail")
    assert mixed == in_order != [None]
    assert models("Nordvik Runner shoes, size 5") == [None]
    signal = next(
        s
        for s in ENGINE.scan_one(Listing("1", "Nordvik 5 Runner Trail"), include_below=True)[
            0
        ].signals
        if s.kind == "model_name"
    )
    assert signal.matched == "5 Runner Trail"


def test_a_short_word_without_its_accents_is_another_word() -> None:
    assert "accessory" not in kinds("sepatu Nordvik dan tas")


def test_the_low_price_of_an_accessory_is_no_evidence() -> None:
    def kinds_of(title: str) -> set[str]:
        listing = Listing("1", title, price=Decimal(5), currency="USD")
        return {s.kind for s in ENGINE.scan_one(listing, include_below=True)[0].signals}

    assert "price_low" in kinds_of("Nordvik shoes")
    assert "price_low" not in kinds_of("laces for Nordvik shoes")
    assert "price_low" not in kinds_of("Nordvik strap")
    assert "price_low" in kinds_of("Nordvik NV-TR500 strap"), "a registered number names the good"
