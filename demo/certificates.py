"""Made-up registration certificates, drawn so that nobody could take them for real ones."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from demo.catalogue import Brand

_INK, _FAINT, _PAPER = (40, 44, 60), (176, 60, 60), (252, 250, 242)


def draw(brand: Brand) -> Image.Image:
    """The certificate of ``brand``'s first registration, 720 x 960."""
    image = Image.new("RGB", (720, 960), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 24, 696, 936), outline=_INK, width=4)
    pen.text((360, 110), "Certificate of registration", _INK, ImageFont.load_default(44), "mm")
    pen.text((360, 170), "SIMULATED - of no legal effect", _FAINT, ImageFont.load_default(30), "mm")
    for row, (label, value) in enumerate(_fields(brand)):
        top = 260 + row * 88
        pen.text((80, top), label, _INK, ImageFont.load_default(20), "ls")
        pen.text((80, top + 36), value, _INK, ImageFont.load_default(28), "ls")
        pen.line((80, top + 50, 640, top + 50), fill=(200, 196, 184), width=1)
    return image


def _fields(brand: Brand) -> tuple[tuple[str, str], ...]:
    right = brand.registration
    return (
        ("Mark", brand.name),
        ("Registration number", right.number),
        ("Jurisdiction", right.jurisdiction),
        ("Nice classes", ", ".join(map(str, right.nice_classes))),
        ("Owner", right.owner),
        ("Valid from", right.valid_from),
        ("Valid to", right.valid_to),
    )
