"""A sealed bundle: a ZIP file whose bytes depend on its contents only. Plain Python.

``SHA256SUMS`` names every other file in the form that ``sha256sum -c`` checks; ``manifest.json``
says what each is. Nothing is compressed and every time stamp is the same, so that the same
contents give the same bytes on every machine and in every release of zlib.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
# The earliest moment a ZIP file can name.
_STAMP = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o100644


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a bundle; ``what`` says in one word what it is."""

    name: str
    what: str
    content: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def canonical(value: Any) -> bytes:
    """Return JSON as hashes are taken over it: sorted keys, no white space, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def readable(value: Any) -> bytes:
    """Return JSON for people: sorted keys, indented, UTF-8, a line end at the end."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def pack(facts: Mapping[str, Any], parts: Sequence[Part]) -> bytes:
    """Return the ZIP file of the parts with manifest and sums. ``facts`` open the manifest."""
    listed = sorted(parts, key=lambda part: part.name)
    manifest = {
        **facts,
        "files": [
            {
                "name": part.name,
                "what": part.what,
                "size": len(part.content),
                "sha256": part.sha256,
            }
            for part in listed
        ],
    }
    whole = [*listed, Part(MANIFEST, "manifest", readable(manifest))]
    sums = "".join(f"{part.sha256}  {part.name}\n" for part in whole)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for part in [*whole, Part(SUMS, "sums", sums.encode())]:
            entry = zipfile.ZipInfo(part.name, _STAMP)
            entry.create_system, entry.external_attr = _UNIX, _MODE << 16
            archive.writestr(entry, part.content)
    return out.getvalue()
