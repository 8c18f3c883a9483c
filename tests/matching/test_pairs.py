"""Product pairs: files, signals, models, and the command that ties them together."""

from __future__ import annotations

import csv
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier

from pushes.matching import pair_models, pair_trees
from pushes.matching.__main__ import main
from pushes.matching.errors import ListingFileError
from pushes.matching.pair_signals import MIRRORED, NAMES, signals
from pushes.matching.pairs import Pair, read_pairs, without_known

HEADER = "left_title,left_price,right_title,right_price,label"
KINDS = ("kettle", "drill", "lamp", "router", "camera", "printer", "keyboard", "speaker")
MAKERS = ("Nordvik", "Tellamo", "Quarix", "Brumel", "Ostera")
COLOURS = ("black", "white", "red", "silver")


def product(dice: random.Random) -> dict[str, str]:
    code = f"{''.join(dice.choices('abcdfghk', k=2))}{dice.randint(1000, 9999)}"
    return {
        "maker": dice.choice(MAKERS), "kind": dice.choice(KINDS), "code": code,
        "colour": dice.choice(COLOURS), "price": str(dice.randint(10, 900)),
    }  # fmt: skip


def offers(thing: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Two shops' words for one product; the second leaves out things and bends the code."""
    code = thing["code"]
    one = f"{thing['maker']} {code} {thing['kind']} {thing['colour']}"
    other = f"{thing['kind']}s {code[:2]}-{code[2:]} by {thing['maker']}"
    return {"title": one, "price": thing["price"]}, {"title": other, "price": thing["price"]}


def made_pairs(seed: int, count: int) -> list[Pair]:
    dice = random.Random(seed)
    things = [product(dice) for _ in range(count)]
    pairs = []
    for number, thing in enumerate(things):
        left, right = offers(thing)
        pairs.append(Pair(left, right, 1))
        for other in (things[number - 1], things[number - 7], things[number - 11]):
            pairs.append(Pair(left, offers(other)[1], 0))
    return pairs


def write(path: Path, pairs: Sequence[Pair]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for pair in pairs:
            writer.writerow([*pair.left.values(), *pair.right.values(), pair.label])
    return path


def signal(name: str, left: str, right: str, **fields: str) -> float:
    others = [Pair({"title": f"filler {n}"}, {"title": f"other {n}"}, 0) for n in range(20)]
    sides = [{"title": left}, {"title": right}]
    for key, value in fields.items():
        side, _, column = key.partition("_")
        sides[side == "right"][column] = value
    matrix = signals([Pair(sides[0], sides[1], 0), *others])
    return float(matrix[0, NAMES.index(name)])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Nordvik drive 1 TB", "nordvik drive 1tb"),
        ("print shop deluxe", "printshop deluxe"),
        ("painter professional", "painter pro"),
        ("garden hoses 3.50 m", "garden hose 3.5m"),
        ("Ｎｏｒｄｖｉｋ café", "nordvik cafe"),
        ("keyboard", "keybaord"),
        ("24 inch screen", '24" screen'),
    ],
)
def test_two_spellings_of_one_thing_overlap(left: str, right: str) -> None:
    assert signal("overlap", left, right) > 0.6
    assert signal("overlap", left, "something else entirely") < 0.2


def test_a_model_number_is_found_across_hyphens_and_spaces() -> None:
    assert signal("code_inside", "player DVD-2930CI", "player dvd2930ci") == 2
    assert signal("code_inside", "108r00645 unit", "unit 108 r00645") == 2
    assert signal("code_differs", "player dvd2930ci", "player dvd3800bd") == 1
    assert signal("code_shared", "player", "player", left_modelno="X5470", right_mpn="x5470") > 0


def test_the_same_measure_with_another_value_is_a_difference() -> None:
    assert signal("units_differ", "drive 500 gb", "drive 250gb") == 1
    assert signal("units_differ", "drive 500 gb", "drive 500gb") == 0


