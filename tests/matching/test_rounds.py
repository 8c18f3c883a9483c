"""``python -m pushes.matching rounds``: a seed decides everything, nobody sees the hold-out."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pushes.matching.__main__ import main
from pushes.matching.learning.evidence import NO_BRAND
from pushes.matching.pairs import Pair
from pushes.matching.rounds import METHODS, play, world_of
from pushes.matching.rounds.reviewers import reviewers_of
from pushes.matching.rounds.world import PLANTED, World, evaded
from tests.matching.test_pairs import made_pairs, write

MEASURES = {"precision_at_k", "recall", "f1"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("rounds")
    return write(folder / "stream.csv", made_pairs(1, 60)), write(
        folder / "holdout.csv", made_pairs(2, 20)
    )


def run(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    stream, holdout = files
    arguments = ["--pairs", str(stream), "--holdout", str(holdout), "--json", *more]
    assert main(["rounds", *arguments]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("method", list(METHODS))
def test_a_run_says_what_each_round_reached(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], method: str
) -> None:
    found = run(files, capsys, "--seed", "3", "--method", method)
    assert set(found) == {"static", "oracle", "rounds"}
    assert set(found["static"]) == set(found["oracle"]) == MEASURES
    assert [row["round"] for row in found["rounds"]] == list(range(1, 13))
    verdicts = [row["verdicts"] for row in found["rounds"]]
    assert verdicts == sorted(verdicts)
    assert 0 < verdicts[0] < verdicts[-1]
    for row in found["rounds"]:
        assert set(row) == {"round", "verdicts", "promoted", *MEASURES}
        assert isinstance(row["promoted"], bool)
        assert all(0 <= row[name] <= 1 for name in MEASURES)
    if method == "static":
        assert all(row["f1"] == found["static"]["f1"] for row in found["rounds"])
        assert not any(row["promoted"] for row in found["rounds"])


def test_the_same_seed_plays_the_same_and_another_one_does_not(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(files, capsys, "--seed", "7")
    assert run(files, capsys, "--seed", "7") == first
    assert run(files, capsys, "--seed", "8") != first


@pytest.mark.parametrize(
    "more", [["--bad-faith", "1.5"], ["--seed", "-1"], ["--pairs", "nowhere.csv"]]
)
def test_what_cannot_be_played_is_said_in_one_line(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    stream, holdout = files
    arguments = ["--pairs", str(stream), "--holdout", str(holdout)]
    assert main(["rounds", *arguments, *more]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1


def branded(seed: int, things: int) -> World:
    """Pairs with a brand column; eight brands."""
    dice = random.Random(seed)
    pairs = [
        Pair({**pair.left, "brand": f"Maker {dice.randrange(8)}"}, pair.right, pair.label)
        for pair in made_pairs(seed, things)
    ]
    return world_of(pairs[: -len(pairs) // 4], pairs[-len(pairs) // 4 :])


def test_labels_of_the_holdout_change_nothing_but_the_measures() -> None:
    world = branded(4, 60)
    turned = world.truth.copy()
    turned[world.stream :] = 1 - turned[world.stream :]
    other = World(**{**world.__dict__, "truth": turned})
    one, two = play(world, seed=1), play(other, seed=1)
    for left, right in zip(one["rounds"], two["rounds"], strict=True):
        assert (left["verdicts"], left["promoted"]) == (right["verdicts"], right["promoted"])


def test_verdicts_in_bad_faith_come_from_whole_brands() -> None:
    world = branded(5, 150)
    dice = np.random.default_rng(0)
    found = reviewers_of(world, 0.4, dice)
    rows = np.arange(world.stream)
    says = found.judge(world.truth, rows, dice)
    bad = found.bad[found.of[rows]]
    assert 0.2 < bad.mean() <= 0.4
    assert (says[bad] != world.truth[rows][bad]).all()
    assert (says[~bad] == world.truth[rows][~bad]).mean() > 0.9
    assert not reviewers_of(world, 0.0, dice).bad.any()


def test_a_file_without_brands_has_no_brand_rules() -> None:
    world = world_of(made_pairs(1, 40), made_pairs(2, 12))
    assert not world.has_brands
    assert (world.brand == NO_BRAND).all()
    assert {row["round"] for row in play(world, seed=0)["rounds"]} == set(range(1, 13))


@pytest.mark.parametrize("label", [0, 1])
def test_a_stream_of_one_class_is_played_to_its_end(label: int) -> None:
    pairs = [Pair(pair.left, pair.right, label) for pair in made_pairs(6, 20)]
    found = play(world_of(pairs, made_pairs(7, 12)), seed=0)
    assert len(found["rounds"]) == 12


def test_evading_sellers_drop_the_brand_and_plant_words() -> None:
    world = branded(8, 60)
    rows = np.arange(world.stream)
    after, evades = evaded(world, rows, np.random.default_rng(0))
    assert 0.4 < evades[rows][world.truth[rows] == 1].mean() < 0.8
    assert not evades[world.truth == 0].any()
    assert after.rules[evades][:, world.names.index("brand_in_title")].sum() == 0
    planted = [bool(after.words[row] & set(PLANTED)) for row in np.flatnonzero(evades)]
    assert np.mean(planted) > 0.8
    widened = after.with_terms(PLANTED)
    assert widened.rules.shape[1] == world.rules.shape[1] + len(PLANTED)
