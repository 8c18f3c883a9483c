"""Made-up certificates and letters, drawn so that nobody could take them for real ones."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from demo.catalogue import Letter, Registration

_INK, _FAINT, _PAPER = (40, 44, 60), (176, 60, 60), (252, 250, 242)
Fields = tuple[tuple[str, str], ...]


def certificate(mark: str, right: Registration) -> Image.Image:
    """The certificate of a right on the brand called ``mark``, 720 x 960."""
    fields = (
        ("Mark", mark),
        ("Registration number", right.number),
        ("Jurisdiction", right.jurisdiction),
        ("Nice classes", ", ".join(map(str, right.nice_classes))),
        ("Owner", right.owner),
        ("Valid from", right.valid_from),
        ("Valid to", right.valid_to),
    )
    return _document("Certificate of registration", fields)


def letter(terms: Letter) -> Image.Image:
    """An owner's letter of authorisation, 720 x 960."""
    fields = (
        ("Rights holder", terms.owner),
        ("Authorised agent", terms.agent),
        ("Scope", terms.scope),
        ("Valid from", terms.valid_from),
        ("Valid to", terms.valid_to),
        ("Signed for the rights holder", "SIMULATED SIGNATURE"),
    )
    return _document("Letter of authorisation", fields)


def _document(title: str, fields: Fields) -> Image.Image:
    image = Image.new("RGB", (720, 960), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 24, 696, 936), outline=_INK, width=4)
    pen.text((360, 110), title, _INK, ImageFont.load_default(44), "mm")
    pen.text((360, 170), "SIMULATED - of no legal effect", _FAINT, ImageFont.load_default(30), "mm")
    for row, (label, value) in enumerate(fields):
        top = 260 + row * 88
        pen.text((80, top), label, _INK, ImageFont.load_default(20), "ls")
        pen.text((80, top + 36), value, _INK, ImageFont.load_default(_size(value)), "ls")
        pen.line((80, top + 50, 640, top + 50), fill=(200, 196, 184), width=1)
    return image


def _size(value: str) -> int:
    """A size at which ``value`` fits its line."""
    return 28 if len(value) <= 36 else 19
