"""Papers for tests: PDF files written byte by byte, honest and hostile."""

import io
import zipfile
import zlib
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

CERTIFICATE = (
    "Certificate of registration",
    "Mark: VELMORA",
    "Registration number: 12 345 678",
    "Owner: Velmora Ltd.",
    "International class: 18, 25",
    "Valid from 1 January 2020 to 31 December 2030",
)


def pdf(
    *pages: Sequence[str],
    info: dict[str, str] | None = None,
    extra: str = "",
    streams: Sequence[bytes] = (),
    filters: str = "",
) -> bytes:
    """Return a PDF with these lines of text a page; ``streams`` replaces the pages' contents."""
    contents = list(streams) or [_lines(page) for page in pages or (CERTIFICATE,)]
    objects: list[bytes] = [b"", b""]
    kids = []
    for content in contents:
        stream = len(objects) + 1
        objects.append(
            f"<< /Length {len(content)} {filters} >>\nstream\n".encode() + content + b"\nendstream"
        )
        kids.append(len(objects) + 1)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {stream} 0 R "
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> "
            ">> >> >>".encode()
        )
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {extra} >>".encode()
    references = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{references}] /Count {len(kids)} >>".encode()
    trailer = ""
    if info is not None:
        inner = " ".join(f"/{key} ({value})" for key, value in info.items())
        objects.append(f"<< {inner} >>".encode())
        trailer = f"/Info {len(objects)} 0 R"
    return assembled(objects, trailer)


def assembled(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """Return the objects, numbered from 1, as a file with its table of references."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{place:010} 00000 n \n".encode() for place in places)
    out.write(
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\n"
        f"startxref\n{start}\n%%EOF\n".encode()
    )
    return out.getvalue()


def _lines(lines: Sequence[str]) -> bytes:
    escaped = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines]
    shown = " ".join(f"({line}) Tj 0 -40 Td" for line in escaped)
    return f"BT /F1 18 Tf 60 760 Td {shown} ET".encode("latin-1", "replace")


def saved_again(content: bytes) -> bytes:
    """Return the file with a revision saved onto its end, as an editor does."""
    last = content.rfind(b"startxref") + len(b"startxref")
    previous = int(content[last:].split()[0])
    start = len(content)
    added = b"90 0 obj\n<< /Edited true >>\nendobj\n"
    table = (
        f"xref\n90 1\n{start:010} 00000 n \ntrailer\n<< /Size 91 /Root 1 0 R /Prev {previous} >>\n"
        f"startxref\n{start + len(added)}\n%%EOF\n"
    )
    return content + added + table.encode()


def signed(*lines: str) -> bytes:
    """Return a PDF that carries the frame of a signature over its whole length."""
    field = (
        "/AcroForm << /SigFlags 3 /Fields [ << /FT /Sig /T (Signature) /Type /Annot "
        "/Subtype /Widget /Rect [0 0 0 0] /V << /Type /Sig /Filter /Adobe.PPKLite "
        "/SubFilter /adbe.pkcs7.detached /ByteRange [0 100 200 {rest:06}] /Contents <00> >> >> ] >>"
    )
    draft = pdf(lines or CERTIFICATE, extra=field.format(rest=0))
    return pdf(lines or CERTIFICATE, extra=field.format(rest=len(draft) - 200))


def many_pages(count: int) -> bytes:
    """Return a small file whose page tree names one page ``count`` times."""
    kids = " ".join(["3 0 R"] * count)
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        ]
    )


def deflate_bomb(megabytes: int = 2000) -> bytes:
    """Return a page whose content unpacks to so many megabytes of operators."""
    packer, block = zlib.compressobj(9), b"0 0 m 9 9 l S " * 75_000
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the packed block depends on nothing before it and can be repeated.
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = first + again * (megabytes - 1) + packer.flush()
    return pdf(streams=[packed], filters="/Filter /FlateDecode")


def looping_xref() -> bytes:
    """Return a file whose table of references names itself as the one before."""
    content = pdf()
    last = content.rfind(b"startxref") + len(b"startxref")
    previous = int(content[last:].split()[0])
    return content.replace(b"/Root 1 0 R", f"/Root 1 0 R /Prev {previous}".encode())


def looping_tree() -> bytes:
    """Return a file whose page tree holds itself."""
    return assembled(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]
    )


def with_archive() -> bytes:
    """Return a file that is a PDF and a ZIP archive at once."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.class", "code")
    return pdf() + out.getvalue() + b"\n%%EOF\n"


def encrypted() -> bytes:
    """Return a PDF that wants a password (standard handler, revision 3)."""
    key = "00" * 32
    content = pdf()
    extra = (
        f"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{key}> /U <{key}> >> "
        f"/ID [<{'11' * 16}> <{'11' * 16}>]"
    )
    return content.replace(b"/Root 1 0 R", f"/Root 1 0 R {extra}".encode())


def scan(*lines: str, size: tuple[int, int] = (720, 960), format_: str = "PNG") -> bytes:
    """Return a picture of a page with these lines."""
    image = Image.new("RGB", size, (252, 250, 242))
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 24, size[0] - 24, size[1] - 24), outline=(40, 44, 60), width=4)
    for row, line in enumerate(lines or CERTIFICATE):
        pen.text((80, 130 + row * 110), line, (40, 44, 60), ImageFont.load_default(30))
    out = io.BytesIO()
    image.save(out, format_)
    return out.getvalue()


def copied(content: bytes, quality: int = 45, share: float = 0.6) -> bytes:
    """Return the picture as somebody would who saves it smaller and worse."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    out = io.BytesIO()
    image.resize((int(image.width * share), int(image.height * share))).save(
        out, "JPEG", quality=quality
    )
    return out.getvalue()