def test_what_a_record_lacks_is_missing_and_not_zero() -> None:
    assert np.isnan(signal("price_gap", "a lamp", "a lamp", left_price="10"))
    assert np.isnan(signal("brand_same", "a lamp", "a lamp", left_brand="Nordvik"))
    assert signal("price_gap", "a lamp", "a lamp", left_price="$10", right_price="10.00") == 0


def test_a_record_knows_its_better_rival() -> None:
    left = {"title": "nordvik kettle ab1234"}
    pairs = [
        Pair(left, {"title": "nordvik kettle ab1234 steel"}, 1),
        Pair(left, {"title": "nordvik kettle cd9876 steel"}, 0),
    ]
    lead = signals(pairs)[:, NAMES.index("left_lead")]
    assert lead[0] > 0 > lead[1]
    assert lead[0] == pytest.approx(-lead[1])


def test_exchanged_sides_give_mirrored_signals() -> None:
    pairs = made_pairs(3, 30)
    turned = [Pair(pair.right, pair.left, pair.label) for pair in pairs]
    there, back = signals(turned), signals(pairs)[:, MIRRORED]
    # This one counts the left title's numbers: a code that only one side splits brings one more.
    counted = NAMES.index("numbers_shared")
    assert np.abs(there[:, counted] - back[:, counted]).max() <= 1
    there[:, counted] = back[:, counted]
    np.testing.assert_allclose(there, back, atol=1e-6)


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_text_has_signals(titles: list[tuple[str, str]]) -> None:
    matrix = signals([Pair({"title": a}, {"title": b, "price": a}, 0) for a, b in titles])
    assert matrix.shape == (len(titles), len(NAMES))
    assert not np.isinf(matrix).any()


@pytest.mark.parametrize(
    "text", ["x" * 500_000, "1-" * 200_000, "a1 " * 200_000, "诺" * 200_000, "\ud800'" * 50_000],
    ids=["one word", "code", "codes", "wide", "surrogates"],
)  # fmt: skip
def test_a_huge_field_takes_bounded_time(text: str) -> None:
    pair = Pair({"title": text, "description": text}, {"title": text, "description": text}, 1)
    signals([pair])
    started = time.process_time()
    signals([pair] * 20)
    assert time.process_time() - started < 1


def test_flat_trees_answer_like_the_library() -> None:
    dice = np.random.default_rng(0)
    matrix = dice.normal(size=(400, 6)).astype(np.float32).astype(np.float64)
    labels = (matrix[:, 0] + matrix[:, 1] ** 2 > 0.7).astype(np.int64)
    boosted = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(matrix, labels)
    trees = ExtraTreesClassifier(20, random_state=0).fit(matrix, labels)
    odds = pair_trees.from_boosting(boosted).sum(matrix)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), boosted.predict_proba(matrix)[:, 1])
    shares = pair_trees.from_random_trees(trees).sum(matrix)
    np.testing.assert_allclose(shares, trees.predict_proba(matrix)[:, 1])


def test_a_kept_forest_answers_as_before() -> None:
    document = json.loads(pair_models.shipped().to_json())
    kept = pair_trees.Forest.from_dict(document["plain"])
    matrix = np.nan_to_num(signals(made_pairs(1, 20)), nan=pair_models.ABSENT)
    np.testing.assert_array_equal(kept.sum(matrix), pair_models.shipped().plain.sum(matrix))


def test_weights_for_other_signals_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.loads(pair_models.SHIPPED.read_text(encoding="utf-8"))
    document["signals"] = document["signals"][:-1]
    other = tmp_path / "weights.json"
    other.write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(pair_models, "SHIPPED", other)
    pair_models.shipped.cache_clear()
    with pytest.raises(ValueError, match="other signals"):
        pair_models.shipped()
    monkeypatch.undo()
    pair_models.shipped.cache_clear()


