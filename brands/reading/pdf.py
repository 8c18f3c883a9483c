"""What PDFium says about a file. Runs in the limited process only.

PDFium (the engine of Chromium) draws, reads text and tells of structure, so a document goes
through one parser, not two that may disagree.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from brands.reading import limits

HEADER, END = b"%PDF-", b"%%EOF"
# Viewers accept the end mark within the last kilobyte (ISO 32000-1, annex H, note 18).
END_WITHIN = 1024
# The end of a ZIP file (and so of a JAR or an Office file) lies within its last 64 kB.
ZIP_END, ZIP_END_WITHIN = b"PK\x05\x06", 65_557
_SIGNATURE_RANGES = 64
_TEXT_KEYS = ("Producer", "Creator", "CreationDate", "ModDate", "Author", "Title")


class Unfit(Exception):
    """The file is no document we take; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_shape(content: bytes) -> None:
    """Refuse what is not a PDF from its first to its last byte."""
    if not content.startswith(HEADER):
        raise Unfit("pdf_header")
    end = content.rfind(END)
    if end < len(content) - END_WITHIN or end < 0:
        raise Unfit("pdf_incomplete")
    if content[end + len(END) :].strip(b"\0\t\n\x0c\r "):
        raise Unfit("polyglot")
    if ZIP_END in content[-ZIP_END_WITHIN:]:
        raise Unfit("polyglot")


def opened(content: bytes) -> pdfium.PdfDocument:
    """Return the open document, whose number of pages is in order."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Unfit("pdf_encrypted" if locked or "assword" in str(error) else "damaged") from None
    if len(document) == 0:
        raise Unfit("pdf_no_pages")
    if len(document) > limits.MOST_PAGES:
        raise Unfit("pdf_too_many_pages")
    return document


def facts_of(document: pdfium.PdfDocument, content: bytes) -> dict[str, Any]:
    """Return metadata as JSON values.

    ``revisions`` counts how often the file was saved onto its end after it was first written;
    ``signed_to`` is the last byte a signature covers (0: unsigned); ``size`` the file's length.
    """
    metadata = {key: document.get_metadata_value(key)[:200] for key in _TEXT_KEYS}
    return {
        **{key.lower(): value for key, value in metadata.items() if value},
        "pages": len(document),
        "size": len(content),
        "revisions": _revisions(document, content),
        "signatures": raw.FPDF_GetSignatureCount(document),
        "signed_to": max(_signed_ends(document), default=0),
        "scripts": raw.FPDFDoc_GetJavaScriptActionCount(document) > 0,
        "attachments": raw.FPDFDoc_GetAttachmentCount(document),
        "tool": _tool(content),
    }


def _revisions(document: pdfium.PdfDocument, content: bytes) -> int:
    count = raw.FPDF_GetTrailerEnds(document, None, 0)
    # A linearised file ends twice by nature (ISO 32000-1, annex F).
    linearised = b"/Linearized" in content[:1024]
    return max(0, int(count) - 1 - linearised)


def _signed_ends(document: pdfium.PdfDocument) -> Iterator[int]:
    for index in range(raw.FPDF_GetSignatureCount(document)):
        signature = raw.FPDF_GetSignatureObject(document, index)
        buffer = (ctypes.c_int * _SIGNATURE_RANGES)()
        count = raw.FPDFSignatureObj_GetByteRange(signature, buffer, _SIGNATURE_RANGES)
        pairs = list(buffer)[: min(int(count), _SIGNATURE_RANGES)]
        yield from (start + length for start, length in zip(pairs[::2], pairs[1::2], strict=False))


def _tool(content: bytes) -> str:
    """The program named in the XMP metadata, which editors of pictures leave there."""
    found = re.search(rb"<xmp:CreatorTool>([^<]{1,200})<", content)
    return found[1].decode("utf-8", "replace").strip() if found else ""


def text_of(page: pdfium.PdfPage) -> str:
    """Return the page's text, at most ``MOST_TEXT_A_PAGE`` characters, line by line."""
    reader = page.get_textpage()
    count = min(reader.count_chars(), limits.MOST_TEXT_A_PAGE)
    text = reader.get_text_range(0, count) if count > 0 else ""
    return str(text).replace("\r\n", "\n").replace("\0", "")


def drawn(page: pdfium.PdfPage, longest_side: int) -> Any:
    """Return the page as a Pillow picture whose longest side is ``longest_side`` pixels."""
    width, height = page.get_size()
    if not (0 < width <= limits.LARGEST_PAGE and 0 < height <= limits.LARGEST_PAGE):
        raise Unfit("pdf_page_size")
    bitmap = page.render(scale=longest_side / max(width, height))
    return bitmap.to_pil().convert("RGB")


def check(content: bytes) -> dict[str, Any]:
    """Open, read and draw every page small: a bomb goes off here, in this process."""
    check_shape(content)
    document = opened(content)
    for page in document:
        text_of(page)
        drawn(page, 64)
    return facts_of(document, content)


def draw(content: bytes, folder: Path) -> dict[str, Any]:
    """Draw every page into ``folder`` as ``1.webp`` …; return facts and the pages' texts."""
    document = opened(content)
    texts = []
    for number, page in enumerate(document, start=1):
        picture = drawn(page, limits.LONGEST_SIDE)
        picture.save(folder / f"{number}.webp", "WEBP", quality=85, method=2)
        texts.append(text_of(page))
    return {**facts_of(document, content), "texts": texts}
