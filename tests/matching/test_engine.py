"""The engine as the portal uses it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pushes.matching import (
    Brand,
    Engine,
    Fact,
    Listing,
    Match,
    Registry,
    Ruleset,
    back_test,
    features,
    fit,
    judged_of,
    teach,
    untaught,
)
from pushes.matching.score import sigmoid

REGISTRY = Registry.from_dict(
    {
        "brands": [
            {
                "id": "nordvik",
                "name": "Nordvik",
                "aliases": ["诺德维克"],
                "authorised_sellers": ["shop-1"],
                "product_models": [
                    {
                        "id": "tr5",
                        "name": "Trail Runner 5",
                        "model_number": "NV-TR500",
                        "list_price": 120,
                        "lowest_price": 60,
                        "currency": "USD",
                    }
                ],
                "characteristics": [
                    {"id": "k", "kind": "keyword", "value": "nrdvk"},
                    {"id": "l", "kind": "logo", "value": "logo.png"},
                ],
            },
            {"id": "hp", "name": "HP"},
        ]
    }
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(REGISTRY)


def best(engine: Engine, listing: Listing) -> Match:
    return engine.scan_one(listing, include_below=True)[0]


def kinds(match: Match) -> set[str]:
    return {signal.kind for signal in match.signals}


def test_it_pushes_a_disguised_name_with_a_price_below_the_band(engine: Engine) -> None:
    listing = Listing("1", "Nоrdvik NV TR500 shoes", price=Decimal(20), currency="USD")
    match = best(engine, listing)
    assert match.is_suspect
    assert match.product_model_id == "tr5"
    assert {"brand_disguised", "price_low", "model_number"} <= kinds(match)


def test_it_leaves_an_ordinary_retail_listing_alone(engine: Engine) -> None:
    listing = Listing(
        "1", "Nordvik Trail Runner 5", brand="Nordvik", price=Decimal(110), currency="USD"
    )
    assert engine.scan_one(listing) == []
    assert best(engine, listing).score < 0.1


def test_an_authorised_seller_is_not_pushed_even_below_the_band(engine: Engine) -> None:
    listing = Listing(
        "1", "Nordvik NV-TR500", price=Decimal(20), currency="USD", seller_id="shop-1"
    )
    assert engine.scan_one(listing) == []


def test_a_two_letter_name_needs_a_second_reason(engine: Engine) -> None:
    assert engine.scan_one(Listing("1", "case hp murah", brand="OEM")) == []
    assert "name_needs_support" in kinds(best(engine, Listing("1", "hp murah", brand="OEM")))


def test_an_accessory_for_the_brand_scores_lower_than_the_brand(engine: Engine) -> None:
    claim = best(engine, Listing("1", "giày Nordvik", brand="OEM"))
    accessory = best(engine, Listing("2", "ốp lưng cho Nordvik", brand="OEM"))
    assert accessory.score < claim.score / 2


def test_the_contributions_and_the_intercept_add_up_to_the_score(engine: Engine) -> None:
    match = best(engine, Listing("1", "Ｎordvik 高仿 same style as Nordvik", brand="No Brand"))
    total = match.intercept + sum(signal.contribution for signal in match.signals)
    assert match.score == pytest.approx(sigmoid(total))
    assert match.score == pytest.approx(
        engine.ruleset.weights.probability("nordvik", features(match.signals))
    )


def test_every_span_points_into_the_original_text(engine: Engine) -> None:
    title = "🔥🔥 N\u200b\u0301о-r d v i k ✨ 诺~德维克 nrdvk"
    match = best(engine, Listing("1", title, description="original 诺德维克"))
    spans = [s for s in match.signals if s.field == "title" and s.end]
    assert spans
    for signal in spans:
        assert title[signal.start : signal.end] == signal.matched


def test_accents_make_another_word_where_the_language_writes_accents() -> None:
    engine = Engine(Registry((Brand("p", "Puma"),)))
    assert engine.scan_one(Listing("1", "Giày sục nam Da Pu Mã GS-02"), include_below=True) == []


@pytest.mark.parametrize(
    ("name", "title"),
    [("Mondi", "Balo 4 món đi học"), ("Mani", "chúc may mani!"), ("Маяк", "Balo Mark Ryden"),
     ("Capi", "cap cấp capi!x")],
)  # fmt: skip
def test_it_takes_no_other_word_for_a_disguise(name: str, title: str) -> None:
    engine = Engine(Registry((Brand("b", name),)))
    assert engine.scan_one(Listing("1", title)) == []


def test_image_facts_say_that_they_were_not_evaluated(engine: Engine) -> None:
    signals = best(engine, Listing("1", "Nordvik")).signals
    assert [s.state.value for s in signals if s.kind == "logo"] == ["not_evaluated"]
    assert "logo" not in features(signals)


def test_a_missing_exchange_rate_makes_the_price_signal_missing(engine: Engine) -> None:
    match = best(engine, Listing("1", "Nordvik NV-TR500", price=Decimal(1), currency="XAU"))
    assert not kinds(match) & {"price_low", "price_plausible"}


def test_a_changed_brand_is_live_and_its_old_facts_are_silent(engine: Engine) -> None:
    changed = engine.with_delta([Brand("nordvik", "Sudvik")])
    assert changed.scan_one(Listing("1", "Nordvik 高仿"), include_below=True) == []
    assert changed.scan_one(Listing("1", "Sudvik 高仿"))[0].brand_id == "nordvik"
    assert changed.delta_size == 1
    assert engine.scan_one(Listing("1", "Nordvik 高仿"))[0].brand_id == "nordvik"


def test_a_removed_brand_is_silent_at_once(engine: Engine) -> None:
    changed = engine.with_delta([Brand("new", "Novavik")]).with_delta([], removed=["new", "hp"])
    assert changed.scan_one(Listing("1", "Novavik HP 高仿"), include_below=True) == []
    assert [brand.id for brand in changed.registry.brands] == ["nordvik"]


def test_a_lower_threshold_pushes_what_was_below(engine: Engine) -> None:
    listing = Listing("1", "Nordvik", brand="Other maker")
    assert engine.scan_one(listing) == []
    weights = replace(engine.ruleset.weights, threshold=0.05)
    assert engine.with_ruleset(engine.ruleset.with_weights(weights)).scan_one(listing)


def test_an_empty_registry_matches_nothing() -> None:
    assert Engine(Registry()).scan([Listing("1", "anything"), Listing("2")]) == [[], []]


def facts(engine: Engine) -> list[Fact]:
    copy = features(best(engine, Listing("1", "Nordvik 同款", brand="OEM")).signals)
    plain = features(best(engine, Listing("2", "Nordvik", brand="Maker")).signals)
    return [Fact(copy, 0.0, brand_id="nordvik")] * 20 + [Fact(plain, 1.0, brand_id="nordvik")] * 20


def test_verdicts_move_the_weights_but_never_across_their_declared_sign(engine: Engine) -> None:
    candidate = fit(facts(engine), engine.ruleset)
    old, new = engine.ruleset.weights, candidate.weights
    assert new.weights["imitation_phrase"] < old.weights["imitation_phrase"]
    for name, weight in new.weights.items():
        assert weight * new.signs[name] >= 0


def test_a_comparison_lists_what_would_flip(engine: Engine) -> None:
    judged = facts(engine)
    arrays = judged_of(judged, engine.ruleset)
    lesson = teach(arrays, engine.ruleset, base=engine.ruleset)
    found = back_test(untaught(engine.ruleset), lesson, arrays)
    assert {judged[flip.position].label for flip in found.flips} == {0.0, 1.0}
    assert found.gate.volume == 20
    assert (found.gate.champion, found.gate.challenger) == (0.0, 1.0)


def test_one_class_of_verdicts_changes_nothing(engine: Engine) -> None:
    candidate = fit([Fact({"keyword": 1.0}, 1.0)] * 5, engine.ruleset)
    assert candidate.weights == engine.ruleset.weights


def test_a_ruleset_survives_json_and_keeps_its_hash() -> None:
    ruleset = Ruleset(token_frequency={"champion": 0.01})
    again = Ruleset.from_json(ruleset.to_json())
    assert again.content_hash == ruleset.content_hash
    assert again.weights.weights == dict(ruleset.weights.weights)


def test_the_cheap_bound_never_drops_a_suspect(engine: Engine) -> None:
    titles = [
        "Nordvik",
        "N0rdvik",
        "N o r d v i k",
        "Nordvik 高仿",
        "Nordvikk",
        "Nord*ik",
        "Nordvik x",
    ]
    brands = ["", "OEM", "Nordvik", "Other maker"]
    prices = [None, Decimal(1), Decimal(500)]
    bare = Engine(Registry((replace(engine.registry.brands[0], characteristics=()),)))
    for threshold in (0.05, 0.3, 0.5, 0.9):
        weights = replace(bare.ruleset.weights, threshold=threshold)
        one = bare.with_ruleset(bare.ruleset.with_weights(weights))
        listings = [
            Listing("1", f"{title} NV-TR500", "inspired by Nordvik", brand, price, "USD")
            for title in titles
            for brand in brands
            for price in prices
        ]
        full = one.scan(listings, include_below=True)
        assert one.scan(listings) == [[m for m in found if m.is_suspect] for found in full]