def test_the_threshold_expects_the_best_f1() -> None:
    assert pair_models.expected_best_threshold(np.array([0.9, 0.8, 0.1, 0.1])) == 0.8
    assert pair_models.best_threshold(np.array([0.9, 0.4, 0.3]), np.array([1, 1, 0])) == 0.4


def test_it_learns_from_a_file_and_judges_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, valid, fresh = made_pairs(0, 120), made_pairs(1, 40), made_pairs(2, 60)
    files = {
        "--train": write(tmp_path / "train.csv", train),
        "--valid": write(tmp_path / "valid.csv", valid),
        # The first ten are known from training, the last one stands there twice.
        "--test": write(tmp_path / "test.csv", [*train[:10], *fresh, fresh[-1]]),
    }
    options = [str(word) for item in files.items() for word in item]
    assert main(["pairs", *options, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) == {
        "precision", "recall", "f1", "pairs_per_second", "pairs", "dropped_duplicates",
    }  # fmt: skip
    assert figures["dropped_duplicates"] == 11
    assert figures["pairs"] == len(without_known(fresh, []))
    assert figures["f1"] > 0.95
    assert figures["pairs_per_second"] > 1_000


def test_it_judges_without_a_label_to_learn_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "test.csv", made_pairs(5, 80))
    assert main(["pairs", "--zero-shot", "--test", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["f1"] > 0.8


def test_labels_of_the_test_file_do_not_change_a_decision() -> None:
    pairs = made_pairs(6, 40)
    turned = [Pair(pair.left, pair.right, 1 - pair.label) for pair in pairs]
    right, wrong = pair_models.zero_shot(pairs), pair_models.zero_shot(turned)
    assert right.pairs == wrong.pairs
    # What was found among the true pairs and what was wrongly named change places.
    assert right.precision == pytest.approx(1 - wrong.precision, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "left_title"),
        ("left_title,right_title\na,b\n", "column label"),
        ("left_text,right_title,label\na,b,1\n", "left_title_clean, left_title, left_name"),
        ("left_title,right_text,label\na,b,1\n", "right_title_clean"),
        (f"{HEADER}\n", "holds no pair"),
        (f"{HEADER}\na,1,b,1,1\na,1,b,1,yes\n", "record 2: label must be 0 or 1, is 'yes'"),
        (f"{HEADER}\na,1,b,1,nan\n", "label must be 0 or 1"),
        (f"{HEADER}\na,1,b,1,\n", "label must be 0 or 1"),
        (f"{HEADER}\na,1\n", "record 1: label must be 0 or 1"),
        (f'{HEADER}\n"{"a" * (17 << 20)}\n', "never closed"),
    ],
    ids=["empty", "label", "left", "right", "no row", "word", "nan", "blank", "short", "quote"],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ListingFileError, match=says) as caught:
        read_pairs(path)
    assert "broken.csv" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nowhere.csv"
    assert main(["pairs", "--zero-shot", "--test", str(path)]) == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_a_price_that_is_no_number_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(f"{HEADER}\na lamp,NaN,a lamp,inf,1\na cup,-,a mug,,0\n", encoding="utf-8")
    assert np.isnan(signals(read_pairs(path))[:, NAMES.index("price_gap")]).all()


def test_training_with_one_label_only_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = made_pairs(0, 20)
    train = write(tmp_path / "train.csv", [pair for pair in pairs if pair.label == 0])
    test = write(tmp_path / "test.csv", pairs)
    assert main(["pairs", "--train", str(train), "--test", str(test)]) == 2
    assert "at least 4 of each label, has 0 of label 1" in capsys.readouterr().err


def test_a_test_file_that_is_wholly_known_is_counted(tmp_path: Path) -> None:
    pairs = made_pairs(0, 20)
    quality = pair_models.train_and_test(pairs, [], pairs[:9])
    assert (quality.pairs, quality.dropped_duplicates, quality.f1) == (0, 9, 0.0)
