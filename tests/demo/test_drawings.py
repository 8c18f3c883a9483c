"""Pictures: every one a listing names exists, always the same, and treated as its name says."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageOps

from demo import catalogue
from demo.drawings import SIZE, Drawings, UnknownPictureError
from demo.generator import Stream


def picture(name: str) -> Image.Image:
    return Image.open(io.BytesIO(Drawings(catalogue.load()).png(name))).convert("RGB")


def test_every_picture_of_the_stream_can_be_drawn() -> None:
    stream = Stream(catalogue.load(), 7)
    drawings = Drawings(catalogue.load())
    names = {name for p in range(400) for name in stream.at(p).draft.pictures}
    assert len(names) > 60
    for name in names:
        assert Image.open(io.BytesIO(drawings.png(name))).size == SIZE


def test_a_picture_is_the_same_whenever_it_is_drawn() -> None:
    name = "tamberwyck-tw810--ring2"
    assert Drawings(catalogue.load()).png(name) == Drawings(catalogue.load()).png(name)


def test_a_mirrored_picture_is_the_official_one_mirrored() -> None:
    official, mirrored = picture("veltrano-vs2140--official"), picture("veltrano-vs2140--mirror")
    assert ImageChops.difference(ImageOps.mirror(mirrored), official).getbbox() is None
    assert ImageChops.difference(mirrored, official).getbbox() is not None


@pytest.mark.parametrize("treatment", ["blur", "cover"])
def test_a_hidden_logo_changes_the_picture_there_and_nowhere_else(treatment: str) -> None:
    official, hidden = (picture(f"pendrossa-pd38a--{t}") for t in ("official", treatment))
    box = ImageChops.difference(official, hidden).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert left >= 180
    assert top >= 250
    assert right <= 301
    assert bottom <= 311


def test_every_brand_has_its_own_logo() -> None:
    brands = catalogue.load().brands
    assert len({picture(f"logo-{brand.id}").tobytes() for brand in brands}) == 6


@pytest.mark.parametrize(
    "name",
    ["", "logo-", "logo-nobody", "veltrano-vs2140", "veltrano-vs2140--nothing", "../secret",
     "plain-castle-01--official", "plain-mug-1--official", "plain-mug-01\n--official"],
)  # fmt: skip
def test_an_unknown_name_has_no_picture(name: str) -> None:
    with pytest.raises(UnknownPictureError):
        Drawings(catalogue.load()).png(name)
