"""Pictures and documents that people upload: looked into, never believed by their name.

A picture is decoded completely and written anew, so that nothing but pixels is kept: no metadata,
no second file hidden behind it. A PDF is kept as it came; it is evidence and its hash matters.
"""

import io
import warnings
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from portal.core import files
from portal.core.errors import InvalidInput
from portal.core.models import StoredFile

DOCUMENT_MAX_BYTES = 20 * 1024 * 1024
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
_PDF_HEADER, _PDF_END = b"%PDF-", b"%%EOF"
# Viewers accept the end mark within the last kilobyte (ISO 32000-1, annex H, note 18).
_PDF_END_WITHIN = 1024


def keep(content: bytes, *, field: str, now: datetime) -> StoredFile:
    """Keep a PNG or JPEG picture; ``InvalidInput`` on ``field`` if it is none or too large."""
    _check_size(content, settings.IMAGE_MAX_BYTES, field)
    rewritten, media_type = _rewrite(content, field)
    return files.store(rewritten, media_type=media_type, now=now)


def keep_document(content: bytes, *, field: str, now: datetime) -> StoredFile:
    """Keep a certificate: a PDF as it is, or a picture of it rewritten."""
    _check_size(content, DOCUMENT_MAX_BYTES, field)
    if content.startswith(_PDF_HEADER):
        if _PDF_END not in content[-_PDF_END_WITHIN:]:
            raise InvalidInput.one(
                field, "pdf_incomplete", _("This PDF is cut off: its end is missing.")
            )
        return files.store(content, media_type=PDF, now=now)
    rewritten, media_type = _rewrite(content, field)
    return files.store(rewritten, media_type=media_type, now=now)


def _check_size(content: bytes, most: int, field: str) -> None:
    if not content:
        raise InvalidInput.one(field, "empty", _("This file is empty."))
    if len(content) > most:
        raise InvalidInput.one(
            field,
            "too_large",
            _("This file is too large: at most %(megabytes)d MB.")
            % {"megabytes": most // (1024 * 1024)},
        )


def _rewrite(content: bytes, field: str) -> tuple[bytes, str]:
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
