"""Pictures and documents that people upload: looked into, never believed by their name.

A picture is decoded completely and written anew, so that nothing but pixels is kept: no metadata,
no second file hidden behind it. A PDF is kept as it came, because it is evidence and its hash
matters; it is checked in a process of its own and shown as pictures of its pages.
"""

import io
import re
import threading
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, ImageOps, UnidentifiedImageError

from brands.models import DocumentReading
from brands.reading import sandbox
from portal.core import files, outbox
from portal.core.errors import InvalidInput
from portal.core.models import StoredFile

DOCUMENT_MAX_BYTES = 20 * 1024 * 1024
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
# The endings a file of each type may have; the first is given to one with another ending.
_ENDINGS: Final = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg")}
_ENDING: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")
_LONGEST_NAME: Final = 200
# A hostile PDF costs a process of its own up to 45 s. So many at once in each process of the
# portal, and whoever comes too late is told so instead of waiting for all of them.
_SANDBOXES: Final = threading.BoundedSemaphore(2)
_PATIENCE: Final = 10.0
# The outbox handler that reads a kept document.
READ: Final = "documents.read"
_PDF_HEADER: Final = b"%PDF-"

REFUSALS: Final[dict[str, Promise]] = {
    "pdf_incomplete": gettext_lazy("This PDF is cut off: its end is missing. Upload it again."),
    "polyglot": gettext_lazy(
        "This PDF carries another file behind its end. Print it to a new PDF and upload that."
    ),
    "pdf_encrypted": gettext_lazy(
        "This PDF asks for a password. Remove the protection and upload it again."
    ),
    "pdf_no_pages": gettext_lazy("This PDF has no pages."),
    "pdf_too_many_pages": gettext_lazy(
        "This PDF has too many pages: at most 50. Upload only the certificate."
    ),
    "pdf_page_size": gettext_lazy("A page of this PDF is empty or larger than 5 metres."),
    "too_heavy": gettext_lazy(
        "This PDF takes more memory or time than a document needs. Print it to a new PDF."
    ),
    "damaged": gettext_lazy("This PDF is damaged and cannot be opened. Export it again."),
}


def keep(content: bytes, *, field: str, now: datetime) -> StoredFile:
    """Keep a PNG or JPEG picture; ``InvalidInput`` on ``field`` if it is none or too large."""
    check_size(content, settings.IMAGE_MAX_BYTES, field)
    rewritten, media_type = rewrite(content, field)
    return files.store(rewritten, media_type=media_type, now=now)


@dataclass(frozen=True)
class Checked:
    """A document that was looked into and can be kept: its bytes, and the type they have."""

    content: bytes
    media_type: str


def keep_document(content: bytes, *, field: str, now: datetime) -> StoredFile:
    """Keep a certificate: a PDF as it is, a picture rewritten; ``InvalidInput`` on ``field``.

    A PDF stays as it came because it is evidence and its hash matters.
    """
    return keep_checked(check_document(content, field=field), now=now)


def check_document(content: bytes, *, field: str) -> Checked:
    """Look into a document and keep nothing; ``InvalidInput`` on ``field``.

    Takes up to 45 s for a PDF: whoever holds locks others wait for calls it before.
    """
    check_size(content, DOCUMENT_MAX_BYTES, field)
    if content.startswith(_PDF_HEADER):
        _check_pdf(content, field)
        return Checked(content, PDF)
    return Checked(*rewrite(content, field))


def keep_checked(checked: Checked, *, now: datetime) -> StoredFile:
    """Keep a document that was looked into, and let a worker read it."""
    stored = files.store(checked.content, media_type=checked.media_type, now=now)
    ask_for_reading(stored, now=now)
    return stored


def name_for(name: str, media_type: str) -> str:
    """Return a file's name with the ending of the type it was found to have, never its own.

    ``invoice.hta`` that is a PDF becomes ``invoice.pdf``: whoever saves it saves no program.
    """
    endings = _ENDINGS.get(media_type, ())
    if not endings or name.lower().endswith(endings):
        return name[-_LONGEST_NAME:]
    stem = _ENDING.sub("", name).rstrip(". ") or "document"
    return stem[-(_LONGEST_NAME - len(endings[0])) :] + endings[0]


def ask_for_reading(stored: StoredFile, *, now: datetime) -> None:
    """Let a worker read the document, once."""
    _reading, is_new = DocumentReading.objects.get_or_create(file=stored)
    if is_new:
        outbox.enqueue(READ, key=f"document:{stored.sha256}", now=now, payload={"file": stored.pk})


def _check_pdf(content: bytes, field: str) -> None:
    if not _SANDBOXES.acquire(timeout=_PATIENCE):
        text = _("Many documents are being checked this moment. Send yours again in a minute.")
        raise InvalidInput.one(field, "busy", text)
    try:
        sandbox.check(content)
    except sandbox.Refused as refusal:
        code = refusal.code if refusal.code in REFUSALS else "damaged"
        raise InvalidInput.one(field, code, REFUSALS[code]) from None
    finally:
        _SANDBOXES.release()


def check_size(content: bytes, most: int, field: str) -> None:
    """Refuse a file that is empty or larger than ``most`` bytes."""
    if not content:
        raise InvalidInput.one(field, "empty", _("This file is empty."))
    if len(content) > most:
        raise InvalidInput.one(
            field,
            "too_large",
            _("This file is too large: at most %(megabytes)d MB.")
            % {"megabytes": most // (1024 * 1024)},
        )


def rewrite(content: bytes, field: str) -> tuple[bytes, str]:
    """Return a PNG or JPEG written anew, and its media type."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=["PNG", "JPEG"])
        if picture.width * picture.height > settings.IMAGE_MAX_PIXELS:
            raise _too_many_pixels(field)
        picture.load()
    except UnidentifiedImageError:
        raise InvalidInput.one(
            field, "unknown_type", _("Upload a PDF, PNG or JPEG file; this is none of them.")
        ) from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels(field) from None
    except (OSError, SyntaxError, ValueError):
        # Pillow's words for a broken file, by format: all three mean it cannot be decoded.
        raise InvalidInput.one(
            field, "damaged", _("This picture is damaged and cannot be opened.")
        ) from None
    return _encode(picture)


def _encode(picture: Image.Image) -> tuple[bytes, str]:
    media_type = JPEG if picture.format == "JPEG" else PNG
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    upright = ImageOps.exif_transpose(picture).convert("RGB" if media_type == JPEG else mode)
    upright.info = {}
    out = io.BytesIO()
    if media_type == JPEG:
        upright.save(out, "JPEG", quality=90)
    else:
        upright.save(out, "PNG")
    return out.getvalue(), media_type


def _too_many_pixels(field: str) -> InvalidInput:
    return InvalidInput.one(
        field,
        "too_many_pixels",
        _("This picture is too large: at most %(megapixels)d million pixels.")
        % {"megapixels": settings.IMAGE_MAX_PIXELS // 1_000_000},
    )
