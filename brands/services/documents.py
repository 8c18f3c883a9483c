"""Reading the documents people uploaded, by a worker (``pictures.keep_document`` asks for it).

The reading draws the pages, so that nobody has to open the file itself.
"""

import io
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image

from brands.models import (
    DocumentPage,
    DocumentReading,
    LetterOfAuthorisation,
    Registration,
)
from brands.reading import likeness, limits, sandbox
from brands.services import pictures
from brands.services.cleaning import storable
from portal.core import files
from portal.core.models import OutboxMessage, StoredFile

_DRAWN_TYPE: Final = "image/webp"
State = DocumentReading.State


# --------------------------------------------------------------------------- reading


def read(message: OutboxMessage) -> None:
    """Read one document; the outbox calls this outside any transaction. Twice is once."""
    reading = (
        DocumentReading.objects.select_related("file")
        .filter(file=message.payload["file"], state=State.WAITING)
        .first()
    )
    if reading is None:
        return
    try:
        facts, pages = _pages_of(reading.file, timezone.now())
    except sandbox.Refused as refusal:
        _finish(reading, State.FAILED, error=refusal.code)
    else:
        _finish(reading, State.READ, facts=facts, pages=pages)


def ask_for_unread(*, now: datetime, limit: int = 200) -> int:
    """Ask for the reading of credentials' documents that came before documents were read."""
    waiting = StoredFile.objects.filter(reading=None).filter(
        Q(pk__in=Registration.objects.values("document"))
        | Q(pk__in=LetterOfAuthorisation.objects.values("document"))
    )
    asked = 0
    for stored in waiting.order_by("pk")[:limit]:
        with transaction.atomic():
            pictures.ask_for_reading(stored, now=now)
        asked += 1
    return asked


def give_up(message: OutboxMessage) -> None:
    """Say so when a document could not be read, although tried many times."""
    reading = DocumentReading.objects.filter(file=message.payload["file"]).first()
    if reading is not None:
        _finish(reading, State.FAILED, error="damaged")


def _pages_of(stored: StoredFile, now: datetime) -> tuple[dict[str, Any], list[DocumentPage]]:
    content = files.read(stored)
    if stored.media_type != pictures.PDF:
        with Image.open(io.BytesIO(content)) as picture:
            return {"pages": 1}, [_page(1, picture, stored, "")]
    pages = []
    with sandbox.drawing(content) as (facts, drawn):
        for page in drawn:
            pages.append(_drawn_page(page, now))
    return facts, pages


def _drawn_page(page: sandbox.Drawn, now: datetime) -> DocumentPage:
    """Take over what the limited process drew, once it turns out to be a picture of that size."""
    try:
        content = page.path.read_bytes()
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as picture:
            if max(picture.size) > limits.LONGEST_SIDE + 1:
                raise sandbox.Refused("too_heavy")
            picture.load()
            stored = files.store(content, media_type=_DRAWN_TYPE, now=now)
            return _page(page.number, picture, stored, page.text)
    except OSError:
        raise sandbox.Refused("damaged") from None


def _page(number: int, picture: Image.Image, stored: StoredFile, text: str) -> DocumentPage:
    return DocumentPage(
        number=number,
        picture=stored,
        width=picture.width,
        height=picture.height,
        text=storable(text),
        likeness=likeness.fingerprint(picture),
    )


@transaction.atomic
def _finish(
    reading: DocumentReading,
    state: str,
    *,
    facts: dict[str, Any] | None = None,
    pages: list[DocumentPage] | None = None,
    error: str = "",
) -> None:
    """Write the outcome, once: of two workers at the same document one finds it read."""
    waiting = DocumentReading.objects.filter(pk=reading.pk, state=State.WAITING)
    if not waiting.update(state=state, facts=facts or {}, error=error, read_at=timezone.now()):
        return
    for page in pages or []:
        page.reading = reading
    DocumentPage.objects.bulk_create(pages or [])


def why_unread(reading: DocumentReading) -> str:
    """Return the sentence for a document that could not be read."""
    return str(pictures.REFUSALS.get(reading.error, _("This document could not be read.")))
