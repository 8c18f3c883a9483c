"""Pictures drawn with Pillow: the same name always gives the same PNG.

Names (without ``.png``):

* ``<product model id>--<treatment>`` and ``plain-<shape>-<number>--<treatment>``: a product;
* ``logo-<brand id>``: a brand's emblem with its name;
* ``certificate-<brand id>``, ``certificate-<brand id>-2``: a made-up registration certificate;
* ``letter-<brand id>``: a made-up letter of authorisation; all are marked as simulated.

Treatments: ``official`` is the maker's picture; ``crop``, ``blur``, ``mirror`` and ``cover`` are
that picture as copy shops reuse it; ``photo`` and ``ring1`` … ``ring3`` are other photographs.
"""

from __future__ import annotations

import argparse
import colorsys
import io
import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from demo import certificates, shapes, wording
from demo.catalogue import Brand, Catalogue, load

SIZE = (480, 360)
_LOGO_BOX = (180, 250, 300, 310)
_PLAIN = re.compile(r"plain-([a-z]+)-(\d{2})\Z")


class UnknownPictureError(LookupError):
    """No picture has this name."""


class Drawings:
    """The pictures of one catalogue; finished PNG files are kept in memory (at most 512)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._brands = {brand.id: brand for brand in catalogue.brands}
        self._papers = dict(_papers(catalogue))
        self._models = {
            model.slug: (brand, model) for brand in catalogue.brands for model in brand.models
        }
        self.png: Callable[[str], bytes] = lru_cache(maxsize=512)(self._png)

    def reference_names(self) -> Iterator[str]:
        """Names of the logos, papers and makers' pictures which the catalogue refers to."""
        yield from self._papers
        for brand in self._brands:
            yield f"logo-{brand}"
        for slug in self._models:
            yield f"{slug}--official"

    def _png(self, name: str) -> bytes:
        """PNG bytes of the picture ``name``; raises ``UnknownPictureError``."""
        image = self._draw(name)
        buffer = io.BytesIO()
        image.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()

    def _draw(self, name: str) -> Image.Image:
        if name in self._papers:
            return self._papers[name]()
        if name.startswith("logo-") and name.removeprefix("logo-") in self._brands:
            return logo(self._brands[name.removeprefix("logo-")])
        subject, _, treatment = name.partition("--")
        treat = _TREATMENTS.get(treatment)
        if treat is None:
            raise UnknownPictureError(name)
        if subject in self._models:
            brand, model = self._models[subject]
            return treat(_product(subject, wording.SHAPES[model.category], brand))
        plain = _PLAIN.match(subject)
        if plain is None or plain[1] not in shapes.SHAPES:
            raise UnknownPictureError(name)
        return treat(_product(subject, plain[1], None))


def _papers(catalogue: Catalogue) -> Iterator[tuple[str, Callable[[], Image.Image]]]:
    """Names of certificates and letters, each with what draws it."""
    for brand in catalogue.brands:
        for number, right in enumerate(brand.registrations, start=1):
            suffix = "" if number == 1 else f"-{number}"
            yield (
                f"certificate-{brand.id}{suffix}",
                partial(certificates.certificate, brand.name, right),
            )
    for brand_id, terms in catalogue.letters.items():
        yield f"letter-{brand_id}", partial(certificates.letter, terms)


def _colours(subject: str) -> tuple[shapes.Colour, shapes.Colour, shapes.Colour]:
    """Body, detail and background colour of ``subject``."""
    rng = random.Random(subject)
    hue = rng.random()
    return (
        _rgb(hue, 0.5, 0.45),
        _rgb(hue + 0.45, 0.55, 0.75),
        _rgb(hue + rng.uniform(0.3, 0.7), 0.12, 0.94),
    )


def _rgb(hue: float, saturation: float, value: float) -> shapes.Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _product(subject: str, shape: str, brand: Brand | None) -> Image.Image:
    body, detail, background = _colours(subject)
    image = Image.new("RGB", SIZE, background)
    pen = ImageDraw.Draw(image)
    pen.ellipse((90, 285, 390, 335), fill=tuple(round(part * 0.88) for part in background))
    shapes.SHAPES[shape](pen, body, detail)
    if brand is not None:
        _stamp(image, brand)
    return image


def _stamp(image: Image.Image, brand: Brand) -> None:
    small = logo(brand).resize((120, 60), Image.Resampling.LANCZOS)
    image.paste(small, _LOGO_BOX[:2])


def logo(brand: Brand) -> Image.Image:
    """The emblem and name of ``brand``, 320 x 160."""
    dark, bright, _ = _colours(f"logo {brand.id}")
    image = Image.new("RGB", (320, 160), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    sides = 2 + int(brand.registrations[0].number[-1])  # another polygon for each brand
    pen.regular_polygon((160, 58, 46), sides, fill=dark)
    pen.regular_polygon((160, 58, 24), sides, rotation=180 / sides, fill=bright)
    font = ImageFont.load_default(size=34)
    pen.text((160, 132), brand.name.upper(), font=font, fill=dark, anchor="mm")
    return image


def _official(image: Image.Image) -> Image.Image:
    return image


def _crop(image: Image.Image) -> Image.Image:
    return image.crop((60, 50, 450, 343)).resize(SIZE, Image.Resampling.LANCZOS)


def _blur(image: Image.Image) -> Image.Image:
    blurred = image.copy()
    blurred.paste(image.crop(_LOGO_BOX).filter(ImageFilter.GaussianBlur(7)), _LOGO_BOX[:2])
    return blurred


def _mirror(image: Image.Image) -> Image.Image:
    return ImageOps.mirror(image)


def _cover(image: Image.Image) -> Image.Image:
    covered = image.copy()
    ImageDraw.Draw(covered).rounded_rectangle(_LOGO_BOX, radius=12, fill=(250, 220, 60))
    return covered


def _photo(image: Image.Image) -> Image.Image:
    """The product on a table: turned a little, another background, warmer light."""
    return _photographed(image, angle=5, table=(196, 174, 148))


def _ring_photo(number: int) -> Callable[[Image.Image], Image.Image]:
    table = ((92, 104, 120), (150, 96, 92), (104, 132, 92))[number - 1]
    return lambda image: _photographed(image, angle=-4 * number, table=table)


def _photographed(image: Image.Image, *, angle: int, table: shapes.Colour) -> Image.Image:
    card = ImageOps.expand(image.resize((400, 300), Image.Resampling.LANCZOS), 6, (245, 245, 240))
    mask = Image.new("L", card.size, 255).rotate(angle, expand=True)
    turned = card.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    scene = Image.new("RGB", SIZE, table)
    scene.paste(turned, ((SIZE[0] - turned.width) // 2, (SIZE[1] - turned.height) // 2), mask)
    return scene


_TREATMENTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "official": _official,
    "crop": _crop,
    "blur": _blur,
    "mirror": _mirror,
    "cover": _cover,
    "photo": _photo,
    "ring1": _ring_photo(1),
    "ring2": _ring_photo(2),
    "ring3": _ring_photo(3),
}


def main() -> None:
    """``python -m demo.drawings FOLDER``: write the pictures the catalogue refers to."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    drawings = Drawings(load())
    for name in drawings.reference_names():
        (folder / f"{name}.png").write_bytes(drawings.png(name))


if __name__ == "__main__":
    main()
