"""Sending uploaded files: only to those who may see them, and never as anything that can run."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from brands.services.pictures import name_for
from portal.core import files
from portal.core.errors import NotFound
from portal.core.models import StoredFile

# A file opened by itself may load and run nothing, and only our own pages may frame it.
_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"
# A sandboxed document gets no PDF viewer; it runs scripts of a PDF in its own sandbox anyhow.
_PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


def document_response(stored: StoredFile, name: str) -> HttpResponse:
    """Return the stored file under the type, and the ending, it was checked to have."""
    response = HttpResponse(files.read(stored), content_type=stored.media_type)
    is_pdf = stored.media_type == "application/pdf"
    response["Content-Security-Policy"] = _PDF_POLICY if is_pdf else _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=False, filename=name_for(name, stored.media_type))
        or "inline"
    )
    return response


def picture_response(stored: StoredFile | None) -> HttpResponse:
    """Return a picture, which may be kept by the browser: its content never changes."""
    if stored is None:
        raise NotFound("not_found", _("There is no such picture."))
    response = HttpResponse(files.read(stored), content_type=stored.media_type)
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=86400"
    return response
